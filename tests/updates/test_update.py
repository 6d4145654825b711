"""An update brings the template's changes, keeps the user's, and needs no trust."""

import io
import re
import tarfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from copier import run_copy, run_recopy, run_update
from copier._main import Worker
from copier._user_data import Question
from copier.errors import UserMessageError

from extensions.catalogue import ROOT
from tests.helpers import (
    CATALOGUE,
    COMBINATIONS,
    commit,
    gates,
    generate,
    git,
    rebuild,
    run,
    snapshot_template,
    tree,
    write,
)

Edit = Callable[[Path], None]
AGENTS = "template/common/AGENTS.md.jinja"


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{path} does not hold {old!r}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="\n")


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8", newline="\n")


def edit_as_users_do(project: Path) -> dict[str, str]:
    """Edit a project in the places where its owners will; returns a trace of each edit by the file that holds it."""
    constitution = project / ".specify/memory/constitution.md"
    replace(
        constitution,
        "## Stack Constraints",
        "### X. Fair Play\n\n- Players MUST be treated alike.\n\n## Stack Constraints",
    )
    replace(constitution, "**Version**: 1.0.0", "**Version**: 1.1.0")
    replace(constitution, "\n## Governance", "- We deploy on Tuesdays.\n\n## Governance")
    local = "\n[figures]\ncoverage_min = 99\n" if uses_coverage(project) else "\n# Ask Jo about waivers.\n"
    append(project / ".specify/gates/90-local.toml", local)
    replace(project / "AGENTS.md", "## Layout", "Ask Jo before you touch billing.\n\n## Layout")
    plan = project / "specs/001-demo/plan.md"
    plan.parent.mkdir(parents=True)
    template = (project / ".specify/templates/plan-template.md").read_text(encoding="utf-8")
    plan.write_text(template.replace("[ ]", "[x]"), encoding="utf-8")
    traces = {
        ".specify/memory/constitution.md": "We deploy on Tuesdays.",
        ".specify/gates/90-local.toml": local,
        "AGENTS.md": "Ask Jo before you touch billing.",
        "specs/001-demo/plan.md": "[x]",
    }
    if (project / "charts").exists():
        return traces | edit_a_chart(project)
    if (project / "pyproject.toml").exists():
        replace(
            project / "pyproject.toml", "dependencies = [\n", 'dependencies = [\n  "rich>=15", # tables for people\n'
        )
        replace(project / "README.md", "\n## ", "\n## Our office hours\n\nWednesdays at ten.\n\n## ")
        package = next(path for path in (project / "src").iterdir() if path.is_dir())
        (package / "billing.py").write_text('"""Ours."""\n', encoding="utf-8")
        for path in (project / "tests/integration").glob("test_*.py"):
            path.unlink()
        traces |= {
            "pyproject.toml": "rich>=15",
            "README.md": "Wednesdays at ten.",
            str((package / "billing.py").relative_to(project)): "Ours.",
        }
    return traces


def edit_a_chart(project: Path) -> dict[str, str]:
    """Change a value, an overlay and the tools, add a template, and drop one with its test."""
    (chart,) = (project / "charts").iterdir()
    replace(chart / "values.yaml", "replicaCount: 2\n", "replicaCount: 3\n")
    replace(chart / "platforms/eks.yaml", "internet-facing", "internal")
    replace(project / "requirements-dev.txt", "\nruff", "\nrich>=15    # tables for people\nruff")
    write(chart, {"templates/role.yaml": "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\n"})
    (chart / "templates/hpa.yaml").unlink()
    (project / "tests/unit/test_hpa.py").unlink()
    return {
        str((chart / name).relative_to(project)): trace
        for name, trace in {
            "values.yaml": "replicaCount: 3",
            "platforms/eks.yaml": "scheme: internal",
            "templates/role.yaml": "kind: Role",
        }.items()
    } | {"requirements-dev.txt": "rich>=15"}


def uses_coverage(project: Path) -> bool:
    """Whether a gate of this project names the figure that `edit_as_users_do` tightens."""
    return "{coverage_min} %" in (project / ".specify/gates/00-base.toml").read_text(encoding="utf-8")


def update(project: Path) -> None:
    run_update(project, defaults=True, overwrite=True, unsafe=False, quiet=True)


def assert_clean(project: Path, traces: dict[str, str]) -> None:
    assert git(project, "ls-files", "--unmerged") == ""
    assert not list(project.rglob("*.rej"))
    for name, trace in traces.items():
        assert trace in (project / name).read_text(encoding="utf-8"), f"{name} lost {trace!r}"


