"""A fleet of repositories of mixed types, constitutions and ages, each edited by its users, and how its update ends."""

import random
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from copier import run_copy

from tests.helpers import COMBINATIONS, DAY, commit, git, run
from tests.updates.changes import Combination
from tests.updates.edits import EDITS, Edit
from tests.updates.history import LATEST

Outcome = Literal["clean", "conflict", "disagree", "failed"]
"""Disagree: nothing conflicts, and yet `gates.py check` names something to do."""
MARKED = "^(<<<<<<< before|>>>>>>> after) updating"
EDITS_MAX = 6
BY_ANSWER = "tighten by answer"
"""The edit that is no edit of a file, but an answer given to the update."""


@dataclass(frozen=True)
class Repository:
    """A repository before its update."""

    number: int
    combination: Combination
    release: str
    """The release of the template that it was generated from."""
    edits: tuple[str, ...]
    """The names of what its users do, where its release has a place for it."""


@dataclass(frozen=True)
class Result:
    """How the update of a repository ended."""

    repository: Repository
    outcome: Outcome
    why: str
    """The files in conflict, what `gates.py check` names, or what is wrong."""
    seconds: float
    """What `copier update` took."""
    edits: int
    """How many edits were made: the others do not fit the release."""


def draw(template: Path, releases: Sequence[str], count: int, seed: int) -> list[Repository]:
    """Draw repositories, each of a release that had its type and its constitution.

    Args:
        template: The template's repository.
        releases: The tags that a repository may come from.
        count: How many repositories.
        seed: The same seed draws the same repositories.

    """
    offered = [
        (Combination(*pair), release)
        for release in releases
        for pair in COMBINATIONS
        if all(
            git(template, "ls-tree", "--name-only", release, f"catalogue/{kind}/{name}.yml")
            for kind, name in zip(("project_types", "constitutions"), pair, strict=True)
        )
    ]
    # A type of a few releases is as frequent as one of all.
    types = sorted({combination.project_type for combination, _ in offered})
    source = random.Random(seed)  # noqa: S311
    repositories = []
    for number in range(count):
        project_type = types[number % len(types)]
        combination, release = source.choice([pair for pair in offered if pair[0].project_type == project_type])
        possible = [edit for edit in EDITS if edit.name != BY_ANSWER and edit.applies(combination)]
        edits = source.sample([edit.name for edit in possible], source.randint(0, min(EDITS_MAX, len(possible))))
        repositories.append(Repository(number, combination, release, tuple(edits)))
    return repositories


def generate(template: Path, repository: Repository, destination: Path) -> Path:
    """The project as it was generated once, committed; nobody shall change it."""
    if not destination.exists():
        answers = {**repository.combination._asdict(), "project_name": "Acme", **DAY}
        partial = destination.with_suffix(".partial")
        run_copy(str(template), partial, answers, vcs_ref=repository.release, defaults=True, quiet=True)
        commit(partial, "Start")
        partial.rename(destination)
    return destination


def edit(project: Path, edits: Sequence[Edit]) -> tuple[dict[str, list[str] | None], int]:
    """Make the edits that a project of this release has a place for, and commit them.

    Returns what is there of them by file, None where it was deleted, and how many were made.
    """
    written: dict[str, list[str] | None] = {}
    count = 0
    for made in edits:
        try:
            traces = made.apply(project)
        except (AssertionError, OSError, LookupError, StopIteration, ValueError):
            git(project, "reset", "--quiet", "--hard")
            git(project, "clean", "--quiet", "-dff")
        else:
            for name, lines in traces.items():
                written[name] = None if lines is None else [*(written.get(name) or []), *lines]
            commit(project, made.says)
            count += 1
    # A later edit may take away what an earlier one wrote.
    there = {
        name: lines and [line for line in lines if line in read(project / name)]
        for name, lines in written.items()
        if (lines is None) != (project / name).exists()
    }
    return there, count


def read(path: Path) -> str:
    """A file's text, with its own line ends; empty where there is none."""
    return path.read_bytes().decode() if path.exists() else ""


def simulate(template: Path, work: Path, repository: Repository) -> Result:
    """Generate a repository, edit it, update it to the newest release, and judge what came out."""
    key = "-".join([*repository.combination, repository.release])
    origin = generate(template, repository, work / "generated" / key)
    project = Path(shutil.copytree(origin, work / f"repository-{repository.number}", symlinks=True))
    written, edits = edit(project, [found for found in EDITS if found.name in repository.edits])
    start = time.perf_counter()
    done = run(["copier", "update", "--skip-answered", "--defaults", "--quiet"], project, expect=None)
    seconds = time.perf_counter() - start
    why = wrong(project, written) if done.returncode == 0 else done.stderr
    outcome: Outcome = "failed" if why else "clean"
    if not why and (why := ", ".join(conflicts(project))):
        outcome = "conflict"
    elif not why:
        status, said = checked(project)
        if status:
            outcome, why = "disagree" if status == 1 else "failed", said
    shutil.rmtree(project)
    return Result(repository, outcome, why, seconds, edits)


def conflicts(project: Path) -> list[str]:
    """The files that have conflict markers of an update, or that git holds as unmerged."""
    search = ["git", "grep", "--untracked", "--name-only", "--extended-regexp", MARKED]
    marked = run(search, project, expect=None).stdout.splitlines()
    unmerged = [line.partition("\t")[2] for line in git(project, "ls-files", "--unmerged").splitlines()]
    return sorted({*marked, *unmerged})


def wrong(project: Path, written: dict[str, list[str] | None]) -> str:
    """What an update shall never leave behind, or an empty text."""
    if f"_commit: {LATEST}\n" not in read(project / ".copier-answers.yml"):
        return "it is not at the newest release"
    for name, lines in written.items():
        if lines is None and (project / name).exists():
            return f"{name}, which was deleted, came back"
        text = read(project / name)
        for line in lines or []:
            if line not in text:
                return f"{name} lost {line!r}"
    if rejected := [path.name for path in project.rglob("*.rej")]:
        return f"there is {rejected[0]}"
    return ""


def checked(project: Path) -> tuple[int, str]:
    """The exit status of `gates.py check`, and what it said."""
    done = run(["python", ".specify/gates/gates.py", "check"], project, expect=None)
    return done.returncode, (done.stdout + done.stderr).strip()
