"""`run` proves gates, and is never kinder than the truth."""

import json
import os
import sys
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.gates.helpers import FAIL, PASS, Repository, gates, layer, python

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs signals or a file's run bit")
COUNT = python("open('count', 'a').write('x')")


def tasks(**runs: object) -> dict[str, object]:
    return {"tasks": {name: {"run": run} for name, run in runs.items()}}


def script(folder: Path, name: str, text: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    (folder / name).chmod(0o755)


def test_a_gate_whose_command_exits_with_0_holds(repository: Repository) -> None:
    repository.define(layer({"QUAL-01": {"task": "lint"}}, **tasks(lint=PASS)))
    result = repository.gates("run")
    assert result.status == 0
    assert result.out.endswith("1 held\n")


def test_a_must_gate_whose_command_fails_makes_the_exit_status_1(repository: Repository) -> None:
    repository.define(layer({"QUAL-01": {"task": "lint"}}, **tasks(lint=FAIL)))
    result = repository.gates("run")
    assert result.status == 1
    assert result.out.endswith("\n0 held, 1 failed\n")


def test_a_should_gate_that_fails_is_shown_and_leaves_the_exit_status_0(repository: Repository) -> None:
    repository.define(layer({"QUAL-01": {"task": "lint", "level": "SHOULD"}}, **tasks(lint=FAIL)))
    result = repository.gates("run")
    assert result.status == 0
    assert "QUAL-01    fail (SHOULD)" in result.out
    assert result.out.endswith("\n0 held, 1 failed (SHOULD)\n")


def test_a_gate_without_proof_is_open_for_a_reviewer(repository: Repository) -> None:
    repository.define(layer({"QUAL-01": {}, "QUAL-02": {"task": "contract"}}, tasks={"contract": {}}))
    result = repository.gates("run")
    assert result.status == 0
    assert result.out.endswith("\n0 held, 2 open (a reviewer decides)\n")
    assert {gate["detail"] for gate in repository.outcomes().values()} == {"a reviewer decides"}


def test_a_missing_tool_is_an_error_that_names_it_and_says_what_to_do(repository: Repository) -> None:
    repository.define(layer({"QUAL-01": {"task": "lint"}}, **tasks(lint="no-such-linter --strict")))
    result = repository.gates("run")
    assert result.status == 1
    assert "`no-such-linter` was not found for `no-such-linter --strict`: install" in result.out
    assert "activate its environment" in result.out
    assert repository.results() == {"QUAL-01": "error"}
    assert result.out.endswith("\n0 held, 1 could not run\n")


def test_a_should_gate_whose_tool_is_missing_leaves_the_exit_status_0(repository: Repository) -> None:
    repository.define(layer({"QUAL-01": {"task": "lint", "level": "SHOULD"}}, **tasks(lint="no-such-linter")))
    assert repository.gates("run").status == 0
    assert repository.results() == {"QUAL-01": "error"}


def test_a_module_that_python_cannot_find_is_a_plain_failure(repository: Repository) -> None:
    repository.define(layer({"QUAL-01": {"task": "lint"}}, **tasks(lint="python -m no_such_module")))
    assert repository.results() == {"QUAL-01": "fail"}


@posix
def test_a_killed_command_is_an_error(repository: Repository) -> None:
    kill = python("import os; os.kill(os.getpid(), 9)")
    repository.define(layer({"QUAL-01": {"task": "lint"}}, **tasks(lint=kill)))
    outcome = repository.outcomes()["QUAL-01"]
    assert outcome["result"] == "error"
    assert outcome["detail"].startswith("It was killed.")


@posix
def test_a_program_that_cannot_be_started_is_an_error(repository: Repository) -> None:
    script(repository.root, "tool", "\0 not a program")
    repository.define(layer({"QUAL-01": {"task": "lint"}}, **tasks(lint="./tool")))
    outcome = repository.outcomes()["QUAL-01"]
    assert outcome["result"] == "error"
    assert "`./tool` could not be started" in outcome["detail"]


def test_a_command_with_an_open_quote_is_an_error(repository: Repository) -> None:
    repository.define(layer({"QUAL-01": {"task": "lint"}}, **tasks(lint="python -c 'pass")))
    outcome = repository.outcomes()["QUAL-01"]
    assert outcome["result"] == "error"
    assert "No closing quotation" in outcome["detail"]


@posix
def test_python_is_the_running_python_whatever_its_name(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = tmp_path / "python-of-ours"
    ours.symlink_to(sys.executable)
    monkeypatch.setattr(sys, "executable", str(ours))
    repository.define(
        layer({"QUAL-01": {"task": "lint"}}, **tasks(lint=python("import sys; sys.exit(sys.executable)")))
    )
    assert f"\n{ours}\n" in repository.outcomes()["QUAL-01"]["detail"]


@posix
def test_a_program_beside_python_wins_over_path_and_finds_its_neighbours(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(tmp_path / "venv", "tool", "#!/bin/sh\nexec neighbour\n")
    script(tmp_path / "venv", "neighbour", "#!/bin/sh\necho from the environment; exit 1\n")
    script(tmp_path / "other", "tool", "#!/bin/sh\necho from elsewhere; exit 1\n")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "venv" / "python"))
    monkeypatch.setenv("PATH", str(tmp_path / "other"), prepend=os.pathsep)
    repository.define(layer({"QUAL-01": {"task": "lint"}}, **tasks(lint="tool")))
    assert "\nfrom the environment\n" in repository.outcomes()["QUAL-01"]["detail"]


@posix
def test_a_program_with_a_slash_is_found_from_the_root(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(repository.root / "scripts", "prove", "#!/bin/sh\nexit 0\n")
    monkeypatch.chdir(tmp_path)
    repository.define(layer({"QUAL-01": {"task": "lint"}}, **tasks(lint="scripts/prove")))
    assert repository.results() == {"QUAL-01": "pass"}


def test_commands_run_at_the_root(repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    repository.write("here")
    repository.define(layer({"QUAL-01": {"task": "lint"}}, **tasks(lint=python("open('here')"))))
    assert repository.results() == {"QUAL-01": "pass"}


def test_commands_cannot_wait_for_somebody_to_type(repository: Repository) -> None:
    code = "import sys; sys.exit(bool(sys.stdin.read()))"
    repository.define(layer({"QUAL-01": {"task": "lint"}}, **tasks(lint=python(code))))
    assert repository.program("run", typed=b"an answer").returncode == 0


def test_commands_get_no_shell(repository: Repository) -> None:
    repository.define(layer({"QUAL-01": {"task": "lint"}}, **tasks(lint=PASS + " $HOME `no-such-tool`")))
    assert repository.results() == {"QUAL-01": "pass"}


def test_a_list_of_commands_stops_at_the_first_that_fails(repository: Repository) -> None:
    repository.define(layer({"QUAL-01": {"task": "lint"}}, **tasks(lint=[COUNT, FAIL, COUNT])))
    assert repository.results() == {"QUAL-01": "fail"}
    assert repository.read("count") == "x"


def test_a_list_of_commands_holds_when_each_does(repository: Repository) -> None:
    repository.define(layer({"QUAL-01": {"task": "lint"}}, **tasks(lint=[COUNT, COUNT])))
    assert repository.results() == {"QUAL-01": "pass"}
    assert repository.read("count") == "xx"


def test_figures_are_filled_into_commands_and_other_braces_stay(repository: Repository) -> None:
    code = "import sys; sys.exit(sys.argv[1:] != ['--under=90.5', '{}', '${home}', '{{name}}', '{A}'])"
    command = python(code) + " --under={coverage_min} {} '${home}' {{name}} {A}"
    repository.define(layer({"QUAL-01": {"task": "lint"}}, figures={"coverage_min": 90.5}, **tasks(lint=command)))
    assert repository.results() == {"QUAL-01": "pass"}


def test_figures_are_filled_into_statements(repository: Repository) -> None:
    repository.define(layer({"QUAL-01": {"statement": "At least {coverage_min} %"}}, figures={"coverage_min": 90}))
    assert repository.outcomes()["QUAL-01"]["statement"] == "At least 90 %"


def test_a_task_that_proves_several_gates_runs_once(repository: Repository) -> None:
    repository.define(layer({"QUAL-01": {"task": "lint"}, "QUAL-02": {"task": "lint"}}, **tasks(lint=COUNT)))
    assert repository.results() == {"QUAL-01": "pass", "QUAL-02": "pass"}
    assert repository.read("count") == "x"


def needing(**test: object) -> dict[str, object]:
    coverage = {"needs": ["test"], "run": python("open('count')")}
    return layer(
        {"QUAL-01": {"task": "coverage"}, "QUAL-02": {"task": "test"}}, tasks={"coverage": coverage, "test": test}
    )


def test_a_task_runs_after_the_one_that_it_needs_and_that_one_runs_once(repository: Repository) -> None:
    repository.define(needing(run=COUNT))
    assert repository.results() == {"QUAL-01": "pass", "QUAL-02": "pass"}
    assert repository.read("count") == "x"


def test_a_needed_task_runs_for_a_selected_gate(repository: Repository) -> None:
    repository.define(needing(run=COUNT))
    assert repository.results("QUAL-01") == {"QUAL-01": "pass"}


def test_a_needed_task_that_fails_leaves_the_judgement_to_the_own_commands(repository: Repository) -> None:
    repository.define(needing(run=[COUNT, FAIL]))
    assert repository.results() == {"QUAL-01": "pass", "QUAL-02": "fail"}


def test_a_needed_task_that_could_not_run_is_an_error_for_what_needs_it(repository: Repository) -> None:
    repository.write("count", "from a session long ago")
    repository.define(needing(run="no-such-runner"))
    outcome = repository.outcomes("QUAL-01")["QUAL-01"]
    assert outcome["result"] == "error"
    assert outcome["detail"].startswith("It needs the task `test` first. `no-such-runner` was not found")


def test_fast_skips_slow_tasks_and_what_needs_them(repository: Repository) -> None:
    repository.define(needing(run=COUNT, slow=True))
    result = repository.gates("run", "--fast")
    assert result.status == 0
    assert result.out.endswith("\n0 held, 2 skipped\n")
    assert not (repository.root / "count").exists()
    assert repository.results() == {"QUAL-01": "pass", "QUAL-02": "pass"}


def test_a_task_for_ci_runs_only_with_ci_and_is_open_before(repository: Repository) -> None:
    repository.define(needing(run=COUNT, ci=True))
    assert repository.gates("run").out.endswith("\n0 held, 2 in CI\n")
    assert repository.gates("run", "QUAL-01").out.endswith("\n0 held, 1 in CI\n")
    assert {(gate["result"], gate["detail"]) for gate in repository.outcomes().values()} == {("open", "runs in CI")}
    assert repository.results("--ci") == {"QUAL-01": "pass", "QUAL-02": "pass"}


def two_principles() -> dict[str, object]:
    names = {"quality": {"title": "Code Quality"}, "security": {"title": "Security"}}
    defined = {"QUAL-01": {}, "SEC-01": {"principle": "security"}, "QUAL-02": {}}
    return layer(defined, principles=names)


def test_gates_stand_in_the_order_of_their_principles(repository: Repository) -> None:
    repository.define(two_principles())
    assert list(repository.results()) == ["QUAL-01", "QUAL-02", "SEC-01"]


@pytest.mark.parametrize(
    ("selection", "selected"),
    [
        (["QUAL-02"], ["QUAL-02"]),
        (["security"], ["SEC-01"]),
        (["SEC-01", "QUAL-01"], ["QUAL-01", "SEC-01"]),
        (["quality", "QUAL-01"], ["QUAL-01", "QUAL-02"]),
        (["--fast", "QUAL-02"], ["QUAL-02"]),
        (["QUAL-02", "--fast"], ["QUAL-02"]),
    ],
)
def test_gates_are_selected_by_id_and_by_principle(
    repository: Repository, selection: list[str], selected: list[str]
) -> None:
    repository.define(two_principles())
    assert list(repository.results(*selection)) == selected


def test_an_unknown_selection_exits_with_2(repository: Repository) -> None:
    repository.define(two_principles())
    result = repository.gates("run", "qual-1", "QUAL-01", "securty")
    assert result.status == 2
    assert result.err == "`qual-1` is no gate or principle.\n`securty` is no gate or principle.\n"


@pytest.mark.parametrize("option", ["--quick", "--fas"])
def test_an_unknown_or_shortened_option_exits_with_2(repository: Repository, option: str) -> None:
    repository.define(two_principles())
    assert repository.gates("run", option).status == 2


def waived(monkeypatch: pytest.MonkeyPatch, today: date, **gate: object) -> dict[str, object]:
    calendar = SimpleNamespace(date=SimpleNamespace(today=lambda: today))
    monkeypatch.setattr(gates, "datetime", calendar)
    waiver = {"reason": "the old module is replaced", "until": date(2027, 3, 31)}
    return layer({"QUAL-01": {"task": "lint"} | gate}, waivers={"QUAL-01": waiver}, **tasks(lint=[COUNT, FAIL]))


def test_a_waiver_holds_on_its_last_day_and_the_gate_does_not_run(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.define(waived(monkeypatch, date(2027, 3, 31)))
    result = repository.gates("run")
    assert result.status == 0
    assert "until 2027-03-31: the old module is replaced\n" in result.out
    assert result.out.endswith("\n0 held, 1 waived\n")
    assert not (repository.root / "count").exists()


def test_a_waiver_fails_from_the_day_after_and_says_what_to_do(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.define(waived(monkeypatch, date(2027, 4, 1)))
    result = repository.gates("run")
    assert result.status == 1
    assert "The waiver (the old module is replaced) ended on 2027-03-31: meet the gate and remove" in result.out
    assert "[waivers.QUAL-01]" in result.out
    assert repository.results() == {"QUAL-01": "fail"}
    assert not (repository.root / "count").exists()


def test_an_ended_waiver_of_a_should_gate_leaves_the_exit_status_0(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.define(waived(monkeypatch, date(2027, 4, 1), level="SHOULD"))
    assert repository.gates("run").status == 0


def test_the_program_exits_with_the_status_and_knows_its_repository(repository: Repository) -> None:
    repository.define(layer({"QUAL-01": {"task": "lint"}}, **tasks(lint=FAIL)))
    done = repository.program("run", "--json", "-")
    assert done.returncode == 1
    assert json.loads(done.stdout)["gates"][0]["id"] == "QUAL-01"
    assert repository.program("run", "nothing").returncode == 2
    assert repository.program("list").returncode == 0
