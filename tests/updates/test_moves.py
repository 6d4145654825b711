"""A file that the template moves or drops: who changed it is told how to keep his version."""

import re
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
import yaml
from copier import run_copy, run_update
from pathspec import PathSpec

from extensions.catalogue import MOVES, ROOT, Move
from extensions.lint import lint
from extensions.paths import generated_paths, template_files
from tests.helpers import CATALOGUE, DAY, commit, generate, git, rebuild, run, tree, write

LINES = "".join(f"{name} = {number}\n" for number, name in enumerate("abcdefgh"))
FOLDERS = ("template/python-service", "template/existing-repo")
BEFORE = {
    "template/python-service/ops/{{ package_name }}/clock.py": LINES,
    **{f"{folder}/scripts/{name}.py": LINES for folder in FOLDERS for name in ("measure", "export")},
}
AFTER = {
    "template/python-service/ops/{{ package_name }}/time/clock.py": LINES,
    **{f"{folder}/tools/measure.py": LINES for folder in FOLDERS},
}
MOVED = """
- { from: scripts/measure.py, to: tools/measure.py, why: tools have a folder of their own }
- from: ops/{package_name}/clock.py
  to: ops/{package_name}/time/clock.py
  why: the package has grown
  project_types: [python-service]
- { from: scripts/export.py, why: the service exports by itself }
"""
HIS, OF_BOTH = "c = 2 # ours\n", LINES.replace("c = 2\n", "c = 2 # ours\n")
ANSWERS = {"project_type": "python-service", "package_name": "acme"} | DAY


def version(template: Path, tag: str, add: dict[str, str], remove: Iterable[str] = ()) -> None:
    """Commit a version of the template with some files more and some less."""
    for name in remove:
        (template / name).unlink()
    rebuild(write(template, add))
    commit(template, tag)
    git(template, "tag", tag)


@pytest.fixture(scope="module")
def history(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three versions of the template: files are there, are moved or dropped, and then change."""
    source = Path(shutil.copytree(template, tmp_path_factory.mktemp("history") / "template", symlinks=True))
    git(source, "tag", "--delete", "v1.0.0")
    version(source, "v1.0.0", BEFORE)
    version(source, "v1.1.0", AFTER | {"catalogue/moves.yml": MOVED}, BEFORE)
    version(source, "v1.2.0", {f"{folder}/tools/measure.py": LINES + "i = 8\n" for folder in FOLDERS})
    return source


@pytest.fixture(scope="module")
def old(history: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of the first version; each test works on a copy of it."""
    return generated(history, tmp_path_factory.mktemp("old") / "acme", "v1.0.0")


def generated(history: Path, destination: Path, tag: str) -> Path:
    """A project of this version, committed."""
    run_copy(str(history), destination, data=ANSWERS, vcs_ref=tag, defaults=True, unsafe=False, quiet=True)
    commit(destination, "Start")
    return destination


def copy_of(project: Path, destination: Path) -> Path:
    return Path(shutil.copytree(project, destination, symlinks=True))


def update(project: Path, tag: str, capsys: pytest.CaptureFixture[str]) -> str:
    """What Copier says at the end of an update to this version."""
    capsys.readouterr()
    run_update(project, vcs_ref=tag, defaults=True, overwrite=True, unsafe=False)
    return capsys.readouterr().err


def change(project: Path, *names: str) -> None:
    """Edit one line of each of these files, and commit."""
    for name in names:
        path = project / name
        path.write_text(path.read_text(encoding="utf-8").replace("c = 2\n", HIS), encoding="utf-8", newline="\n")
    git(project, "commit", "--quiet", "--all", "--message", "Make it ours")


def follow(project: Path, message: str) -> None:
    """Run what the message says of moved and dropped files, literally."""
    for command in re.findall(r"^  (git (?:checkout|diff|mv) .+)$", message, re.MULTILINE):
        found = run(command.split(" "), project, expect=1 if " diff " in command else 0)
        assert (HIS in found.stdout) == (" diff " in command), command


@pytest.mark.parametrize("folder", [".", "services/acme"], ids=["repository", "folder of a repository"])
def test_the_commands_of_the_message_bring_the_users_edits_along(
    old: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], folder: str
) -> None:
    names = ("scripts/measure.py", "scripts/export.py", "ops/acme/clock.py")
    top = tmp_path / "top"
    shutil.copytree(old, top / folder, symlinks=True, ignore=shutil.ignore_patterns(".git"))
    commit(top, "Start")
    project = (top / folder).resolve()
    change(project, *names)

    message = update(project, "v1.1.0", capsys)
    assert "scripts/measure.py is tools/measure.py now, because tools have a folder of their own." in message
    assert "ops/acme/clock.py is ops/acme/time/clock.py now, because the package has grown." in message
    assert "scripts/export.py is dropped, because the service exports by itself." in message
    assert not any((project / name).exists() for name in names), "Copier took them away"
    follow(project, message)
    for name in ("tools/measure.py", "ops/acme/time/clock.py", "scripts/export.py"):
        assert (project / name).read_text(encoding="utf-8") == OF_BOTH
    assert not (project / "scripts/measure.py").exists()
    assert git(top, "ls-files", "--unmerged") == ""
    commit(top, "Update")

    assert "git checkout" not in update(project, "v1.2.0", capsys), "it was said once"
    assert (project / "tools/measure.py").read_text(encoding="utf-8") == OF_BOTH + "i = 8\n"
    assert (project / "scripts/export.py").read_text(encoding="utf-8") == OF_BOTH, "it is the user's own"
    assert git(top, "ls-files", "--unmerged") == ""


