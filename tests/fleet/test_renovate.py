"""Renovate itself updates generated projects.

Its local mode, a dry run, shows that it finds a new version with the project's own settings. The stage after that, in
which it makes the update, is run by `renovate_artifacts.mjs`.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from copier import run_copy
from filelock import FileLock

from extensions.catalogue import ROOT
from tests.helpers import commit, git, run, snapshot_template

pytestmark = pytest.mark.nightly

PACKAGES = ("renovate@44.121.2", "node@24.21.0")
"""Renovate, and the Node.js that it needs, whatever the machine's own is."""
RULE = "- Be kind.\n"
OURS, ORGANISATIONS = ".copier-answers.yml", ".copier-answers.org.yml"
ARTIFACTS = Path(__file__).with_name("renovate_artifacts.mjs")


@pytest.fixture(autouse=True)
def _without_git_config_variables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Renovate refuses to run git with them; a home without settings isolates it as well."""
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture(scope="session")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder `node_modules` with Renovate and its Node.js, from npm."""
    npm = shutil.which("npm")
    assert npm, "This test runs Renovate from npm: install Node.js, which brings npm, and put it on PATH."
    shared = tmp_path_factory.getbasetemp().parent
    folder = shared / "renovate"
    with FileLock(shared / "renovate.lock"):
        if not (folder / "complete").exists():
            folder.mkdir(exist_ok=True)
            # The package `node` fetches its program by a script; no other package of these needs one.
            run([npm, "install", "--prefix", folder, "--no-audit", "--no-fund", *PACKAGES], folder)
            (folder / "complete").touch()
    return folder / "node_modules"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with an organisation's overlay, each of version v1.0.0 of its template, which has a version v1.1.0."""
    work = tmp_path_factory.mktemp("renovate")
    template = snapshot_template(work / "template.git", "v1.0.0")
    project = work / "acme"
    run_copy(template.as_uri(), project, {"ratified": "2026-01-31"}, defaults=True, unsafe=False, quiet=True)
    overlay = Path(shutil.copytree(ROOT / "examples/organisation", work / "overlay.git"))
    commit(overlay, "The overlay")
    git(overlay, "tag", "v1.0.0")
    run_copy(overlay.as_uri(), project, defaults=True, unsafe=False, quiet=True)
    commit(project, "Start")
    layer = overlay / "template/.specify/gates/50-org-acme.toml.jinja"
    layer.write_text(layer.read_text("utf-8").replace("incident_hours = 24", "incident_hours = 12"), "utf-8")
    commit(overlay, "The next version")
    git(overlay, "tag", "v1.1.0")
    insert(template / "template/common/AGENTS.md.jinja", "## Rules\n\n", RULE)
    commit(template, "The next version")
    git(template, "tag", "v1.1.0")
    return project


def insert(path: Path, place: str, text: str) -> None:
    """Put a text after the first `place` of a file."""
    content = path.read_text(encoding="utf-8")
    assert place in content
    path.write_text(content.replace(place, place + text, 1), encoding="utf-8", newline="\n")


def node(modules: Path, cwd: Path, *arguments: str | Path, **env: str) -> str:
    """What a script prints in Renovate's Node.js."""
    return run([modules / ".bin/node", *arguments], cwd, expect=0, **env).stdout


def update(modules: Path, project: Path, work: Path, answers_file: str = OURS) -> list[dict[str, Any]]:
    """What Renovate would put into its pull request for v1.1.0: errors, and files with their contents."""
    # To run scripts of templates is what hosted Renovate does not allow, and `GlobalConfig` here does not either.
    arguments: list[str | Path] = [modules / "renovate", work, project.as_uri(), "main", answers_file, "v1.1.0"]
    printed = node(modules, work, ARTIFACTS, *arguments, LOG_LEVEL="fatal")
    results: list[dict[str, Any]] = json.loads(printed)
    return results


def test_renovate_finds_the_new_version_with_the_projects_own_settings(
    modules: Path, project: Path, tmp_path: Path
) -> None:
    script = modules / "renovate/dist/renovate.js"
    options = ["--platform=local", "--enabled-managers=copier"]
    env = {"LOG_LEVEL": "debug", "LOG_FORMAT": "json", "RENOVATE_BASE_DIR": str(tmp_path)}
    lines = [json.loads(line) for line in node(modules, project, script, *options, **env).splitlines()]
    (found,) = (line["config"]["copier"] for line in lines if line["msg"] == "packageFiles with updates")
    assert sorted(file["packageFile"] for file in found) == [ORGANISATIONS, OURS]
    for file in found:
        (dependency,) = file["deps"]
        (change,) = dependency["updates"]
        assert (dependency["currentValue"], change["newValue"]) == ("v1.0.0", "v1.1.0")
        assert change["branchName"] == "renovate/project-template", "the group of the project's renovate.json"
    assert git(project, "status", "--porcelain") == "", "a dry run"


def test_renovate_makes_the_update_without_being_allowed_scripts(modules: Path, project: Path, tmp_path: Path) -> None:
    results = update(modules, project, tmp_path)
    assert [result.get("error") for result in results] == [None, None]
    files = {result["path"]: result["contents"] for result in results}
    assert set(files) == {OURS, "AGENTS.md"}
    assert "_commit: v1.1.0" in files[OURS]
    assert RULE in files["AGENTS.md"]


def test_renovate_updates_an_organisations_overlay_by_itself(modules: Path, project: Path, tmp_path: Path) -> None:
    results = update(modules, project, tmp_path, ORGANISATIONS)
    assert {result["path"] for result in results} == {ORGANISATIONS, ".specify/gates/50-org-acme.toml"}
    assert any("incident_hours = 12" in result["contents"] for result in results)


def test_renovate_reports_a_conflict_and_puts_both_sides_into_the_file(
    modules: Path, project: Path, tmp_path: Path
) -> None:
    ours = tmp_path / "acme"
    git(tmp_path, "clone", "--quiet", str(project), str(ours))
    insert(ours / "AGENTS.md", "## Rules\n\n", "- Ask Jo.\n")
    commit(ours, "A rule of our own")
    results = update(modules, ours, tmp_path)
    (error,) = (result["error"] for result in results if result.get("error"))
    assert "yielded 1 merge conflicts" in error
    assert error.endswith("* AGENTS.md")
    (marked,) = (result for result in results if result.get("path") == "AGENTS.md")
    assert "had merge conflicts" in marked["notice"]
    assert "- Ask Jo.\n" in marked["contents"]
    assert RULE in marked["contents"]
    assert "<<<<<<< before updating\n" in marked["contents"]
