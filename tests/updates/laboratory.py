"""Updates of generated projects, each judged by what a user would mind.

A bench is a folder for one project type with one constitution: the template as a git repository, a project generated
from its old version, and for each change a tag with the next version. An attempt copies the project, edits it, updates
it to such a tag, and says how that ended.
"""

import random
import shutil
import stat
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Literal

import pathspec
from copier import run_copy, run_update

from extensions.catalogue import ROOT
from tests.helpers import CATALOGUE, COMBINATIONS, DAY, commit, git, rebuild, run, tree
from tests.updates.changes import AGENTS, BASE, CHANGES, DOCUMENTS, LOCAL, RUNNER, Change, Combination, skeleton
from tests.updates.edits import EDITS, Edit, Traces
from tests.updates.history import write_release, write_working_tree

Outcome = Literal["clean", "conflict", "deleted", "failed"]
"""Deleted: the template moved or dropped a file that the user had edited, and git still holds his version."""

ANSWERS = ".copier-answers.yml"
OLD = "v1.0.0"
ALL_COMBINATIONS = [Combination(*pair) for pair in COMBINATIONS]


@dataclass(frozen=True)
class Bench:
    """Where one combination is tried."""

    folder: Path
    combination: Combination

    @property
    def template(self) -> Path:
        """The template's repository; its branch `now` is what the changes begin from."""
        return self.folder / "template"

    @property
    def project(self) -> Path:
        """The project that was generated from the old version, committed."""
        return self.folder / "acme"


@dataclass(frozen=True)
class Result:
    """How one update ended."""

    project_type: str
    constitution: str
    change: str
    edit: str
    outcome: Outcome
    why: str
    """What is wrong, when it failed."""
    seconds: float
    """What `copier update` took."""


# Benches


def bench(folder: Path, combination: Combination, old: str | None = None) -> Bench:
    """Set up a combination, unless it is there already.

    Args:
        folder: Where benches are.
        combination: What the project is.
        old: The commit that projects are generated from; else the working tree.

    """
    found = Bench(folder / "-".join(combination), combination)
    if not found.project.exists():
        if old and has_combination(old, combination):
            write_release(made(found.template), OLD, old)
            slim(found.template, OLD)
            write_working_tree(found.template, "v1.0.1")
            slim(found.template, "v1.0.1")
        else:
            write_working_tree(made(found.template), OLD)
            slim(found.template, OLD)
        git(found.template, "branch", "now")
        partial = found.folder / "new" / "acme"
        copy(found.template, partial, OLD, answers(combination))
        commit(partial, "Start")
        partial.rename(found.project)
    return found


def slim(template: Path, tag: str) -> None:
    """Take out of the last commit what Copier never reads, as it clones and checks out the template five times."""
    git(template, "rm", "-r", "--quiet", "--ignore-unmatch", "tests", "docs", "extensions", ".github", ".ci")
    git(template, "commit", "--quiet", "--amend", "--allow-empty", "--no-edit")
    git(template, "tag", "--force", tag)


