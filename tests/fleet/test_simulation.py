"""The simulation of a fleet, at a size for every change."""

import subprocess
import sys
from pathlib import Path

import pytest

from extensions.catalogue import ROOT
from tests.fleet.__main__ import table
from tests.fleet.simulation import Repository, Result, checked, edit
from tests.helpers import commit, write
from tests.updates.changes import Combination
from tests.updates.edits import Edit


@pytest.mark.slow
def test_a_small_fleet_is_updated_and_the_tables_say_how_it_went() -> None:
    command = [sys.executable, "-m", "tests.fleet", "--repositories", "6", "--jobs", "1", "--seed", "3"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    by_type, by_age = done.stdout.strip().split("\n\n")
    for text, title in ((by_type, "| Type |"), (by_age, "| From |")):
        header, _, *rows, total = text.splitlines()
        assert header.startswith(title)
        counts, edits = [int(cell) for cell in total.split("|")[2:7]], int(total.split("|")[7])
        assert counts[0] == sum(counts[1:]) == 6
        assert edits == sum(int(row.split("|")[7]) for row in rows) > 0
        assert sum(int(row.split("|")[2]) for row in rows) == 6


def test_an_edit_that_does_not_fit_is_undone_and_not_counted(tmp_path: Path) -> None:
    def misfit(project: Path) -> dict[str, list[str] | None]:
        write(project, {"b.md": "half\n"})
        raise LookupError("there is no such place")

    def fit(project: Path) -> dict[str, list[str] | None]:
        write(project, {"a.md": "ours\n"})
        return {"a.md": ["ours"]}

    project = write(tmp_path, {"a.md": "theirs\n"})
    commit(project, "Start")
    edits = [Edit("misfit", "does not fit", misfit), Edit("fit", "fits", fit)]
    assert edit(project, edits) == ({"a.md": ["ours"]}, 1)
    assert not (project / "b.md").exists()


def test_documents_that_disagree_are_not_clean(tmp_path: Path) -> None:
    program = "import sys; print('a line is missing'); sys.exit(1)\n"
    assert checked(write(tmp_path, {".specify/gates/gates.py": program})) == (1, "a line is missing")
    repository = Repository(0, Combination("python-service", "quality-first"), "v0.1.0", ())
    results = [Result(repository, "disagree", "a line is missing", 2.0, 3), Result(repository, "clean", "", 4.0, 1)]
    header, _, row, _ = table("From", results, lambda result: result.repository.release, ["v0.1.0"]).splitlines()
    assert header == (
        "| From | Repositories | Clean | Conflict | Documents disagree | Failed | Edits | Median (s) | Worst (s) |"
    )
    assert row == "| v0.1.0 | 2 | 1 | 0 | 1 | 0 | 4 | 3.0 | 4.0 |"
