"""What no other test of updates runs: the gates' own commands, in a project that was edited and updated."""

import json
import sys
from pathlib import Path

import pytest

from tests.helpers import CATALOGUE, commit, gates
from tests.project_types.python_projects import PythonFor, source_path
from tests.updates.changes import CHANGES, Combination
from tests.updates.laboratory import (
    applicable,
    bench,
    edit_and_update,
    previous_commit,
    together,
    unmerged,
)

IN_EVERY_RUN = [Combination("python-service", "essentials"), Combination("helm-chart", "values-first-charts")]
AT_NIGHT = [Combination(type_.id, type_.constitution) for type_ in CATALOGUE.project_types.values()]
TIGHTENED = {"figure tightened", "tighten by answer"}
FOLLOWED_BY_HAND = {"helm-chart", "modal-web", "voice-pipeline"}
"""Types whose own files must follow the figure that would be tightened: a gate that fails until then is right."""


@pytest.mark.slow
@pytest.mark.parametrize(
    "combination",
    [*IN_EVERY_RUN, *(pytest.param(item, marks=pytest.mark.nightly) for item in AT_NIGHT if item not in IN_EVERY_RUN)],
    ids="-".join,
)
def test_every_gate_that_a_machine_judges_holds_after_edits_and_an_update(
    benches: Path, tmp_path: Path, python_for: PythonFor, combination: Combination
) -> None:
    at, project = bench(benches / "previous", combination, previous_commit()), tmp_path / "acme"
    left_out = TIGHTENED if combination.project_type in FOLLOWED_BY_HAND else set()
    changes = [change for change in applicable(at, CHANGES) if change.name not in left_out]
    edits = [edit for edit in together(combination) if not edit.breaks and edit.name not in left_out]
    edit_and_update(at, project, changes, edits)
    assert unmerged(project) == set()
    commit(project, "Take the newest version of the template")
    skeleton = CATALOGUE.project_types[combination.project_type].skeleton
    python = python_for(project) if skeleton else Path(sys.executable)
    report = json.loads(gates(project, "run", "--json", "-", python=python, PYTHONPATH=source_path(project)))
    own = {"FAIR-01", "OURS-01"}
    by_machine = [gate for gate in report["gates"] if not gate["proof"].startswith("a reviewer decides")]
    results = {gate["id"]: gate["result"] for gate in by_machine if "(runs in CI)" not in gate["proof"]}
    assert own < results.keys() if skeleton else own == results.keys()
    assert {gate: result for gate, result in results.items() if result not in ("pass", "waived")} == {}
    assert list(results.values()).count("waived") <= 1
