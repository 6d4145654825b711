"""Nothing that is in the destination already gets lost, whatever happens on the way."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from copier import run_copy, run_recopy, run_update
from copier._main import Worker
from copier.errors import CleanupWarning, ForbiddenPathError, UserMessageError

from tests.helpers import DAY, commit, generate, git, rebuild, run, tree, write

OURS = ".copier-answers.speckit.yml"


def adopt(template: Path, destination: Path, overwrite: bool = False, answers_file: str | None = None) -> None:
    """`copier copy --defaults --data project_type=existing-repo`."""
    data = {"project_type": "existing-repo", **DAY}
    run_copy(
        str(template),
        destination,
        data=data,
        answers_file=answers_file,
        overwrite=overwrite,
        defaults=True,
        unsafe=False,
        quiet=True,
    )


def copier(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return run([sys.executable, "-m", "copier", *arguments], cwd, expect=None)


def next_version(template: Path, destination: Path) -> Path:
    """A copy of the template that holds its present version, and then another with a file that differs."""
    source = Path(shutil.copytree(template, destination, symlinks=True))
    with (source / "template/common/AGENTS.md.jinja").open("a", encoding="utf-8") as agents:
        agents.write("\nThis line is new.\n")
    with (source / "catalogue/constitutions/essentials.yml").open("a", encoding="utf-8") as essentials:
        essentials.write("  - This rule of governance is new.\n")
    rebuild(source)
    commit(source, "The next version")
    return source


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository of somebody's, with a file of nearly every name that the template could write."""
    folder = write(
        tmp_path / "acme",
        {
            "README.md": "# Our own words\n",
            ".gitignore": "*.log\n",
            ".editorconfig": "root = true\n",
            "AGENTS.md": "# How we work with agents\n",
            ".specify/memory/constitution.md": "# Our constitution\n",
            ".specify/templates/plan-template.md": "# Our plan\n",
            ".specify/templates/spec-template.md": "# spec-kit's\n",
            ".specify/templates/overrides/tasks-template.md": "# Our tasks\n",
            ".specify/gates/90-local.toml": "schema = 1\n",
            ".specify/scripts/bash/common.sh": "true\n",
            ".github/workflows/ci.yml": "name: Ours\n",
            "src/app.py": "print('ours')\n",
            "crlf.txt": "one\r\n",
        },
    )
    (folder / "CLAUDE.md").symlink_to("AGENTS.md")
    (folder / "docs").symlink_to("src")
    (folder / "dangling").symlink_to("nowhere")
    (folder / "src/app.py").chmod(0o755)
    commit(folder, "Start")
    return folder


def assert_kept(before: dict[str, bytes | str], after: dict[str, bytes | str]) -> set[str]:
    """Every entry is as it was; returns the names that are new."""
    assert {name: after.get(name) for name in before} == before
    return set(after) - set(before)


# A new project in a folder that is not empty


def test_without_a_terminal_a_file_that_differs_stops_the_copy_and_is_kept(files: Path, tmp_path: Path) -> None:
    destination = write(tmp_path / "acme", {"README.md": "# Ours\n", ".gitignore": "*.log\n", "notes/a.txt": "a\n"})
    before = tree(destination)
    answers = ["--data", "project_type=python-service"]
    done = copier("copy", "--defaults", *answers, files, destination, cwd=tmp_path)
    assert done.returncode == 1
    assert "Interactive session required: Consider using `--overwrite`" in done.stderr
    assert "Traceback" not in done.stderr
    assert_kept(before, tree(destination))


def test_a_file_that_is_the_same_already_raises_no_question(files: Path, tmp_path: Path) -> None:
    project = generate(files, tmp_path / "acme", project_type="python-service", **DAY)
    before = tree(project)
    generate(files, project, project_type="python-service", **DAY)
    assert tree(project) == before


# An existing repository


