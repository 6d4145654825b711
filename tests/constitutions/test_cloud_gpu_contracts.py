"""Seed 003: every fact of its gates, context and source tree is in ours, in our words, and what its origin asks for."""

import re
from pathlib import Path

import pytest
from copier.errors import UserMessageError

from extensions.catalogue import TECHNICAL_CONTEXT
from tests.helpers import CATALOGUE, commit, gates, generate, section, suits

PLAN = ".specify/templates/overrides/plan-template.md"
CONSTITUTION = ".specify/memory/constitution.md"

FACTS = {
    "Contract + Config Integrity": {
        "CONTR-01": ["openapi.json", "schemas"],
        "CONTR-04": [
            "change of the API, of a schema or of inference_settings.json is mapped",
            "files of the backend and of the frontend",
        ],
    },
    "Modal Reliability": {
        "MODAL-01": ["GPU", "timeouts", "concurrency"],
        "MODAL-04": ["how and when its model is loaded", "GPU limits, timeout and concurrency"],
    },
    "Auth + Secrets Safety": {
        "AUTH-02": ["CORS"],
        "AUTH-07": ["auth mode of each route", "each secret is kept", "CORS"],
    },
    "Storage Consistency": {
        "STORE-02": ["committed to the Volume", "reload"],
        "STORE-04": ["documents when .* task's life cycle is persisted", "Volume is committed and reloaded"],
    },
    "Test + Transparency Gates": {
        "TRACE-01": ["`pytest backend/tests/"],
        "TRACE-02": ["`npm run build`"],
        "TRACE-04": ["queue for less than 30 s"],
        "TRACE-05": ["status every 3 s", "never after a final status"],
        "TRACE-07": ["names the tests that the change requires", "status transitions", "audit record and the logs"],
    },
}
"""The seed's five gates: what each asks for, by the gate that asks for it here."""

CONTEXT = {
    "Language/Version": ["Python 3.11", "TypeScript 5.x"],
    "Primary Dependencies": ["FastAPI", "Modal", "React", "Vite"],
    "Storage": ["Modal Volume (results, model cache)", "SQLite", "N/A"],
    "Testing": ["pytest backend/tests/", "live smoke test", "npm run build"],
    "Target Platform": ["Modal", "VM", "browsers"],
    "Project Type": ["web app with a frontend and a backend"],
    "Performance Goals": ["queued for less than 30 s", "status polled every 3 s"],
    "Constraints": ["VRAM", "cold starts", "API key", "CORS"],
    "Scale/Scope": ["at the same time", "which models"],
}
"""What the seed's Technical Context offers."""

ORIGIN = {
    "Contract \\+ Config Integrity": [
        "schemas, the routes, `openapi.json` and the page's types together",
        "only source of models, limits and parameter ranges",
        "model that is added or changed MUST bring its code, its settings and its tests together",
    ],
    "Modal Reliability": ["once for each warm container", "share weights MUST share one copy"],
    "Auth \\+ Secrets Safety": [
        "`X-API-Key`",
        "`X-Admin-Key`",
        "constant time",
        "MUST NOT be logged",
        "worker's token, MUST be encrypted",
        "`.env.example`",
        "listed by name only",
    ],
    "Storage Consistency": ["from pending to processing to done or failed", "keep its reason", "write-ahead log"],
    "Test \\+ Transparency Gates": [
        "of the API, of access, of routing, of storage or of the choice of a model MUST bring tests",
        "live smoke test, whose command and outcome stand in the pull request",
        "what they can do",
        "SHOULD name the task and its model",
    ],
    "Development Workflow": ["modal deploy"],
    "Governance": [
        "templates that follow from it in the same pull request",
        "reviewed in every pull request, from the feature's spec, plan and tasks and from the evidence",
        "outcome of its smoke test and say how it is rolled back",
    ],
}
"""What the origin's own constitution asks for, by the heading under which it stands here."""

OVERRIDES = {"poll_interval_s": ("TRACE-05", 2), "queued_max_s": ("TRACE-04", 17)}
"""Another value for each figure, and the gate that names it."""


