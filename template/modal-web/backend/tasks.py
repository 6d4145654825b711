"""What may be done with tasks: asking for pictures, looking at them, and following the executor."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final

from .executor import CallLostError, Executor
from .lib.problems import ProblemError
from .schemas import (
    AuditPage,
    InferenceSettings,
    ModelSettings,
    NewTask,
    TaskPage,
    TaskState,
    TaskView,
)
from .storage import Store, Task, utc_now

INTERRUPTED: Final = "The server stopped while this task ran. Ask for the picture again."
NOT_STARTED: Final = "The picture could not be started. Ask for it again in a few minutes."
TOO_OLD: Final = "This took too long and was given up. Ask for the picture again."

logger = logging.getLogger(__name__)


class TaskService:
    """Keeps the rules of tasks over a store and an executor; threads may share it."""

    def __init__(
        self,
        store: Store,
        executor: Executor,
        settings: InferenceSettings,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        """Use a store, which has the same `clock`, and an executor; the settings give limits."""
        self._store = store
        self._executor = executor
        self._settings = settings
        self._clock = clock
        self._percents: dict[str, int] = {}
        # Two requests of one owner must not both take the last free place.
        self._creating = threading.Lock()
        self._refreshing = threading.Lock()

    @property
    def settings(self) -> InferenceSettings:
        """Return which models there are, and what limits their tasks."""
        return self._settings

    def check(self) -> None:
        """Raise a 503 `ProblemError` when tasks cannot be read, or the last write failed."""
        try:
            self._store.active()
        except Exception as error:
            # Whatever it is: a Volume has errors of its own, besides SQLite's.
            logger.exception("tasks cannot be read")
            raise ProblemError(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "The service cannot read its tasks.",
                "Try again in a minute; if it lasts, look into the service's logs.",
            ) from error
        if not self._store.writable:
            raise ProblemError(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "The service cannot write its tasks.",
                "Look whether its disk is full; its logs tell the cause.",
            )

    def close(self) -> None:
        """Begin no more pictures; to be called once, at the end."""
        self._executor.close()

    def create(self, owner: str, new: NewTask) -> TaskView:
        """Begin a task for an owner and return it.

        Raises `ProblemError` when the picture cannot be asked for like this, or when the owner has
        too many unfinished tasks.
        """
        parameters = _complete(new, self._settings)
        with self._creating:
            self._check_room(owner)
            # Before it is submitted: a call that nobody knows of could never be found again.
            task = self._store.add(owner, new.model, parameters)
        try:
            call_id = self._executor.submit(task.id, task.model, task.parameters)
        except Exception:
            logger.exception("submit failed", extra={"task_id": task.id})
            return self._view(self._fail(task, "executor", NOT_STARTED))
        self._store.set_call(task.id, call_id)
        return self._view(task)

    def get(self, owner: str, task_id: str) -> TaskView:
        """Return a task of an owner; raises `ProblemError` when there is none."""
        return self._view(self._own(owner, task_id))

    def page(self, owner: str, limit: int, before: str | None = None) -> TaskPage:
        """Return up to `limit` tasks of an owner, the newest first, older than task `before`."""
        return self._page(limit, before, owner, None)

    def picture(self, owner: str, task_id: str) -> bytes:
        """Return the PNG of an owner's task; raises `ProblemError` when there is none (yet)."""
        task = self._own(owner, task_id)
        picture = self._store.picture(task.id) if task.state is TaskState.DONE else None
        if picture is None:
            raise ProblemError(
                HTTPStatus.CONFLICT,
                f"This task has no picture: it is {task.state}.",
                "Ask for the picture when the task's state is done.",
            )
        return picture

    def all_tasks(
        self, limit: int, before: str | None = None, state: TaskState | None = None
    ) -> TaskPage:
        """Return up to `limit` tasks of all owners, in one state if given, as `page` does."""
        return self._page(limit, before, None, state)

    def audit(self, limit: int, before: int | None = None) -> AuditPage:
        """Return up to `limit` transitions, the newest first, below number `before`."""
        rows = self._store.audit(limit + 1, before)
        shown = rows[:limit]
        return AuditPage(rows=shown, next=shown[-1].number if len(rows) > limit else None)

    def refresh(self) -> None:
        """Ask the executor about each active task, and record what has changed."""
        failures: list[str] = []
        with self._refreshing:
            if not self._store.writable:
                self._store.try_to_write()
            oldest = self._clock() - timedelta(seconds=self._settings.stale_after_s)
            for task in self._store.active():
                try:
                    if task.created_at < oldest:
                        self._fail(task, "sweep", TOO_OLD)
                    elif task.call_id is not None:
                        self._follow(task, task.call_id)
                except Exception as error:
                    # One call that cannot be checked must not hold up the others.
                    failures.append(f"{task.id}: {error!r}")
        if failures:
            # One line for all, since what is in the way may stay there for long.
            logger.warning(
                "refresh incomplete", extra={"failed": len(failures), "first": failures[0]}
            )

    def recover(self) -> None:
        """Fail the tasks that nobody runs any more; to be called once, at start."""
        with self._refreshing:
            for task in self._store.active():
                if self._is_lost(task):
                    self._fail(task, "start", INTERRUPTED)

    def _check_room(self, owner: str) -> None:
        active = self._store.count_active(owner)
        if active >= self._settings.max_active_tasks:
            raise ProblemError(
                HTTPStatus.TOO_MANY_REQUESTS,
                f"You have {active} unfinished tasks, and no more are allowed.",
                "Wait until one of them is done.",
                {"Retry-After": str(self._settings.poll_interval_s)},
            )

    def _own(self, owner: str, task_id: str) -> Task:
        task = self._store.get(task_id)
        if task is None or task.owner != owner:
            raise ProblemError(
                HTTPStatus.NOT_FOUND, "You have no such task.", "Look up its id in your tasks."
            )
        return task

    def _page(
        self, limit: int, before: str | None, owner: str | None, state: TaskState | None
    ) -> TaskPage:
        tasks = self._store.page(limit + 1, before, owner, state)
        shown = tasks[:limit]
        return TaskPage(
            tasks=[self._view(task) for task in shown],
            next=shown[-1].id if len(tasks) > limit else None,
        )

    def _view(self, task: Task) -> TaskView:
        done = task.state is TaskState.DONE
        return TaskView(
            id=task.id,
            model=task.model,
            parameters=task.parameters,
            state=task.state,
            progress=100 if done else self._percents.get(task.id, 0),
            reason=task.reason,
            created_at=task.created_at,
            changed_at=task.changed_at,
        )

    def _follow(self, task: Task, call_id: str) -> None:
        try:
            progress = self._executor.check(call_id)
        except CallLostError:
            self._fail(task, "executor", INTERRUPTED)
            return
        if progress.state is TaskState.PENDING:
            return
        if task.state is TaskState.PENDING:
            self._store.move(task.id, TaskState.PROCESSING, "executor")
        if progress.state is TaskState.PROCESSING:
            self._percents[task.id] = progress.percent
            return
        self._store.move(task.id, progress.state, "executor", progress.reason, progress.picture)
        self._let_go(task)

    def _fail(self, task: Task, actor: str, reason: str) -> Task:
        failed = self._store.move(task.id, TaskState.FAILED, actor, reason)
        self._let_go(task)
        return failed

    def _let_go(self, task: Task) -> None:
        self._percents.pop(task.id, None)
        if task.call_id is not None:
            self._executor.forget(task.call_id)

    def _is_lost(self, task: Task) -> bool:
        if task.call_id is None:
            return True
        try:
            self._executor.check(task.call_id)
        except CallLostError:
            return True
        except Exception:
            # Whoever cannot be asked now may still run it; each refresh asks again.
            logger.exception("check failed", extra={"task_id": task.id})
        return False


