"""What the generated workflows do in a repository, shown by running their own shell."""

import json
import re
import shutil
import sys
import tomllib
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
PLAN = ".specify/templates/overrides/plan-template.md"
LOOK, UPDATE = "Look for a newer version", "Update, and open a pull request"
CONFLICTS = "No conflict markers of an update are left"
DRIFT = "The files that the template keeps are as it wrote them"
VERSION = "The version says how much the constitution changed"
RUN = "Every gate that a machine can judge holds"
DROPPED = "ops/export.py"
REPORTS = {"gates.json", "gates.md", "gates.xml"}
Make = Callable[..., Runner]


@pytest.fixture(scope="module")
def two_versions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template, and a version v1.1.0 of it with another rule for agents, one more gate and one file less."""
    template = snapshot_template(tmp_path_factory.mktemp("versions") / "template", "v0.9.0")
    dropped = template / "template/python-service" / DROPPED
    write(dropped.parent, {dropped.name: "export = 1\n"})
    commit(template, "The first version")
    git(template, "tag", "v1.0.0")
    dropped.unlink()
    write(template, {"catalogue/moves.yml": f"- {{ from: {DROPPED}, why: so, project_types: [python-service] }}\n"})
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


def test_the_commands_in_the_pull_requests_text_work_on_its_branch(make: Make) -> None:
    runner = make("v1.0.0")
    write(runner.project, {DROPPED: "export = 2 # ours\n"})
    commit(runner.project, "Export our way")
    runner.push()
    base = git(runner.project, "rev-parse", "--short", "HEAD").strip()
    runner.step("template-update", "update", UPDATE)
    assert not (runner.project / DROPPED).exists()
    (command,) = re.findall(r"^ +(git checkout .+)$", runner.body, re.MULTILINE)
    runner.bash(command)
    assert (runner.project / DROPPED).read_text(encoding="utf-8") == "export = 2 # ours\n"
    assert re.findall(r"check --since (\w+)", runner.body) == [base, base], "its own, and Copier's"
    assert f"Since {base} the constitution changed by MINOR" in runner.body
    assert "HEAD" not in runner.body


def test_a_text_that_github_would_refuse_is_cut_and_says_where_the_whole_is(make: Make) -> None:
    runner = make("v1.0.0")
    with (runner.project / PLAN).open("a", encoding="utf-8") as plan:
        plan.writelines(f"See `GONE-{number % 100:02}`, größer.\n" for number in range(1500))
    commit(runner.project, "What `check` finds in many lines")
    runner.push()
    said = runner.step("template-update", "update", UPDATE, GITHUB_RUN_ID="4711").stdout
    *shown, sentence = runner.body.splitlines()
    assert sentence.startswith("This text was cut")
    assert sentence.endswith("`gh run view 4711 --log`")
    assert 60_000 < len(runner.body) <= 65_536
    assert "no layer defines `GONE-" in shown[-2], "a whole line, before one that is empty"
    assert "\n".join(shown).strip() in said
    assert len(said.partition("The template has a newer version.")[2]) > 65_536
    assert "\nWhat Copier said:\n\n    Updating to template version 1.1.0\n" in said


def test_a_text_that_github_takes_is_not_cut(make: Make) -> None:
    runner = make("v1.0.0")
    said = runner.step("template-update", "update", UPDATE, GITHUB_RUN_ID="4711").stdout
    assert "4711" not in runner.body
    assert "What Copier said:" not in said, "it stands in the pull request"


def change_the_branch(runner: Runner, clone: Path, *options: str) -> str:
    """Push to the update's branch, as a person who resolves a conflict; returns the commit."""
    git(runner.temp, "clone", "--quiet", "--branch", "template-update", runner.remote.as_uri(), str(clone))
    edit(clone / "AGENTS.md", "- Be kind.", "- Be kind, and brief.")
    git(clone, "commit", "--quiet", "--all", "--message", "Resolve", *options)
    git(clone, "push", "--quiet", "--force", "origin", "template-update")
    return git(clone, "rev-parse", "HEAD").strip()


def check_out_anew(runner: Runner) -> None:
    """Put the main branch in place of the project, with all history, as the next run's checkout does."""
    shutil.rmtree(runner.project)
    git(runner.temp, "clone", "--quiet", runner.remote.as_uri(), str(runner.project))


@pytest.mark.parametrize("options", [(), ("--amend",)], ids=["a commit", "the amended commit"])
@pytest.mark.parametrize("state", ["OPEN", ""])
def test_what_people_committed_on_the_branch_stays(
    make: Make, tmp_path: Path, options: tuple[str, ...], state: str
) -> None:
    runner = make("v1.0.0")
    runner.step("template-update", "update", UPDATE)
    theirs = change_the_branch(runner, tmp_path / "clone", *options)
    check_out_anew(runner)
    calls = len(runner.calls)
    said = runner.step("template-update", "update", UPDATE, GH_STATE=state).stdout
    assert "template-update has commits of people: merge or close its pull request first" in said
    assert git(runner.remote, "rev-parse", "template-update").strip() == theirs
    assert [call.split()[1:3] for call in runner.calls[calls:]] == [["pr", "view"]]