def made(folder: Path) -> Path:
    """A folder, which is made when it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def answers(combination: Combination) -> dict[str, object]:
    """The answers of every project; what is asked without one keeps the default of its day."""
    return {**combination._asdict(), "project_name": "Acme", "description": "Acme, all of it", **DAY}


def has_combination(revision: str, combination: Combination) -> bool:
    """Whether the template had this type and this constitution at a commit."""
    names = (f"catalogue/project_types/{combination[0]}.yml", f"catalogue/constitutions/{combination[1]}.yml")
    return all(not run(["git", "cat-file", "-e", f"{revision}:{name}"], ROOT, expect=None).returncode for name in names)


def previous_commit() -> str:
    """The commit that the working tree is the next version of."""
    return "HEAD" if git(ROOT, "status", "--porcelain") else "HEAD~1"


def applicable(at: Bench, changes: Iterable[Change]) -> list[Change]:
    """The changes that this combination has a place for."""
    return [change for change in changes if change.applies(at.template, at.combination)]


def next_version(at: Bench, changes: Sequence[Change]) -> str:
    """The tag of the version with these changes, which is made unless it is there."""
    known = git(at.template, "tag", "--list", "--format=%(refname:short) %(contents:subject)").splitlines()
    subject = ", ".join(change.name for change in changes) or "nothing"
    for line in known:
        tag, _, said = line.partition(" ")
        if said == subject:
            return tag
    tag = f"v1.1.{len(known)}"
    git(at.template, "checkout", "--quiet", "--detach", "now")
    for change in changes:
        change.apply(at.template, at.combination)
    rebuild(at.template)
    commit(at.template, subject)
    git(at.template, "tag", "--annotate", "--message", subject, tag)
    git(at.template, "checkout", "--quiet", "now")
    return tag


def fresh_copy(at: Bench, tag: str, changes: Sequence[Change], data: dict[str, object]) -> Path:
    """What the version generates from the same answers, under the names that its questions have."""
    name = f"{tag}-{'-'.join(map(str, data.values()))}" if data else tag
    destination = at.folder / "fresh" / name.replace("/", "-") / "acme"
    if not destination.exists():
        renamed = {old: new for change in changes for old, new in change.answers.items()}
        given = {renamed.get(key, key): value for key, value in (answers(at.combination) | data).items()}
        copy(at.template, destination, tag, given)
    return destination


# Attempts


def attempt(
    at: Bench, changes: Sequence[Change], edits: Sequence[Edit], *, name: str = "", compare: bool = True
) -> Result:
    """Edit a copy of the project, update it to the version with these changes, and judge it.

    Args:
        at: The combination.
        changes: What the next version changes; all of them must apply.
        edits: What the user did before; all of them must apply.
        name: What several edits are called together.
        compare: Whether a fresh copy of the next version is generated, which every file that was not edited must equal.

    """
    with tempfile.TemporaryDirectory(dir=made(at.folder / "attempts")) as folder:
        project = Path(folder) / "acme"
        tag, data, traces, seconds = edit_and_update(at, project, changes, edits)
        fresh = fresh_copy(at, tag, changes, data) if compare else None
        problems = list(judge(at, project, fresh, changes, edits, traces))
        outcome: Outcome = "clean"
        if problems:
            outcome = "failed"
        elif unmerged(project):
            outcome = "conflict"
        elif lost(changes, edits):
            outcome = "deleted"
    edited = name or ", ".join(edit.name for edit in edits) or "nothing"
    changed = "all changes" if len(changes) > 1 else changes[0].name if changes else "nothing"
    return Result(*at.combination, changed, edited, outcome, " ".join(problems), seconds)


def edit_and_update(
    at: Bench, project: Path, changes: Sequence[Change], edits: Sequence[Edit]
) -> tuple[str, dict[str, object], Traces, float]:
    """Edit a copy of a bench's project, and update it to the version with these changes.

    Args:
        at: The combination.
        project: Where the copy is made.
        changes: What the next version changes; all of them must apply.
        edits: What the user did before; all of them must apply.

    Returns:
        The version's tag, the answers that the update was given, what the user wrote, and the seconds of the update.

    """
    tag = next_version(at, changes)
    shutil.copytree(at.project, project, symlinks=True)
    traces = apply(edits, project)
    data = {key: value for edit in edits for key, value in edit.data(project).items()}
    commit(project, "Make it ours")
    start = time.perf_counter()
    update(project, tag, data)
    return tag, data, traces, time.perf_counter() - start


def copy(template: Path, destination: Path, tag: str, data: dict[str, object]) -> None:
    """What `copier copy --defaults --data ...` does, without trust."""
    run_copy(str(template), destination, vcs_ref=tag, data=data, defaults=True, unsafe=False, quiet=True)


def update(project: Path, tag: str | None = None, data: dict[str, object] | None = None) -> None:
    """What `copier update --defaults --data ...` does, without trust."""
    run_update(project, vcs_ref=tag, data=data or {}, defaults=True, overwrite=True, unsafe=False, quiet=True)


def apply(edits: Iterable[Edit], project: Path) -> dict[str, list[str] | None]:
    """Make several edits, and join what they wrote by file."""
    traces: dict[str, list[str] | None] = {}
    for edit in edits:
        for name, texts in edit.apply(project).items():
            traces[name] = None if texts is None else [*(traces.get(name) or []), *texts]
    return traces


def unmerged(project: Path) -> set[str]:
    """The files that conflict."""
    return {line.partition("\t")[2] for line in git(project, "ls-files", "--unmerged").splitlines()}


def met(changes: Sequence[Change], edits: Sequence[Edit], traces: Traces) -> set[str]:
    """The files that must conflict."""
    return {
        file for edit in edits for change in changes for file in edit.meets.get(change.name, ()) if traces.get(file)
    }


def lost(changes: Sequence[Change], edits: Sequence[Edit]) -> set[str]:
    """The edited files that the changes take away."""
    return {edit.loses[change.name] for edit in edits for change in changes if change.name in edit.loses}


# What is judged


def judge(
    at: Bench,
    project: Path,
    fresh: Path | None,
    changes: Sequence[Change],
    edits: Sequence[Edit],
    traces: Traces,
) -> Iterator[str]:
    """Say what a user would mind, in sentences."""
    conflicts, expected = unmerged(project), met(changes, edits, traces)
    if conflicts != expected:
        yield f"Conflicts in {sorted(conflicts) or 'no file'}, expected in {sorted(expected) or 'none'}."
    if left := [path.name for path in project.rglob("*.rej")]:
        yield f"Rejected pieces are left: {left}."
    gone = lost(changes, edits)
    yield from lost_traces(project, traces, gone)
    for change in changes:
        for name, text in change.marks.items():
            if name not in conflicts | owned(at) and text not in read_text(project / name):
                yield f"{name} has not got what the change brings: {text!r}."
    if fresh:
        answered = any(edit.data(at.project) for edit in edits)  # which may reach every file
        touched = ("*",) if answered else tuple(pattern for change in changes for pattern in change.touches)
        yield from departures(at, project, fresh, {*traces, *gone}, touched)
    yield from gate_problems(project, conflicts)


def lost_traces(project: Path, traces: Traces, gone: set[str]) -> Iterator[str]:
    """What the user wrote or deleted, and the update undid."""
    for name, texts in traces.items():
        path = project / name
        if texts is None:
            if path.exists():
                yield f"{name}, which the user deleted, came back."
        elif name in gone:
            if path.exists():
                yield f"{name} is there, though the template has not got it any more."
            held = run(["git", "show", f"HEAD:{name}"], project).stdout
            yield from (f"git does not hold {text!r} of {name}." for text in texts if text not in held)
        else:
            found = read_text(path)
            yield from (f"{name} lost {text!r}." for text in texts if text not in found)


def read_text(path: Path) -> str:
    """A file's text with its own line ends; empty when it is not there."""
    return path.read_bytes().decode() if path.is_file() else ""


