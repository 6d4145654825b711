"""`python -m tests.fleet`: updates a fleet of repositories to the working tree, and prints how that went.

The template's repository has every release. Repositories of mixed types, constitutions and releases are drawn by a
seed, edited as users do, and updated as Renovate would: `copier update --skip-answered --defaults`. The tables count
the edits that were made; one that a release has no place for is left out.

What was not clean is printed on standard error. The exit status is 1 when an update failed.
"""

import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from itertools import groupby
from pathlib import Path

import typer

from tests.conftest import isolate
from tests.fleet.simulation import Outcome, Repository, Result, draw, simulate
from tests.updates.history import real_history

OUTCOMES: tuple[Outcome, ...] = ("clean", "conflict", "disagree", "failed")


def simulate_all(template: Path, work: Path, repositories: Sequence[Repository]) -> list[Result]:
    """Update repositories one after the other."""
    isolate()
    return [simulate(template, work, repository) for repository in repositories]


def updated(template: Path, work: Path, repositories: Sequence[Repository], jobs: int) -> list[Result]:
    """Update all repositories, those that were generated alike in one process; prints how far it is."""

    def alike(repository: Repository) -> tuple[str, ...]:
        return (*repository.combination, repository.release)

    groups = [list(group) for _, group in groupby(sorted(repositories, key=alike), key=alike)]
    (work / "generated").mkdir()
    results: list[Result] = []
    with ProcessPoolExecutor(jobs) as pool:
        for future in as_completed([pool.submit(simulate_all, template, work, group) for group in groups]):
            some = future.result()
            results += some
            print(f"{len(results)} of {len(repositories)}", file=sys.stderr)
            for result in some:
                if result.why:
                    print(told(result), file=sys.stderr, flush=True)
    return results


def told(result: Result) -> str:
    """Where an update was not clean, and why."""
    edits = ", ".join(result.repository.edits) or "nothing"
    where = " ".join([*result.repository.combination, result.repository.release])
    return f"{result.outcome}: {where} ({edits}): {result.why}"


def table(title: str, results: Sequence[Result], key: Callable[[Result], str], order: Sequence[str]) -> str:
    """Counts by outcome, edits made and seconds of an update, one row for each value of `key`, and one for all."""
    lines = [
        f"| {title} | Repositories | Clean | Conflict | Documents disagree | Failed | Edits | Median (s) | Worst (s) |",
        "|" + "---|" * 9,
    ]
    rows = [(name, [result for result in results if key(result) == name]) for name in order]
    for name, some in [*rows, ("all", list(results))]:
        if some:
            counts = [sum(result.outcome == outcome for result in some) for outcome in OUTCOMES]
            seconds = [result.seconds for result in some]
            edits = sum(result.edits for result in some)
            cells = [len(some), *counts, edits, f"{statistics.median(seconds):.1f}", f"{max(seconds):.1f}"]
            lines.append("| " + " | ".join(map(str, [name, *cells])) + " |")
    return "\n".join(lines)


def main(repositories: int = 200, jobs: int = 2, seed: int = 1) -> None:
    """Print the tables in Markdown."""
    isolate()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        releases = real_history(work / "template")[:-1]
        fleet = draw(work / "template", releases, repositories, seed)
        results = updated(work / "template", work, fleet, jobs)
    types = sorted({repository.combination.project_type for repository in fleet})
    print(table("Type", results, lambda result: result.repository.combination.project_type, types), end="\n\n")
    print(table("From", results, lambda result: result.repository.release, releases))
    raise typer.Exit(any(result.outcome == "failed" for result in results))


if __name__ == "__main__":
    typer.run(main)