def template_of_commit(revision: str, destination: Path, tag: str) -> Path:
    """The template as it was committed, in a git repository of its own."""
    destination.mkdir()
    archive = run(["git", "archive", "--output", destination / "template.tar", revision], ROOT)
    assert archive.returncode == 0
    with tarfile.open(fileobj=io.BytesIO((destination / "template.tar").read_bytes())) as tar:
        tar.extractall(destination, filter="tar")
    (destination / "template.tar").unlink()
    commit(destination, "The template before")
    git(destination, "tag", tag)
    return destination


def combination_files(project_type: str, constitution: str) -> tuple[str, str]:
    """The catalogue's files, without their suffix, that a combination needs."""
    return f"project_types/{project_type}", f"constitutions/{constitution}"


def the_next_version(template: Path, tag: str, edit: Edit) -> None:
    edit(template)
    rebuild(template)
    commit(template, "The next version")
    git(template, "tag", tag)


@pytest.mark.parametrize(("project_type", "constitution"), COMBINATIONS)
def test_an_update_from_the_previous_commit_is_clean_and_loses_nothing(
    tmp_path: Path, project_type: str, constitution: str
) -> None:
    changed = git(ROOT, "status", "--porcelain")
    previous = template_of_commit("HEAD" if changed else "HEAD~1", tmp_path / "template", "v1.0.0")
    if not all((previous / f"catalogue/{name}.yml").exists() for name in combination_files(project_type, constitution)):
        previous = snapshot_template(tmp_path / "new", "v1.0.0")  # it is new: update it from itself
    project = generate(previous, tmp_path / "acme", project_type=project_type, constitution=constitution)
    commit(project, "Start")
    traces = edit_as_users_do(project)
    commit(project, "Make it ours")

    git(previous, "rm", "-r", "--quiet", ".")
    snapshot_template(previous, "v1.1.0")
    update(project)
    assert_clean(project, traces)
    assert "_commit: v1.1.0" in (project / ".copier-answers.yml").read_text(encoding="utf-8")


def the_principle(template: Path, constitution: str) -> Path:
    """The file of a constitution's first principle."""
    chosen = CATALOGUE.constitutions[constitution].principles or CATALOGUE.project_types["existing-repo"].principles
    return template / f"catalogue/principles/{chosen[0]}.yml"


@pytest.mark.parametrize(("project_type", "constitution"), [pair for pair in COMBINATIONS if pair[1] != "custom"])
def test_a_new_rule_and_a_new_gate_arrive_beside_the_users_edits(
    tmp_path: Path, project_type: str, constitution: str
) -> None:
    template = snapshot_template(tmp_path / "template", "v1.0.0")
    project = generate(template, tmp_path / "acme", project_type=project_type, constitution=constitution)
    commit(project, "Start")
    traces = edit_as_users_do(project)
    commit(project, "Make it ours")

    def edit(template: Path) -> None:
        principle = the_principle(template, constitution)
        prefix = re.findall(r"id: ([A-Z]+)-01", principle.read_text(encoding="utf-8"))[0]
        replace(principle, "rules:\n", "rules:\n  - Work in progress MUST be small.\n")
        gate = f"  - id: {prefix}-90\n    level: SHOULD\n    statement: The change is small\n"
        replace(principle, "gates:\n", f"gates:\n{gate}")

    the_next_version(template, "v1.1.0", edit)
    update(project)
    assert_clean(project, traces)
    assert "Work in progress MUST be small." in (project / ".specify/memory/constitution.md").read_text(
        encoding="utf-8"
    )
    assert "-90" in (project / ".specify/templates/plan-template.md").read_text(encoding="utf-8")
    tightened = uses_coverage(project)
    check = gates(project, "check", expect=1 if tightened else 0)
    assert "-90" not in check, "the new gate is named by every document"
    assert ("coverage_min is 99" in check) == tightened, "the figure that the user tightened is not in the prose yet"


