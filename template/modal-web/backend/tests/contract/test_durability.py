"""What was recorded outlives the container that recorded it."""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from backend.app import create_app
from backend.config import load_settings
from backend.executor import Progress
from backend.schemas import InferenceSettings, NewTask, TaskState
from backend.storage import Store, Task
from backend.tasks import INTERRUPTED, TaskService
from backend.tests.contract.volumes import FakeVolume, Mount
from backend.tests.fakes import ScriptedExecutor

OWN_REASON = "It broke."


class ContainerLostError(Exception):
    """The container ended in the middle of its work."""


@dataclass
class Containers:
    """Starts containers, one after the other, that share a Volume."""

    folder: Path
    started: int = 0

    def mount(self) -> Mount:
        self.started += 1
        # When it is committed is the concern of test_volume_commits.py.
        volume = FakeVolume(self.folder / "committed", strict=False)
        return volume.mount(self.folder / f"container-{self.started}")

    def store(self) -> Store:
        mount = self.mount()
        return Store(mount.folder, mount)


@pytest.fixture
def containers(tmp_path: Path) -> Containers:
    return Containers(tmp_path)


def begin(store: Store) -> str:
    return store.add("ada", "reaction-diffusion", {"size": 64}).id


def submit(store: Store, task_id: str) -> None:
    store.set_call(task_id, "call-1")


def process(store: Store, task_id: str) -> None:
    store.move(task_id, TaskState.PROCESSING, "executor")


def finish(store: Store, task_id: str) -> None:
    store.move(task_id, TaskState.DONE, "executor", picture=b"png")


def fail(store: Store, task_id: str) -> None:
    store.move(task_id, TaskState.FAILED, "executor", OWN_REASON)


Steps = Sequence[Callable[[Store, str], None]]
LIVES: dict[str, Steps] = {
    "pending": [],
    "submitted": [submit],
    "processing": [submit, process],
    "done": [submit, process, finish],
    "failed": [submit, fail],
    "failed-while-processing": [submit, process, fail],
}


def contents(store: Store) -> object:
    tasks = store.page(1000)
    return tasks, store.audit(1000), [store.picture(task.id) for task in tasks]


def test_each_step_of_a_life_is_there_in_the_next_container(containers: Containers) -> None:
    for steps in LIVES.values():
        task_id = begin(containers.store())
        for step in steps:
            container = containers.store()
            step(container, task_id)
            assert contents(containers.store()) == contents(container)
    states = [task.state.value for task in reversed(containers.store().page(1000))]
    assert states == ["pending", "pending", "processing", "done", "failed", "failed"]


def test_a_picture_is_there_in_the_next_container(containers: Containers) -> None:
    store = containers.store()
    task_id = begin(store)
    for step in LIVES["done"]:
        step(store, task_id)
    assert containers.store().picture(task_id) == b"png"


@pytest.mark.parametrize("steps", LIVES.values(), ids=LIVES.keys())
def test_a_container_lost_before_it_commits_loses_its_last_step_alone(
    containers: Containers, monkeypatch: pytest.MonkeyPatch, steps: Steps
) -> None:
    for last in range(len(steps)):
        store = containers.store()
        task_id = begin(store)
        for step in steps[:last]:
            step(store, task_id)
        before = contents(store)
        with monkeypatch.context() as patch:
            patch.setattr(Mount, "commit", lose)
            with pytest.raises(ContainerLostError):
                steps[last](store, task_id)
        assert contents(containers.store()) == before


def lose(mount: Mount) -> None:
    raise ContainerLostError


def start(service: TaskService) -> None:
    """Start the server with a service, and stop it again before it asks about any task."""
    with TestClient(create_app(load_settings(), service, None, refresh_interval_s=3600)):
        pass


def interrupted(
    containers: Containers, settings: InferenceSettings, steps: Steps, executor: ScriptedExecutor
) -> tuple[Task, Task]:
    """Return a task that had taken steps when its container was lost, before and after a start."""
    store = containers.store()
    task_id = begin(store)
    for step in steps:
        step(store, task_id)
    following = containers.store()
    before = following.get(task_id)
    start(TaskService(following, executor, settings))
    after = containers.store().get(task_id)
    assert before is not None
    assert after is not None
    return before, after


@pytest.mark.parametrize("life", ["pending", "submitted", "processing"])
def test_an_unfinished_task_fails_when_the_server_starts_again(
    containers: Containers, inference: InferenceSettings, life: str
) -> None:
    _, after = interrupted(containers, inference, LIVES[life], ScriptedExecutor())
    assert (after.state, after.reason) == (TaskState.FAILED, INTERRUPTED)
    with closing(sqlite3.connect(containers.mount().folder / "tasks.db")) as connection:
        assert connection.execute("SELECT changed_by FROM tasks").fetchall() == [("start",)]


@pytest.mark.parametrize("life", ["done", "failed", "failed-while-processing"])
def test_a_finished_task_stays_as_it_is_when_the_server_starts_again(
    containers: Containers, inference: InferenceSettings, life: str
) -> None:
    before, after = interrupted(containers, inference, LIVES[life], ScriptedExecutor())
    assert before == after


@pytest.mark.parametrize("life", ["submitted", "processing"])
def test_a_task_that_runs_elsewhere_goes_on_when_the_server_starts_again(
    containers: Containers, inference: InferenceSettings, life: str
) -> None:
    executor = ScriptedExecutor()
    executor.calls["call-1"] = Progress(TaskState.PROCESSING, 40)
    before, after = interrupted(containers, inference, LIVES[life], executor)
    assert before == after


def test_a_task_is_recorded_before_it_is_submitted(
    containers: Containers, inference: InferenceSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    executor = ScriptedExecutor()
    known: list[str] = []

    def submit_and_look(task_id: str, model: str, parameters: object) -> str:
        known.extend(task.id for task in containers.store().page(9))
        return "call-1"

    monkeypatch.setattr(executor, "submit", submit_and_look)
    service = TaskService(containers.store(), executor, inference)
    task = service.create("ada", NewTask(model="reaction-diffusion"))
    assert known == [task.id]
