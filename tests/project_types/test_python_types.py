"""What every project type with a pyproject.toml promises: untouched it holds its gates, and each of them can fail."""

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
    assert_an_untouched_project_holds,
    assert_canaries_turn_exactly_their_gates_red,
    assert_every_task_and_test_passes,
    canary_groups,
    local_tasks,
    machine_gates,
    start,
    task_results,
)

pytestmark = pytest.mark.slow


def room(project_type: str) -> str:
    """The id as rooms and modules spell it."""
    return project_type.replace("-", "_")


TYPES = [name for name in CATALOGUE.project_types if list(ROOT.glob(f"template/*room.{room(name)} */pyproject.toml.*"))]


def canaries(project_type: str) -> dict[str, Canary]:
    found: dict[str, Canary] = import_module(f"tests.project_types.canaries_{room(project_type)}").CANARIES
    return found


@pytest.fixture(scope="session")
def proven(tmp_path_factory: pytest.TempPathFactory) -> Proven:
    """What passed in any worker."""
    folder = tmp_path_factory.getbasetemp().parent / "proven"
    folder.mkdir(exist_ok=True)
    return Proven(folder)


@pytest.mark.parametrize("project_type", TYPES)
def test_each_task_has_a_canary(project_type: str) -> None:
    assert canaries(project_type).keys() == CATALOGUE.project_types[project_type].tasks.keys()


@pytest.mark.parametrize(("project_type", "constitution"), [pair for pair in COMBINATIONS if pair[0] in TYPES])
def test_an_untouched_project_holds_every_machine_gate(
    template: Path, tmp_path: Path, python_for: PythonFor, proven: Proven, project_type: str, constitution: str
) -> None:
    project = start(template, tmp_path / "acme", project_type, constitution=constitution)
    assert_an_untouched_project_holds(project, project_type, constitution, python_for(project), proven)


@pytest.mark.parametrize("project_type", TYPES)
def test_every_task_and_every_test_of_an_untouched_project_passes(
    template: Path, tmp_path: Path, python_for: PythonFor, proven: Proven, project_type: str
) -> None:
    project = start(template, tmp_path / "acme", project_type)
    assert_every_task_and_test_passes(project, project_type, python_for(project), proven)


def test_what_was_proven_of_other_files_is_not_taken_for_these(template: Path, tmp_path: Path) -> None:
    project = start(template, tmp_path / "acme", "python-service")
    (folder := tmp_path / "proven").mkdir()
    proven, tasks = Proven(folder), ["lint", "coverage", "secrets"]
    assert proven.left(project, "python-service", tasks) == tasks
    proven.add(project, "python-service", tasks)
    assert proven.left(project, "python-service", tasks) == ["secrets"]
    other = start(template, tmp_path / "acme-2", "python-service", project_name="Acme", figures={"coverage_min": 91})
    assert proven.left(other, "python-service", tasks) == ["coverage", "secrets"]
    plant_unused_import(project, "acme")
    assert proven.left(project, "python-service", tasks) == tasks


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
    template: Path,
    tmp_path: Path,
    python_for: PythonFor,
    project_type: str,
    package_name: str,
    gpu_environment: str,
    cuda_version: str,
    project_name: str,
) -> None:
    project = start(
        template,
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


@pytest.mark.parametrize(
    ("project_type", "group"),
    [
        pytest.param(name, group, id=f"{name}-{'+'.join(sorted(group))}")
        for name in TYPES
        for group in canary_groups(local_tasks(name))
    ],
)
def test_canaries_turn_exactly_their_gates_red(
    template: Path, tmp_path: Path, python_for: PythonFor, project_type: str, group: set[str]
) -> None:
    project = start(template, tmp_path / "acme", project_type, package_name="acme")
    assert_canaries_turn_exactly_their_gates_red(
        project, project_type, group, canaries(project_type), python_for(project)
    )


@pytest.mark.parametrize("project_type", TYPES)
def test_a_known_vulnerability_turns_the_audit_red_in_ci(
    template: Path, tmp_path: Path, python_for: PythonFor, project_type: str
) -> None:
    project = start(template, tmp_path / "acme", project_type, constitution="quality-first", package_name="acme")
    (gate,) = [name for name, task in machine_gates(project_type, "quality-first").items() if task == "audit"]
    python = python_for(project)
    with vulnerability_service() as service:
        assert gate_results(project, gate, "--ci", python=python, **service) == {gate: "pass"}
        canaries(project_type)["audit"](project, "acme")
        assert gate_results(project, gate, "--ci", python=python, **service) == {gate: "fail"}
    assert gate_results(project, gate, python=python) == {gate: "open"}, "without --ci nobody has judged it"
