"""What the generated workflows do in a repository, shown by running their own shell."""

import shutil
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from copier import run_copy

from extensions.catalogue import ROOT
from tests.fleet.workflows import Runner
from tests.helpers import commit, git, rebuild, run, snapshot_template, tree, write
from tests.updates.history import LATEST, RELEASES, write_release, write_working_tree

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="these workflows run on Linux"),
]

ANSWERS, BASE, PROGRAM = ".copier-answers.yml", ".specify/gates/00-base.toml", ".specify/gates/gates.py"
LOCAL, CONSTITUTION = ".specify/gates/90-local.toml", ".specify/memory/constitution.md"
LOOK, UPDATE = "Look for a newer version", "Update, and open a pull request"
CONFLICTS = "No conflict markers of an update are left"
DRIFT = "The files that the template keeps are as it wrote them"
VERSION = "The version says how much the constitution changed"
Make = Callable[..., Runner]


@pytest.fixture(scope="module")
def two_versions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template, and a version v1.1.0 of it with another rule for agents and one more gate."""
    template = snapshot_template(tmp_path_factory.mktemp("versions") / "template", "v1.0.0")
    edit(template / "template/common/AGENTS.md.jinja", "## Rules\n", "## Rules\n\n- Be kind.\n")
    gate = "  - id: QUAL-90\n    level: MUST\n    statement: The change is small\n"
    edit(template / "catalogue/principles/code-quality.yml", "gates:\n", f"gates:\n{gate}")
    rebuild(template)
    commit(template, "The next version")
    git(template, "tag", "v1.1.0")
    return template


@pytest.fixture(scope="module")
def generated(two_versions: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str, str], Path]:
    """A function that gives a project at a version, for a CI, with its answers in a file; nobody shall change it."""

    @cache
    def generate(version: str, ci: str, answers_file: str) -> Path:
        project = tmp_path_factory.mktemp("generated") / "acme"
        answers = {"constitution": "quality-first", "ci": ci, "figures": {"coverage_min": 91}}
        name, source = answers_file, str(two_versions)
        run_copy(source, project, answers, answers_file=name, vcs_ref=version, defaults=True, quiet=True)
        return project

    return generate


@pytest.fixture
def make(generated: Callable[[str, str, str], Path], tmp_path: Path) -> Make:
    def make(version: str, ci: str = "github", answers_file: str = ANSWERS) -> Runner:
        shutil.copytree(generated(version, ci, answers_file), tmp_path / "acme", symlinks=True)
        return Runner(tmp_path / "acme", tmp_path / "runner")

    return make


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{path} does not hold {old!r}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="\n")


# The weekly update


def test_a_newer_version_becomes_a_pull_request(make: Make) -> None:
    runner = make("v1.0.0")
    runner.step("template-update", "update", LOOK)
    assert runner.output == ["behind=true"]
    runner.step("template-update", "update", UPDATE)
    assert [call.split()[1:3] for call in runner.calls] == [["pr", "view"], ["pr", "create"]]
    assert "--head template-update --title Take the newest version of the project template" in runner.calls[1]
    changed = git(runner.remote, "diff", "--name-only", "main", "template-update").split()
    assert {ANSWERS, "AGENTS.md", BASE, CONSTITUTION} <= set(changed)
    assert "Be kind." in git(runner.remote, "show", "template-update:AGENTS.md")
    assert "Conflicts" not in runner.body
    assert "\n    Code Quality Standards\n      MINOR  QUAL-90" in runner.body, "what changed, by principle and gate"
    assert "**Version** is 1.0.0 and must be 1.1.0 or later." in runner.body, "which version that asks for"
    assert "\n    Updating to template version 1.1.0\n" in runner.body, "what Copier says of the update"


def test_an_open_pull_request_gets_the_new_text(make: Make) -> None:
    runner = make("v1.0.0")
    runner.step("template-update", "update", UPDATE, GH_STATE="OPEN")
    assert [call.split()[1:3] for call in runner.calls] == [["pr", "view"], ["pr", "edit"]]


def test_without_a_newer_version_the_update_step_is_not_run(make: Make) -> None:
    runner = make("v1.1.0")
    runner.step("template-update", "update", LOOK)
    assert runner.output == ["behind=false"]
    steps = runner.yaml(".github/workflows/template-update.yml")["jobs"]["update"]["steps"]
    assert steps[-1]["name"] == UPDATE
    assert steps[-1]["if"] == "steps.look.outputs.behind == 'true'"


def test_a_template_that_cannot_be_reached_is_a_failure(make: Make, tmp_path: Path) -> None:
    runner = make("v1.0.0")
    edit(runner.project / ANSWERS, "_src_path: ", f"_src_path: {tmp_path}/nowhere")
    assert runner.step("template-update", "update", LOOK, expect=None).returncode != 0
    assert runner.output == []


def test_a_conflict_is_named_in_the_pull_request_and_fails_its_ci(make: Make) -> None:
    runner = make("v1.0.0")
    edit(runner.project / "AGENTS.md", "## Rules\n", "## Rules\n\n- Ask Jo.\n")
    commit(runner.project, "Rules of our own")
    runner.push()
    runner.step("template-update", "update", UPDATE)
    assert "\nConflicts to resolve, each marked in its file:\n\n    AGENTS.md\n\nWhat changed" in runner.body
    pushed = git(runner.remote, "show", "template-update:AGENTS.md")
    assert "- Ask Jo." in pushed
    assert "- Be kind." in pushed
    assert git(runner.project, "ls-files", "--unmerged") == "", "it is committed"
    found = runner.step("ci", "gates", CONFLICTS, expect=1)
    assert "AGENTS.md:9:<<<<<<< before updating" in found.stdout


def test_a_conflict_that_git_does_not_know_of_is_named_too(make: Make) -> None:
    """What an earlier update left, committed with its markers."""
    runner = make("v1.0.0")
    write(runner.project, {"docs/notes.md": "<<<<<<< before updating\nours\n=======\ntheirs\n>>>>>>> after updating\n"})
    commit(runner.project, "Notes")
    runner.step("template-update", "update", UPDATE)
    assert "each marked in its file:\n\n    docs/notes.md\n" in runner.body


def test_answers_in_a_file_of_another_name_are_updated(make: Make) -> None:
    runner = make("v1.0.0", answers_file=".copier-answers.speckit.yml")
    runner.step("template-update", "drift", DRIFT)
    runner.step("template-update", "update", LOOK)
    assert runner.output == ["behind=true"]
    runner.step("template-update", "update", UPDATE)
    assert "_commit: v1.1.0" in git(runner.remote, "show", "template-update:.copier-answers.speckit.yml")


# A campaign


def test_the_campaigns_script_updates_where_there_is_no_conflict_and_fails_where_there_is(make: Make) -> None:
    page = (ROOT / "docs/fleet.md").read_text(encoding="utf-8")
    script = page.partition("```bash\n")[2].partition("```\n")[0]
    runner = make("v1.0.0")
    runner.bash(script)
    assert "_commit: v1.1.0" in (runner.project / ANSWERS).read_text(encoding="utf-8")
    git(runner.project, "reset", "--quiet", "--hard")
    edit(runner.project / "AGENTS.md", "## Rules\n", "## Rules\n\n- Ask Jo.\n")
    commit(runner.project, "Rules of our own")
    assert "AGENTS.md:<<<<<<< before updating" in runner.bash(script, expect=1).stdout


# Conflict markers


@pytest.mark.parametrize("ci", ["github", "gitlab"])
def test_a_document_with_lines_like_markers_is_no_conflict(make: Make, ci: str) -> None:
    runner = make("v1.0.0", ci=ci)
    lines = ["Heading", "=======", ">>>>>>> quoted mail", "<<<<<<< HEAD", "as `<<<<<<< before updating` says"]
    write(runner.project, {"docs/notes.md": "\n".join(lines)})
    commit(runner.project, "Notes")
    look_for_conflicts(runner, ci, expect=0)


@pytest.mark.parametrize("ci", ["github", "gitlab"])
def test_one_marker_that_is_left_is_a_failure(make: Make, ci: str) -> None:
    runner = make("v1.0.0", ci=ci)
    for text in ("<<<<<<< before updating\n", ">>>>>>> after updating\r\n"):
        (runner.project / "notes.md").write_bytes(text.encode())
        commit(runner.project, "Notes")
        assert "notes.md:1:" in look_for_conflicts(runner, ci, expect=1)


@pytest.mark.parametrize("ci", ["github", "gitlab"])
def test_where_git_cannot_look_for_markers_the_step_fails(make: Make, ci: str) -> None:
    runner = make("v1.0.0", ci=ci)
    shutil.rmtree(runner.project / ".git")
    look_for_conflicts(runner, ci, expect=1)


def look_for_conflicts(runner: Runner, ci: str, expect: int) -> str:
    if ci == "github":
        return runner.step("ci", "gates", CONFLICTS, expect).stdout
    return runner.job("gates", "<<<<<<< before", expect).stdout


# Drift


@pytest.mark.parametrize("ci", ["github", "gitlab"])
def test_what_the_project_owns_and_a_newer_version_are_no_drift(make: Make, ci: str) -> None:
    runner = make("v1.0.0", ci=ci)
    with (runner.project / LOCAL).open("a", encoding="utf-8") as local:
        local.write("\n[figures]\ncoverage_min = 98\n")
    for name in (CONSTITUTION, "AGENTS.md"):
        edit(runner.project / name, "\n\n", "\n\nOurs.\n\n")
    write(runner.project, {".specify/gates/50-org-acme.toml": "schema = 1\n"})
    program = runner.project / PROGRAM
    program.write_bytes(program.read_bytes().replace(b"\n", b"\r\n"))  # what a checkout may do
    before = tree(runner.project)
    look_for_drift(runner, ci, expect=0)
    assert tree(runner.project) == before


@pytest.mark.parametrize("ci", ["github", "gitlab"])
def test_a_file_of_the_template_that_was_changed_is_named_and_can_be_taken_back(make: Make, ci: str) -> None:
    runner = make("v1.0.0", ci=ci)
    pristine = tree(runner.project)
    edit(runner.project / BASE, "coverage_min = 91", "coverage_min = 50")
    commit(runner.project, "Loosen a figure where nobody looks")
    said = look_for_drift(runner, ci, expect=1)
    assert "-coverage_min = 91\n+coverage_min = 50\n" in said
    assert f"they are not as its version in {ANSWERS} writes them: {BASE}\n" in said
    assert f"What is yours belongs in {LOCAL}" in said
    advice = [line for line in said.splitlines() if line.startswith("  ") and not line.startswith("  -")]
    assert len(advice) == 3
    runner.bash("\n".join(advice))
    assert tree(runner.project) == pristine


def test_a_file_of_the_template_that_is_gone_is_drift(make: Make) -> None:
    runner = make("v1.0.0")
    (runner.project / PROGRAM).unlink()
    assert f"writes them: {PROGRAM}\n" in look_for_drift(runner, "github", expect=1)


def look_for_drift(runner: Runner, ci: str, expect: int) -> str:
    if ci == "github":
        return runner.step("template-update", "drift", DRIFT, expect).stdout
    return runner.job("template-drift", expect=expect).stdout


# The version of the constitution


@pytest.mark.parametrize("ci", ["github", "gitlab"])
def test_a_change_that_says_too_little_of_itself_fails_its_pull_request(make: Make, ci: str) -> None:
    """In a clone as the runner makes it: without the history, and without the branch that the change shall go to."""
    runner = make("v1.0.0", ci=ci)
    git(runner.project, "switch", "--quiet", "--create", "looser")
    edit(runner.project / LOCAL, "schema = 1\n", "schema = 1\n\n[figures]\ncoverage_min = 50\n")
    for document in (runner.project / CONSTITUTION, *(runner.project / ".specify/templates/overrides").glob("*.md")):
        text = document.read_text(encoding="utf-8")
        document.write_text(text.replace("91", "50"), encoding="utf-8", newline="\n")
    commit(runner.project, "Loosen a figure")
    base = git(runner.project, "rev-parse", "main").strip()
    shutil.rmtree(runner.project / ".git")
    commit(runner.project, "Loosen a figure")
    git(runner.project, "remote", "add", "origin", runner.remote.as_uri())
    said = compare_versions(runner, ci, base, expect=1)
    assert "coverage_min is 50, was 91 (loosened)" in said
    assert "the constitution changed by MAJOR: **Version** is 1.0.0 and must be 2.0.0 or later." in said
    edit(runner.project / CONSTITUTION, "**Version**: 1.0.0", "**Version**: 2.0.0")
    compare_versions(runner, ci, base, expect=0)


def compare_versions(runner: Runner, ci: str, base: str, expect: int) -> str:
    """What CI says of the commits since `base`, the head of the main branch."""
    if ci == "github":
        return runner.step("ci", "gates", VERSION, expect, GITHUB_BASE_REF="main").stdout
    asked = {"CI_MERGE_REQUEST_IID": "1", "CI_MERGE_REQUEST_DIFF_BASE_SHA": base}
    return runner.job("gates", "--since", expect, **asked).stdout


def test_gitlab_compares_no_versions_outside_of_merge_requests(make: Make) -> None:
    runner = make("v1.0.0", ci="gitlab")
    assert runner.job("gates", "--since").stdout == ""


# GitLab's schedule


@pytest.mark.parametrize(("version", "status"), [("v1.0.0", 2), ("v1.1.0", 0)])
def test_gitlabs_schedule_fails_where_there_is_a_newer_version(make: Make, version: str, status: int) -> None:
    runner = make(version, ci="gitlab")
    said = runner.job("template-update", expect=status).stdout
    assert ("New template version available." in said) == (status == 2)


def test_gitlabs_jobs_of_the_schedule_run_in_no_other_pipeline(make: Make) -> None:
    pipeline = make("v1.0.0", ci="gitlab").yaml(".gitlab-ci.yml")
    assert pipeline["template-update"]["rules"] == [{"if": '$CI_PIPELINE_SOURCE == "schedule"'}]
    assert pipeline["template-drift"]["extends"] == "template-update"
    assert "rules" not in pipeline["template-drift"]


# What teams put at the end of a workflow


@pytest.mark.parametrize(
    ("ci", "file", "own"),
    [
        ("github", ".github/workflows/ci.yml", "      - run: echo ours\n"),
        ("gitlab", ".gitlab-ci.yml", "\nours:\n  script:\n    - echo ours\n"),
    ],
)
def test_the_end_of_a_workflow_stays_the_teams(tmp_path: Path, ci: str, file: str, own: str) -> None:
    template = tmp_path / "template"
    template.mkdir()
    write_release(template, "v0.6.0", RELEASES["v0.6.0"])
    write_working_tree(template, LATEST)
    project = tmp_path / "acme"
    run_copy(str(template), project, {"ci": ci}, vcs_ref="v0.6.0", defaults=True, quiet=True)
    with (project / file).open("a", encoding="utf-8") as workflow:
        workflow.write(own)
    commit(project, "Start")
    run(["copier", "update", "--quiet", "--defaults"], project)
    assert git(project, "ls-files", "--unmerged") == ""
    text = (project / file).read_text(encoding="utf-8")
    assert text.endswith(own)
    assert "--json gates.json" in text
