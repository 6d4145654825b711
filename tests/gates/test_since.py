"""`check --since` says what changed since a commit, and holds the constitution's version to it."""

import copy
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.gates.helpers import Repository, Result, gates, layer
from tests.helpers import DAY, commit, generate
from tests.helpers import gates as run_gates

TABLES = layer(
    {
        "QUAL-01": {"task": "lint", "statement": "The code is tidy, with at most {warnings} warnings"},
        "QUAL-02": {"level": "SHOULD", "statement": "Names are plain"},
        "TEST-01": {"principle": "testing", "task": "coverage", "statement": "Tests cover {coverage_min} %"},
        "TEST-02": {"principle": "testing", "statement": "Each flow has a test"},
        "SEC-01": {"principle": "security", "task": "private", "statement": "No secret is in the repository"},
        "SEC-02": {"principle": "security", "level": "SHOULD", "require": ["SECURITY.md"], "statement": "It says whom"},
    },
    principles={
        "quality": {"title": "Code Quality"},
        "testing": {"title": "Testing"},
        "security": {"title": "Security"},
    },
    documents={"constitution": "memory/constitution.md", "plan": "plan.md"},
    figures={"warnings": 5, "coverage_min": 90},
    stricter={"warnings": "lower", "coverage_min": "higher"},
    tasks={
        "lint": {"run": "ruff check ."},
        "coverage": {"run": "coverage report --fail-under={coverage_min}"},
        "private": {"forbid": [".env", "*.pem"]},
    },
)
LAST_LINE = "**Version**: {} | **Ratified**: 2026-01-31 | **Last Amended**: {}"


def edited(**sections: dict[str, Any]) -> dict[str, Any]:
    """`TABLES` with some values of its tables replaced; None takes a table or a value out."""
    tables = copy.deepcopy(TABLES)
    for section, entries in sections.items():
        for name, entry in entries.items():
            if entry is None:
                del tables[section][name]
            elif isinstance(entry, dict):
                values = tables[section].get(name, {}) | entry
                tables[section][name] = {key: value for key, value in values.items() if value is not None}
            else:
                tables[section][name] = entry
    return tables


def write_documents(repository: Repository, version: str, amended: str = "2026-02-01", words: str = "") -> None:
    """Write a constitution and a plan template that agree with the definitions."""
    loaded, tables, _ = gates.load(gates.read_layers(repository.root))
    headings = "".join(f"### {table['title']}\n" for table in tables["principles"].values())
    lines = "".join(f"- `{gate.id}` {gate.level}: {gate.statement} ({gate.proof})\n" for gate in loaded)
    repository.write("plan.md", lines)
    last = LAST_LINE.format(version, amended)
    repository.write(tables["documents"]["constitution"], f"# Acme\n\n{words}\n\n{headings}{lines}\n{last}\n")


def save(repository: Repository) -> None:
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--allow-empty", "--message", "Save")


