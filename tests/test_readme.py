"""The README's two commands do all the set-up, and CI runs the second."""

import re
import sys
from pathlib import Path

import pytest
import yaml

from extensions.catalogue import ROOT
from tests.helpers import CATALOGUE, run

README = (ROOT / "README.md").read_text(encoding="utf-8")
GENERATE, TEST, *_ = re.findall(r"^```sh\n(.*?)\n```", README, re.MULTILINE | re.DOTALL)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the command is written for a POSIX shell")
def test_the_first_command_generates_a_project_in_a_fresh_environment(template: Path, tmp_path: Path) -> None:
    command = re.sub(r"https://\S+\.git", f"--defaults {template}", GENERATE)
    assert command != GENERATE
    run(["bash", "-e", "-c", command], tmp_path, HOME=str(tmp_path))
    answers = yaml.safe_load((tmp_path / "my-project/.copier-answers.yml").read_text(encoding="utf-8"))
    assert (answers["project_name"], answers["project_type"]) == ("My Project", "python-service")


def test_ci_runs_the_second_command() -> None:
    script = (ROOT / ".ci/run").read_text(encoding="utf-8")
    for part in TEST.split(" && "):
        assert part in script


def test_every_type_and_constitution_stands_in_the_readme_with_its_own_words() -> None:
    rows = {entry.id: entry.summary for entry in CATALOGUE.project_types.values()}
    rows |= {entry.id: entry.summary for entry in CATALOGUE.constitutions.values()}
    for name, summary in rows.items():
        assert f"| `{name}` | {summary} |" in README.replace("`.specify`", ".specify").replace(
            "`AGENTS.md`", "AGENTS.md"
        )


@pytest.mark.parametrize("page", sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_no_placeholder_is_left_in_the_readme() -> None:
    assert not re.findall(r"\b[A-Z]{3,}_[A-Z_]{3,}\b", README)