def owned(at: Bench) -> set[str]:
    """The managed files that no update writes: the team's own layer, and AGENTS.md where it was there before."""
    return {LOCAL} if skeleton(at.template, at.combination) else {LOCAL, AGENTS}


def departures(at: Bench, project: Path, fresh: Path, edited: set[str], touched: tuple[str, ...]) -> Iterator[str]:
    """Where files that the user did not edit differ from a fresh copy, and samples from what they were."""
    patterns = CATALOGUE.project_types[at.combination.project_type].examples
    samples = pathspec.GitIgnoreSpec.from_lines([*patterns, *(f"/{name}" for name in owned(at))])
    now, new, before = tree(project), tree(fresh), tree(at.project)
    files = {name for name, content in (now | new | before).items() if content != "folder"}
    for name in sorted(files - edited):
        wanted = before if samples.match_file(name) else new
        if now.get(name) != wanted.get(name):
            yield f"{name} is not what {'it was' if wanted is before else 'a fresh copy has'}."
        elif wanted is new and name in new and mode(project / name) != mode(fresh / name):
            yield f"{name} has another mode than in a fresh copy."
        if now.get(name) != before.get(name) and not any(fnmatch(name, pattern) for pattern in (ANSWERS, *touched)):
            yield f"{name} changed, though the change does not say so."


