"""An organisation's overlay, copied beside a project, brings its own principles and is updated by itself."""

import shutil
from pathlib import Path

import pytest
import yaml

from extensions.catalogue import ROOT
from tests.gates.helpers import GATES_PY, toml
from tests.gates.helpers import layer as definitions
from tests.helpers import commit, gate_results, gates, git, rebuild, run, snapshot_template, tree, write

EXAMPLE = ROOT / "examples/organisation"
ANSWERS = ".copier-answers.org.yml"
CARRY = ".specify/gates/50-org-acme.py"
LAYER = ".specify/gates/50-org-acme.toml"
CONSTITUTION = ".specify/memory/constitution.md"
TYPES = ("existing-repo", "python-service")
Templates = dict[str, Path]


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    """Two templates, the project's and the overlay; each has a version v1.1.0 with one more gate."""
    work = tmp_path_factory.mktemp("templates")
    template = snapshot_template(work / "template", "v1.0.0")
    overlay = Path(shutil.copytree(EXAMPLE, work / "overlay"))
    commit(overlay, "The overlay")
    git(overlay, "tag", "v1.0.0")
    for path, old, new in (
        (template / "catalogue/principles/tested-changes.yml", "gates:\n", f"gates:\n{gate('TST-90')}"),
        (template / "catalogue/principles/code-quality.yml", "gates:\n", f"gates:\n{gate('QUAL-90')}"),
        (overlay / f"template/{LAYER}.jinja", "\n[gates.ACME-03]", f"{ORGANISATIONS}\n[gates.ACME-03]"),
        (overlay / f"template/{LAYER}.jinja", "incident_hours = 24", "incident_hours = 12"),
    ):
        edit(path, old, new)
    rebuild(template)
    for repository in (template, overlay):
        commit(repository, "The next version")
        git(repository, "tag", "v1.1.0")
    return {"template": template, "overlay": overlay}


ORGANISATIONS = """
[gates.ACME-90]
principle = "acme-answerable"
level = "SHOULD"
statement = "The runbook was tried"
"""


def gate(name: str) -> str:
    return f"  - id: {name}\n    level: SHOULD\n    statement: The change is small\n"


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{path} does not hold {old!r}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="\n")


def copy(template: Path, project: Path, **answers: object) -> None:
    data = [part for name, value in answers.items() for part in ("--data", f"{name}={value}")]
    run(["copier", "copy", "--quiet", "--defaults", "--vcs-ref", "v1.0.0", *data, template, project], template)


def with_overlay(templates: Templates, project: Path, project_type: str, **answers: object) -> Path:
    """A project at v1.0.0 of both templates, whose documents hold the organisation's principles."""
    project.mkdir(parents=True)
    git(project, "init", "--quiet", "--initial-branch=main")
    copy(templates["template"], project, project_type=project_type)
    copy(templates["overlay"], project, **answers)
    run(["python", CARRY], project)
    commit(project, "Start")
    return project


def update(project: Path, what: str) -> None:
    options = ["--answers-file", ANSWERS] if what == "overlay" else []
    run(["copier", "update", "--quiet", "--defaults", "--skip-answered", *options], project)
    assert git(project, "ls-files", "--unmerged") == "", what
    run(["python", CARRY], project)
    commit(project, f"Update of the {what}")


@pytest.mark.parametrize("project_type", TYPES)
def test_the_organisations_gates_are_in_force_beside_the_projects(
    templates: Templates, tmp_path: Path, project_type: str
) -> None:
    project = tmp_path / "acme"
    copy(templates["template"], project, project_type=project_type)
    commit(project, "Start")
    before = gate_results(project, "--fast") if project_type == "existing-repo" else {}
    copy(templates["overlay"], project, owner="Voice", personal_data=True)
    assert "constitution.md does not name `ACME-01`" in gates(project, "check", expect=1)
    own = ("acme-answerable", "acme-personal-data")
    assert gate_results(project, *own) == {"ACME-01": "fail", "ACME-02": "open", "ACME-03": "fail", "ACME-04": "open"}

    run(["python", CARRY], project)
    gates(project, "check")
    constitution = (project / CONSTITUTION).read_text(encoding="utf-8")
    assert "The team Voice MUST answer for this repository" in constitution
    assert "MUST be written up, without blame, within 24 hours." in constitution
    write(project, {"SECURITY.md": "Write to security@example.com.\n"})
    results = gate_results(project, *own)
    assert results == {"ACME-01": "pass", "ACME-02": "open", "ACME-03": "pass", "ACME-04": "open"}
    if before:
        assert gate_results(project, "--fast") == before | results


