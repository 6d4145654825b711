"""What runs a model for a task: the protocol that each executor keeps, and the local one."""

import logging
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final, Protocol

from .models import MODELS, Model
from .schemas import InferenceSettings, TaskState

MODEL_FAILED: Final = "The model could not paint this picture. Ask for it with other parameters."

logger = logging.getLogger(__name__)


class CallLostError(Exception):
    """An executor knows nothing of a call, for example because it was started anew since."""


@dataclass(frozen=True)
class Progress:
    """What an executor tells of a call: its state, percent done, and how it ended.

    `picture` is a PNG when the state is done; `reason` is a sentence when it is failed.
    """

    state: TaskState
    percent: int = 0
    picture: bytes | None = None
    reason: str | None = None


class Executor(Protocol):
    """Runs models somewhere else than in the thread that asks for it."""

    def submit(self, task_id: str, model: str, parameters: Mapping[str, float]) -> str:
        """Start a call and return its id, by which `check` finds it, also in another process."""

    def check(self, call_id: str) -> Progress:
        """Tell how a call is doing, at once; raises `CallLostError` for an unknown one."""

    def forget(self, call_id: str) -> None:
        """Let go of what is kept of a call, whose result has been stored."""

    def close(self) -> None:
        """Take no more calls, and give up those that have not begun."""


@dataclass
class _Call:
    future: Future[bytes] = field(default_factory=Future)
    percent: int = 0


class LocalExecutor:
    """Runs models on the CPUs of this machine, in threads of this process."""

    def __init__(
        self,
        settings: InferenceSettings,
        models: Mapping[str, Callable[[bool], Model]] = MODELS,
    ) -> None:
        """Run as many calls at a time as `settings` give workers; `models` makes the models."""
        self._models = {name: make(False) for name, make in models.items()}
        self._pool = ThreadPoolExecutor(settings.local_workers, thread_name_prefix="model")
        self._calls: dict[str, _Call] = {}
        self._closed = threading.Event()

    def submit(self, task_id: str, model: str, parameters: Mapping[str, float]) -> str:
        """Start a call, known by its task's id; raises `RuntimeError` after `close`."""
        call = _Call()
        call.future = self._pool.submit(self._run, task_id, call, self._models[model], parameters)
        self._calls[task_id] = call
        return task_id

    def check(self, call_id: str) -> Progress:
        """Tell how a call is doing; raises `CallLostError` for one that is unknown or given up."""
        call = self._calls.get(call_id)
        if call is None:
            raise CallLostError(call_id)
        if not call.future.done():
            state = TaskState.PROCESSING if call.future.running() else TaskState.PENDING
            return Progress(state, call.percent)
        try:
            return Progress(TaskState.DONE, 100, picture=call.future.result())
        except CancelledError:
            raise CallLostError(call_id) from None
        except Exception:
            return Progress(TaskState.FAILED, call.percent, reason=MODEL_FAILED)

    def forget(self, call_id: str) -> None:
        """Let go of a call, and do not begin it if it waits."""
        call = self._calls.pop(call_id, None)
        if call is not None:
            call.future.cancel()

    def close(self) -> None:
        """Take no more calls, and give up those that wait or run: the process is about to end."""
        self._closed.set()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _run(
        self, task_id: str, call: _Call, model: Model, parameters: Mapping[str, float]
    ) -> bytes:
        def report(percent: int) -> None:
            if self._closed.is_set():
                raise CancelledError
            call.percent = percent

        try:
            return model.paint(parameters, report)
        except CancelledError:
            raise
        except Exception:
            logger.exception("model failed", extra={"task_id": task_id})
            raise
