"""What `run` shows on a terminal, and what it writes for other programs."""

import json
import re
import shutil
import sys
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.gates.helpers import FAIL, PASS, Repository, layer, python

LONG = "This statement is far too long for a terminal of eighty columns and has to be cut somewhere"
EVERY_RESULT = layer(
    {
        "QUAL-01": {"task": "good"},
        "QUAL-02": {"task": "bad", "statement": LONG},
        "QUAL-03": {"task": "missing"},
        "QUAL-04": {"task": "bad-too", "level": "SHOULD"},
        "SEC-01": {"principle": "security", "statement": "A | B < C"},
        "SEC-02": {"principle": "security", "task": "slow"},
        "SEC-03": {"principle": "security", "task": "audit"},
        "SEC-04": {"principle": "security"},
    },
    principles={"quality": {"title": "Code Quality"}, "security": {"title": "Security"}},
    tasks={
        "good": {"run": PASS},
        "bad": {"run": python("[print(n) for n in range(30)]; print('\\x1b[31mred\\x1b[0m \\x07 ```'); exit(3)")},
        "bad-too": {"run": FAIL},
        "missing": {"run": "no-such-tool"},
        "slow": {"run": PASS, "slow": True},
        "audit": {"run": PASS, "ci": True},
    },
    waivers={"SEC-04": {"reason": "agreed | noted", "until": date(2999, 12, 31)}},
)
RESULTS = {
    "QUAL-01": "pass",
    "QUAL-02": "fail",
    "QUAL-03": "error",
    "QUAL-04": "fail",
    "SEC-01": "open",
    "SEC-02": "skipped",
    "SEC-03": "open",
    "SEC-04": "waived",
}
COUNTS = {"pass": 1, "fail": 2, "error": 1, "open": 2, "skipped": 1, "waived": 1}
CLOSING = (
    "1 held, 1 failed, 1 could not run, 1 failed (SHOULD), 1 open (a reviewer decides), 1 skipped, 1 in CI, 1 waived"
)
posix = pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")