def test_words_of_the_organisation_that_somebody_changed_fail_its_gate(templates: Templates, tmp_path: Path) -> None:
    project = with_overlay(templates, tmp_path / "acme", "existing-repo")
    pristine = (project / CONSTITUTION).read_bytes()
    edit(project / CONSTITUTION, "without blame, ", "")
    said = gates(project, "run", "ACME-03", expect=1)
    assert f"{CONSTITUTION} lacks the organisation's words: run `python {CARRY}`." in said
    run(["python", CARRY], project)
    assert (project / CONSTITUTION).read_bytes() == pristine
    gates(project, "run", "ACME-03")


def test_line_ends_of_windows_stay_as_they_are(templates: Templates, tmp_path: Path) -> None:
    project = with_overlay(templates, tmp_path / "acme", "existing-repo")
    document = project / CONSTITUTION
    windows = document.read_bytes().replace(b"\n", b"\r\n")
    document.write_bytes(windows.replace(b"without blame, ", b""))
    run(["python", CARRY], project)
    assert document.read_bytes() == windows


def test_a_tighter_figure_of_the_team_is_carried_into_the_organisations_words(
    templates: Templates, tmp_path: Path
) -> None:
    project = with_overlay(templates, tmp_path / "acme", "existing-repo")
    with (project / ".specify/gates/90-local.toml").open("a", encoding="utf-8") as local:
        local.write("\n[figures]\nincident_hours = 8\n")
    gates(project, "check", expect=1)
    run(["python", CARRY], project)
    gates(project, "check")
    assert "within 8 hours" in (project / CONSTITUTION).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("layer", "text", "sentence"),
    [
        (LAYER, "[figures\n", "50-org-acme.toml cannot be read as TOML: "),
        (".specify/gates/90-local.toml", "incident_hours = \n", "90-local.toml cannot be read as TOML: "),
        (".specify/gates/90-local.toml", "figures = 3\n", "90-local.toml: [figures] is unknown or no table"),
        (
            ".specify/gates/90-local.toml",
            "[figures]\nincident_hours = 'ten'\n",
            "must give `incident_hours` as a number",
        ),
    ],
)
@pytest.mark.parametrize("options", [[], ["--check"]], ids=["write", "check"])
def test_a_layer_that_cannot_be_read_is_a_sentence_and_changes_nothing(
    tmp_path: Path, layer: str, text: str, sentence: str, options: list[str]
) -> None:
    """In a project that has only what the script runs and reads, before it looks at any document."""
    base = toml(definitions({"QUAL-01": {}}))
    write(tmp_path, {LAYER: "schema = 1\n", ".specify/gates/00-base.toml": base, layer: text})
    for program in (GATES_PY, EXAMPLE / "template" / CARRY):
        shutil.copy(program, tmp_path / ".specify/gates")
    before = tree(tmp_path)
    failed = run(["python", CARRY, *options], tmp_path, expect=2)
    assert sentence in failed.stderr
    assert (failed.stdout, failed.stderr.count("\n")) == ("", 1)
    assert tree(tmp_path) == before


ACME = {
    LAYER: '[principles.acme]\ntitle = "Acme"\n[gates.ACME-01]\nprinciple = "acme"\nlevel = "MUST"\n'
    'statement = "It is kind"\n[documents]\nplan = "plan.md"\nconstitution = "constitution.md"\n',
    ".specify/gates/50-org-acme.md": "### Acme\n\nPeople MUST be kind.\n",
    "plan.md": "## Constitution Check\n",
    "constitution.md": "## Core Principles\n",
}
"""All that the script reads beside `gates.py`."""


@pytest.fixture
def acme(tmp_path: Path) -> Path:
    """A project that has only what the script runs and reads."""
    write(tmp_path, ACME)
    for program in (GATES_PY, EXAMPLE / "template" / CARRY):
        shutil.copy(program, tmp_path / ".specify/gates")
    return tmp_path


