"""The figures of the constitution that tests enforce."""

import subprocess
import sys

import pytest

from tests.manifests import ROOT


def figure(name: str) -> int:
    """Return a figure of the gates, which also stands in constitution and plan."""
    command = [sys.executable, ".specify/gates/gates.py", "figures", name]
    return int(subprocess.check_output(command, cwd=ROOT, text=True))


@pytest.fixture(scope="session")
def nesting_max() -> int:
    """Return how deep if, range and with may nest in a template."""
    return figure("nesting_max")


@pytest.fixture(scope="session")
def default_kinds_max() -> int:
    """Return how many kinds of objects the default install may have."""
    return figure("default_kinds_max")
