"""`essentials` holds the five subjects that real constitutions share most, for every project type."""

from pathlib import Path

import pytest

from tests.helpers import CATALOGUE, generate


@pytest.mark.parametrize("project_type", CATALOGUE.project_types)
def test_essentials_suits_every_type_and_has_its_five_subjects(files: Path, tmp_path: Path, project_type: str) -> None:
    project = generate(files, tmp_path / "acme", project_type=project_type, constitution="essentials")
    constitution = (project / ".specify/memory/constitution.md").read_text(encoding="utf-8")
    for heading in (
        "### I. Tested Changes",
        "### II. Simplicity and Modularity",
        "### III. Security and Secrets",
        "### IV. Observability",
        "### V. Documentation",
    ):
        assert heading in constitution
    assert "80 %" in constitution