def test_an_existing_repository_keeps_every_file_and_gains_only_what_is_ours(files: Path, repository: Path) -> None:
    before = tree(repository)
    adopt(files, repository)
    added = assert_kept(before, tree(repository))
    assert added, "something was added"
    assert {name for name in added if not name.startswith(".specify/")} == {".copier-answers.yml"}
    assert os.access(repository / "src/app.py", os.X_OK)


def test_a_repository_without_agents_gets_them(files: Path, tmp_path: Path) -> None:
    repository = write(tmp_path / "acme", {"README.md": "# Ours\n"})
    before = tree(repository)
    adopt(files, repository)
    added = assert_kept(before, tree(repository))
    assert {name for name in added if not name.startswith(".specify")} == {".copier-answers.yml", "AGENTS.md"}


def test_adopting_twice_is_adopting_once(files: Path, repository: Path) -> None:
    adopt(files, repository)
    before = tree(repository)
    adopt(files, repository)
    assert tree(repository) == before


def test_agents_are_kept_even_when_files_may_be_overwritten(files: Path, repository: Path) -> None:
    before = tree(repository)
    adopt(files, repository, overwrite=True)
    after = tree(repository)
    for name in ("AGENTS.md", "CLAUDE.md", "README.md", ".gitignore", ".github/workflows/ci.yml", "docs", "src/app.py"):
        assert after[name] == before[name]
    assert after[".specify/gates/90-local.toml"] == before[".specify/gates/90-local.toml"]


def test_work_that_is_not_committed_stays_as_it_is(files: Path, repository: Path) -> None:
    write(
        repository,
        {"README.md": "# Changed\n", "staged.txt": "staged\n", "untracked.txt": "new\n", "a.log": "ignored\n"},
    )
    git(repository, "add", "staged.txt")
    (repository / "src/app.py").unlink()
    before, status = tree(repository), git(repository, "status", "--porcelain", "--ignored").splitlines()
    adopt(files, repository)
    assert_kept(before, tree(repository))
    now = git(repository, "status", "--porcelain", "--ignored").splitlines()
    assert [line for line in now if line in status] == status
    assert all(line.startswith(("?? .specify/", "?? .copier-answers.yml")) for line in now if line not in status)


def test_a_folder_inside_a_repository_is_a_destination_of_its_own(template: Path, tmp_path: Path) -> None:
    repository = write(
        tmp_path / "mono", {"README.md": "# Ours\n", "services/acme/README.md": "# Acme\n", "AGENTS.md": "x\n"}
    )
    commit(repository, "Start")
    source = next_version(template, tmp_path / "template")
    before = tree(repository)
    adopt(source, repository / "services/acme")
    added = assert_kept(before, tree(repository))
    assert all(name.startswith("services/acme/") for name in added)

    commit(repository, "Adopt")
    git(source, "tag", "v1.1.0")
    run_update(repository / "services/acme", defaults=True, overwrite=True, unsafe=False, quiet=True)
    constitution = repository / "services/acme/.specify/memory/constitution.md"
    assert "This rule of governance is new." in constitution.read_text(encoding="utf-8")
    assert_kept(before, tree(repository))
    assert git(repository, "ls-files", "--unmerged") == ""


def test_a_link_that_leads_out_of_the_repository_is_not_followed(files: Path, repository: Path, tmp_path: Path) -> None:
    shutil.rmtree(repository / ".specify")
    shared = write(tmp_path / "shared", {"memory/constitution.md": "# Everybody's\n"})
    (repository / ".specify").symlink_to(shared)
    before, outside = tree(repository), tree(shared)
    with pytest.raises(ForbiddenPathError, match="forbidden"):
        adopt(files, repository)
    assert tree(shared) == outside
    assert_kept(before, tree(repository))


# The answers of another template


FOREIGN = (
    "# Changes here will be overwritten\n_commit: v3\n_src_path: gh:other/template\nproject_name: Other\nlicense: MIT\n"
)


