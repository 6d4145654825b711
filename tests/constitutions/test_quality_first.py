"""Seed 001: every fact and figure of its Constitution Check is in ours, in our words."""

import re
from pathlib import Path

import pytest

from tests.helpers import generate

FACTS = {
    "I": ["PEP 8", "type hints", "function signature", "review", "before|merge"],
    "II": ["unit tests", "90 %", "integration test", "critical user flow", "TDD", "test-first"],
    "III": [
        "patterns",
        "error messages?",
        "what to do|action",
        "API responses",
        "one structure|one documented structure",
    ],
    "IV": ["200 ms", "95 %", "API", "performance test", "responsiveness|slow it down"],
    "V": ["validate", "input", "output", "encode", "OWASP Top 10"],
}
TITLES = {
    "I": "Code Quality Standards",
    "II": "Comprehensive Testing",
    "III": "User Experience Consistency",
    "IV": "Performance Optimization",
    "V": "Security by Design",
}


@pytest.fixture(scope="module")
def project(files: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate(
        files, tmp_path_factory.mktemp("quality") / "acme", constitution="quality-first", package_name="acme"
    )


def plan_item(project: Path, numeral: str) -> str:
    """A principle's item in the numbered Constitution Check, with its gates."""
    plan = (project / ".specify/templates/plan-template.md").read_text(encoding="utf-8")
    check = plan.partition("## Constitution Check")[2].partition("## Project Structure")[0]
    match = re.search(rf"^\d\. \*\*[^*]+\*\* \({numeral}\): .*?(?=^\d\. |\Z)", check, re.MULTILINE | re.DOTALL)
    assert match, f"no item {numeral}"
    return match[0]


@pytest.mark.parametrize("numeral", FACTS)
def test_the_numbered_check_keeps_each_fact_of_the_seed(project: Path, numeral: str) -> None:
    item = plan_item(project, numeral)
    assert f"**{TITLES[numeral]}** ({numeral})" in item
    for fact in FACTS[numeral]:
        assert re.search(fact, item, re.IGNORECASE), f"{numeral} lost {fact!r}"


@pytest.mark.parametrize("numeral", FACTS)
def test_the_constitution_keeps_each_fact_of_the_seed(project: Path, numeral: str) -> None:
    constitution = (project / ".specify/memory/constitution.md").read_text(encoding="utf-8")
    section = re.search(rf"^### {numeral}\. .*?(?=^##)", constitution, re.MULTILINE | re.DOTALL)
    assert section
    for fact in {
        "I": ["PEP 8", "type hints"],
        "II": ["90 %", "TDD"],
        "III": ["action"],
        "IV": ["200 ms"],
        "V": ["OWASP"],
    }[numeral]:
        assert fact in section[0]


def test_the_source_tree_has_the_folders_of_the_seed(project: Path) -> None:
    plan = (project / ".specify/templates/plan-template.md").read_text(encoding="utf-8")
    tree = plan.partition("### Source Code")[2].partition("**Structure Decision**")[0]
    for folder in ("src/", "models/", "services/", "cli/", "lib/", "tests/", "contract/", "integration/", "unit/"):
        assert re.search(rf"(^|─ ){folder}", tree, re.MULTILINE), folder


def test_the_plan_names_the_command_that_proves_each_machine_gate(project: Path) -> None:
    for numeral, commands in {
        "I": ["`ruff check .`", "`mypy`", "a reviewer decides"],
        "II": ["--fail-under=90", "a reviewer decides"],
        "IV": ["tests/performance"],
        "V": ["`ruff check --select S,E902 src`", "pip-audit"],
    }.items():
        for command in commands:
            assert command in plan_item(project, numeral)