class Refresher:
    """A thread that keeps tasks up to date while nobody looks at them."""

    def __init__(self, service: TaskService, interval_s: float = 0.5) -> None:
        """Refresh a service's tasks every `interval_s` seconds, once started."""
        self._service = service
        self._interval_s = interval_s
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="refresher", daemon=True)

    def start(self) -> None:
        """Begin to refresh; to be called once."""
        self._thread.start()

    def stop(self) -> None:
        """End, after the refresh that is under way."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(self._interval_s):
            try:
                self._service.refresh()
            except Exception as error:
                # The next one may succeed: a Volume can be out of reach for a moment.
                logger.warning("refresh failed", extra={"cause": repr(error)})


def _complete(new: NewTask, settings: InferenceSettings) -> dict[str, float]:
    """Return all parameters of a new task; raises `ProblemError` for what is not allowed."""
    model = settings.models.get(new.model)
    if model is None:
        raise _unprocessable(
            f"There is no model {new.model!r}.", f"Use one of: {', '.join(settings.models)}."
        )
    defaults = {name: each.default for name, each in model.parameters.items()}
    asked = defaults | new.parameters
    return {name: _on_step(name, value, model) for name, value in asked.items()}


def _on_step(name: str, value: float, model: ModelSettings) -> float:
    allowed = model.parameters.get(name)
    if allowed is None:
        raise _unprocessable(
            f"{model.title} has no parameter {name!r}.",
            f"Use some of: {', '.join(model.parameters)}.",
        )
    exact = allowed.on_step(value)
    if exact is None:
        raise _unprocessable(
            f"The parameter {name} cannot be {value:.10g}.",
            f"Choose from {allowed.min:g} to {allowed.max:g} in steps of {allowed.step:g}.",
        )
    return exact


def _unprocessable(detail: str, remedy: str) -> ProblemError:
    return ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, detail, remedy)
