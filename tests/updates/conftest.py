"""What belongs to the laboratory alone."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def benches(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the laboratory's benches, which tests share."""
    return tmp_path_factory.mktemp("benches")