@pytest.mark.parametrize("state", ["MERGED", "CLOSED"])
def test_after_the_pull_request_the_branch_begins_anew(make: Make, tmp_path: Path, state: str) -> None:
    runner = make("v1.0.0")
    runner.step("template-update", "update", UPDATE)
    change_the_branch(runner, tmp_path / "clone")
    check_out_anew(runner)
    runner.step("template-update", "update", UPDATE, GH_STATE=state)
    assert git(runner.remote, "rev-list", "--count", "main..template-update").strip() == "1"
    assert "- Be kind.\n" in git(runner.remote, "show", "template-update:AGENTS.md")
    assert runner.calls[-1].startswith("gh pr create")


def test_a_branch_that_only_the_workflow_wrote_is_renewed(make: Make) -> None:
    runner = make("v1.0.0")
    runner.step("template-update", "update", UPDATE)
    git(runner.project, "switch", "--quiet", "main")
    write(runner.project, {"docs/notes.md": "Notes\n"})
    commit(runner.project, "A person's work on the main branch")
    runner.push()
    check_out_anew(runner)
    runner.step("template-update", "update", UPDATE, GH_STATE="OPEN")
    assert git(runner.remote, "show", "template-update:docs/notes.md") == "Notes\n"
    assert git(runner.remote, "rev-list", "--count", "main..template-update").strip() == "1"


def test_what_is_pushed_to_the_branch_while_the_workflow_runs_stays(make: Make, tmp_path: Path) -> None:
    runner = make("v1.0.0")
    runner.step("template-update", "update", UPDATE)
    check_out_anew(runner)
    theirs = change_the_branch(runner, tmp_path / "clone")
    failed = runner.step("template-update", "update", UPDATE, expect=None, GH_STATE="OPEN")
    assert failed.returncode != 0
    assert "stale info" in failed.stderr
    assert git(runner.remote, "rev-parse", "template-update").strip() == theirs


def test_answers_in_a_file_of_another_name_are_updated(make: Make) -> None:
    runner = make("v1.0.0", answers_file=".copier-answers.speckit.yml")
    runner.step("template-update", "drift", DRIFT)
    runner.step("template-update", "update", LOOK)
    assert runner.output == ["behind=true"]
    runner.step("template-update", "update", UPDATE)
    assert "_commit: v1.1.0" in git(runner.remote, "show", "template-update:.copier-answers.speckit.yml")


# A campaign


def test_the_campaigns_script_updates_where_there_is_no_conflict_and_fails_where_there_is(make: Make) -> None:
    runner, script = make("v1.0.0"), campaign()
    runner.bash(script)
    assert "_commit: v1.1.0" in (runner.project / ANSWERS).read_text(encoding="utf-8")
    git(runner.project, "reset", "--quiet", "--hard")
    edit(runner.project / "AGENTS.md", "## Rules\n", "## Rules\n\n- Ask Jo.\n")
    commit(runner.project, "Rules of our own")
    assert "AGENTS.md:<<<<<<< before updating" in runner.bash(script, expect=1).stdout


def test_the_campaigns_script_fails_where_git_cannot_look_for_conflicts(make: Make) -> None:
    runner = make("v1.0.0")
    git(runner.project, "config", "grep.threads", "many")  # which only `git grep` reads, and refuses
    failed = runner.bash(campaign(), expect=1)
    assert "grep.threads" in failed.stderr
    assert "_commit: v1.1.0" in (runner.project / ANSWERS).read_text(encoding="utf-8"), "the update itself went well"


def campaign() -> str:
    page = (ROOT / "docs/fleet.md").read_text(encoding="utf-8")
    return page.partition("```bash\n")[2].partition("```\n")[0]


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
    runner = make("v1.0.0", ci=ci)
    set_coverage(runner.project, 50, "1.0.0")
    base = check_out_request(runner, ci)
    said = compare_versions(runner, ci, base, expect=1)
    assert "coverage_min is 50, was 91 (loosened)" in said
    assert "the constitution changed by MAJOR: **Version** is 1.0.0 and must be 2.0.0 or later." in said
    edit(runner.project / CONSTITUTION, "**Version**: 1.0.0", "**Version**: 2.0.0")
    compare_versions(runner, ci, base, expect=0)


@pytest.mark.parametrize("ci", ["github", "gitlab"])
def test_a_run_anew_compares_with_what_was_merged_and_not_with_what_came_since(make: Make, ci: str) -> None:
    runner = make("v1.0.0", ci=ci)
    other = Path(shutil.copytree(runner.project, runner.temp / "other", symlinks=True))
    set_coverage(runner.project, 95, "1.1.0")
    base = check_out_request(runner, ci)
    set_coverage(other, 98, "1.1.0")
    git(other, "push", "--quiet", "origin", "main")
    compare_versions(runner, ci, base, expect=0)