@pytest.mark.parametrize("folder", ["acme", "acme [1]"])
@pytest.mark.parametrize("project_type", ["existing-repo", "python-service"])
def test_the_answers_of_another_template_are_not_overwritten(
    files: Path, tmp_path: Path, folder: str, project_type: str
) -> None:
    destination = write(tmp_path / folder, {".copier-answers.yml": FOREIGN})
    before = tree(destination)
    done = copier(
        "copy", "--defaults", "--overwrite", "--data", f"project_type={project_type}", files, destination, cwd=tmp_path
    )
    assert done.returncode == 1
    assert "the destination holds .copier-answers.yml, which belongs to another template" in done.stderr
    assert f"add `--answers-file {OURS}`" in done.stderr
    assert "Traceback" not in done.stderr
    assert tree(destination) == before


def test_all_answers_at_once_do_not_make_the_answers_file_ours(files: Path, repository: Path) -> None:
    write(repository, {".copier-answers.yml": FOREIGN})
    data = {
        "project_name": "Acme",
        "project_type": "existing-repo",
        "constitution": "essentials",
        "figures": {},
        "extra_principles": [],
        "adjust": False,
        **DAY,
    }
    with pytest.raises(UserMessageError, match="belongs to another template"):
        generate(files, repository, **data)
    assert (repository / ".copier-answers.yml").read_text(encoding="utf-8") == FOREIGN


def test_an_answers_file_of_our_own_stands_beside_the_other_and_is_updated(template: Path, tmp_path: Path) -> None:
    source = next_version(template, tmp_path / "template")
    repository = write(tmp_path / "acme", {".copier-answers.yml": FOREIGN, "README.md": "# Ours\n"})
    before = tree(repository)
    adopt(source, repository, answers_file=OURS)
    assert {name for name in assert_kept(before, tree(repository)) if "/" not in name} == {
        ".specify",
        "AGENTS.md",
        OURS,
    }

    commit(repository, "Adopt")
    git(source, "tag", "v1.1.0")
    run_update(repository, answers_file=OURS, defaults=True, overwrite=True, unsafe=False, quiet=True)
    assert "_commit: v1.1.0" in (repository / OURS).read_text(encoding="utf-8")
    constitution = repository / ".specify/memory/constitution.md"
    assert "This rule of governance is new." in constitution.read_text(encoding="utf-8")
    assert_kept(before, tree(repository))
    assert git(repository, "ls-files", "--unmerged") == ""


# A run that does not come to its end


def test_a_destination_that_cannot_be_written_ends_in_an_error_and_leaves_nothing(files: Path, tmp_path: Path) -> None:
    """A parent that is a file also stops those who may write anywhere."""
    folder = write(tmp_path / "folder", {"file": "not a folder\n"})
    before = tree(folder)
    with pytest.warns(CleanupWarning), pytest.raises(NotADirectoryError):
        adopt(files, folder / "file" / "acme")
    assert tree(folder) == before


def test_a_folder_where_a_file_belongs_stops_the_copy_and_is_kept(files: Path, tmp_path: Path) -> None:
    repository = write(tmp_path / "acme", {"AGENTS.md/notes.txt": "a folder of ours\n"})
    before = tree(repository)
    with pytest.raises(AssertionError):  # Copier expects a file there
        adopt(files, repository)
    assert_kept(before, tree(repository))


@pytest.fixture
def interrupt(monkeypatch: pytest.MonkeyPatch) -> Callable[[int, BaseException], None]:
    """A function that lets Copier write so many files, and raises an error at the next."""

    def after(count: int, error: BaseException) -> None:
        render = Worker._render_file
        written = iter(range(count))

        def stopping(self: Worker, source: Path, destination: Path, extra_context: dict[str, object]) -> None:
            if next(written, None) is None:
                raise error
            render(self, source, destination, extra_context)

        monkeypatch.setattr(Worker, "_render_file", stopping)

    return after


Interrupt = Callable[[int, BaseException], None]


