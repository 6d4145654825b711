"""Seed 004: every fact of its gates is in ours, in our words, and what its origin asks for."""

import re
from pathlib import Path

import pytest
from copier.errors import UserMessageError

from extensions.catalogue import TECHNICAL_CONTEXT
from tests.helpers import CATALOGUE, commit, gates, generate, section, suits

PLAN = ".specify/templates/overrides/plan-template.md"
CONSTITUTION = ".specify/memory/constitution.md"

FACTS = {
    "Values-First Configuration": ["new configuration is exposed in `values.yaml`", "default", "documented"],
    "Template Simplicity": ["named template", "each template makes one kind"],
    "Backward Compatibility": ["semantic versioning", "migration for each breaking change"],
    "Platform Portability": ["no template knows a platform", "`platforms/"],
    "Progressive Disclosure": ["off by default", "lacks a value fails with a sentence"],
    "Observability": ["three probes", "format and level of its log", "limited in memory"],
    "Security by Default": ["`restricted`", "no secret stands outside a Secret", "least that it needs"],
    "Helm Best Practices": ["standard labels", "named template", "`required`"],
    "Testing": ["`helm lint --strict`", "`helm template`", "test deployment"],
    "Documentation": ["README", "comments of values", "CHANGELOG", "changed together"],
}
"""The seed's ten gates in its order: what each asks for."""

ORIGIN = {
    "Values-First Configuration": ["default", "comment that says what it does", "type of each value", "grouped"],
    "Template Simplicity": ["one kind", "deeper than 3 blocks", "_helpers.tpl"],
    "Backward Compatibility": ["semantic versioning", "at least one minor release", "old form and of the new"],
    "Platform Portability": ["`platforms/\\*.yaml`", "without a change to any template"],
    "Progressive Disclosure": ["render nothing while it is off", "`changeme`", "`enabled`"],
    "Observability": ["startup, a liveness and a readiness", "`json` and `text`", "Prometheus"],
    "Security by Default": ["TLS 1.2", "ConfigMap", "non-root", "read-only root file system"],
    "Helm Best Practices": ["`app.kubernetes.io`", "`lookup`", "NOTES.txt"],
    "Testing": ["`helm lint", "upgrade it from the last release"],
    "Documentation": ["generated from `values.yaml`", "CHANGELOG"],
    "Governance": ["security MUST win, then the simplicity of templates"],
}
"""What the origin's own constitution asks for, by the heading under which it stands here."""

OVERRIDES = {"nesting_max": ("TPL-01", 2), "default_kinds_max": ("DISCL-01", 7)}
"""Another value for each figure, and the gate that names it."""


@pytest.fixture(scope="module")
def project(files: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return chart(files, tmp_path_factory.mktemp("chart") / "acme")


def chart(files: Path, destination: Path, **answers: object) -> Path:
    return generate(
        files, destination, **{"project_type": "helm-chart", "constitution": "values-first-charts"} | answers
    )


def read(project: Path, name: str) -> str:
    return (project / name).read_text(encoding="utf-8")


def checklist(project: Path) -> dict[str, str]:
    """The text of all gates of each principle, by its title."""
    found: dict[str, str] = {}
    check = section(read(project, PLAN), "Constitution Check", "## ")
    for title, text in re.findall(r"^- \[ \] `[A-Z]+-\d+` \*\*(.+?)\*\* (.+)$", check, re.MULTILINE):
        found[title] = f"{found.get(title, '')}\n{text}"
    return found


def test_the_principles_are_those_of_the_seed_in_its_order(project: Path) -> None:
    assert list(checklist(project)) == list(FACTS)
    assert re.findall(r"^### [IVX]+\. (.+)$", read(project, CONSTITUTION), re.MULTILINE) == list(FACTS)


@pytest.mark.parametrize("title", FACTS)
def test_the_checklist_keeps_each_gate_of_the_seed(project: Path, title: str) -> None:
    for fact in FACTS[title]:
        assert re.search(fact, checklist(project)[title], re.IGNORECASE), f"{title} lost {fact!r}"


@pytest.mark.parametrize("heading", ORIGIN)
def test_the_constitution_keeps_what_the_origin_asks_for(project: Path, heading: str) -> None:
    text = section(read(project, CONSTITUTION), heading, "##")
    for fact in ORIGIN[heading]:
        assert re.search(fact, text, re.IGNORECASE), f"{heading} lost {fact!r}"


def test_each_principle_has_a_gate_for_the_machine_and_only_the_deployment_waits_for_ci() -> None:
    tasks = CATALOGUE.project_types["helm-chart"].tasks
    in_ci = set()
    for name in CATALOGUE.constitutions["values-first-charts"].principles:
        proofs = [gate.task for gate in CATALOGUE.principles[name].gates if gate.task]
        assert proofs, f"{name} is left to reviewers"
        in_ci |= {task for task in proofs if tasks[task].ci}
    assert in_ci == {"deployment"}


def test_technical_context_has_a_hint_for_each_field_of_the_seed(project: Path) -> None:
    context = section(read(project, PLAN), "Technical Context", "## ")
    hints = dict(re.findall(r"^\*\*(.+?)\*\*: \[e\.g\., (.+), or NEEDS CLARIFICATION\]$", context, re.MULTILINE))
    assert list(hints) == list(TECHNICAL_CONTEXT)
    assert "helm template" in hints["Testing"]


@pytest.mark.parametrize("project_type", ["helm-chart", "existing-repo"])
@pytest.mark.parametrize("name", OVERRIDES)
def test_a_figure_that_is_set_changes_plan_constitution_and_gates(
    files: Path, tmp_path: Path, project_type: str, name: str
) -> None:
    gate, value = OVERRIDES[name]
    project = chart(files, tmp_path / "acme", project_type=project_type, figures={name: value})
    commit(project, "Start")
    gates(project, "check")
    assert gates(project, "figures", name).strip() == str(value)
    for document in (PLAN, CONSTITUTION):
        (line,) = [line for line in read(project, document).splitlines() if f"`{gate}`" in line]
        assert f"at most {value} " in line, document


def test_every_figure_of_the_constitution_is_set_by_a_test_here() -> None:
    principles = [CATALOGUE.principles[name] for name in CATALOGUE.constitutions["values-first-charts"].principles]
    named = {name for principle in principles for text in principle.texts for name in re.findall(r"\{(\w+)\}", text)}
    assert named == set(OVERRIDES)


def test_it_suits_charts_and_repositories_that_exist() -> None:
    offering = [name for name in CATALOGUE.project_types if "values-first-charts" in suits(name)]
    assert offering == ["existing-repo", "helm-chart"]


@pytest.mark.parametrize("other", ["comprehensive-testing", "planned-tests", "tested-changes"])
def test_two_principles_that_say_how_the_project_tests_are_refused_together(
    files: Path, tmp_path: Path, other: str
) -> None:
    with pytest.raises(UserMessageError, match="both say how the project tests"):
        chart(files, tmp_path / "acme", constitution="custom", principles=["chart-testing", other])
    assert not (tmp_path / "acme").exists()