def set_coverage(project: Path, percent: int, version: str) -> None:
    """Commit another figure, with this version of the constitution."""
    edit(project / LOCAL, "schema = 1\n", f"schema = 1\n\n[figures]\ncoverage_min = {percent}\n")
    for document in (project / CONSTITUTION, *(project / ".specify/templates/overrides").glob("*.md")):
        text = document.read_text(encoding="utf-8").replace("91", str(percent))
        text = text.replace("**Version**: 1.0.0", f"**Version**: {version}")
        document.write_text(text, encoding="utf-8", newline="\n")
    commit(project, "Another figure")


def check_out_request(runner: Runner, ci: str) -> str:
    """Make of the last commit a request, and of the clone what the runner checks out of it.

    GitHub checks out the merge, and so much of the history as the workflow asks for; GitLab the head of the request,
    here alone. Neither knows the branch that it shall go to. Returns the commit that it shall be merged onto.
    """
    project, base = runner.project, git(runner.project, "rev-parse", "HEAD~1").strip()
    depth, head = 1, "HEAD"
    if ci == "github":
        depth = runner.yaml(".github/workflows/ci.yml")["jobs"]["gates"]["steps"][0]["with"]["fetch-depth"]
        head = git(project, "commit-tree", "HEAD^{tree}", "-p", base, "-p", "HEAD", "-m", "Merge").strip()
    git(project, "push", "--quiet", "origin", f"{head}:refs/pull/1/head")
    shutil.rmtree(project / ".git")
    git(project, "init", "--quiet")
    git(project, "remote", "add", "origin", runner.remote.as_uri())
    git(project, "fetch", "--quiet", f"--depth={depth}", "origin", "refs/pull/1/head")
    git(project, "checkout", "--quiet", "--force", "--detach", "FETCH_HEAD")
    return base


def compare_versions(runner: Runner, ci: str, base: str, expect: int) -> str:
    """What CI says of a request that shall be merged onto the commit `base`."""
    if ci == "github":
        return runner.step("ci", "gates", VERSION, expect).stdout
    asked = {"CI_MERGE_REQUEST_IID": "1", "CI_MERGE_REQUEST_DIFF_BASE_SHA": base}
    return runner.job("gates", "--since", expect, **asked).stdout


def test_gitlab_compares_no_versions_outside_of_merge_requests(make: Make) -> None:
    runner = make("v1.0.0", ci="gitlab")
    assert runner.job("gates", "--since").stdout == ""


# The report


@pytest.mark.parametrize("ci", ["github", "gitlab"])
def test_there_is_a_report_of_the_gates_where_a_document_departs_and_the_job_fails(make: Make, ci: str) -> None:
    runner = make("v1.0.0", ci=ci)
    require_notes(runner.project)
    write(runner.project, {"docs/notes.md": "<<<<<<< before updating\n"})
    commit(runner.project, "Notes")
    if ci == "github":
        steps = runner.yaml(".github/workflows/ci.yml")["jobs"]["gates"]["steps"]
        assert [step["if"] for step in steps if step.get("name") == RUN] == ["${{ !cancelled() }}"]
        runner.step("ci", "gates", CONFLICTS, expect=1)
        runner.step("ci", "gates", RUN)
    else:
        runner.job("gates", expect=1)
    written = REPORTS - {"gates.md"} if ci == "github" else REPORTS
    assert {path.name for path in runner.project.glob("gates.*")} == written
    assert json.loads((runner.project / "gates.json").read_text(encoding="utf-8"))["gates"]


def test_gitlabs_job_fails_where_a_gate_does(make: Make) -> None:
    runner = make("v1.0.0", ci="gitlab")
    require_notes(runner.project)
    assert "ACME-01" in runner.job("gates", "status", expect=1).stdout
    write(runner.project, {"docs/notes.md": "Notes\n"})
    commit(runner.project, "Notes")
    runner.job("gates", "status")


def require_notes(project: Path) -> None:
    """Leave the template's tasks to reviewers, and let one gate require docs/notes.md."""
    tasks = tomllib.loads((project / BASE).read_text(encoding="utf-8"))["tasks"]
    with (project / LOCAL).open("a", encoding="utf-8") as local:
        local.writelines(f'\n[tasks.{name}]\nrun = ""\nfiles = []\n' for name in tasks)
        local.write('\n[gates.ACME-01]\nprinciple = "code-quality"\nlevel = "MUST"\n')
        local.write('statement = "There are notes"\nrequire = ["docs/notes.md"]\n')


def test_reports_that_are_written_in_a_clone_are_not_committed(make: Make) -> None:
    runner = make("v1.0.0")
    write(runner.project, dict.fromkeys(REPORTS, "{}\n"))
    assert git(runner.project, "status", "--porcelain") == ""


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
