"""`existing-repo`: a constitution for code that is there already."""

import re
import tomllib
from pathlib import Path

import pytest

from tests.helpers import commit, gate_results, gates, generate, suits


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A small repository with a history of its own."""
    (repository := tmp_path / "shop").mkdir()
    (repository / "README.md").write_text("# Shop\n", encoding="utf-8")
    (repository / "main.go").write_text("package main\n", encoding="utf-8")
    commit(repository, "Start")
    return repository


@pytest.mark.parametrize("constitution", suits("existing-repo"))
def test_every_gate_is_a_reviewers_until_its_task_is_mapped(files: Path, repository: Path, constitution: str) -> None:
    generate(files, repository, project_type="existing-repo", constitution=constitution)
    commit(repository, "Adopt a constitution")
    assert set(gate_results(repository).values()) == {"open"}
    gates(repository, "run")


def test_a_task_that_the_team_maps_makes_its_gate_the_machines(files: Path, repository: Path) -> None:
    generate(files, repository, project_type="existing-repo", constitution="essentials")
    local = repository / ".specify/gates/90-local.toml"
    with local.open("a", encoding="utf-8") as stream:
        stream.write(
            '\n[tasks.test]\nrun = "git --version"\n[tasks.docs-files]\nrequire = ["README.md", "CHANGELOG.md"]\n'
        )
    commit(repository, "Adopt a constitution")
    results = gate_results(repository)
    assert results.pop("TST-01") == "pass"
    assert results.pop("DOC-01") == "fail"
    assert set(results.values()) == {"open"}
    assert "CHANGELOG.md" in gates(repository, "run", "DOC-01", expect=1)


@pytest.mark.parametrize("constitution", suits("existing-repo"))
@pytest.mark.parametrize("language", ["Python", "Node", "Go", "Rust"])
def test_each_commented_example_is_a_valid_layer(
    files: Path, repository: Path, constitution: str, language: str
) -> None:
    generate(files, repository, project_type="existing-repo", constitution=constitution)
    local = repository / ".specify/gates/90-local.toml"
    text = local.read_text(encoding="utf-8")
    section = re.search(rf"^# {language}\n((?:# .*\n)+)", text, re.MULTILINE)
    assert section, f"no example for {language}"
    uncommented = re.sub(r"^# ", "", section[1], flags=re.MULTILINE)
    local.write_text(f"schema = 1\n{uncommented}", encoding="utf-8")
    assert tomllib.loads(uncommented)["tasks"]
    commit(repository, "Map the tasks")
    (mapped, *_) = tomllib.loads(uncommented)["tasks"].values()
    command = mapped["run"] if isinstance(mapped["run"], str) else mapped["run"][0]
    assert command.split()[0] in gates(repository, "list")


def test_agents_md_is_written_once_so_it_points_at_the_gates_instead_of_naming_them(
    files: Path, repository: Path
) -> None:
    generate(files, repository, project_type="existing-repo", constitution="essentials")
    agents = (repository / "AGENTS.md").read_text(encoding="utf-8")
    assert "gates.py list" in agents
    assert "TST-02" not in agents


def test_check_asks_for_the_command_in_the_templates_once_a_task_is_mapped(files: Path, repository: Path) -> None:
    generate(files, repository, project_type="existing-repo", constitution="essentials")
    with (repository / ".specify/gates/90-local.toml").open("a", encoding="utf-8") as stream:
        stream.write('\n[tasks.test]\nrun = "go test ./..."\n')
    found = gates(repository, "check", expect=1).splitlines()
    assert len(found) == 2
    assert all("TST-01 is proved by `go test ./...`, and the line does not say so." in line for line in found)
    for name in ("plan-template.md", "tasks-template.md"):
        path = repository / ".specify/templates/overrides" / name
        text = path.read_text(encoding="utf-8")
        text = text.replace("All tests pass (a reviewer decides)", "All tests pass (`go test ./...`)")
        path.write_text(text, encoding="utf-8")
    gates(repository, "check")
