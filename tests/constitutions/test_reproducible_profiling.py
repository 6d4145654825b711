"""Seed 000: every fact of its gates, source tree and principles is in ours, in our words."""

import re
import tomllib
from pathlib import Path

import pytest

from extensions.catalogue import TECHNICAL_CONTEXT
from tests.helpers import CATALOGUE, generate, section

PLAN = ".specify/templates/overrides/plan-template.md"
CONSTITUTION = ".specify/memory/constitution.md"

FACTS = {
    "violations": {"DECL-01": ["constitution was read", "every expected violation", "justification"]},
    "environment": {"ENV-03": ["Pixi environment", "`default` or `rtx5090`", "`pixi run` or `pixi run -e rtx5090`"]},
    "static checks": {"TYPED-01": ["ruff", "`ruff check \\.`"], "TYPED-02": ["mypy", "`mypy`"]},
    "test plan": {
        "PLAN-01": ["`pytest tests/unit tests/integration"],
        "PLAN-03": [
            "manual test under tests/manual/",
            "each major behaviour",
            "pytest .*tests/unit/ or tests/integration/",
        ],
    },
    "artifacts": {"ART-03": ["artifacts", "logs", "results", "below tmp/", "profil.* tmp/profile-output/<run_id>/"]},
}
"""The five gates of the seed: what each asks for, by the gates that ask for it here."""

PRINCIPLES = {
    "Named Environments": ["Pixi .*before a virtual environment.*before the system's Python"],
    "Typed, Linted, Formatted": ["every function MUST annotate its parameters", "returns"],
    "Clear Python": ["docstring", "NumPy"],
    "Attributable Artifacts": ["metrics .*git commit.* device, model, data"],
    "Governance": ["one maintainer MUST approve", "emergency MAY be merged first.*review.* MUST follow"],
}
"""What the origin's own constitution asks for, by the heading under which it stands here."""


@pytest.fixture(scope="module")
def project(files: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate(
        files,
        tmp_path_factory.mktemp("profiling") / "acme",
        project_type="pixi-hydra",
        constitution="reproducible-profiling",
        package_name="acme",
    )


def read(project: Path, name: str) -> str:
    return (project / name).read_text(encoding="utf-8")


def checklist(project: Path) -> dict[str, str]:
    """The lines of the Constitution Check that can be ticked, by gate."""
    check = section(read(project, PLAN), "Constitution Check", "## ")
    return dict(re.findall(r"^- \[ \] `([A-Z]+-\d+)` (.+)$", check, re.MULTILINE))


@pytest.mark.parametrize("gate", FACTS)
def test_the_checklist_keeps_each_gate_of_the_seed(project: Path, gate: str) -> None:
    for id_, facts in FACTS[gate].items():
        for fact in facts:
            assert re.search(fact, checklist(project)[id_], re.IGNORECASE), f"{id_} lost {fact!r}"


def test_the_constitution_check_is_one_flat_list(project: Path) -> None:
    check = section(read(project, PLAN), "Constitution Check", "## ")
    lines = check[check.index("- [ ]") :].partition("<!--")[0].split("\n")
    assert [line for line in lines if line.strip() and not line.startswith("- [ ] `")] == []


@pytest.mark.parametrize("heading", PRINCIPLES)
def test_the_constitution_keeps_what_the_origin_asks_for(project: Path, heading: str) -> None:
    text = section(read(project, CONSTITUTION), heading, "##")
    for fact in PRINCIPLES[heading]:
        assert re.search(fact, text, re.IGNORECASE), f"{heading} lost {fact!r}"


@pytest.mark.parametrize(
    "folder",
    ["conf/", "scripts/", "specs/", "src/acme/", "tests/unit/", "tests/integration/", "tests/manual/", "tmp/"],
)
def test_the_source_tree_has_the_folders_of_the_seed(project: Path, folder: str) -> None:
    tree = section(read(project, PLAN), "Source Code", "\\*\\*Structure Decision")
    top, _, below = folder.partition("/")
    branch = re.search(rf"^{top}/.*\n((?:[├└│ ].*\n)*)", tree, re.MULTILINE)
    assert branch
    assert not below or re.search(rf"^[├└]── {below}", branch[1], re.MULTILINE)


def test_technical_context_has_each_field_with_a_hint(project: Path) -> None:
    context = section(read(project, PLAN), "Technical Context", "## ")
    assert re.findall(r"^\*\*(.+?)\*\*: \[e\.g\., ", context, re.MULTILINE) == list(TECHNICAL_CONTEXT)


@pytest.mark.parametrize("project_type", ["pixi-hydra", "existing-repo"])
def test_another_gpu_environment_is_the_one_that_plan_and_constitution_name(
    files: Path, tmp_path: Path, project_type: str
) -> None:
    answers = {"project_type": project_type, "constitution": "reproducible-profiling", "gpu_environment": "h100"}
    project = generate(files, tmp_path / "acme", **answers)
    for name in (PLAN, CONSTITUTION):
        assert "`default` or `h100`" in read(project, name)
        assert "`pixi run -e h100`" in read(project, name)
        assert "rtx5090" not in read(project, name)


def test_another_gpu_environment_is_the_one_that_pixi_defines_and_the_readme_uses(files: Path, tmp_path: Path) -> None:
    project = generate(files, tmp_path / "acme", project_type="pixi-hydra", gpu_environment="h100")
    environments = tomllib.loads(read(project, "pyproject.toml"))["tool"]["pixi"]["environments"]
    assert set(environments) == {"default", "h100"}
    assert "rtx5090" not in read(project, "pyproject.toml")
    assert set(re.findall(r" -e ([\w-]+)", read(project, "README.md"))) == {"h100"}


def test_accessor_classes_are_for_those_who_choose_them(files: Path, tmp_path: Path) -> None:
    proposed = [
        *(constitution.principles for constitution in CATALOGUE.constitutions.values()),
        *(project_type.principles for project_type in CATALOGUE.project_types.values()),
    ]
    assert not any("accessor-classes" in principles for principles in proposed)
    answers = {"project_type": "pixi-hydra", "constitution": "custom", "principles": ["accessor-classes"]}
    assert list(checklist(generate(files, tmp_path / "acme", check_style="checklist", **answers))) == ["ACC-01"]