@pytest.fixture
def amended(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A repository with a commit of the 1st of March, in which the constitution has version 1.2.3."""
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2026-03-01T12:00:00+0000")
    repository.define(TABLES)
    write_documents(repository, "1.2.3")
    save(repository)
    return repository


def change(
    repository: Repository, tables: dict[str, Any], version: str = "1.2.3", amended: str = "2026-03-02"
) -> Result:
    """Replace the definitions and the documents, and compare them with the last commit."""
    repository.define(tables)
    write_documents(repository, version, amended)
    return repository.gates("check", "--since", "HEAD")


def report(result: Result) -> list[str]:
    """What it says of principles, gates, figures and waivers: each heading, and each line below it."""
    text = result.out.partition("\n\n")[2]
    parts = [part for part in text.split("\n\n") if part.startswith("Text\n") is False]
    return [line for part in parts[:-1] for line in part.splitlines()]


CHANGES = {
    "a principle is new": (
        {"principles": {"fair-play": {"title": "Fair Play"}}},
        "1.3.0",
        ["Fair Play", "  MINOR  The principle is new"],
    ),
    "a principle is removed": (
        {"principles": {"testing": None}, "gates": {"TEST-01": None, "TEST-02": None}},
        "2.0.0",
        [
            "Testing",
            "  MAJOR  The principle is removed",
            "  MAJOR  TEST-01 is removed: Tests cover 90 %",
            "  MAJOR  TEST-02 is removed: Each flow has a test",
        ],
    ),
    "a principle without MUST gates is removed": (
        {"principles": {"testing": None}, "gates": {"TEST-01": None, "TEST-02": {"principle": "quality"}}},
        "2.0.0",
        [
            "Code Quality",
            "  PATCH  TEST-02 belonged to `testing`",
            "Testing",
            "  MAJOR  The principle is removed",
            "  MAJOR  TEST-01 is removed: Tests cover 90 %",
        ],
    ),
    "a principle is called otherwise": (
        {"principles": {"testing": {"title": "Tests"}}},
        "1.2.4",
        ["Tests", "  PATCH  The principle was called Testing"],
    ),
    "a MUST gate is new": (
        {"gates": {"QUAL-03": {"principle": "quality", "level": "MUST", "statement": "At most {warnings}"}}},
        "1.3.0",
        ["Code Quality", "  MINOR  QUAL-03 is new: At most 5"],
    ),
    "a SHOULD gate is new": (
        {"gates": {"QUAL-03": {"principle": "quality", "level": "SHOULD", "statement": "It is fast"}}},
        "1.3.0",
        ["Code Quality", "  MINOR  QUAL-03 is new: It is fast"],
    ),
    "a MUST gate is removed": (
        {"gates": {"TEST-02": None}},
        "2.0.0",
        ["Testing", "  MAJOR  TEST-02 is removed: Each flow has a test"],
    ),
    "a SHOULD gate is removed": (
        {"gates": {"QUAL-02": None}},
        "1.3.0",
        ["Code Quality", "  MINOR  QUAL-02 is removed: Names are plain"],
    ),
    "a gate has another id": (
        {
            "gates": {
                "TEST-02": None,
                "FLOW-02": {"principle": "testing", "level": "MUST", "statement": "Each flow has a test"},
            }
        },
        "2.0.0",
        [
            "Testing",
            "  MINOR  FLOW-02 is new: Each flow has a test",
            "  MAJOR  TEST-02 is removed: Each flow has a test",
        ],
    ),
    "a level is lowered": (
        {"gates": {"TEST-02": {"level": "SHOULD"}}},
        "2.0.0",
        ["Testing", "  MAJOR  TEST-02 is a SHOULD, was a MUST"],
    ),
    "a level is raised": (
        {"gates": {"QUAL-02": {"level": "MUST"}}},
        "1.3.0",
        ["Code Quality", "  MINOR  QUAL-02 is a MUST, was a SHOULD"],
    ),
    "a figure that goes up is loosened": (
        {"figures": {"warnings": 6}},
        "2.0.0",
        ["Code Quality", "  MAJOR  QUAL-01: warnings is 6, was 5 (loosened)"],
    ),
    "a figure that goes down is tightened": (
        {"figures": {"warnings": 4}},
        "1.3.0",
        ["Code Quality", "  MINOR  QUAL-01: warnings is 4, was 5 (tightened)"],
    ),
    "a figure that goes down is loosened": (
        {"figures": {"coverage_min": 80}},
        "2.0.0",
        ["Testing", "  MAJOR  TEST-01: coverage_min is 80, was 90 (loosened)"],
    ),
    "a figure that goes up is tightened": (
        {"figures": {"coverage_min": 90.5}},
        "1.3.0",
        ["Testing", "  MINOR  TEST-01: coverage_min is 90.5, was 90 (tightened)"],
    ),
    "a figure is written otherwise": ({"figures": {"coverage_min": 90.0}}, "1.2.4", []),
    "a figure whose direction is taken away goes down": (
        {"figures": {"warnings": 4}, "stricter": {"warnings": ""}},
        "2.0.0",
        [
            "Code Quality",
            "  MAJOR  QUAL-01: [stricter] no longer says that warnings is tightened to lower values",
            "  MINOR  QUAL-01: warnings is 4, was 5 (tightened)",
        ],
    ),
    "a figure's direction is turned": (
        {"figures": {"warnings": 6}, "stricter": {"warnings": "higher"}},
        "2.0.0",
        [
            "Code Quality",
            "  MAJOR  QUAL-01: warnings is tightened to higher values, was to lower ones",
            "  MAJOR  QUAL-01: warnings is 6, was 5 (loosened)",
        ],
    ),
    "a number takes the place of a figure": (
        {
            "gates": {"TEST-01": {"statement": "Tests cover 80 %"}},
            "tasks": {"coverage": {"run": "coverage report --fail-under=80"}},
        },
        "2.0.0",
        [
            "Testing",
            "  PATCH  TEST-01 is proved by `coverage report --fail-under=80`, "
            "was by `coverage report --fail-under={coverage_min}`",
            "  MAJOR  TEST-01 no longer names the figure `coverage_min`",
            "  MAJOR  TEST-01 no longer names the figure `coverage_min` in its proof",
            "  PATCH  TEST-01 says: Tests cover 80 % (was: Tests cover 90 %)",
        ],
    ),
    "a forbidden pattern is removed": (
        {"tasks": {"private": {"forbid": ["*.pem"]}}},
        "2.0.0",
        ["Security", "  MAJOR  SEC-01 no longer forbids `.env`"],
    ),
    "a forbidden pattern is added": (
        {"tasks": {"private": {"forbid": [".env", "*.pem", "*.key"]}}},
        "1.3.0",
        ["Security", "  MINOR  SEC-01 now forbids `*.key`"],
    ),
    "a required pattern is added": (
        {"gates": {"SEC-02": {"require": ["SECURITY.md", "OWNERS"]}}},
        "1.3.0",
        ["Security", "  MINOR  SEC-02 now requires `OWNERS`"],
    ),
    "a SHOULD gate requires another file": (
        {"gates": {"SEC-02": {"require": ["OWNERS"]}}},
        "1.3.0",
        ["Security", "  MINOR  SEC-02 no longer requires `SECURITY.md`", "  MINOR  SEC-02 now requires `OWNERS`"],
    ),
    "a required pattern is forbidden": (
        {"gates": {"SEC-02": {"require": None, "forbid": ["SECURITY.md"]}}},
        "1.3.0",
        ["Security", "  MINOR  SEC-02 no longer requires `SECURITY.md`", "  MINOR  SEC-02 now forbids `SECURITY.md`"],
    ),
    "a command gets files": (
        {"tasks": {"lint": {"files": ["src/**", "*.py"]}}},
        "2.0.0",
        ["Code Quality", "  MAJOR  QUAL-01 now covers only `src/**`, `*.py`, was all that its command looks at"],
    ),
    "another command gets files": (
        {"tasks": {"lint": {"run": "ruff check", "files": ["src/**"]}}},
        "2.0.0",
        [
            "Code Quality",
            "  PATCH  QUAL-01 is proved by `ruff check` over files: src/**, was by `ruff check .`",
            "  MAJOR  QUAL-01 now covers only `src/**`, was all that its command looks at",
        ],
    ),
    "a command takes the place of patterns": (
        {"tasks": {"private": {"forbid": None, "run": "detect-secrets", "files": ["**"]}}},
        "2.0.0",
        [
            "Security",
            "  PATCH  SEC-01 is proved by `detect-secrets` over files: **, was by files: no .env, no *.pem",
            "  MAJOR  SEC-01 no longer forbids `.env`",
            "  MAJOR  SEC-01 no longer forbids `*.pem`",
            "  MINOR  SEC-01 now covers `**`",
        ],
    ),
    "patterns take the place of a command": (
        {"tasks": {"lint": {"run": None, "forbid": ["*.bad"]}}},
        "1.3.0",
        [
            "Code Quality",
            "  PATCH  QUAL-01 is proved by files: no *.bad, was by `ruff check .`",
            "  MINOR  QUAL-01 now forbids `*.bad`",
        ],
    ),
    "a command alone names a figure": (
        {"tasks": {"lint": {"run": "ruff check . --limit={coverage_min}"}}},
        "1.3.0",
        [
            "Code Quality",
            "  PATCH  QUAL-01 is proved by `ruff check . --limit={coverage_min}`, was by `ruff check .`",
            "  MINOR  QUAL-01 now names the figure `coverage_min` in its proof",
        ],
    ),
    "a number takes the place of a figure in the command alone": (
        {"tasks": {"coverage": {"run": "coverage report --fail-under=80"}}},
        "2.0.0",
        [
            "Testing",
            "  PATCH  TEST-01 is proved by `coverage report --fail-under=80`, "
            "was by `coverage report --fail-under={coverage_min}`",
            "  MAJOR  TEST-01 no longer names the figure `coverage_min` in its proof",
        ],
    ),
    "a task runs in CI alone": (
        {"tasks": {"lint": {"ci": True, "slow": True}}},
        "1.2.4",
        ["Code Quality", "  PATCH  QUAL-01 is proved under other conditions: its task's slow, ci"],
    ),
    "a MUST gate becomes a reviewer's": (
        {"tasks": {"private": {"forbid": []}}},
        "2.0.0",
        ["Security", "  MAJOR  SEC-01 is left to a reviewer, was proved by files: no .env, no *.pem"],
    ),
    "a SHOULD gate becomes a reviewer's": (
        {"gates": {"SEC-02": {"require": None}}},
        "1.3.0",
        ["Security", "  MINOR  SEC-02 is left to a reviewer, was proved by files: SECURITY.md"],
    ),
    "a reviewer's gate is judged by a machine": (
        {"gates": {"TEST-02": {"forbid": ["untested/**"]}}},
        "1.3.0",
        ["Testing", "  MINOR  TEST-02 is proved by files: no untested/**, was left to a reviewer"],
    ),
    "a statement is reworded": (
        {"gates": {"TEST-01": {"statement": "Tests reach {coverage_min} %"}}},
        "1.2.4",
        ["Testing", "  PATCH  TEST-01 says: Tests reach 90 % (was: Tests cover 90 %)"],
    ),
    "a gate is moved to another principle": (
        {"gates": {"TEST-02": {"principle": "quality"}}},
        "1.2.4",
        ["Code Quality", "  PATCH  TEST-02 belonged to `testing`"],
    ),
    "a task has another command": (
        {"tasks": {"lint": {"run": ["make lint", "make types"]}}},
        "1.2.4",
        ["Code Quality", "  PATCH  QUAL-01 is proved by `make lint` then `make types`, was by `ruff check .`"],
    ),
}


@pytest.mark.parametrize(("sections", "lowest", "lines"), CHANGES.values(), ids=CHANGES)
def test_a_change_is_told_with_its_bump_and_asks_for_the_version(
    amended: Repository, sections: dict[str, Any], lowest: str, lines: list[str]
) -> None:
    result = change(amended, edited(**sections))
    bump = {"2.0.0": "MAJOR", "1.3.0": "MINOR", "1.2.4": "PATCH"}[lowest]
    asked = f"Since HEAD the constitution changed by {bump}"
    assert report(result) == lines
    assert result.out.startswith(f"{asked}:\n")
    assert result.out.splitlines()[-1] == f"{asked}: **Version** is 1.2.3 and must be {lowest} or later."
    assert result.status == 1
    enough = change(amended, edited(**sections), lowest)
    assert report(enough) == lines
    assert (enough.status, "**Version**" in enough.out) == (0, False)


@pytest.mark.parametrize(
    ("task", "bump", "lines"),
    [
        ({"files": ["src/**"]}, "MAJOR", ["  MAJOR  QUAL-01 no longer covers `tests/**`"]),
        ({"files": ["src/**", "tests/**", "docs/**"]}, "MINOR", ["  MINOR  QUAL-01 now covers `docs/**`"]),
        (
            {"files": ["src/**", "tests/*.py"]},
            "MAJOR",
            ["  MAJOR  QUAL-01 no longer covers `tests/**`", "  MINOR  QUAL-01 now covers `tests/*.py`"],
        ),
        (
            {"files": None},
            "MINOR",
            ["  MINOR  QUAL-01 now covers all that its command looks at, was only `src/**`, `tests/**`"],
        ),
        (
            {"files": None, "run": None, "forbid": ["*.bad"]},
            "MAJOR",
            [
                "  PATCH  QUAL-01 is proved by files: no *.bad, was by `ruff check .` over files: src/**, tests/**",
                "  MAJOR  QUAL-01 no longer covers `src/**`",
                "  MAJOR  QUAL-01 no longer covers `tests/**`",
                "  MINOR  QUAL-01 now forbids `*.bad`",
            ],
        ),
        (
            {"files": ["src/**"], "run": "tidy"},
            "MAJOR",
            [
                "  PATCH  QUAL-01 is proved by `tidy` over files: src/**, "
                "was by `ruff check .` over files: src/**, tests/**",
                "  MAJOR  QUAL-01 no longer covers `tests/**`",
            ],
        ),
        (
            {"files": [], "run": ""},
            "MAJOR",
            ["  MAJOR  QUAL-01 is left to a reviewer, was proved by `ruff check .` over files: src/**, tests/**"],
        ),
    ],
)
def test_a_pattern_less_that_a_task_covers_is_a_loosening_and_one_more_a_tightening(
    amended: Repository, task: dict[str, Any], bump: str, lines: list[str]
) -> None:
    covered = {"files": ["src/**", "tests/**"]}
    amended.define(edited(tasks={"lint": covered}))
    write_documents(amended, "1.2.3")
    save(amended)
    result = change(amended, edited(tasks={"lint": covered | task}))
    assert report(result) == ["Code Quality", *lines]
    assert result.out.startswith(f"Since HEAD the constitution changed by {bump}:\n")


def test_a_pattern_less_asks_for_a_minor_version_where_only_a_should_gate_covers_it(amended: Repository) -> None:
    gate = {"QUAL-01": {"level": "SHOULD"}}
    amended.define(edited(gates=gate, tasks={"lint": {"files": ["src/**", "tests/**"]}}))
    save(amended)
    result = change(amended, edited(gates=gate, tasks={"lint": {"files": ["src/**"]}}))
    assert report(result) == ["Code Quality", "  MINOR  QUAL-01 no longer covers `tests/**`"]


def test_the_first_files_of_a_command_ask_for_a_minor_version_where_only_a_should_gate_has_it(
    amended: Repository,
) -> None:
    gate = {"QUAL-01": {"level": "SHOULD"}}
    amended.define(edited(gates=gate))
    save(amended)
    result = change(amended, edited(gates=gate, tasks={"lint": {"files": ["src/**"]}}))
    said = "  MINOR  QUAL-01 now covers only `src/**`, was all that its command looks at"
    assert report(result) == ["Code Quality", said]


def test_patterns_in_another_order_or_there_twice_are_no_change(amended: Repository) -> None:
    amended.define(edited(tasks={"lint": {"files": ["src/**", "tests/**"]}, "private": {"forbid": ["*.pem", ".env"]}}))
    save(amended)
    amended.define(edited(tasks={"lint": {"files": ["tests/**", "src/**", "tests/**"]}}))
    assert amended.gates("check", "--since", "HEAD").out.startswith("Since HEAD no gate and no word changed.\n")


def test_a_bound_that_a_gate_has_twice_is_told_once(amended: Repository) -> None:
    result = change(amended, edited(tasks={"private": {"forbid": [".env", "*.pem", "*.key", "*.key"]}}))
    assert report(result) == ["Security", "  MINOR  SEC-01 now forbids `*.key`"]
    result = change(amended, edited(tasks={"lint": {"files": ["src/**", "src/**"]}}))
    assert report(result)[1:] == ["  MAJOR  QUAL-01 now covers only `src/**`, was all that its command looks at"]


def compared(repository: Repository, ref: str = "HEAD") -> str:
    """What it says about versions and dates, and not about gates."""
    lines = repository.gates("check", "--since", ref).out.splitlines()
    return "\n".join(line for line in lines if "**" in line)


def test_nothing_that_changed_is_said_and_asks_for_nothing(amended: Repository) -> None:
    result = amended.gates("check", "--since", "HEAD")
    assert result.out == ("Since HEAD no gate and no word changed.\n\nThese agree on 6 gates: constitution, plan.\n")
    assert result.status == 0


def test_a_change_since_an_older_commit_is_told_though_the_newest_has_it(amended: Repository) -> None:
    amended.git("tag", "start")
    change(amended, edited(figures={"coverage_min": 80}))
    save(amended)
    for ref in ("start", "start~0", "HEAD~1", "HEAD^"):
        assert f"Since {ref} the constitution changed by MAJOR: **Version** is 1.2.3 and" in compared(amended, ref)
    assert compared(amended, "HEAD") == ""


def test_what_was_fetched_can_be_compared_with(amended: Repository, tmp_path: Path) -> None:
    other = Repository(tmp_path / "other")
    amended.git("clone", "--quiet", ".", str(other.root))
    change(amended, edited(gates={"TEST-02": None}))
    other.git("fetch", "--quiet", "origin", "HEAD")
    write_documents(other, "1.2.3")
    assert other.gates("check", "--since", "FETCH_HEAD").out.startswith("Since FETCH_HEAD no gate")


def test_words_ask_for_a_patch_and_line_ends_and_breaks_for_nothing(amended: Repository) -> None:
    write_documents(amended, "1.2.3", words="We deploy on Tuesdays.")
    save(amended)
    write_documents(amended, "1.2.3", words="We deploy\non Tuesdays.  ")
    document = amended.root / "memory/constitution.md"
    document.write_bytes(b"\xef\xbb\xbf" + document.read_bytes().replace(b"\n", b"\r\n"))
    assert amended.gates("check", "--since", "HEAD").out.startswith("Since HEAD no gate and no word changed.\n")
    write_documents(amended, "1.2.3", words="We deploy on Mondays.")
    result = amended.gates("check", "--since", "HEAD")
    assert "\n\nText\n  PATCH  The words of `memory/constitution.md` changed\n" in result.out
    assert compared(amended).endswith("changed by PATCH: **Version** is 1.2.3 and must be 1.2.4 or later.")


@pytest.mark.parametrize("version", ["1.2.2", "1.1.9", "0.9.0"])
def test_a_version_must_not_go_back(amended: Repository, version: str) -> None:
    write_documents(amended, version, "2026-03-02")
    assert compared(amended) == f"**Version** is {version}, was 1.2.3 at HEAD, and must be 1.2.3 or later."
    assert amended.gates("check", "--since", "HEAD").status == 1


@pytest.mark.parametrize("version", ["1.2.4", "1.3.0", "2.0.0", "1.10.0"])
def test_a_version_may_rise_by_more_than_is_asked(amended: Repository, version: str) -> None:
    write_documents(amended, version, "2026-03-02")
    assert amended.gates("check", "--since", "HEAD").status == 0


@pytest.mark.parametrize(
    ("bump", "least"), [({"figures": {"warnings": 4}}, "1.10.0"), ({"figures": {"warnings": 6}}, "2.0.0")]
)
def test_versions_are_numbers_and_no_texts(amended: Repository, bump: dict[str, Any], least: str) -> None:
    write_documents(amended, "1.9.9")
    save(amended)
    assert compared_after(amended, edited(**bump), "1.9.10").endswith(f"is 1.9.10 and must be {least} or later.")
    assert compared_after(amended, edited(**bump), least) == ""


def compared_after(repository: Repository, tables: dict[str, Any], version: str, amended: str = "2026-03-02") -> str:
    change(repository, tables, version, amended)
    return compared(repository)


def test_the_day_of_the_amendment_must_not_go_back(amended: Repository) -> None:
    found = compared_after(amended, edited(figures={"warnings": 4}), "1.3.0", "2026-01-31")
    assert found == "**Last Amended** is 2026-01-31, was 2026-02-01 at HEAD, and must not go back."


def test_a_new_version_has_a_new_day(amended: Repository) -> None:
    found = compared_after(amended, edited(figures={"warnings": 4}), "1.3.0", "2026-02-01")
    assert found == (
        "**Version** changed since HEAD, and **Last Amended** still is 2026-02-01: write the day of this amendment."
    )


def test_two_amendments_on_one_day_may_share_it(amended: Repository) -> None:
    write_documents(amended, "1.2.3", "2026-03-01")
    save(amended)  # on the 1st of March, too
    assert compared_after(amended, edited(figures={"warnings": 4}), "1.3.0", "2026-03-01") == ""


def test_findings_of_both_comparisons_are_told(amended: Repository) -> None:
    amended.define(edited(figures={"coverage_min": 80}))
    result = amended.gates("check", "--since", "HEAD")
    assert result.status == 1
    assert (
        "must be 2.0.0 or later.\nmemory/constitution.md line 10: TEST-01 says 90, 90, but coverage_min is 80."
        in result.out
    )
    write_documents(amended, "2.0.0", "2026-03-02")
    (amended.root / "plan.md").unlink()
    result = amended.gates("check", "--since", "HEAD")
    assert (result.status, result.out.splitlines()[-1]) == (
        1,
        "The plan document `plan.md` does not exist, or is a broken link.",
    )


def test_without_since_no_commit_is_looked_at(amended: Repository) -> None:
    amended.define(edited(figures={"coverage_min": 80}))
    write_documents(amended, "0.1.0", "2025-01-31")
    result = amended.gates("check")
    assert (result.status, result.out) == (0, "These agree on 6 gates: constitution, plan.\n")


def waived(**until: str) -> dict[str, Any]:
    return {
        "waivers": {
            gate.replace("_", "-"): {"reason": "agreed", "until": date.fromisoformat(day)}
            for gate, day in until.items()
        }
    }


def test_waivers_are_told_and_ask_for_no_version(amended: Repository) -> None:
    year = date.today().year + 1
    first, second, third = f"{year}-01-31", f"{year}-02-28", f"{year}-03-31"
    amended.define(waived(TEST_01=first, TEST_02=first, QUAL_01=first), "90-local.toml")
    save(amended)
    amended.define(waived(SEC_01=third, TEST_02=first, QUAL_01=second), "90-local.toml")
    result = amended.gates("check", "--since", "HEAD")
    assert result.status == 0
    assert result.out.splitlines()[:7] == [
        "Since HEAD only waivers changed:",
        "",
        "Waivers",
        f"         SEC-01 is waived until {third}: agreed",
        f"         QUAL-01 is waived until {second}, was until {first}: agreed",
        "         TEST-01 is no longer waived",
        "",
    ]


def test_a_waiver_takes_nothing_from_what_another_change_asks_for(amended: Repository) -> None:
    amended.define(waived(TEST_01="2999-01-31"), "90-local.toml")
    assert compared_after(amended, edited(figures={"warnings": 4}), "1.2.3").endswith("must be 1.3.0 or later.")


def test_a_figure_is_told_once_with_all_gates_that_name_it(amended: Repository) -> None:
    named = {"statement": "{coverage_min} % of all flows, and of those"}
    amended.define(
        edited(gates={"SEC-01": named, "TEST-02": named}, figures={"unnamed": 3}, stricter={"unnamed": "lower"})
    )
    save(amended)
    result = change(
        amended,
        edited(
            gates={"SEC-01": named, "TEST-02": named},
            figures={"coverage_min": 95, "unnamed": 2},
            stricter={"unnamed": "lower"},
        ),
    )
    assert report(result) == [
        "Testing",
        "  MINOR  TEST-01, TEST-02, SEC-01: coverage_min is 95, was 90 (tightened)",
        "Figures",
        "  MINOR  unnamed is 2, was 3 (tightened)",
    ]


def test_a_reviewers_gate_is_bound_by_the_figures_of_its_statement(amended: Repository) -> None:
    few = "  PATCH  TEST-02 says: At most 5 flows lack one (was: Each flow has a test)"
    named = edited(gates={"TEST-02": {"statement": "At most {warnings} flows lack one"}})
    assert report(change(amended, named)) == ["Testing", "  MINOR  TEST-02 now names the figure `warnings`", few]
    save(amended)
    each = "  PATCH  TEST-02 says: Each flow has a test (was: At most 5 flows lack one)"
    result = change(amended, TABLES)
    assert report(result) == ["Testing", "  MAJOR  TEST-02 no longer names the figure `warnings`", each]


@pytest.mark.parametrize("then", ["", "up"])
def test_a_figure_that_no_direction_is_known_of_counts_as_loosened(amended: Repository, then: str) -> None:
    amended.define(edited(stricter={"warnings": then}))
    save(amended)
    result = change(amended, edited(stricter={"warnings": ""}, figures={"warnings": 4}))
    how = 'counts as loosened: say `warnings = "higher"` or `"lower"` in [stricter] of the layer that sets it'
    assert report(result) == ["Code Quality", f"  MAJOR  QUAL-01: warnings is 4, was 5 ({how})"]


def test_a_direction_that_is_declared_with_the_change_judges_it(amended: Repository) -> None:
    amended.define(edited(stricter={"warnings": ""}))
    save(amended)
    amended.define({"stricter": {"warnings": "lower"}, "figures": {"warnings": 4}}, "90-local.toml")
    result = amended.gates("check", "--since", "HEAD")
    assert report(result) == ["Code Quality", "  MINOR  QUAL-01: warnings is 4, was 5 (tightened)"]


def test_the_layers_are_compared_as_they_lie_over_each_other(amended: Repository) -> None:
    amended.define({"figures": {"coverage_min": 95}}, "90-local.toml")
    result = amended.gates("check", "--since", "HEAD")
    assert report(result) == ["Testing", "  MINOR  TEST-01: coverage_min is 95, was 90 (tightened)"]
    write_documents(amended, "1.3.0", "2026-03-01")
    save(amended)
    amended.define(edited(figures={"coverage_min": 70}))
    assert amended.gates("check", "--since", "HEAD").out.startswith("Since HEAD no gate and no word changed.\n")
    (amended.root / ".specify/gates/90-local.toml").unlink()
    result = amended.gates("check", "--since", "HEAD")
    assert report(result) == ["Testing", "  MAJOR  TEST-01: coverage_min is 70, was 95 (loosened)"]


def test_layers_with_windows_line_ends_and_a_byte_order_mark_are_the_same(amended: Repository) -> None:
    base = amended.root / ".specify/gates/00-base.toml"
    text = base.read_bytes()
    base.write_bytes(b"\xef\xbb\xbf" + text.replace(b"\n", b"\r\n"))
    assert amended.gates("check", "--since", "HEAD").out.startswith("Since HEAD no gate and no word changed.\n")
    save(amended)
    base.write_bytes(text)
    assert amended.gates("check", "--since", "HEAD").out.startswith("Since HEAD no gate and no word changed.\n")


def test_a_project_below_the_top_of_a_git_repository_is_compared(amended: Repository) -> None:
    inner = Repository(amended.root / "services/päy ments")
    inner.define(edited(gates={"TEST-02": None}))
    write_documents(inner, "3.0.0", "2026-03-01")
    save(amended)
    result = change(inner, edited(gates={"TEST-02": None, "TEST-01": None}), "3.1.0")
    assert report(result) == ["Testing", "  MAJOR  TEST-01 is removed: Tests cover 90 %"]
    assert "**Version** is 3.1.0 and must be 4.0.0 or later." in result.out


def test_a_constitution_that_moved_is_compared_with_its_old_place(amended: Repository) -> None:
    moved = edited(documents={"constitution": "docs/constitution.md"})
    (amended.root / "memory/constitution.md").unlink()
    amended.define(moved)
    write_documents(amended, "1.2.3")
    assert amended.gates("check", "--since", "HEAD").out.startswith("Since HEAD no gate and no word changed.\n")
    write_documents(amended, "1.2.2")
    assert "must be 1.2.3 or later" in compared(amended)


@pytest.mark.parametrize("text", ["# Acme\n", "", None])
def test_a_commit_without_a_version_line_leaves_the_version_alone(amended: Repository, text: str | None) -> None:
    document = amended.root / "memory/constitution.md"
    if text is None:
        document.unlink()
    else:
        amended.write("memory/constitution.md", text)
    save(amended)
    result = change(amended, edited(gates={"TEST-02": None}), "0.0.1")
    assert "  MAJOR  TEST-02 is removed: Each flow has a test\n" in result.out
    assert "\n\nAt HEAD the constitution has no version line to compare with.\n\nThese agree on 5 gates" in result.out
    assert ("The words of" in result.out) == bool(text)
    assert result.status == 0


def test_the_last_line_is_compared_as_words_where_it_is_no_version(amended: Repository) -> None:
    amended.write("memory/constitution.md", "# Acme\n")
    save(amended)
    amended.write("memory/constitution.md", "# Beta\n")
    assert "\n  PATCH  The words of `memory/constitution.md` changed\n" in amended.gates("check", "--since", "HEAD").out


@pytest.mark.parametrize("text", ["# Acme\n", "", None])
def test_a_version_line_that_is_gone_is_for_the_ordinary_check_to_report(amended: Repository, text: str | None) -> None:
    amended.write("memory/constitution.md", text or "")
    if text is None:
        (amended.root / "memory/constitution.md").unlink()
    result = amended.gates("check", "--since", "HEAD")
    assert (result.status, result.err, "must be 1.2" in result.out) == (1, "", False)
    assert ("does not exist" if text is None else "the last line must look like") in result.out
    assert ("The words of" in result.out) == bool(text)


def test_a_commit_from_before_there_were_gates_has_nothing_to_compare(repository: Repository) -> None:
    repository.write("README.md", "# Acme\n")
    save(repository)
    repository.define(TABLES)
    write_documents(repository, "1.0.0")
    result = repository.gates("check", "--since", "HEAD")
    assert (result.status, result.out) == (
        0,
        "HEAD has no gates yet, so nothing is compared.\n\nThese agree on 6 gates: constitution, plan.\n",
    )


@pytest.mark.parametrize("ref", ["no-such-branch", "", "HEAD:README.md", "--all", "-h", "HEAD~9", "0" * 40])
def test_a_commit_that_git_does_not_know_is_said(amended: Repository, ref: str) -> None:
    result = amended.gates("check", f"--since={ref}")
    assert (result.status, result.out) == (2, "")
    assert result.err.startswith(f"git knows no commit `{ref}`")
    assert "Is it misspelt, or not fetched?" in result.err


def test_a_commit_that_a_shallow_clone_lacks_is_said(amended: Repository, tmp_path: Path) -> None:
    save(amended)
    clone = Repository(tmp_path / "clone")
    amended.git("clone", "--quiet", "--depth", "1", amended.root.as_uri(), str(clone.root))
    assert clone.gates("check", "--since", "HEAD").status == 0
    result = clone.gates("check", "--since", "HEAD~1")
    assert result.status == 2
    assert "A shallow clone, as CI makes it, lacks old commits." in result.err


def test_a_folder_that_is_no_git_repository_is_said(amended: Repository, tmp_path: Path) -> None:
    (amended.root / ".git").rename(tmp_path / "away")
    result = amended.gates("check", "--since", "HEAD")
    assert result.status == 2
    assert "not a git repository" in result.err


def test_git_that_is_missing_is_said(amended: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    result = amended.gates("check", "--since", "HEAD")
    assert (result.status, "`git` was not found" in result.err) == (2, True)


@pytest.mark.parametrize(
    "mistake",
    [
        {"colour": {}},
        {"gates": 3},
        {"tasks": {"tets": {"run": "pytest"}}},
        {"figures": {"unnamed": 3}},
        {"gates": {"qual-9": {}}},
        {"gates": {"QUAL-09": {"principle": "gone", "task": "gone", "statement": "{gone}", "level": "MAY"}}},
        {"principles": {"gone": {}}},
        {"stricter": {"gone": "up"}},
        {"waivers": {"GONE-01": {}}},
        {"tasks": {"private": {"needs": ["private"], "runs": "a && b"}}},
    ],
)
def test_a_mistake_that_was_mended_since_is_no_obstacle(amended: Repository, mistake: dict[str, Any]) -> None:
    amended.define(mistake, "90-local.toml")
    save(amended)
    assert amended.gates("check").status in (1, 2)
    (amended.root / ".specify/gates/90-local.toml").unlink()
    result = amended.gates("check", "--since", "HEAD")
    assert result.err == ""
    assert result.out.startswith("Since HEAD ")


def test_another_file_of_ci_that_runs_the_gates_is_told(amended: Repository) -> None:
    amended.define(edited(documents={"ci": ["ci.yml"]}))
    result = amended.gates("check", "--since", "HEAD")
    assert "Documents\n  PATCH  CI in [documents] is ci.yml, was nothing\n" in result.out


LEFT_OF_SEC_02 = {
    "gates": {"SEC-02": {"level": "MUST"}},
    "waivers": {"SEC-02": {"reason": "r", "until": date(2027, 1, 31)}},
}


def test_a_gate_that_an_update_retires_is_removed_though_a_layer_still_speaks_of_it(amended: Repository) -> None:
    amended.define(LEFT_OF_SEC_02, "90-local.toml")
    write_documents(amended, "1.2.3")
    save(amended)
    amended.define(edited(gates={"SEC-02": None}))
    result = amended.gates("check", "--since", "HEAD")
    assert (result.status, result.err) == (1, "")
    assert "  MAJOR  SEC-02 is removed: It says whom" in result.out
    assert "Nothing uses [gates.SEC-02] any more, or it is misspelt: remove it." in result.out
    save(amended)
    (amended.root / ".specify/gates/90-local.toml").unlink()
    assert "no gate and no word changed" in amended.gates("check", "--since", "HEAD").out, "to tidy up is no change"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[figures\n", "90-local.toml cannot be read as TOML: "),
        ("schema = 2\n", "90-local.toml: this gates.py supports schema = 1 only."),
        ('[figures]\nwarnings = "5"\n', "90-local.toml: [figures] must give `warnings` as a number."),
        ("[gates.TEST-02]\nlevel = 1\n", "90-local.toml: [gates.TEST-02] must give `level` as a text."),
    ],
)
def test_a_definition_that_could_not_be_read_then_is_said(amended: Repository, text: str, sentence: str) -> None:
    amended.write(".specify/gates/90-local.toml", text)
    save(amended)
    (amended.root / ".specify/gates/90-local.toml").unlink()
    result = amended.gates("check", "--since", "HEAD")
    assert (result.status, result.out) == (2, "")
    assert result.err.startswith(f"Nothing can be compared with HEAD:\n{sentence}")


def test_other_files_beside_the_layers_are_left_alone(amended: Repository) -> None:
    amended.write(".specify/gates/notes.txt", "[figures\n")
    amended.write(".specify/gates/old/50-house.toml", "[figures\n")
    save(amended)
    assert amended.gates("check", "--since", "HEAD").status == 0


def test_a_generated_project_tells_which_version_its_team_has_to_write(template: Path, tmp_path: Path) -> None:
    project = generate(template, tmp_path / "acme", constitution="quality-first", **DAY)
    commit(project, "Start")
    assert run_gates(project, "check", "--since", "HEAD").startswith("Since HEAD no gate and no word changed.\n")
    local = project / ".specify/gates/90-local.toml"
    local.write_text(local.read_text(encoding="utf-8") + "\n[figures]\ncoverage_min = 80\n", encoding="utf-8")
    for name in ("memory/constitution.md", *(f"templates/overrides/{kind}-template.md" for kind in ("plan", "tasks"))):
        document = project / ".specify" / name
        text = document.read_text(encoding="utf-8").replace("90 %", "80 %").replace("under=90", "under=80")
        document.write_text(text, encoding="utf-8", newline="\n")
    assert run_gates(project, "check", "--since", "HEAD", expect=1) == (
        "Since HEAD the constitution changed by MAJOR:\n\n"
        "Comprehensive Testing\n  MAJOR  TEST-02: coverage_min is 80, was 90 (loosened)\n\n"
        "Text\n  PATCH  The words of `.specify/memory/constitution.md` changed\n\n"
        "Since HEAD the constitution changed by MAJOR: **Version** is 1.0.0 and must be 2.0.0 or later.\n"
    )
    constitution = project / ".specify/memory/constitution.md"
    text = constitution.read_text(encoding="utf-8").replace("**Version**: 1.0.0", "**Version**: 2.0.0")
    amended = text.replace("**Last Amended**: 2026-01-31", "**Last Amended**: 2999-01-31")
    constitution.write_text(amended, encoding="utf-8", newline="\n")
    run_gates(project, "check", "--since", "HEAD")