@pytest.fixture(scope="module")
def project(files: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return web(files, tmp_path_factory.mktemp("web") / "acme")


def web(files: Path, destination: Path, **answers: object) -> Path:
    return generate(
        files, destination, **{"project_type": "modal-web", "constitution": "cloud-gpu-contracts"} | answers
    )


def read(project: Path, name: str) -> str:
    return (project / name).read_text(encoding="utf-8")


def check(project: Path) -> str:
    return section(read(project, PLAN), "Constitution Check", "## ")


def checklist(project: Path) -> dict[str, dict[str, str]]:
    """By the principle's title and the gate: what its line says."""
    found: dict[str, dict[str, str]] = {}
    for id_, title, text in re.findall(r"^- \[ \] `([A-Z]+-\d+)` \*\*(.+?)\*\* (.+)$", check(project), re.MULTILINE):
        found.setdefault(title, {})[id_] = text
    return found


def test_the_principles_are_those_of_the_seed_in_its_order(project: Path) -> None:
    assert list(checklist(project)) == list(FACTS)
    assert re.findall(r"^### [IV]+\. (.+)$", read(project, CONSTITUTION), re.MULTILINE) == list(FACTS)


def test_the_constitution_check_is_one_flat_list(project: Path) -> None:
    lines = check(project)[check(project).index("- [ ]") :].partition("<!--")[0].split("\n")
    assert [line for line in lines if line.strip() and not line.startswith("- [ ] `")] == []


@pytest.mark.parametrize("title", FACTS)
def test_the_checklist_keeps_each_gate_of_the_seed(project: Path, title: str) -> None:
    for id_, facts in FACTS[title].items():
        for fact in facts:
            assert re.search(fact, checklist(project)[title][id_], re.IGNORECASE), f"{id_} lost {fact!r}"


def test_technical_context_keeps_each_hint_of_the_seed(project: Path) -> None:
    context = section(read(project, PLAN), "Technical Context", "## ")
    hints = dict(re.findall(r"^\*\*(.+?)\*\*: \[e\.g\., (.+), or NEEDS CLARIFICATION\]$", context, re.MULTILINE))
    assert list(hints) == list(CONTEXT) == list(TECHNICAL_CONTEXT)
    for field, facts in CONTEXT.items():
        for fact in facts:
            assert fact in hints[field], f"{field} lost {fact!r}"


def test_the_source_tree_is_the_seeds_and_more() -> None:
    seed = [f"src/app/{name}/" for name in ("components", "pages", "admin", "utils")]
    seed += ["src/styles/", "backend/models/", "backend/tests/"]
    seed += [f"backend/{name}.py" for name in ("app", "schemas", "storage")]
    assert set(seed) <= {path for path, _ in CATALOGUE.project_types["modal-web"].paths}


def test_complexity_tracking_gives_the_seeds_two_examples(project: Path) -> None:
    rows = re.findall(r"^\| \[e\.g\., (.+?)\] \|", read(project, PLAN), re.MULTILINE)
    assert len(rows) == 2
    assert "another service" in rows[0]
    assert "auth differs" in rows[1]


@pytest.mark.parametrize("heading", ORIGIN)
def test_the_constitution_keeps_what_the_origin_asks_for(project: Path, heading: str) -> None:
    text = section(read(project, CONSTITUTION), heading, "##")
    for fact in ORIGIN[heading]:
        assert re.search(fact, text, re.IGNORECASE), f"{heading} lost {fact!r}"


@pytest.mark.parametrize("project_type", ["modal-web", "existing-repo"])
@pytest.mark.parametrize("name", OVERRIDES)
def test_a_figure_that_is_set_changes_plan_constitution_and_gates(
    files: Path, tmp_path: Path, project_type: str, name: str
) -> None:
    gate, value = OVERRIDES[name]
    project = web(files, tmp_path / "acme", project_type=project_type, figures={name: value})
    commit(project, "Start")
    gates(project, "check")
    assert gates(project, "figures", name).strip() == str(value)
    for document in (PLAN, CONSTITUTION):
        (line,) = [line for line in read(project, document).splitlines() if f"`{gate}`" in line]
        assert f" {value} s" in line, document
        assert f" {CATALOGUE.figures[name].default} s" not in line, document


def test_every_figure_of_the_constitution_is_set_by_a_test_here() -> None:
    principles = [CATALOGUE.principles[name] for name in CATALOGUE.constitutions["cloud-gpu-contracts"].principles]
    named = {name for principle in principles for text in principle.texts for name in re.findall(r"\{(\w+)\}", text)}
    assert named == set(OVERRIDES)
    for name, (gate, _) in OVERRIDES.items():
        statements = {gate.id: gate.statement for principle in principles for gate in principle.gates}
        assert [id_ for id_, statement in statements.items() if f"{{{name}}}" in statement] == [gate]


def test_it_suits_the_web_type_and_repositories_that_exist() -> None:
    offering = [name for name in CATALOGUE.project_types if "cloud-gpu-contracts" in suits(name)]
    assert offering == ["existing-repo", "modal-web"]


@pytest.mark.parametrize("other", ["comprehensive-testing", "planned-tests", "tested-changes"])
def test_two_principles_that_say_how_the_project_tests_are_refused_together(
    files: Path, tmp_path: Path, other: str
) -> None:
    with pytest.raises(
        UserMessageError, match=f'both "{other}" and "transparent-tests", but both say how the project tests'
    ):
        web(files, tmp_path / "acme", constitution="custom", principles=["transparent-tests", other])
    assert not (tmp_path / "acme").exists()
