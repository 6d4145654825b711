"""What every project type with a pyproject.toml promises: untouched it holds its gates, and each of them can fail."""

import shutil
from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

from extensions.catalogue import ROOT
from tests.helpers import CATALOGUE, COMBINATIONS, gate_results
from tests.project_types.canaries import Canary, vulnerability_service
from tests.project_types.canaries_python_service import plant_unused_import
from tests.project_types.python_projects import (
    Proven,
    PythonFor,
    assert_all_canaries_turn_every_task_red,
    assert_all_other_canaries_leave_a_task_green,
    assert_an_untouched_project_holds,
    assert_every_task_and_test_passes,
    local_tasks,
    machine_gates,
    start,
    task_results,
    tasks_among,
)

pytestmark = pytest.mark.slow


TYPES = [name for name in CATALOGUE.project_types if list((ROOT / "template" / name).glob("pyproject.toml*"))]


def canaries(project_type: str) -> dict[str, Canary]:
    found: dict[str, Canary] = import_module(f"tests.project_types.canaries_{project_type.replace('-', '_')}").CANARIES
    return found


@pytest.mark.parametrize("project_type", TYPES)
def test_each_task_has_a_canary(project_type: str) -> None:
    assert canaries(project_type).keys() == CATALOGUE.project_types[project_type].tasks.keys()


def coverage_min(constitution: str) -> int:
    return CATALOGUE.constitutions[constitution].figures.get("coverage_min", CATALOGUE.figures["coverage_min"].default)


# Those that ask for most coverage come first: what they prove holds for the others, too.
UNTOUCHED = sorted((pair for pair in COMBINATIONS if pair[0] in TYPES), key=lambda pair: -coverage_min(pair[1]))


@pytest.mark.parametrize(("project_type", "constitution"), UNTOUCHED)
def test_an_untouched_project_holds_every_machine_gate(
    files: Path, tmp_path: Path, python_for: PythonFor, proven: Proven, project_type: str, constitution: str
) -> None:
    project = start(files, tmp_path / "acme", project_type, constitution=constitution)
    assert_an_untouched_project_holds(project, project_type, constitution, python_for(project), proven)


@pytest.mark.parametrize("project_type", TYPES)
def test_every_task_and_every_test_of_an_untouched_project_passes(
    files: Path, tmp_path: Path, python_for: PythonFor, proven: Proven, project_type: str
) -> None:
    project = start(files, tmp_path / "acme", project_type)
    assert_every_task_and_test_passes(project, project_type, python_for(project), proven)


def test_what_was_proven_of_other_files_is_not_taken_for_these(files: Path, tmp_path: Path) -> None:
    project = start(files, tmp_path / "acme", "python-service")
    (folder := tmp_path / "proven").mkdir()
    proven, tasks = Proven(folder), ["lint", "coverage", "secrets"]
    assert proven.left(project, "python-service", tasks) == tasks
    proven.add(project, "python-service", tasks)
    assert proven.left(project, "python-service", tasks) == ["secrets"]
    for limit, left in [(91, ["coverage", "secrets"]), (90, ["secrets"]), (89, ["secrets"])]:
        figures = {"coverage_min": limit}
        other = start(files, tmp_path / f"acme-{limit}", "python-service", project_name="Acme", figures=figures)
        assert proven.left(other, "python-service", tasks) == left
    plant_unused_import(project, "acme")
    assert proven.left(project, "python-service", tasks) == tasks


def test_a_readme_proves_the_tasks_of_which_it_runs_each_command() -> None:
    assert {"test", "access", "loadtest"} <= set(tasks_among("python-service", ["pytest   # everything"]))
    assert not {"coverage", "lint", "private-files"}.intersection(tasks_among("python-service", ["pytest"]))
    assert tasks_among("python-service", ["pytest tests/contract/test_access.py"]) == ["access"]
    assert "test" not in tasks_among("modal-web", ["pytest"])
    assert "test" in tasks_among("modal-web", ["pytest", "npm test"])


NAME_MATTERS = {
    "boundaries", "cli-contract", "commands", "contract-drift", "isolation", "lint", "manifest", "manual-tests",
    "modal-parameters", "queues", "settings", "shims", "test-map", "types", "untracked-artifacts",
}  # fmt: skip
"""The tasks that a long or a short name could turn red."""