@pytest.fixture
def every(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A repository whose gates have every result there is."""
    monkeypatch.setenv("COLUMNS", "80")
    return repository.define(EVERY_RESULT)


def test_the_table_groups_gates_by_principle_with_result_and_seconds(every: Repository) -> None:
    table = re.sub(r"\d+\.\d s", "0.1 s", every.gates("run", "--fast").out).split("\n\n")
    assert table[0].splitlines() == [
        "",
        "Code Quality",
        "  QUAL-01    pass              0.1 s  The code is tidy",
        "  QUAL-02    fail              0.1 s  This statement is far too long for a...",
        "  QUAL-03    error             0.1 s  The code is tidy",
        "  QUAL-04    fail (SHOULD)     0.1 s  The code is tidy",
    ]
    assert table[1].splitlines() == [
        "Security",
        "  SEC-01     open                     A | B < C",
        "  SEC-02     skipped                  The code is tidy",
        "  SEC-03     in CI                    The code is tidy",
        "  SEC-04     waived                   The code is tidy",
        "                                      until 2999-12-31: agreed | noted",
    ]


def test_no_line_of_the_table_is_wider_than_the_terminal(every: Repository) -> None:
    table = every.gates("run", "--fast").out.split("\n\nQUAL-02 fail")[0]
    assert max(map(len, table.splitlines())) <= 80


def test_the_last_line_counts_the_results(every: Repository) -> None:
    assert every.gates("run", "--fast").out.splitlines()[-1] == CLOSING


def test_a_failing_gate_shows_its_command_the_end_of_its_output_and_how_to_run_it_alone(every: Repository) -> None:
    block = every.gates("run", "QUAL-02").out.split("\n\n")[1].splitlines()
    assert block[0] == f"QUAL-02 fail: {LONG}"
    assert block[1].startswith("  $ python -c ")
    assert block[2:21] == [f"  {number}" for number in range(11, 30)]
    assert block[21] == "  red \x07 ```"
    assert block[22:] == ["  (exit status 3)", "  Run it alone: python .specify/gates/gates.py run QUAL-02"]


def test_without_a_terminal_each_finished_gate_gets_a_line_on_standard_error(every: Repository) -> None:
    lines = every.gates("run", "--fast").err.splitlines()
    assert [re.sub(r"\(\d+\.\d s\)", "(s)", line) for line in lines] == [
        "QUAL-01 pass (s)",
        "QUAL-02 fail (s)",
        "QUAL-03 error (s)",
        "QUAL-04 fail (SHOULD) (s)",
    ]


def test_without_a_terminal_there_are_no_escape_codes(every: Repository) -> None:
    done = every.program("run", "--fast")
    assert b"\x1b" not in done.stdout + done.stderr
    assert b"\r" not in (done.stdout + done.stderr).replace(b"\r\n", b"\n")


@posix
def test_a_terminal_gets_colours(every: Repository) -> None:
    shown = every.terminal("run", "--fast", NO_COLOR="")
    assert "\x1b[32mpass         \x1b[0m" in shown
    assert "\x1b[31mfail         \x1b[0m" in shown


@posix
def test_no_color_turns_colours_off(every: Repository) -> None:
    assert "\x1b" not in every.terminal("run", "--fast", NO_COLOR="1")


@posix
def test_a_terminal_sees_the_seconds_run_and_the_line_is_wiped(repository: Repository) -> None:
    wait = python("import time; time.sleep(0.5)")
    repository.define(layer({"QUAL-01": {"task": "test"}}, tasks={"test": {"run": wait}}))
    shown = repository.terminal("run", NO_COLOR="1")
    live, _, table = shown.partition("Code Quality")
    times = re.findall(r"\r +(\d\.\d) s  python -c", live)
    assert len(times) >= 2
    assert times == sorted(times)
    assert times[0] < times[-1]
    assert f"\r{' ' * 79}\r" in live
    assert "QUAL-01 pass (" not in shown
    assert table.rstrip().endswith("1 held")


def test_a_console_that_lacks_a_character_does_not_crash(repository: Repository) -> None:
    shout = python("import sys; sys.stdout.buffer.write(bytes([0xe2, 0x9c, 0x93, 0xff])); exit(1)")
    statement = "Gr\u00f6\u00dfe \u2264 1"
    repository.define(layer({"QUAL-01": {"task": "test", "statement": statement}}, tasks={"test": {"run": shout}}))
    done = repository.program("run", "--markdown", "report.md", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert done.returncode == 1
    assert rb"Gr\xf6\xdfe \u2264 1" in done.stdout
    assert rb"\u2713\ufffd" in done.stdout
    assert statement in repository.read("report.md")
    assert repository.program("list", PYTHONIOENCODING="ascii", PYTHONUTF8="0").returncode == 0


def report(repository: Repository, name: str) -> str:
    return repository.gates("run", "--fast", f"--{name}", "-").out


def test_json_holds_every_gate_and_the_counts(every: Repository) -> None:
    data = json.loads(report(every, "json"))
    assert data["schema"] == 1
    assert data["passed"] is False
    assert data["counts"] == COUNTS
    assert {gate["id"]: gate["result"] for gate in data["gates"]} == RESULTS
    keys = {"id", "principle", "title", "level", "statement", "result", "seconds", "proof", "detail"}
    assert all(gate.keys() == keys for gate in data["gates"])
    by_id: dict[str, dict[str, Any]] = {gate["id"]: gate for gate in data["gates"]}
    assert by_id["QUAL-04"]["level"] == "SHOULD"
    assert (by_id["SEC-01"]["principle"], by_id["SEC-01"]["title"]) == ("security", "Security")
    assert by_id["QUAL-01"]["seconds"] > 0
    assert by_id["SEC-01"]["seconds"] is None
    assert by_id["QUAL-03"]["proof"] == "`no-such-tool`"
    assert "(exit status 3)" in by_id["QUAL-02"]["detail"]
    assert by_id["SEC-04"]["detail"] == "until 2999-12-31: agreed | noted"


CONSTITUTION = """\
<!--
# Report of the last amendment
-->
# Acme Constitution

## Core Principles

**Version**: 1.12.3 | **Ratified**: 2026-01-31 | **Last Amended**: 2026-02-01
"""


def subject(repository: Repository) -> tuple[str | None, ...]:
    """What the JSON says of the constitution as a whole."""
    data = json.loads(repository.gates("run", "--json", "-").out)
    return data["constitution"], data["version"], data["commit"]


@pytest.fixture
def constituted(repository: Repository) -> Repository:
    """A repository with a constitution of version 1.12.3, and a commit."""
    repository.define(layer({"QUAL-01": {}}, documents={"constitution": "memory/constitution.md"}))
    repository.write("memory/constitution.md", CONSTITUTION)
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--message", "Start")
    return repository


def test_json_names_the_constitution_its_version_and_the_commit(constituted: Repository) -> None:
    commit = constituted.git("rev-parse", "HEAD").strip()
    assert len(commit) == 40
    assert subject(constituted) == ("Acme Constitution", "1.12.3", commit)


@pytest.mark.parametrize("text", [None, "", "# \n\n## Governance\n\n**Version**: 1.0\n", "<!--\n# Acme\n-->\n"])
def test_a_constitution_without_title_and_version_is_null_in_the_json(
    constituted: Repository, text: str | None
) -> None:
    constituted.write("memory/constitution.md", text or "")
    if text is None:
        (constituted.root / "memory/constitution.md").unlink()
    assert subject(constituted)[:2] == (None, None)


@pytest.mark.parametrize(
    "above",
    [
        "```sh\n# not the title\n```",
        "~~~\n```\n# not the title\n~~~~",
        "````\n```\n# not the title\n````",
        "  ```\n# not the title\n  ```  ",
        "```\n<!--\n```\n\n<!-- ``` -->",
        "<!--\n```\n-->",
        "```inline``` code",
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["unix", "windows"])
def test_a_heading_in_a_fenced_block_is_no_title(constituted: Repository, above: str, end: str) -> None:
    text = f"{above}\n\n# Acme Constitution\n\n```\n# nor this\n```\n"
    constituted.write("memory/constitution.md", text.replace("\n", end))
    assert subject(constituted)[0] == "Acme Constitution"


def test_layers_that_name_no_constitution_leave_it_null_in_the_json(repository: Repository) -> None:
    assert subject(repository.define(layer({"QUAL-01": {}}))) == (None, None, None)


def test_without_a_commit_or_a_git_repository_or_git_the_commit_is_null_in_the_json(
    constituted: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(constituted.root / ".git")
    assert subject(constituted) == ("Acme Constitution", "1.12.3", None), "no repository"
    constituted.git("init", "--quiet")
    assert subject(constituted)[2] is None, "no commit"
    constituted.git("commit", "--quiet", "--allow-empty", "--message", "Start")
    assert subject(constituted)[2]
    monkeypatch.setenv("PATH", "")
    assert subject(constituted)[2] is None, "no git"


def test_json_says_passed_when_only_should_gates_fail(every: Repository) -> None:
    assert json.loads(every.gates("run", "QUAL-01", "QUAL-04", "--json", "-").out)["passed"] is True


def test_markdown_has_a_table_and_the_output_of_what_failed(every: Repository) -> None:
    lines = report(every, "markdown").splitlines()
    assert lines[0] == "## Constitution gates"
    assert lines[2] == CLOSING
    rows = [re.split(r"(?<!\\) \| ", line.strip("| ")) for line in lines if line.startswith("|")]
    assert rows[0] == ["Principle", "Gate", "Level", "Result", "Seconds"]
    assert [row[3].split()[0] for row in rows[2:]] == [
        "pass",
        "fail",
        "error",
        "fail",
        "open",
        "skipped",
        "in",
        "waived",
    ]
    assert "| Security | `SEC-01` A \\| B &lt; C | MUST | open |  |" in lines
    assert "| Security | `SEC-04` The code is tidy | MUST | waived until 2999-12-31: agreed \\| noted |  |" in lines
    assert [line for line in lines if line.startswith("### ")] == [
        "### `QUAL-02` fail",
        "### `QUAL-03` error",
        "### `QUAL-04` fail (SHOULD)",
    ]


def test_junit_has_a_case_for_each_gate(every: Repository) -> None:
    suites = ElementTree.fromstring(report(every, "junit"))  # noqa: S314
    suite = suites[0]
    assert (suites.tag, suite.tag) == ("testsuites", "testsuite")
    counts = {key: suite.get(key) for key in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": "8", "failures": "2", "errors": "1", "skipped": "4"}
    found = {str(case.get("name"))[:7].strip(): [child.tag for child in case] for case in suite}
    assert found == {
        "QUAL-01": [],
        "QUAL-02": ["failure"],
        "QUAL-03": ["error"],
        "QUAL-04": ["failure"],
        "SEC-01": ["skipped"],
        "SEC-02": ["skipped"],
        "SEC-03": ["skipped"],
        "SEC-04": ["skipped"],
    }
    assert {case.get("classname") for case in suite} == {"quality", "security"}
    assert all(float(str(case.get("time"))) >= 0 for case in suite)
    messages = {str(case.get("name"))[:7].strip(): child.get("message") for case in suite for child in case}
    assert messages["SEC-01"] == "open: a reviewer decides"
    assert messages["SEC-02"] == "skipped: slow, left out by --fast"
    assert messages["SEC-03"] == "in CI: runs in CI"
    assert messages["SEC-04"] == "waived: until 2999-12-31: agreed | noted"
    assert messages["QUAL-02"] == f"fail: {LONG}"


def test_junit_leaves_out_the_characters_that_xml_forbids(every: Repository) -> None:
    failure = ElementTree.fromstring(report(every, "junit")).find(".//failure")  # noqa: S314
    assert failure is not None
    assert "\nred  ```\n(exit status 3)" in str(failure.text)


def test_junit_survives_a_console_that_lacks_a_character(repository: Repository) -> None:
    repository.define(layer({"QUAL-01": {"statement": "Gr\u00f6\u00dfe"}}))
    done = repository.program("run", "--junit", "-", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    case = ElementTree.fromstring(done.stdout).find(".//testcase")  # noqa: S314
    assert case is not None
    assert case.get("name") == "QUAL-01 Gr\u00f6\u00dfe"


def test_several_reports_come_from_one_run_beside_the_table(every: Repository, tmp_path: Path) -> None:
    paths = {name: tmp_path / f"report.{name}" for name in ("json", "markdown", "junit")}
    result = every.gates("run", "--fast", *(part for name, path in paths.items() for part in (f"--{name}", path)))
    assert result.out.endswith(CLOSING + "\n")
    assert json.loads(paths["json"].read_text())["counts"] == COUNTS
    assert paths["markdown"].read_text().startswith("## Constitution gates\n")
    assert len(ElementTree.parse(paths["junit"]).findall(".//testcase")) == 8  # noqa: S314
    assert all(path.read_bytes().endswith(b"\n") and b"\r" not in path.read_bytes() for path in paths.values())


@posix
def test_reports_are_written_also_where_nobody_reads_the_table(repository: Repository) -> None:
    repository.define(layer({f"QUAL-{number:02}": {"statement": LONG} for number in range(100)}))
    files = {"json": "gates.json", "markdown": "gates.md"}
    options = [part for name, file in files.items() for part in (f"--{name}", file)]
    assert repository.unread("run", *options).returncode == 141
    assert len(json.loads(repository.read("gates.json"))["gates"]) == 100
    assert "`QUAL-99`" in repository.read("gates.md")
    assert repository.unread("run", "--json", "-", "--junit", "gates.xml").returncode == 141
    assert (repository.root / "gates.xml").exists()


def test_reports_keep_the_exit_status(every: Repository) -> None:
    assert every.gates("run", "--json", "-").status == 1
    assert every.gates("run", "QUAL-01", "--json", "-").status == 0


@pytest.mark.parametrize("file", ["no/such/folder/report.json", "."])
def test_a_report_that_cannot_be_written_is_a_sentence_and_exits_with_2(repository: Repository, file: str) -> None:
    repository.define(layer({"QUAL-01": {}}))
    result = repository.gates("run", "--json", file)
    assert result.status == 2
    assert file in result.err


def test_the_table_is_shown_also_where_a_report_cannot_be_written(repository: Repository) -> None:
    repository.define(layer({"QUAL-01": {}}))
    result = repository.gates("run", "--json", ".")
    assert (result.status, result.out.splitlines()[-1]) == (2, "0 held, 1 open (a reviewer decides)")


def test_a_report_without_a_folder_is_refused_before_running(repository: Repository) -> None:
    ran = {"run": python("open('ran', 'w')")}
    repository.define(layer({"QUAL-01": {"task": "test"}}, tasks={"test": ran}))
    result = repository.gates("run", "--json", "no/such/folder/report.json")
    assert result.status == 2
    assert result.err == "--json: the folder of `no/such/folder/report.json` does not exist.\n"
    assert not (repository.root / "ran").exists()


def test_the_closing_line_says_so_when_no_gate_held(repository: Repository) -> None:
    repository.define(layer({"QUAL-01": {"task": "lint"}}, tasks={"lint": {"run": FAIL}}))
    assert repository.gates("run").out.endswith("0 held, 1 failed\n")
