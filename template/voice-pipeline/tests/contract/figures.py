"""The figures of the gates, which also stand in constitution and plan."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def figure(name: str) -> int:
    """Return a figure by its name."""
    command = [sys.executable, ".specify/gates/gates.py", "figures", name]
    return int(subprocess.check_output(command, cwd=ROOT, text=True))
