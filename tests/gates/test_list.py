"""`list` and `figures` say what is in force."""

import sys

import pytest

from tests.gates.helpers import PASS, Repository, layer

TABLES = layer(
    {
        "QUAL-01": {"task": "lint", "statement": "Fewer than {limit} warnings"},
        "QUAL-02": {"task": "cover", "level": "SHOULD"},
        "QUAL-03": {"task": "secrets"},
        "QUAL-04": {"require": ["README.md"], "forbid": [".env"]},
        "QUAL-05": {"task": "audit"},
        "QUAL-06": {"task": "contract"},
    },
    figures={"limit": 5, "ratio": 0.25},
    tasks={
        "lint": {"run": ["ruff check .", "ruff format --check ."]},
        "cover": {"run": "coverage report --fail-under={limit}", "slow": True},
        "secrets": {"run": "scan", "files": ["**", "*.md"]},
        "audit": {"run": "pip-audit", "ci": True},
        "contract": {},
    },
)


def test_list_shows_each_gate_with_level_statement_and_proof(repository: Repository) -> None:
    result = repository.define(TABLES).gates("list")
    assert result.status == 0
    assert result.out.splitlines() == [
        "QUAL-01   MUST   quality: Fewer than 5 warnings",
        "                 `ruff check .` then `ruff format --check .`",
        "QUAL-02   SHOULD quality: The code is tidy",
        "                 `coverage report --fail-under=5` (slow)",
        "QUAL-03   MUST   quality: The code is tidy",
        "                 `scan` over files: **, *.md",
        "QUAL-04   MUST   quality: The code is tidy",
        "                 files: README.md, no .env",
        "QUAL-05   MUST   quality: The code is tidy",
        "                 `pip-audit` (runs in CI)",
        "QUAL-06   MUST   quality: The code is tidy",
        "                 a reviewer decides",
    ]


def test_figures_prints_every_figure(repository: Repository) -> None:
    result = repository.define(TABLES).gates("figures")
    assert (result.status, result.out) == (0, "limit = 5\nratio = 0.25\n")


def test_figures_prints_the_bare_value_of_one(repository: Repository) -> None:
    result = repository.define(TABLES).gates("figures", "ratio")
    assert (result.status, result.out) == (0, "0.25\n")


def test_figures_refuses_an_unknown_name(repository: Repository) -> None:
    result = repository.define(TABLES).gates("figures", "limits")
    assert (result.status, result.out) == (2, "")
    assert result.err == "`limits` is no figure.\n"


@pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no SIGPIPE: its programs are not told that nobody reads."
)
@pytest.mark.parametrize("arguments", [["list"], ["check", "--since", "HEAD"], ["run"]], ids=" ".join)
def test_output_that_nobody_reads_any_more_is_no_error(repository: Repository, arguments: list[str]) -> None:
    repository.define(layer({"QUAL-01": {"require": ["README.md"]}}))
    repository.write("README.md", "# Acme\n")
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--message", "Start")
    done = repository.unread(*arguments)
    assert (done.returncode, b"Error" in done.stderr) == (141, False)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such shell.")
@pytest.mark.parametrize("closing", [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize(
    ("arguments", "status"), [(["list"], 0), (["run"], 0), (["run", "--json", "-"], 0), (["figures", "none"], 2)]
)
def test_without_an_output_a_command_keeps_its_exit_status(
    repository: Repository, arguments: list[str], status: int, closing: str
) -> None:
    repository.define(layer({"QUAL-01": {"task": "test"}}, tasks={"test": {"run": PASS}}))
    done = repository.closed(closing, *arguments)
    assert (done.returncode, b"Traceback" in done.stderr) == (status, False)
