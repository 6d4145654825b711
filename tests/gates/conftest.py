"""The repository that these tests fill."""

from pathlib import Path

import pytest

from tests.gates.helpers import Repository


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """An empty repository under git."""
    made = Repository(tmp_path / "project")
    made.root.mkdir()
    made.git("init", "--quiet")
    return made