def test_an_untouched_project_is_after_an_update_what_a_fresh_copy_would_be(tmp_path: Path) -> None:
    template = snapshot_template(tmp_path / "template", "v1.0.0")
    answers = {"project_name": "Acme", "ratified": "2026-01-31"}
    project = generate(template, tmp_path / "old" / "acme", **answers)
    commit(project, "Start")
    the_next_version(
        template,
        "v1.1.0",
        lambda path: replace(path / "catalogue/constitutions/quality-first.yml", "48 hours", "two days"),
    )
    update(project)
    fresh = generate(template, tmp_path / "new" / "acme", **answers)
    for path in fresh.rglob("*"):
        if path.is_file():
            assert (project / path.relative_to(fresh)).read_bytes() == path.read_bytes(), path
    assert "two days" in (project / ".specify/memory/constitution.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("project_type", CATALOGUE.project_types)
def test_a_generated_file_that_the_user_deleted_stays_deleted(tmp_path: Path, project_type: str) -> None:
    template = snapshot_template(tmp_path / "template", "v1.0.0")
    project = generate(template, tmp_path / "acme", project_type=project_type)
    commit(project, "Start")
    deleted = project / (
        ".editorconfig" if CATALOGUE.project_types[project_type].skeleton else ".specify/gates/gates.py"
    )
    deleted.unlink()
    commit(project, "Do without it")
    the_next_version(
        template, "v1.1.0", lambda path: append(path / "template/common/AGENTS.md.jinja", "\nNew words.\n")
    )
    update(project)
    assert not deleted.exists()
    assert git(project, "ls-files", "--unmerged") == ""


def test_example_code_is_left_alone_by_updates(tmp_path: Path) -> None:
    template = snapshot_template(tmp_path / "template", "v1.0.0")
    project = generate(template, tmp_path / "acme", package_name="acme")
    commit(project, "Start")
    (deleted,) = (project / "src/acme/services").glob("links.py")
    deleted.unlink()
    commit(project, "Remove the example")
    source = next((template / "template/python-service/src").glob("*/services/links.py*"))
    the_next_version(template, "v1.1.0", lambda _: append(source, "# the example has changed\n"))
    update(project)
    assert not deleted.exists()
    assert git(project, "status", "--porcelain", "src", "tests") == ""


# The name of a chart or a package, which stands in code that updates leave alone


NAMED = {
    "helm-chart": ("chart_name", "charts"),
    "python-service": ("package_name", "src"),
    "modal-web": ("package_name", None),
}
OPTIONS: dict[str, Any] = {"defaults": True, "overwrite": True, "unsafe": False, "quiet": True}


@pytest.mark.parametrize(("project_type", "answer", "parent"), [(name, *case) for name, case in NAMED.items()])
def test_another_name_is_refused_and_one_given_by_hand_is_kept(
    tmp_path: Path, project_type: str, answer: str, parent: str | None
) -> None:
    template = snapshot_template(tmp_path / "template", "v1.0.0")
    project = generate(template, tmp_path / "acme", project_type=project_type, **{answer: "oldname"})
    commit(project, "Start")
    before = tree(project)

    run_update(project, data={answer: "oldname"}, **OPTIONS)
    run_recopy(project, data={answer: "oldname"}, **OPTIONS)
    assert tree(project) == before

    said = f'{answer} is "newname", but the project was generated with "oldname"'
    data = {answer: "newname"}
    others = (run_recopy, partial(run_copy, str(template))) if project_type == "helm-chart" else ()
    for operation in (run_update, *others):
        with pytest.raises(UserMessageError, match=said) as stopped:
            operation(project, data=data, **OPTIONS)
        assert (f"`git mv {parent}/oldname {parent}/newname`" in str(stopped.value)) == bool(parent)
        assert tree(project) == before

    if parent:
        git(project, "mv", f"{parent}/oldname", f"{parent}/newname")
    for name in git(project, "grep", "--name-only", "--ignore-case", "oldname").split("\n")[:-1]:
        path = project / name
        text = path.read_text(encoding="utf-8").replace("oldname", "newname").replace("OLDNAME", "NEWNAME")
        path.write_text(text, encoding="utf-8", newline="\n")
    commit(project, "Rename")
    the_next_version(
        template, "v1.1.0", lambda path: append(path / "template/common/AGENTS.md.jinja", "\nNew words.\n")
    )
    update(project)
    assert git(project, "ls-files", "--unmerged") == ""
    assert git(project, "diff", "--name-only").split() == [".copier-answers.yml", "AGENTS.md"]
    assert git(project, "ls-files", "--others", "--exclude-standard") == ""


@pytest.mark.parametrize(("project_type", "answer"), [("helm-chart", "chart_name"), ("modal-web", "package_name")])
def test_the_prompt_refuses_another_name_too(tmp_path: Path, project_type: str, answer: str) -> None:
    """What the question's validator says of names that a person types."""
    template = snapshot_template(tmp_path / "template", "v1.0.0")
    project = generate(template, tmp_path / "acme", project_type=project_type, **{answer: "oldname"})
    with Worker(str(template), project, defaults=True, overwrite=True, quiet=True) as worker:
        worker.run_copy()
        details = worker.template.questions_data[answer]
        question = Question(
            answers=worker.answers,
            context=worker._render_context(),
            jinja_env=worker.jinja_env,
            settings=worker.settings,
            var_name=answer,
            **details,
        )
        question.validate_answer("oldname")
        with pytest.raises(ValueError, match="generated with"):
            question.validate_answer("newname")
