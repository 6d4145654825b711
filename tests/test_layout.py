"""Where the template's files lie: a folder for each type, and one for what all types share."""

from pathlib import Path

import pytest

from extensions.catalogue import ROOT
from extensions.paths import template_files
from tests.helpers import CATALOGUE, generate, tree

COMMON = ROOT / "template/common"


@pytest.mark.parametrize("project_type", CATALOGUE.project_types)
def test_every_type_brings_what_all_share(project_type: str) -> None:
    folder, another = (tree(ROOT / "template" / name) for name in (project_type, "existing-repo"))
    assert another
    assert {name: folder.get(name) for name in another} == another


def test_what_has_no_suffix_is_written_verbatim(files: Path, tmp_path: Path) -> None:
    """A common file is included in a template, so it must not hold what Jinja would take for its own."""
    project = generate(files, tmp_path / "acme")
    names = [name.removeprefix("common/") for name in template_files() if name.startswith("common/")]
    verbatim = [name for name in names if not name.endswith(".jinja")]
    assert ".specify/gates/gates.py" in verbatim
    for name in verbatim:
        assert (project / name).read_bytes() == (COMMON / name).read_bytes(), name


def test_files_of_other_types_are_not_looked_at() -> None:
    """Copier compiles the path of every file below its `_subdirectory`."""
    assert {path.name for path in (ROOT / "template").iterdir()} == {"common", *CATALOGUE.project_types}