def mode(path: Path) -> int:
    """A file's permissions."""
    return stat.S_IMODE(path.lstat().st_mode)


def gate_problems(project: Path, conflicts: set[str]) -> Iterator[str]:
    """What the gates' runner says after the update; where documents conflict, it must say so.

    The gates' commands are not run here but by test_gates.py: that takes each type's environment.
    """
    if {RUNNER, BASE} & conflicts:
        return
    listed = run(["python", RUNNER, "list"], project, expect=None)
    if listed.returncode:
        yield f"`gates.py list` failed: {listed.stdout}{listed.stderr}"
    compared = run(["python", RUNNER, "check", "--since", "HEAD"], project, expect=None)
    told = compared.stdout + compared.stderr
    if compared.returncode not in (0, 1) or "Traceback" in told or not compared.stdout.startswith("Since HEAD "):
        yield f"`gates.py check --since HEAD` failed with {compared.returncode}: {told}"
    checked = run(["python", RUNNER, "check"], project, expect=None)
    said = [line for line in (checked.stdout + checked.stderr).splitlines() if line]
    if {*DOCUMENTS} & conflicts:
        if not checked.returncode:
            yield "`gates.py check` passes over a conflict."
        said = [line for line in said if not any(line.startswith(name) for name in conflicts)]
        yield from said
    elif checked.returncode:
        yield from said


# The matrix


@dataclass(frozen=True)
class Case:
    """One update run, by names, so that another process can take it."""

    combination: Combination
    changes: tuple[str, ...]
    edits: tuple[str, ...]
    name: str = ""


TOGETHER = "all edits apart"
CHANGE = {change.name: change for change in CHANGES}
EDIT = {edit.name: edit for edit in EDITS}


def together(combination: Combination) -> list[Edit]:
    """The edits that meet no change, all at once."""
    return [edit for edit in EDITS if edit.apart and edit.applies(combination)]


def pairs(combination: Combination, template: Path = ROOT) -> list[tuple[Change, Edit]]:
    """Each change with each edit that meets it, or loses its file to it."""
    return [
        (change, edit)
        for edit in EDITS
        for change in CHANGES
        if change.name in {*edit.meets, *edit.loses}
        and change.applies(template, combination)
        and edit.applies(combination)
    ]


def matrix() -> list[Case]:
    """Every combination with every change, every edit and every pair of the two that meets."""
    cases: list[Case] = []
    for combination in ALL_COMBINATIONS:
        changes = [change for change in CHANGES if change.applies(ROOT, combination)]
        every = tuple(change.name for change in changes)
        apart = tuple(edit.name for edit in together(combination))
        cases += [Case(combination, (change.name,), ()) for change in changes]
        cases += [Case(combination, (change.name,), apart, TOGETHER) for change in changes]
        cases += [Case(combination, every, ()), Case(combination, every, apart, TOGETHER)]
        cases += [Case(combination, every, (name,)) for name in apart]
        cases += [Case(combination, (change.name,), (edit.name,)) for change, edit in pairs(combination)]
    return cases


def sampled(cases: Sequence[Case], size: int | None, seed: int) -> list[Case]:
    """As many cases, drawn by a seed, those of one combination beside each other; all of them without a size."""
    chosen = cases if size is None else random.Random(seed).sample(list(cases), min(size, len(cases)))  # noqa: S311
    return sorted(chosen, key=lambda case: case.combination)


def try_case(folder: Path, case: Case) -> Result:
    """Run one case of the matrix."""
    changes, edits = [CHANGE[name] for name in case.changes], [EDIT[name] for name in case.edits]
    return attempt(bench(folder, case.combination), changes, edits, name=case.name)
