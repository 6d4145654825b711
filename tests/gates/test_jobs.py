"""`run --jobs N` proves N tasks at a time, and reports as if it were one."""

import os
import re
import signal
import subprocess
import sys
from datetime import date

import pytest

from tests.gates.helpers import PASS, Repository, Result, layer, python
from tests.gates.test_reports import EVERY_RESULT

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs signals or a pseudo-terminal")
COUNT = python("open('count', 'a').write('x')")
# Only two that run at the same time can meet: each says that it is there, and waits for the other one.
MEET = """\
import signal, sys, time
from pathlib import Path

signal.signal(signal.SIGINT, signal.SIG_IGN)
Path(sys.argv[1]).touch()
ends = time.monotonic() + 60
while not Path(sys.argv[2]).exists():
    time.sleep(0.01)
    if time.monotonic() > ends:
        sys.exit(f"{sys.argv[2]} did not come.")
"""


def meet(ours: str, theirs: str) -> str:
    return f"python meet.py {ours} {theirs}"


def define(repository: Repository, **tasks: object) -> None:
    """One gate for each task, in the same order."""
    proved = {f"QUAL-{number:02}": {"task": task} for number, task in enumerate(tasks, 1)}
    repository.define(layer(proved, tasks=tasks))
    repository.write("meet.py", MEET)


@pytest.fixture
def three(repository: Repository) -> Repository:
    """Two tasks that have to meet, and a third that would let them."""
    define(repository, one={"run": meet("one", "two")}, two={"run": meet("two", "one")}, third={"run": COUNT})
    return repository


def test_two_tasks_run_at_the_same_time(three: Repository) -> None:
    assert set(three.results("--jobs", "2").values()) == {"pass"}


def test_no_more_than_n_tasks_run_at_the_same_time(repository: Repository) -> None:
    done = python("open('done', 'w')")
    define(
        repository,
        one={"run": [meet("one", "two"), done]},
        two={"run": [meet("two", "one"), done]},
        third={"run": python("open('done')")},
    )
    assert set(repository.results("--jobs", "2").values()) == {"pass"}


def test_a_slow_task_runs_alone_after_all_others(repository: Repository) -> None:
    alone = python("import os; assert os.path.exists('done'); os.mkdir('alone'); os.rmdir('alone')")
    define(
        repository,
        slow={"run": alone, "slow": True},
        slower={"run": alone, "slow": True},
        one={"run": meet("one", "two")},
        two={"run": [meet("two", "one"), python("open('done', 'w')")]},
    )
    assert set(repository.results("--jobs", "4").values()) == {"pass"}


def test_what_only_a_slow_task_needs_runs_beside_others(repository: Repository) -> None:
    define(
        repository,
        slow={"run": PASS, "slow": True, "needs": ["build"]},
        build={"run": meet("build", "other")},
        other={"run": meet("other", "build")},
    )
    assert repository.results("QUAL-01", "QUAL-03", "--jobs", "2") == {"QUAL-01": "pass", "QUAL-03": "pass"}


def test_a_task_waits_for_the_one_that_it_needs_and_takes_nobodys_place(repository: Repository) -> None:
    define(
        repository,
        coverage={"run": python("open('count')"), "needs": ["test"]},
        test={"run": [meet("test", "lint"), COUNT]},
        lint={"run": meet("lint", "test")},
    )
    assert set(repository.results("--jobs", "2").values()) == {"pass"}


def test_a_task_that_several_need_and_that_proves_gates_runs_once(repository: Repository) -> None:
    needing = {"run": python("assert open('count').read() == 'x'"), "needs": ["test"]}
    tasks = {"coverage": needing, "branches": needing, "test": {"run": COUNT}}
    proved = {f"QUAL-{number:02}": {"task": task} for number, task in enumerate([*tasks, *tasks], 1)}
    repository.define(layer(proved, tasks=tasks))
    assert set(repository.results("--jobs", "4").values()) == {"pass"}
    assert repository.read("count") == "x"


def test_what_is_left_out_or_waived_does_not_run(repository: Repository) -> None:
    define(repository, ci={"run": COUNT, "ci": True}, slow={"run": COUNT, "slow": True}, waived={"run": COUNT})
    waiver = {"reason": "agreed", "until": date(2999, 12, 31)}
    repository.define({"waivers": {"QUAL-03": waiver}}, "90-local.toml")
    assert repository.results("--fast", "--jobs", "2") == {"QUAL-01": "open", "QUAL-02": "skipped", "QUAL-03": "waived"}
    assert not (repository.root / "count").exists()


def shown(repository: Repository, *arguments: str) -> Result:
    result = repository.gates("run", *arguments)
    out, err = (re.sub(r" *\d+\.\d s", " s", text) for text in (result.out, result.err))
    return Result(result.status, out, err)


@pytest.mark.parametrize("jobs", ["1", "2", "40"])
def test_the_output_is_the_same_but_for_the_seconds(repository: Repository, jobs: str) -> None:
    repository.define(EVERY_RESULT)
    assert shown(repository, "--jobs", jobs) == shown(repository)


@posix
def test_a_terminal_sees_all_that_runs_in_one_line_and_that_line_is_wiped(repository: Repository) -> None:
    repository.write("wait.py", "import time; time.sleep(0.5)")
    runs = {name: {"run": [meet(name, other), "python wait.py"]} for name, other in (("one", "two"), ("two", "one"))}
    define(repository, **runs)
    live, _, table = repository.terminal("run", "--jobs", "2", NO_COLOR="1").partition("\r\nCode Quality")
    assert re.search(r"\r +\d\.\d s  python wait.py \| +\d\.\d s  python wait.py +\r", live)
    assert re.fullmatch(r"(\r[^\r\n]{79}\r)+", live)
    assert live.endswith(f"\r{' ' * 79}\r")
    assert table.endswith("\r\n2 held\r\n")


@posix
def test_ctrl_c_ends_the_run_at_once_and_starts_nothing_more(repository: Repository) -> None:
    define(
        repository,
        one={"run": [meet("one", "end"), COUNT]},
        two={"run": [meet("two", "end"), COUNT]},
        third={"run": COUNT},
    )
    with repository.started("run", "--jobs", "2") as process:
        for name in ("one", "two"):
            subprocess.run([sys.executable, "meet.py", "here", name], cwd=repository.root, check=True)
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(timeout=30) == -signal.SIGINT
    repository.write("end")
    assert not (repository.root / "count").exists()


@pytest.mark.parametrize("jobs", ["0", "-1", "1.5", "two", "+2", ""])
def test_a_number_of_jobs_that_is_none_is_a_sentence_and_exits_with_2(three: Repository, jobs: str) -> None:
    result = three.gates("run", "--jobs", jobs)
    assert result.status == 2
    assert result.err == f"--jobs: `{jobs}` is no whole number from 1 up.\n"
    assert not (three.root / "count").exists()
