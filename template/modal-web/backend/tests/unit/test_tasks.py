import itertools
import logging
import math
import sqlite3
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from backend.executor import MODEL_FAILED, Progress
from backend.lib.problems import ProblemError
from backend.schemas import InferenceSettings, NewTask, ParameterRange, TaskState, TaskView
from backend.storage import Store, Task
from backend.tasks import INTERRUPTED, NOT_STARTED, TOO_OLD, Refresher, TaskService
from backend.tests.fakes import ScriptedExecutor
from backend.tests.pictures import MODEL, QUICK, SLOW

NOON = datetime(2030, 1, 2, 12, tzinfo=UTC)
DONE = Progress(TaskState.DONE, 100, picture=b"png")


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


class WatchedStore(Store):
    """Keeps in whose name tasks are moved."""

    movers: list[str]

    def move(
        self,
        task_id: str,
        state: TaskState,
        actor: str,
        reason: str | None = None,
        picture: bytes | None = None,
    ) -> Task:
        self.movers = [*getattr(self, "movers", []), actor]
        return super().move(task_id, state, actor, reason, picture)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def executor() -> ScriptedExecutor:
    return ScriptedExecutor()


@pytest.fixture
def service(
    tmp_path: Path, executor: ScriptedExecutor, inference: InferenceSettings, clock: Clock
) -> TaskService:
    return TaskService(Store(tmp_path / "data", clock=clock), executor, inference, clock)


def create(service: TaskService, owner: str = "ada", **parameters: float) -> TaskView:
    return service.create(owner, NewTask(model=MODEL, parameters=parameters))


def told(executor: ScriptedExecutor, task: TaskView, progress: Progress) -> None:
    executor.calls[f"call-{task.id}"] = progress


def refused(service: TaskService, new: NewTask) -> ProblemError:
    with pytest.raises(ProblemError) as caught:
        service.create("ada", new)
    assert service.all_tasks(9).tasks == []
    return caught.value


def test_parameters_that_are_left_out_have_their_defaults(
    service: TaskService, inference: InferenceSettings
) -> None:
    defaults = {name: each.default for name, each in inference.models[MODEL].parameters.items()}
    chosen = dict([next(iter(SLOW.items()))])
    task = service.create("ada", NewTask(model=MODEL, parameters=chosen))
    assert task.parameters == defaults | chosen