def test_every_document_is_written_where_all_can_be_read(acme: Path) -> None:
    assert run(["python", CARRY], acme).stdout == "constitution.md is renewed.\nplan.md is renewed.\n"
    assert "It is kind" in (acme / "constitution.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("options", [[], ["--check"]], ids=["write", "check"])
@pytest.mark.parametrize(("principles", "known"), [(True, "`Acme`"), (False, "none")], ids=["other", "none"])
def test_a_heading_that_is_no_principles_title_is_a_sentence_and_changes_nothing(
    acme: Path, principles: bool, known: str, options: list[str]
) -> None:
    write(acme, {".specify/gates/50-org-acme.md": "### Acme\n\nKind.\n\n### Akme\n\nUnkind.\n"})
    if not principles:
        write(acme, {".specify/gates/50-org-acme.md": "### Akme\n", ".specify/gates/90-local.toml": ACME[LAYER]})
        write(acme, {LAYER: ""})
    before = tree(acme)
    failed = run(["python", CARRY, *options], acme, expect=2)
    assert failed.stderr == (
        f"50-org-acme.md: `### Akme` is the title of no principle in 50-org-acme.toml, which has {known}:"
        " write the same title in both.\n"
    )
    assert failed.stdout == ""
    assert tree(acme) == before


@pytest.mark.parametrize("options", [[], ["--check"]], ids=["write", "check"])
@pytest.mark.parametrize("content", [None, b"\xff"], ids=["missing", "no UTF-8"])
@pytest.mark.parametrize("name", ACME)
def test_a_file_that_cannot_be_read_is_a_sentence_and_changes_nothing(
    acme: Path, name: str, content: bytes | None, options: list[str]
) -> None:
    if content is None:
        (acme / name).unlink()
        write(acme, {".specify/gates/00-base.toml": toml(definitions({"QUAL-01": {}}))})
    else:
        (acme / name).write_bytes(content)
    before = tree(acme)
    failed = run(["python", CARRY, *options], acme, expect=2)
    assert Path(name).name in failed.stderr
    assert "cannot be read" in failed.stderr
    assert (failed.stdout, failed.stderr.count("\n")) == ("", 1)
    assert tree(acme) == before


@pytest.mark.slow
@pytest.mark.parametrize("order", [("template", "overlay"), ("overlay", "template")], ids="-then-".join)
@pytest.mark.parametrize("project_type", TYPES)
def test_project_and_overlay_are_updated_in_either_order(
    templates: Templates, tmp_path: Path, project_type: str, order: tuple[str, str]
) -> None:
    project = with_overlay(templates, tmp_path / "acme", project_type, owner="Voice")
    theirs = "TST-90" if project_type == "existing-repo" else "QUAL-90"
    brings = {"template": theirs, "overlay": "ACME-90"}
    for what in order:
        update(project, what)
        listed = gates(project, "list")
        done = order[: order.index(what) + 1]
        assert [name for name in order if brings[name] in listed] == list(done), "nothing else was updated"
        gates(project, "check")
    versions = [yaml.safe_load((project / name).read_text("utf-8")) for name in (".copier-answers.yml", ANSWERS)]
    assert [answers["_commit"] for answers in versions] == ["v1.1.0", "v1.1.0"]
    assert versions[1]["owner"] == "Voice", "the answer stays"
    assert "within 12 hours" in (project / CONSTITUTION).read_text(encoding="utf-8")


def test_the_version_that_an_overlays_update_asks_for_is_told(templates: Templates, tmp_path: Path) -> None:
    project = with_overlay(templates, tmp_path / "acme", "existing-repo")
    run(["copier", "update", "--quiet", "--defaults", "--answers-file", ANSWERS], project)
    run(["python", CARRY], project)
    said = gates(project, "check", "--since", "HEAD", expect=1)
    assert "ACME-90" in said
    assert "incident_hours is 12, was 24 (tightened)" in said


def test_a_team_that_loosens_the_organisations_figure_is_told_so(templates: Templates, tmp_path: Path) -> None:
    project = with_overlay(templates, tmp_path / "acme", "existing-repo")
    with (project / ".specify/gates/90-local.toml").open("a", encoding="utf-8") as local:
        local.write("\n[figures]\nincident_hours = 48\n")
    run(["python", CARRY], project)
    said = gates(project, "check", "--since", "HEAD", expect=1)
    assert "MAJOR  ACME-02: incident_hours is 48, was 24 (loosened)" in said


# The other way: the same principle as an answer


def test_a_data_file_puts_the_principle_into_every_document(templates: Templates, tmp_path: Path) -> None:
    project = tmp_path / "acme"
    data = Path(shutil.copy(EXAMPLE / "extra-principles.yml", tmp_path / "acme.yml"))
    options: list[str | Path] = ["--quiet", "--defaults", "--data-file", data]
    run(["copier", "copy", *options, "--vcs-ref", "v1.0.0", templates["template"], project], tmp_path)
    commit(project, "Start")
    gates(project, "check")
    assert gate_results(project, "acme-answerable") == {"ACME-01": "fail", "ACME-02": "open"}

    edit(data, "statement: An incident is written up within 24", "statement: An incident is written up within 12")
    run(["copier", "update", *options, "--vcs-ref", ":current:"], project)
    assert git(project, "ls-files", "--unmerged") == ""
    gates(project, "check")
    for document in (CONSTITUTION, ".specify/templates/plan-template.md"):
        assert "An incident is written up within 12 hours" in (project / document).read_text(encoding="utf-8")
