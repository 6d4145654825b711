"""The real `specify` of spec-kit takes what is generated, and leaves it as it is."""

import hashlib
import json
import shutil
import sys
from pathlib import Path

import pytest

from tests.helpers import CATALOGUE, COMBINATIONS, commit, gates, generate, run

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the scripts under test are spec-kit's shell scripts")

INIT = ["specify", "init", "--here", "--force", "--non-interactive", "--ignore-agent-tools", "--integration", "claude"]
OURS = (
    ".specify/memory/constitution.md",
    ".specify/templates/plan-template.md",
    ".specify/templates/overrides",
    ".specify/gates",
    "AGENTS.md",
    ".copier-answers.yml",
)


def fingerprints(project: Path) -> dict[str, str]:
    """What our files hold; a link counts as its target's name."""
    files = [
        path
        for name in OURS
        for path in [project / name, *(project / name).rglob("*")]
        if path.is_symlink() or path.is_file()
    ]
    return {
        str(path.relative_to(project)): str(path.readlink())
        if path.is_symlink()
        else hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if "__pycache__" not in path.parts
    }


def assert_spec_kit_uses_our_documents(project: Path) -> None:
    resolved = run(["specify", "preset", "resolve", "plan-template"], project, COLUMNS="300").stdout
    assert "project override" in resolved
    assert ".specify/templates/overrides/plan-template.md" in resolved.replace("\n", "")

    feature = json.loads(
        run(
            ["bash", ".specify/scripts/bash/create-new-feature.sh", "--json", "--short-name", "demo", "A demo"], project
        ).stdout
    )
    plan = json.loads(
        run(
            ["bash", ".specify/scripts/bash/setup-plan.sh", "--json"], project, SPECIFY_FEATURE=feature["BRANCH_NAME"]
        ).stdout
    )
    ours = (project / ".specify/templates/overrides/plan-template.md").read_text(encoding="utf-8")
    assert Path(plan["IMPL_PLAN"]).read_text(encoding="utf-8") == ours
    shutil.rmtree(project / "specs")

    constitution = run(["bash", ".specify/scripts/bash/resolve-template.sh", "constitution-template"], project).stdout
    assert (project / ".specify/memory/constitution.md").read_text(encoding="utf-8").strip() in constitution
    tasks = project / ".specify/templates/overrides/tasks-template.md"
    if tasks.exists():
        resolved_tasks = run(["bash", ".specify/scripts/bash/resolve-template.sh", "tasks-template"], project).stdout
        assert tasks.read_text(encoding="utf-8").strip() in resolved_tasks


@pytest.mark.slow
@pytest.mark.parametrize(("project_type", "constitution"), COMBINATIONS)
def test_specify_leaves_our_files_alone_and_uses_them(
    files: Path, tmp_path: Path, project_type: str, constitution: str
) -> None:
    project = generate(files, tmp_path / "acme", project_type=project_type, constitution=constitution)
    commit(project, "Start")
    before = fingerprints(project)
    assert {".specify/templates/plan-template.md", ".specify/gates/gates.py"} <= before.keys()

    run(INIT, project)
    assert fingerprints(project) == before
    assert_spec_kit_uses_our_documents(project)

    run(["specify", "integration", "upgrade", "--force"], project)
    assert fingerprints(project) == before
    assert_spec_kit_uses_our_documents(project)

    run(["specify", "integration", "switch", "gemini"], project)
    assert fingerprints(project) == before
    assert_spec_kit_uses_our_documents(project)
    commit(project, "Bring in spec-kit")
    gates(project, "check")


@pytest.mark.slow
@pytest.mark.parametrize("project_type", [name for name, item in CATALOGUE.project_types.items() if not item.skeleton])
def test_a_repository_that_specify_initialised_first_keeps_every_file_and_gets_our_plan(
    files: Path, tmp_path: Path, project_type: str
) -> None:
    project = tmp_path / "acme"
    project.mkdir()
    (project / "README.md").write_text("# Acme\n", encoding="utf-8")
    commit(project, "Start")
    run(INIT, project)
    commit(project, "Bring in spec-kit")
    run(
        ["git", "rm", "--quiet", ".specify/memory/constitution.md"], project
    )  # its unfilled placeholder, as our message says
    commit(project, "Remove the placeholder of the constitution")
    generate(files, project, project_type=project_type)
    changed = run(["git", "diff", "--name-only"], project).stdout
    assert changed == "", "no file that spec-kit or the user wrote may change"
    commit(project, "Adopt a constitution")
    gates(project, "check")
    assert_spec_kit_uses_our_documents(project)


@pytest.mark.slow
def test_a_new_project_in_a_folder_that_specify_initialised_first_uses_our_documents(
    files: Path, tmp_path: Path
) -> None:
    project = tmp_path / "acme"
    project.mkdir()
    commit(project, "Start")
    run(INIT, project)
    commit(project, "Bring in spec-kit")
    run(["copier", "copy", "--defaults", "--overwrite", "--quiet", files, project], tmp_path)
    commit(project, "Start from the template")
    gates(project, "check")
    before = fingerprints(project)
    run(INIT, project)
    assert fingerprints(project) == before
    assert_spec_kit_uses_our_documents(project)
