"""`python -m tests.updates`: runs the laboratory's matrix of updates, and writes docs/updates.md.

    python -m tests.updates                 every update of the matrix
    python -m tests.updates --sample 150    as many of them, drawn by --seed; prints the page
    python -m tests.updates --jobs 4        in four processes
    python -m tests.updates --edit waive    those with one edit alone, by its name; prints the page

The page is written for the whole matrix, or where --output names a file. The exit status is 1 when an update failed;
what was wrong is printed.
"""

import shlex
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from itertools import groupby
from pathlib import Path
from typing import Annotated

import typer

from extensions.catalogue import ROOT
from tests.conftest import isolate
from tests.updates.changes import CHANGES
from tests.updates.edits import EDITS
from tests.updates.laboratory import EDIT, TOGETHER, Case, Outcome, Result, matrix, sampled, try_case

OUTCOMES: tuple[Outcome, ...] = ("clean", "conflict", "deleted", "failed")
PAGE = ROOT / "docs/updates.md"

HEAD = """\
# Updates

`tests/updates/` is a laboratory for `copier update`. It generates projects, edits them as users do, makes a next
version of the template, updates, and judges what comes out:

- files conflict exactly where an edit and a change meet, and nowhere else;
- nothing that the user wrote is lost, and what he deleted stays deleted;
- every file that he did not touch is what a fresh copy of the new version has, byte by byte;
- the gates' documents agree, or `gates.py check` names the conflict; `gates.py check --since HEAD` says what changed.

The gates' commands are not run after these updates, but by `tests/updates/test_gates.py`: it makes the edits that meet
no change and leave the gates intact, updates, and each gate that a machine can judge must hold. A service and a chart
go through it in every run of the tests, every type at night.

| Outcome | What it means |
|---------|---------------|
| clean | no conflict, nothing lost |
| conflict | exactly the files where edit and change meet have conflict markers, with both versions between them |
| deleted | the template moved or dropped a file that the user had edited; git holds his version |
| failed | anything else |
"""


def run_cases(folder: Path, cases: Sequence[Case]) -> list[Result]:
    """Run cases of one combination, one after the other."""
    isolate()
    return [try_case(folder, case) for case in cases]


def run_all(folder: Path, cases: Sequence[Case], jobs: int) -> list[Result]:
    """Run every case, the combinations in `jobs` processes; prints how far it is."""
    groups = [list(group) for _, group in groupby(cases, key=lambda case: case.combination)]
    results: list[Result] = []
    with ProcessPoolExecutor(jobs) as pool:
        for future in as_completed([pool.submit(run_cases, folder, group) for group in groups]):
            results += future.result()
            print(f"{len(results)} of {len(cases)}", file=sys.stderr, flush=True)
    return results


def table(title: str, results: Sequence[Result], key: Callable[[Result], str], order: Sequence[str]) -> str:
    """Counts by outcome, and the median seconds of an update, one row for each value of `key`."""
    lines = [
        f"| {title} | Updates | Clean | Conflict | Deleted | Failed | Median (s) |",
        f"|{'-' * (len(title) + 2)}|---------|-------|----------|---------|--------|------------|",
    ]
    names = [name for name in order if any(key(result) == name for result in results)]
    for name in [*names, "Together"]:
        chosen = [result for result in results if name == "Together" or key(result) == name]
        counts = Counter(result.outcome for result in chosen)
        cells = [name, len(chosen), *(counts[outcome] for outcome in OUTCOMES)]
        seconds = statistics.median(result.seconds for result in chosen)
        lines.append(f"| {' | '.join(map(str, cells))} | {seconds:.1f} |")
    return "\n".join(lines) + "\n"


def page(results: Sequence[Result], command: str, minutes: float, jobs: int) -> str:
    """docs/updates.md."""
    changes = [*(change.name for change in CHANGES), "all changes"]
    edits = ["nothing", TOGETHER, *(edit.name for edit in EDITS)]
    types = sorted({result.project_type for result in results})
    constitutions = sorted({result.constitution for result in results})
    processes = "one process" if jobs == 1 else f"{jobs} processes"
    says = [f"| {item.name} | {item.says} |\n" for item in (*CHANGES, *EDITS)]
    parts = [
        HEAD,
        f"## Measured\n\n`{command}` ran {len(results)} updates in {minutes:.0f} minutes, in {processes}.\n",
        "### By project type\n\n" + table("Type", results, lambda result: result.project_type, types),
        "### By constitution\n\n" + table("Constitution", results, lambda result: result.constitution, constitutions),
        "### By the user's edit\n\n" + table("Edit", results, lambda result: result.edit, edits),
        "### By the template's change\n\n" + table("Change", results, lambda result: result.change, changes),
        "## What is changed\n\n| Change | What it is |\n|--------|------------|\n" + "".join(says[: len(CHANGES)]),
        "## What is edited\n\n| Edit | What it is |\n|------|------------|\n" + "".join(says[len(CHANGES) :]),
    ]
    return "\n".join(parts)


def main(
    jobs: Annotated[int, typer.Option(min=1, help="How many processes.")] = 1,
    sample: Annotated[int | None, typer.Option(min=1, help="How many updates, instead of all.")] = None,
    seed: Annotated[int, typer.Option(help="What the sample is drawn by.")] = 0,
    edit: Annotated[str | None, typer.Option(help="Only updates with this edit alone.")] = None,
    output: Annotated[Path | None, typer.Option(help="The page to write; a sample is printed without it.")] = None,
) -> None:
    """Run the laboratory's matrix of updates, and write or print the page that says how they ended."""
    isolate()
    cases = [case for case in matrix() if edit is None or case.edits == (edit,)]
    if not cases:
        raise typer.BadParameter(f"No update has the edit {edit!r} alone. Edits are: {', '.join(EDIT)}.")
    cases = sampled(cases, sample, seed)
    chosen = {"--sample": sample, "--seed": seed if sample else None, "--edit": edit and shlex.quote(edit)}
    options = "".join(f" {name} {value}" for name, value in {**chosen, "--jobs": jobs}.items() if value is not None)
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        results = run_all(Path(folder), cases, jobs)
    minutes = (time.perf_counter() - start) / 60
    text = page(results, f"python -m tests.updates{options}", minutes, jobs)
    if target := output or (None if sample or edit else PAGE):
        target.write_text(text, encoding="utf-8", newline="\n")
    else:
        print(text)
    failed = [result for result in results if result.outcome == "failed"]
    for result in failed:
        print(f"{result.project_type}, {result.constitution}: {result.change}, {result.edit}: {result.why}")
    raise typer.Exit(1 if failed else 0)


if __name__ == "__main__":
    typer.run(main)
