"""Where runs are written, and what they are called."""

import secrets
import sys
from datetime import UTC, datetime
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
"""The root of the checkout."""

COMMAND = [sys.executable, "-m", __package__]
"""What profiles; Hydra overrides follow."""

OUTPUT = REPOSITORY / "tmp" / "profile-output"
"""The one folder that profile runs write to."""


def new_run_id() -> str:
    """Return an id that sorts by time and that no other run has.

    Returns
    -------
    str
        The time in UTC and six random hexadecimal digits: runs may start in the same second.
    """
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"
