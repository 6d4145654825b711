"""What an update leaves alone, and which names it refuses; see test_laboratory.py for what it brings and keeps."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from copier import run_copy, run_recopy, run_update
from copier._main import Worker
from copier._user_data import Question
from copier.errors import UserMessageError
from jinja2 import Environment, FileSystemLoader

from tests.helpers import (
    CATALOGUE,
    commit,
    generate,
    git,
    rebuild,
    snapshot_template,
    tree,
)

Edit = Callable[[Path], None]
AGENTS = "template/common/AGENTS.md.jinja"


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8", newline="\n")


def update(project: Path) -> None:
    run_update(project, defaults=True, overwrite=True, unsafe=False, quiet=True)


def the_next_version(template: Path, tag: str, edit: Edit) -> None:
    edit(template)
    rebuild(template)
    commit(template, "The next version")
    git(template, "tag", tag)


def test_the_runner_stays_deleted_for_who_deleted_it(tmp_path: Path) -> None:
    template = snapshot_template(tmp_path / "template", "v1.0.0")
    project = generate(template, tmp_path / "acme", project_type="existing-repo")
    commit(project, "Start")
    deleted = project / ".specify/gates/gates.py"
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


@pytest.mark.parametrize("project_type", CATALOGUE.project_types)
def test_an_update_checks_right_answers_at_a_glance_and_only_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, project_type: str
) -> None:
    template = snapshot_template(tmp_path / "template", "v1.0.0")
    project = generate(template, tmp_path / "acme", project_type=project_type)
    commit(project, "Start")
    the_next_version(template, "v1.1.0", lambda path: append(path / AGENTS, "\nNew words.\n"))
    prompts: list[bool] = []
    compiled: set[str] = set()
    ask, source = Worker._ask, FileSystemLoader.get_source

    def recorded(worker: Worker) -> None:
        ask(worker)
        prompts.append(worker.answers.combined["prompts"])

    def noted(loader: FileSystemLoader, environment: Environment, name: str) -> object:
        compiled.add(name)
        return source(loader, environment, name)

    monkeypatch.setattr(Worker, "_ask", recorded)
    monkeypatch.setattr(FileSystemLoader, "get_source", noted)
    update(project)
    assert prompts == [False, True, False], "the old version's copy, the project, the new version's copy"
    assert "includes/compute.jinja" in compiled
    assert not [name for name in compiled if "validate" in name or "names" in name], "its answers are right"