@pytest.mark.parametrize("count", [0, 1, 4])
def test_an_error_on_the_way_takes_the_new_folder_away_again(
    files: Path, tmp_path: Path, interrupt: Interrupt, count: int
) -> None:
    interrupt(count, OSError("No space left on device"))
    with pytest.raises(OSError, match="No space left"):
        adopt(files, tmp_path / "acme")
    assert not (tmp_path / "acme").exists()


@pytest.mark.parametrize("error", [OSError("No space left on device"), KeyboardInterrupt()], ids=["error", "Ctrl-C"])
@pytest.mark.parametrize("count", [1, 4])
def test_an_existing_repository_outlives_an_interrupted_run_and_the_same_command_completes_it(
    files: Path,
    repository: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    interrupt: Interrupt,
    count: int,
    error: BaseException,
) -> None:
    whole = Path(shutil.copytree(repository, tmp_path / "whole" / "acme", symlinks=True))
    adopt(files, whole)
    before = tree(repository)
    interrupt(count, error)
    with pytest.raises(type(error)):
        adopt(files, repository)
    assert_kept(before, tree(repository))
    monkeypatch.undo()
    adopt(files, repository)
    assert tree(repository) == tree(whole)


@pytest.mark.parametrize("count", [1, 8])
def test_after_ctrl_c_the_same_command_completes_a_new_project_without_a_question(
    files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, interrupt: Interrupt, count: int
) -> None:
    """Copier removes a new folder after an error, but leaves it after Ctrl-C."""
    answers = {"project_type": "python-service", **DAY}
    whole = generate(files, tmp_path / "whole" / "acme", **answers)
    interrupt(count, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        generate(files, tmp_path / "acme", **answers)
    left = sum(path.is_file() for path in (tmp_path / "acme").rglob("*"))
    assert left <= count
    monkeypatch.undo()
    assert tree(generate(files, tmp_path / "acme", **answers)) == tree(whole)


# Update and recopy


def test_an_update_of_a_dirty_repository_is_refused_and_changes_nothing(template: Path, repository: Path) -> None:
    adopt(template, repository)
    commit(repository, "Adopt")
    write(repository, {"README.md": "# Half done\n"})
    before = tree(repository)
    done = copier("update", "--defaults", cwd=repository)
    assert done.returncode == 1
    assert "Destination repository is dirty; cannot continue. Please commit or stash your local changes" in done.stderr
    assert "Traceback" not in done.stderr
    assert tree(repository) == before


def copy_over(project: Path, source: Path) -> None:
    run_copy(str(source), project, defaults=True, overwrite=True, unsafe=False, quiet=True)


def recopy(project: Path, source: Path) -> None:  # noqa: ARG001
    run_recopy(project, defaults=True, overwrite=True, unsafe=False, quiet=True)


def update(project: Path, source: Path) -> None:  # noqa: ARG001
    run_update(project, defaults=True, overwrite=True, unsafe=False, quiet=True)


@pytest.mark.parametrize(
    ("project_type", "operation"),
    [("existing-repo", copy_over), ("existing-repo", recopy), ("existing-repo", update), ("python-service", update)],
)
def test_the_teams_own_layer_survives(
    template: Path, tmp_path: Path, project_type: str, operation: Callable[[Path, Path], None]
) -> None:
    source = next_version(template, tmp_path / "template")
    project = generate(source, tmp_path / "acme", project_type=project_type, constitution="essentials")
    local = project / ".specify/gates/90-local.toml"
    local.write_bytes(b"# ours\r\nschema = 1\n\n[figures]\ncoverage_min = 99\n")
    before = local.read_bytes()
    commit(project, "Make it ours")
    git(source, "tag", "v1.1.0")
    operation(project, source)
    assert local.read_bytes() == before
    assert "_commit: v1.1.0" in (project / ".copier-answers.yml").read_text(encoding="utf-8")
    assert "This rule of governance is new." in (project / ".specify/memory/constitution.md").read_text(
        encoding="utf-8"
    )
