"""The simulation of a fleet, at a size for every change."""

import subprocess
import sys

import pytest

from extensions.catalogue import ROOT


@pytest.mark.slow
def test_a_small_fleet_is_updated_and_the_tables_say_how_it_went() -> None:
    command = [sys.executable, "-m", "tests.fleet", "--repositories", "6", "--jobs", "1", "--seed", "3"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    by_type, by_age = done.stdout.strip().split("\n\n")
    for table, title in ((by_type, "| Type |"), (by_age, "| From |")):
        header, _, *rows, total = table.splitlines()
        assert header.startswith(title)
        counts = [int(cell) for cell in total.split("|")[2:6]]
        assert counts[0] == sum(counts[1:]) == 6
        assert sum(int(row.split("|")[2]) for row in rows) == 6