def test_an_untouched_project_has_after_the_update_what_a_fresh_copy_has(
    history: Path, old: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = copy_of(old, tmp_path / "old" / "acme")
    update(project, "v1.1.0", capsys)
    assert tree(project) == tree(generated(history, tmp_path / "new" / "acme", "v1.1.0"))


def test_nothing_is_said_of_files_that_were_not_there_or_stay(
    history: Path, old: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    without = copy_of(old, tmp_path / "without")
    git(without, "rm", "--quiet", "scripts/measure.py", "scripts/export.py")
    commit(without, "Do without them")
    message = update(without, "v1.1.0", capsys)
    assert "measure.py" not in message
    assert "export.py" not in message
    assert "ops/acme/clock.py is" in message

    younger = generated(history, tmp_path / "younger", "v1.1.0")
    own = {"scripts/measure.py": "ours = True\n", "ops/acme/clock.py": "ours = True\n"}
    commit(write(younger, own), "Add files of our own")
    assert "git checkout" not in update(younger, "v1.2.0", capsys)
    assert {name: (younger / name).read_text(encoding="utf-8") for name in own} == own


def test_a_type_that_a_move_does_not_concern_hears_nothing_of_it(
    history: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = tmp_path / "acme"
    generate(history, project, project_type="existing-repo", **DAY)
    answers = project / ".copier-answers.yml"
    answers.write_text(answers.read_text(encoding="utf-8").replace("v1.2.0", "v1.0.0"), encoding="utf-8")
    write(project, {"ops/acme/clock.py": "ours = True\n", "scripts/export.py": LINES})
    commit(project, "Start")
    message = update(project, "v1.1.0", capsys)
    assert "clock.py" not in message
    assert "scripts/export.py is dropped" in message
    assert (project / "ops/acme/clock.py").exists()


def test_who_moves_a_file_before_the_update_gets_a_conflict_only_where_he_changed_it(
    old: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = copy_of(old, tmp_path / "acme")
    change(project, "scripts/measure.py")
    (project / "tools").mkdir()
    git(project, "mv", "scripts/measure.py", "tools/measure.py")
    commit(project, "Move it")
    assert "measure.py" not in update(project, "v1.1.0", capsys)
    text = (project / "tools/measure.py").read_text(encoding="utf-8")
    assert re.findall(r"<<<<<<< .*\n((?:.*\n)*?)=======\n((?:.*\n)*?)>>>>>>> ", text) == [(HIS, "c = 2\n")]


# What keeps authors from forgetting an entry


def forgotten(
    before: Iterable[str], now: Iterable[str], moves: list[Move], same: Callable[[str, str], bool]
) -> list[str]:
    """What is wrong with a step from some files below `template/` to others.

    None may vanish from projects unlisted, and one that moves must be the `same` at both places. Updates leave example
    code alone, so it needs no entry.
    """
    types = CATALOGUE.project_types
    problems = []
    paths = generated_paths(now, types)
    sources = {path: file for file in now for path in generated_paths([file], types)}
    listed = [(file, *found) for file in before for found in generated_paths([file], types).items()]
    for file, path, owners in listed:
        for name in sorted(owners - paths.get(path, set())):
            targets = {move.old: move.new for move in moves if name in (move.project_types or types)}
            if PathSpec.from_lines("gitignore", types[name].examples).match_file(path):
                continue
            if path not in targets:
                problems.append(f"catalogue/moves.yml does not say where {path} of {name} went")
            elif (new := targets[path]) and not same(file, sources[new]):
                problems.append(f"{path} changes on its way to {new}: let it move first, and change in a later version")
    return problems


def test_whatever_vanished_since_the_previous_commit_is_listed() -> None:
    previous = "HEAD" if git(ROOT, "status", "--porcelain") else "HEAD~1"
    lines = git(ROOT, "ls-tree", "-r", "-z", previous, "template/").split("\0")
    before = {line.partition("\ttemplate/")[2]: line.split()[2] for line in lines if line}

    def same(old: str, new: str) -> bool:
        return before[old] == git(ROOT, "hash-object", f"template/{new}").strip()

    assert forgotten(before, template_files(), CATALOGUE.moves, same) == []


SERVICE = "python-service/"


@pytest.mark.parametrize(
    ("before", "now", "moves", "problems"),
    [
        (["common/a.py"], ["common/a.py.jinja"], "[]", []),
        ([f"{SERVICE}src/a.py"], [], "[]", []),
        ([f"{SERVICE}a.py"], [], "[]", ["catalogue/moves.yml does not say where a.py of python-service went"]),
        ([f"{SERVICE}a.py"], [], "[{ from: a.py, why: so }]", []),
        (
            [f"{SERVICE}a.py"],
            [f"{SERVICE}b.py"],
            "[{ from: a.py, to: b.py, why: so, project_types: [python-service] }]",
            [],
        ),
        (
            [f"{SERVICE}a.py"],
            [],
            "[{ from: a.py, why: so, project_types: [helm-chart] }]",
            ["catalogue/moves.yml does not say where a.py of python-service went"],
        ),
        (
            [f"{SERVICE}ops/{{{{ package_name }}}}.py"],
            [f"{SERVICE}new.py"],
            "[{ from: 'ops/{package_name}.py', to: new.py, why: so }]",
            ["ops/{package_name}.py changes on its way to new.py: let it move first, and change in a later version"],
        ),
    ],
)
def test_a_path_that_vanishes_unlisted_or_changes_on_its_way_is_found(
    before: list[str], now: list[str], moves: str, problems: list[str]
) -> None:
    entries = MOVES.validate_python(yaml.safe_load(moves))
    assert forgotten(before, now, entries, lambda _, new: new != f"{SERVICE}new.py") == problems


@pytest.mark.parametrize(
    ("entry", "misfit"),
    [
        ("from: AGENTS.md, why: so", "AGENTS.md is still a file of existing-repo, helm-chart"),
        ("from: a.py, to: b.py, why: so", "said to be b.py now, which is no file of existing-repo, helm-chart"),
        (
            "from: a.py, to: artifacthub-repo.yml, why: so",
            "said to be artifacthub-repo.yml now, which is no file of existing-repo, modal-web, pixi-hydra, python-",
        ),
        ("from: a.py, why: so, project_types: [cobol]", "names the project type 'cobol', which does not exist"),
        ("from: 'a/{packages}.py', why: so", "{packages} is no answer that a path may name"),
        ("from: a.py, why: so }, { from: a.py, why: so", "a.py stands there twice for existing-repo, helm-chart"),
    ],
)
def test_lint_finds_what_is_wrong_with_a_move(entry: str, misfit: str) -> None:
    moves = MOVES.validate_python(yaml.safe_load(f"[{{ {entry} }}]"))
    assert any(misfit in sentence for sentence in lint(CATALOGUE.model_copy(update={"moves": moves})))


def test_lint_finds_nothing_wrong_with_a_move_to_a_file_of_its_types() -> None:
    to = {"from": "owners.yml", "to": "artifacthub-repo.yml", "why": "so", "project_types": ["helm-chart"]}
    moves = MOVES.validate_python([to, {"from": "gone/{package_name}.py", "why": "so"}])
    assert lint(CATALOGUE.model_copy(update={"moves": moves})) == []


@pytest.mark.parametrize("path", ["/etc/hosts", "a//b", "a/", "a b", "a\\b", ""])
def test_a_move_of_what_is_no_path_in_a_project_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="String should match pattern"):
        MOVES.validate_python([{"from": path, "why": "so"}])
