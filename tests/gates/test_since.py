"""`check --since` says what changed since a commit, and holds the constitution's version to it."""

import copy
import re
from pathlib import Path
from typing import Any

import pytest

from tests.gates.helpers import Repository, Result, gates, layer

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
    loaded, tables = gates.load(gates.read_layers(repository.root))
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
    "a figure without a direction differs": (
        {"figures": {"warnings": 4}, "stricter": {"warnings": ""}},
        "1.3.0",
        ["Code Quality", "  MINOR  QUAL-01: warnings is 4, was 5 (tightened)"],
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
    "a command takes the place of patterns": (
        {"tasks": {"private": {"forbid": None, "run": "detect-secrets", "files": ["**"]}}},
        "2.0.0",
        [
            "Security",
            "  PATCH  SEC-01 is proved by `detect-secrets` over files: **, was by files: no .env, no *.pem",
            "  MAJOR  SEC-01 no longer forbids `.env`",
            "  MAJOR  SEC-01 no longer forbids `*.pem`",
        ],
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
