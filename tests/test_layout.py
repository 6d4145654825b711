"""Where the template's files lie: a folder for each type, and one for what all types share."""

import json
from itertools import product
from pathlib import Path

import pytest

from extensions.catalogue import ROOT
from tests.helpers import CATALOGUE, generate, tree
from tests.test_bad_input import ENVIRONMENT

COMMON = ROOT / "template/common"
ELSEWHERE = (
    ".copier-answers.yml",
    ".specify/templates/plan-template.md",  # on Windows, where a copy stands for a link
    ".specify/templates/overrides/constitution-template.md",
)
CI_FILES: tuple[list[str], ...] = ([".github/workflows/ci.yml"], [".gitlab-ci.yml"], [])


def sources(project_type: str, ci_files: list[str], licence: str, system: str, *, tests_demanded: bool) -> set[str]:
    """What is rendered of the common files for these answers, by the path in this repository."""
    macros = ENVIRONMENT.get_template("includes/compute.jinja").module
    configuration = {"os": system, "answers_file": Path(".copier-answers.yml")}
    type_ = CATALOGUE.project_types[project_type].model_dump()
    files = macros.common_files(type_, ci_files, tests_demanded, licence, configuration)  # type: ignore[attr-defined]
    for file in json.loads(files):
        if file["source"].startswith("template/") and file["path"] not in ELSEWHERE:
            assert file["source"].removesuffix(".jinja") == f"template/common/{file['path']}"
    return {file["source"] for file in json.loads(files)}


@pytest.mark.parametrize("project_type", CATALOGUE.project_types)
def test_every_type_brings_what_all_share(project_type: str) -> None:
    folder, another = (tree(ROOT / "template" / name) for name in (project_type, "existing-repo"))
    assert another
    assert {name: folder.get(name) for name in another} == another


def test_every_common_file_is_there_and_written_for_some_answers() -> None:
    written = {
        source
        for name, ci_files, licence, system, demanded in product(
            CATALOGUE.project_types, CI_FILES, ("MIT", "none"), ("linux", "windows"), (True, False)
        )
        for source in sources(name, ci_files, licence, system, tests_demanded=demanded)
    }
    there = {path.relative_to(ROOT).as_posix() for path in COMMON.rglob("*") if path.is_file()}
    assert {name for name in written if name.startswith("template/")} == there
    assert all((ROOT / name).is_file() for name in written)


def test_what_has_no_suffix_is_written_verbatim(files: Path, tmp_path: Path) -> None:
    """A common file is included in a template, so it must not hold what Jinja would take for its own."""
    project = generate(files, tmp_path / "acme")
    for path in COMMON.rglob("*"):
        if path.is_file() and path.suffix != ".jinja":
            assert (project / path.relative_to(COMMON)).read_bytes() == path.read_bytes(), path


def test_files_of_other_types_are_not_looked_at() -> None:
    """Copier compiles the path of every file below its `_subdirectory`."""
    assert {path.name for path in (ROOT / "template").iterdir()} == {"common", *CATALOGUE.project_types}