@pytest.mark.parametrize(
    ("package_name", "gpu_environment", "cuda_version", "project_name"),
    [
        ("a", "g", "13.0", "Größe 9"),
        ("a_rather_long_name_of_a_package_that_is1", "a-gpu-with-the-longest-name-of-them-all1", "12.6", "W" * 60),
    ],
    ids=["short", "long"],
)
@pytest.mark.parametrize("project_type", TYPES)
def test_other_names_hold_the_gates_too(
    files: Path,
    tmp_path: Path,
    python_for: PythonFor,
    project_type: str,
    package_name: str,
    gpu_environment: str,
    cuda_version: str,
    project_name: str,
) -> None:
    project = start(
        files,
        tmp_path / "acme",
        project_type,
        description="Ünïcode, \"quotes\" and 'apostrophes': done",
        author='J. "Jo" Doe',
        license="none",
        package_name=package_name,
        gpu_environment=gpu_environment,
        cuda_version=cuda_version,
        project_name=project_name,
    )
    tasks = NAME_MATTERS.intersection(local_tasks(project_type))
    results = task_results(project, sorted(tasks), python_for(project))
    assert {task for task, result in results.items() if result != "pass"} == set()


@pytest.fixture(scope="session")
def started(
    files: Path, tmp_path_factory: pytest.TempPathFactory, python_for: PythonFor
) -> Callable[[str], tuple[Path, Path]]:
    """A function that gives a generated project of a type, which a worker's tests copy, and its interpreter."""

    @cache
    def project_and_python(project_type: str) -> tuple[Path, Path]:
        folder = tmp_path_factory.mktemp(project_type) / "acme"
        project = start(files, folder, project_type, package_name="acme")
        return project, python_for(project)

    return project_and_python


@pytest.fixture
def copy_of(tmp_path: Path, started: Callable[[str], tuple[Path, Path]]) -> Callable[[str], tuple[Path, Path]]:
    """A function that gives a project of a type for this test alone, and its interpreter."""

    def project_and_python(project_type: str) -> tuple[Path, Path]:
        project, python = started(project_type)
        return Path(shutil.copytree(project, tmp_path / "acme", symlinks=True)), python

    return project_and_python


# All canaries together turn every task red, and each task is green as soon as its own one is missing. So beside all
# others it is a task's own canary that turns it red, and the others do not. It takes two runs of a type's tasks, not
# one for every canary; what it leaves open is whether a canary needs another one to be seen, or hides it.


@pytest.mark.parametrize("project_type", TYPES)
def test_all_canaries_together_turn_every_task_red(
    copy_of: Callable[[str], tuple[Path, Path]], project_type: str
) -> None:
    project, python = copy_of(project_type)
    assert_all_canaries_turn_every_task_red(project, project_type, canaries(project_type), python)


@pytest.mark.parametrize(
    ("project_type", "task"), [(project_type, task) for project_type in TYPES for task in local_tasks(project_type)]
)
def test_all_canaries_but_its_own_leave_a_task_green(
    copy_of: Callable[[str], tuple[Path, Path]], project_type: str, task: str
) -> None:
    project, python = copy_of(project_type)
    assert_all_other_canaries_leave_a_task_green(project, project_type, task, canaries(project_type), python)


@pytest.mark.parametrize("project_type", TYPES)
def test_a_known_vulnerability_turns_the_audit_red_in_ci(
    files: Path, tmp_path: Path, python_for: PythonFor, project_type: str
) -> None:
    project = start(files, tmp_path / "acme", project_type, constitution="quality-first", package_name="acme")
    (gate,) = [name for name, task in machine_gates(project_type, "quality-first").items() if task == "audit"]
    python = python_for(project)
    with vulnerability_service() as service:
        assert gate_results(project, gate, "--ci", python=python, **service) == {gate: "pass"}
        canaries(project_type)["audit"](project, "acme")
        assert gate_results(project, gate, "--ci", python=python, **service) == {gate: "fail"}
    assert gate_results(project, gate, python=python) == {gate: "open"}, "without --ci nobody has judged it"
