"""Promises that every Python project type keeps, and how its tests hold them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations
from itertools import count as count_from
from math import comb
from pathlib import Path

from extensions.catalogue import Task
from tests.helpers import CATALOGUE, commit, gate_results, generate, run, suits
from tests.project_types.canaries import Canary

PythonFor = Callable[[Path], Path]


def machine_gates(project_type: str, constitution: str) -> dict[str, str]:
    """The gates of a constitution that a task of this type proves, with that task; `custom` as the type proposes it."""
    type_ = CATALOGUE.project_types[project_type]
    return {
        gate.id: gate.task
        for principle in CATALOGUE.constitutions[constitution].principles or type_.principles
        for gate in CATALOGUE.principles[principle].gates
        if gate.task in type_.tasks
    }


def local_tasks(project_type: str) -> list[str]:
    """The tasks of a type that run everywhere, not in CI alone."""
    return [name for name, task in CATALOGUE.project_types[project_type].tasks.items() if not task.ci]


def start(template: Path, destination: Path, project_type: str, **answers: object) -> Path:
    """A generated and committed project."""
    project = generate(template, destination, project_type=project_type, **answers)
    commit(project, "Start")
    return project


def source_path(project: Path) -> str:
    return str(project / "src")


def task_results(project: Path, tasks: Iterable[str], python: Path) -> dict[str, str]:
    """The result of each of these tasks, by a gate of its own for each of them."""
    names = {f"TASK-{number:02}": name for number, name in enumerate(tasks, start=1)}
    with (project / ".specify/gates/90-local.toml").open("a", encoding="utf-8") as local:
        local.write('\n[principles.every-task]\ntitle = "Every task"\n')
        for gate, task in names.items():
            local.write(f'[gates.{gate}]\nprinciple = "every-task"\nlevel = "MUST"\n')
            local.write(f'statement = "The task {task} succeeds"\ntask = "{task}"\n')
    results = gate_results(project, "every-task", python=python, PYTHONPATH=source_path(project))
    return {names[gate]: result for gate, result in results.items()}


def assert_an_untouched_project_holds(project: Path, project_type: str, constitution: str, python: Path) -> None:
    """Each gate that a machine can judge here passes, the others are open, and all of the project's tests pass."""
    results = gate_results(project, python=python, PYTHONPATH=source_path(project))
    failed = {gate: result for gate, result in results.items() if result not in {"pass", "open"}}
    assert not failed
    passed = {gate for gate, result in results.items() if result == "pass"}
    proofs, here = machine_gates(project_type, constitution), local_tasks(project_type)
    assert passed == {gate for gate, task in proofs.items() if task in here}
    run_the_tests_that_no_task_ran(project, project_type, {proofs[gate] for gate in passed}, python)


def run_the_tests_that_no_task_ran(project: Path, project_type: str, tasks: set[str], python: Path) -> None:
    """Run what `pytest` would run, less the files and folders that these tasks named, and all that runs on Node.js."""
    type_ = CATALOGUE.project_types[project_type]
    words = {word for task in tasks for command in type_.tasks[task].commands for word in command.split()}
    ran = [f"--ignore={word}" for word in sorted(words) if "tests/" in word]
    run([python, "-m", "pytest", "-q", *ran], project, PYTHONPATH=source_path(project))
    left = [name for name in local_tasks(project_type) if name not in tasks and runs_on_node(type_.tasks[name])]
    if left:
        assert set(task_results(project, left, python).values()) == {"pass"}


def runs_on_node(task: Task) -> bool:
    return any(command.startswith(("npm ", "npx ")) for command in task.commands)


def run_test_files_together(project: Path, project_type: str, tasks: Iterable[str], python: Path) -> set[str]:
    """Run those of these tasks that are one test file each, in one process; fail unless they pass; return their names.

    Python and its packages are then imported once, which takes longer than most of these files.
    """
    all_tasks = CATALOGUE.project_types[project_type].tasks
    commands = {name: all_tasks[name].commands for name in tasks if not all_tasks[name].needs}
    files = {name: lines[0].removeprefix("pytest ") for name, lines in commands.items() if len(lines) == 1}
    files = {name: file for name, file in files.items() if file.endswith(".py") and " " not in file}
    if files:
        run([python, "-m", "pytest", "-q", *files.values()], project, PYTHONPATH=source_path(project))
    return set(files)


def canary_groups(tasks: Sequence[str]) -> list[set[str]]:
    """The fewest groups in which every task has three groups of its own.

    So if in each group exactly the tasks go red whose canaries were planted, a canary turns no task red but its own:
    any other task is missing from one of the three groups that have this canary. Six groups serve for 20 tasks, and
    that many runs instead of 20 prove as much.
    """
    count = next(n for n in count_from(4) if comb(n, 3) >= len(tasks))
    groups: list[set[str]] = [set() for _ in range(count)]
    triples = list(combinations(range(count), 3))
    for number, task in enumerate(tasks):
        # Spread, so that no group has many more than another.
        for place in triples[number * len(triples) // len(tasks)]:
            groups[place].add(task)
    return groups


def assert_canaries_turn_exactly_their_gates_red(
    project: Path, project_type: str, group: set[str], canaries: Mapping[str, Canary], python: Path
) -> None:
    """The planted violations turn their tasks red and no others; a constitution has one gate at most on each task."""
    for task in sorted(group):
        canaries[task](project, "acme")
    tasks = local_tasks(project_type)
    held = run_test_files_together(project, project_type, [name for name in tasks if name not in group], python)
    results = task_results(project, [name for name in tasks if name not in held], python)
    assert {name for name, result in results.items() if result != "pass"} == group
    assert {results[task] for task in group} == {"fail"}
    for constitution in suits(project_type):
        proofs = list(machine_gates(project_type, constitution).values())
        assert len(proofs) == len(set(proofs)), constitution
