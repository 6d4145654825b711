"""Promises that every Python project type keeps, and how its tests hold them."""

import hashlib
import json
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.helpers import CATALOGUE, commit, gate_results, generate, git, run, suits
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


def start(files: Path, destination: Path, project_type: str, **answers: object) -> Path:
    """A generated and committed project."""
    project = generate(files, destination, project_type=project_type, **answers)
    commit(project, "Start")
    return project


def source_path(project: Path) -> str:
    return str(project / "src")


def install_as_told(project: Path, commands: str, **env: str) -> None:
    """Run a README's commands that install; Python compiles what it imports of that, which is a small part."""
    run(["bash", "-e", "-c", commands], project, expect=0, PIP_COMPILE="0", **env)


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


def tasks_among(project_type: str, commands: Iterable[str]) -> list[str]:
    """The tasks that run nothing but what these lines of a README ran; `pytest` alone runs every test."""
    ran = {command.partition("#")[0].strip() for command in commands}
    return [
        name
        for name, task in CATALOGUE.project_types[project_type].tasks.items()
        if task.commands
        and all(command in ran or ("pytest" in ran and command.startswith("pytest ")) for command in task.commands)
    ]


@dataclass(frozen=True)
class Proven:
    """Remembers, in a folder, which tasks passed on which files.

    A task that passed on the same files passes on them again, so it runs once for all constitutions of a type and for
    its README; a command that is given a limit also passes with a looser one. Tasks that are given the names of files
    read all of them, the constitution too, and so are never remembered.
    """

    folder: Path

    def left(self, project: Path, project_type: str, tasks: Iterable[str]) -> list[str]:
        """Those of these tasks that have not passed on this project's files."""
        return [task for task in tasks if not self._has_passed(project, project_type, task)]

    def add(self, project: Path, project_type: str, tasks: Iterable[str]) -> None:
        """Remember that these tasks passed."""
        for task in tasks:
            if not CATALOGUE.project_types[project_type].tasks[task].files:
                place, limits = self._place(project, project_type, task)
                place.mkdir(exist_ok=True)
                (place / "-".join(["passed", *map(str, limits.values())])).touch()

    def _has_passed(self, project: Path, project_type: str, task: str) -> bool:
        place, limits = self._place(project, project_type, task)
        return any(
            all(
                int(passed) >= limit if CATALOGUE.figures[name].stricter == "higher" else int(passed) <= limit
                for passed, (name, limit) in zip(path.name.split("-")[1:], limits.items(), strict=True)
            )
            for path in place.glob("*")
        )

    def _place(self, project: Path, project_type: str, task: str) -> tuple[Path, dict[str, int]]:
        """A folder for this task on these files, and the limits that its commands are given."""
        base = tomllib.loads((project / ".specify/gates/00-base.toml").read_text(encoding="utf-8"))
        definition = base["tasks"][task]
        figures: dict[str, int] = base["figures"]
        limits = {name: value for name, value in figures.items() if f"{{{name}}}" in json.dumps(definition)}
        read = {name: figures[name] for name in CATALOGUE.project_types[project_type].figures}
        digest = hashlib.sha256(json.dumps([task, definition, read]).encode())
        for name in filter(None, git(project, "ls-files", "-z").split("\0")):
            # None of these tasks reads the constitution's own text.
            if not name.startswith((".specify/", ".copier-answers.yml", "AGENTS.md")):
                digest.update(name.encode() + b"\0" + (project / name).read_bytes())
        return self.folder / digest.hexdigest(), limits


def assert_an_untouched_project_holds(
    project: Path, project_type: str, constitution: str, python: Path, proven: Proven
) -> None:
    """Each gate passes that a machine can judge here."""
    gates = machine_gates(project_type, constitution)
    here = {task: gate for gate, task in gates.items() if task in local_tasks(project_type)}
    left = proven.left(project, project_type, here)
    names = [here[task] for task in left]
    if names:
        assert gate_results(project, *names, python=python, PYTHONPATH=source_path(project)) == dict.fromkeys(
            names, "pass"
        )
    proven.add(project, project_type, left)


def assert_every_task_and_test_passes(project: Path, project_type: str, python: Path, proven: Proven) -> None:
    """Every task passes, also those that no constitution asks for, and every test that belongs to none of them."""
    tasks = local_tasks(project_type)
    left = proven.left(project, project_type, tasks)
    assert task_results(project, left, python) == dict.fromkeys(left, "pass")
    type_ = CATALOGUE.project_types[project_type]
    words = {word for task in tasks for command in type_.tasks[task].commands for word in command.split()}
    ran = tuple(word for word in words if "tests/" in word)
    files = git(project, "ls-files", "-z", "*/test_*.py").split("\0")
    others = [file for file in files if file and not file.startswith(ran)]
    if others:
        run([python, "-m", "pytest", "-q", *others], project, PYTHONPATH=source_path(project))


def plant(project: Path, canaries: Iterable[Canary]) -> None:
    """Put these violations into a project whose package is called `acme`."""
    for canary in canaries:
        canary(project, "acme")


def assert_all_canaries_turn_every_task_red(
    project: Path, project_type: str, canaries: Mapping[str, Canary], python: Path
) -> None:
    """Every local task says what is wrong; a constitution has one gate at most on each task."""
    tasks = local_tasks(project_type)
    plant(project, map(canaries.__getitem__, tasks))
    assert task_results(project, tasks, python) == dict.fromkeys(tasks, "fail")
    for constitution in suits(project_type):
        proofs = list(machine_gates(project_type, constitution).values())
        assert len(proofs) == len(set(proofs)), constitution


def assert_all_other_canaries_leave_a_task_green(
    project: Path, project_type: str, task: str, canaries: Mapping[str, Canary], python: Path
) -> None:
    """The task passes beside every violation but its own.

    No canary is left out for a task that needs others: gates.py proves it, too, when those are red.
    """
    plant(project, [canaries[other] for other in local_tasks(project_type) if other != task])
    assert task_results(project, [task], python) == {task: "pass"}