def test_every_value_on_a_step_of_its_range_is_accepted(inference: InferenceSettings) -> None:
    roomy = inference.model_copy(update={"max_active_tasks": 10_000})
    service = TaskService(Store(Path("data")), ScriptedExecutor(), roomy)
    for name, allowed in inference.models[MODEL].parameters.items():
        last = round((allowed.max - allowed.min) / allowed.step)
        for step in {0, 1, last // 3, last}:
            value = allowed.min + step * allowed.step
            asked = NewTask(model=MODEL, parameters={name: min(value, allowed.max)})
            assert service.create("ada", asked).state is TaskState.PENDING


@pytest.fixture
def sized(tmp_path: Path, inference: InferenceSettings) -> TaskService:
    """Return a service whose only parameter has a range of these tests."""
    size = ParameterRange(label="Size", unit="", min=64, max=512, step=64, default=256)
    model = inference.models[MODEL].model_copy(update={"parameters": {"size": size}})
    settings = inference.model_copy(update={"models": {MODEL: model}})
    return TaskService(Store(tmp_path / "sized"), ScriptedExecutor(), settings)


@pytest.mark.parametrize("size", [0, 63, 96, 513, 576, -64, math.nan, math.inf])
def test_a_value_off_its_range_or_steps_is_refused(sized: TaskService, size: float) -> None:
    problem = refused(sized, NewTask(model=MODEL, parameters={"size": size}))
    assert problem.status == 422
    assert problem.detail == f"The parameter size cannot be {size:g}."
    assert problem.remedy == "Choose from 64 to 512 in steps of 64."


def test_a_value_near_a_step_becomes_that_step(sized: TaskService) -> None:
    assert create(sized, size=127.9999999).parameters == {"size": 128}


def test_an_unknown_model_or_parameter_is_refused_with_those_that_exist(
    service: TaskService,
) -> None:
    model = refused(service, NewTask(model="dream"))
    parameter = refused(service, NewTask(model=MODEL, parameters={"colour": 1}))
    assert (model.status, parameter.status) == (422, 422)
    assert "'dream'" in model.detail
    assert MODEL in model.remedy
    assert "'colour'" in parameter.detail
    assert ", ".join(QUICK) in parameter.remedy


def test_an_owner_has_a_limit_of_unfinished_tasks(
    service: TaskService, executor: ScriptedExecutor, inference: InferenceSettings
) -> None:
    tasks = [create(service) for _ in range(inference.max_active_tasks)]
    with pytest.raises(ProblemError, match="unfinished tasks") as caught:
        create(service)
    assert caught.value.status == 429
    assert caught.value.headers == {"Retry-After": str(inference.poll_interval_s)}
    create(service, "bob")
    told(executor, tasks[0], DONE)
    service.refresh()
    create(service)


def test_a_task_that_cannot_be_submitted_fails(
    service: TaskService, executor: ScriptedExecutor
) -> None:
    executor.refuses = True
    task = create(service)
    assert (task.state, task.reason) == (TaskState.FAILED, NOT_STARTED)


def test_tasks_are_for_their_owner_alone(service: TaskService) -> None:
    task = create(service)
    assert service.get("ada", task.id) == task
    for read in (service.get, service.picture):
        with pytest.raises(ProblemError, match="no such task") as caught:
            read("bob", task.id)
        assert caught.value.status == 404
    assert service.page("bob", 9).tasks == []


def test_pages_lead_to_each_other(service: TaskService) -> None:
    first, second, third = (create(service) for _ in range(3))
    page = service.page("ada", 2)
    assert [task.id for task in page.tasks] == [third.id, second.id]
    assert page.next == second.id
    last = service.page("ada", 2, page.next)
    assert ([task.id for task in last.tasks], last.next) == ([first.id], None)
    assert service.page("ada", 3).next is None


def test_all_tasks_can_be_of_one_state(service: TaskService, executor: ScriptedExecutor) -> None:
    ada, bob = create(service), create(service, "bob")
    told(executor, ada, Progress(TaskState.PROCESSING))
    service.refresh()
    assert [task.id for task in service.all_tasks(9).tasks] == [bob.id, ada.id]
    assert [task.id for task in service.all_tasks(9, state=TaskState.PROCESSING).tasks] == [ada.id]


def test_pages_of_the_audit_trail_lead_to_each_other(service: TaskService) -> None:
    tasks = [create(service) for _ in range(3)]
    page = service.audit(2)
    assert page.next == page.rows[-1].number
    last = service.audit(2, page.next)
    assert ([row.task_id for row in last.rows], last.next) == ([tasks[0].id], None)


def test_a_task_follows_its_call(service: TaskService, executor: ScriptedExecutor) -> None:
    task = create(service)
    seen = []
    for progress in (
        Progress(TaskState.PENDING),
        Progress(TaskState.PROCESSING, 40),
        Progress(TaskState.PROCESSING, 70),
        DONE,
    ):
        told(executor, task, progress)
        service.refresh()
        view = service.get("ada", task.id)
        seen.append((view.state.value, view.progress))
    assert seen == [("pending", 0), ("processing", 40), ("processing", 70), ("done", 100)]
    assert service.picture("ada", task.id) == b"png"
    assert executor.calls == {}


def test_a_call_may_be_done_before_anyone_looks(
    service: TaskService, executor: ScriptedExecutor
) -> None:
    task = create(service)
    told(executor, task, DONE)
    service.refresh()
    assert service.get("ada", task.id).state is TaskState.DONE


def test_a_task_fails_as_its_call_does(service: TaskService, executor: ScriptedExecutor) -> None:
    task = create(service)
    told(executor, task, Progress(TaskState.FAILED, 30, reason=MODEL_FAILED))
    service.refresh()
    view = service.get("ada", task.id)
    assert (view.state, view.reason, view.progress) == (TaskState.FAILED, MODEL_FAILED, 0)
    with pytest.raises(ProblemError, match="it is failed") as caught:
        service.picture("ada", task.id)
    assert caught.value.status == 409


def test_a_task_fails_when_its_call_is_lost(
    service: TaskService, executor: ScriptedExecutor
) -> None:
    task = create(service)
    executor.calls.clear()
    service.refresh()
    assert service.get("ada", task.id).reason == INTERRUPTED


def test_a_task_that_takes_too_long_fails(
    service: TaskService, executor: ScriptedExecutor, inference: InferenceSettings, clock: Clock
) -> None:
    old = create(service)
    clock.now += timedelta(seconds=inference.stale_after_s)
    service.refresh()
    assert service.get("ada", old.id).state is TaskState.PENDING
    clock.now += timedelta(seconds=1)
    young = create(service)
    service.refresh()
    assert service.get("ada", old.id).reason == TOO_OLD
    assert service.get("ada", young.id).state is TaskState.PENDING
    assert list(executor.calls) == [f"call-{young.id}"]


def test_the_store_learns_who_moves_a_task(
    tmp_path: Path, executor: ScriptedExecutor, inference: InferenceSettings, clock: Clock
) -> None:
    store = WatchedStore(tmp_path / "data", clock=clock)
    service = TaskService(store, executor, inference, clock)
    done, _ = create(service), create(service, "bob")
    told(executor, done, DONE)
    service.refresh()
    clock.now += timedelta(seconds=inference.stale_after_s + 1)
    service.refresh()
    assert [task.owner for task in reversed(store.page(9))] == ["ada", "bob"]
    assert store.movers == ["executor", "executor", "sweep"]


def test_what_the_executor_cannot_tell_now_changes_nothing(
    service: TaskService, executor: ScriptedExecutor, caplog: pytest.LogCaptureFixture
) -> None:
    task = create(service)
    executor.refuses = True
    service.refresh()
    service.recover()
    assert service.get("ada", task.id).state is TaskState.PENDING
    assert [record.message for record in caplog.records] == ["refresh incomplete", "check failed"]


def test_one_call_that_fails_to_answer_does_not_hold_up_others(
    service: TaskService, executor: ScriptedExecutor
) -> None:
    broken, whole = create(service), create(service)
    # The store refuses a failure without a reason.
    told(executor, broken, Progress(TaskState.FAILED))
    told(executor, whole, DONE)
    service.refresh()
    assert service.get("ada", whole.id).state is TaskState.DONE


def test_a_disk_that_is_full_is_told_in_one_line_and_by_the_health(
    service: TaskService,
    executor: ScriptedExecutor,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    tasks = [create(service), create(service)]
    in_the_way = [tmp_path / "data" / "pictures" / f"{task.id}.part" for task in tasks]
    for task, path in zip(tasks, in_the_way, strict=True):
        path.mkdir()
        told(executor, task, DONE)
    service.refresh()
    [record] = caplog.records
    assert (record.levelname, record.exc_info) == ("WARNING", None)
    assert vars(record)["failed"] == 2
    assert vars(record)["first"].startswith(f"{tasks[0].id}: ")
    with pytest.raises(ProblemError, match="cannot write") as caught:
        service.check()
    assert caught.value.status == 503
    for path in in_the_way:
        path.rmdir()
    service.refresh()
    service.check()
    assert service.get("ada", tasks[0].id).state is TaskState.DONE


def test_a_service_with_nothing_to_do_finds_out_that_it_can_write_again(
    tmp_path: Path, executor: ScriptedExecutor, inference: InferenceSettings
) -> None:
    store = Store(tmp_path / "data")
    service = TaskService(store, executor, inference)
    journal = tmp_path / "data" / "tasks.db-journal"
    journal.mkdir()
    for write in (store.try_to_write, service.refresh):
        with pytest.raises(sqlite3.OperationalError):
            write()
    journal.rmdir()
    with pytest.raises(ProblemError, match="cannot write"):
        service.check()
    service.refresh()
    service.check()


def test_a_service_closes_its_executor(service: TaskService, executor: ScriptedExecutor) -> None:
    service.close()
    assert executor.closed


class CountingService:
    """Counts its refreshes, of which the first fails."""

    def __init__(self) -> None:
        self.refreshes = itertools.count(1)
        self.second = threading.Event()

    def refresh(self) -> None:
        if next(self.refreshes) == 1:
            raise OSError("out of reach")
        self.second.set()


def test_a_refresher_goes_on_after_a_failure_until_it_is_stopped(
    caplog: pytest.LogCaptureFixture,
) -> None:
    service = CountingService()
    refresher = Refresher(cast(TaskService, service), interval_s=0.001)
    with caplog.at_level(logging.WARNING):
        refresher.start()
        assert service.second.wait(10)
        refresher.stop()
    [record] = caplog.records
    assert (record.message, record.exc_info) == ("refresh failed", None)
    assert "out of reach" in vars(record)["cause"]
    assert "refresher" not in {thread.name for thread in threading.enumerate()}
