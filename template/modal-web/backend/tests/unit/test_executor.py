import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import pytest

from backend.executor import MODEL_FAILED, CallLostError, LocalExecutor, Progress
from backend.schemas import InferenceSettings, TaskState

PATIENCE_S = 10


class GatedModel:
    """Reports 40 percent, waits at a gate, reports 80 percent, and paints or breaks."""

    def __init__(self) -> None:
        self.began = threading.Event()
        self.gate = threading.Event()
        self.left = threading.Event()

    def paint(self, parameters: Mapping[str, float], report: Callable[[int], None]) -> bytes:
        try:
            report(40)
            self.began.set()
            self.gate.wait(PATIENCE_S)
            report(80)
            return b"%d" % (100 // parameters["divisor"])
        finally:
            self.left.set()


@pytest.fixture
def model() -> GatedModel:
    return GatedModel()


@contextmanager
def running(settings: InferenceSettings, model: GatedModel) -> Iterator[LocalExecutor]:
    """Yield an executor of one worker."""
    one = settings.model_copy(update={"local_workers": 1})
    executor = LocalExecutor(one, {"gated": lambda on_gpu: model})
    try:
        yield executor
    finally:
        executor.close()
        model.gate.set()


@pytest.fixture
def executor(inference: InferenceSettings, model: GatedModel) -> Iterator[LocalExecutor]:
    with running(inference, model) as executor:
        yield executor


def end(executor: LocalExecutor, call_id: str) -> Progress:
    """Return how a call ends; a thread that asks without rest still lets the other one run."""
    return next(
        progress
        for progress in iter(lambda: executor.check(call_id), None)
        if progress.state.is_final
    )


def test_a_call_goes_from_pending_to_its_picture(
    executor: LocalExecutor, model: GatedModel
) -> None:
    first = executor.submit("a", "gated", {"divisor": 1})
    second = executor.submit("b", "gated", {"divisor": 2})
    assert model.began.wait(PATIENCE_S)
    assert executor.check(first) == Progress(TaskState.PROCESSING, 40)
    assert executor.check(second) == Progress(TaskState.PENDING)
    model.gate.set()
    assert end(executor, first) == Progress(TaskState.DONE, 100, picture=b"100")
    assert end(executor, second) == Progress(TaskState.DONE, 100, picture=b"50")


def test_a_model_that_breaks_fails_its_call_and_is_logged(
    executor: LocalExecutor, model: GatedModel, caplog: pytest.LogCaptureFixture
) -> None:
    model.gate.set()
    call = executor.submit("a", "gated", {"divisor": 0})
    assert end(executor, call) == Progress(TaskState.FAILED, 80, reason=MODEL_FAILED)
    assert [record.message for record in caplog.records] == ["model failed"]
    assert "ZeroDivisionError" in caplog.text


def test_an_unknown_call_is_lost(executor: LocalExecutor) -> None:
    with pytest.raises(CallLostError):
        executor.check("unknown")
    executor.forget("unknown")


def test_a_forgotten_call_is_lost_and_not_begun(executor: LocalExecutor, model: GatedModel) -> None:
    first = executor.submit("a", "gated", {"divisor": 1})
    waiting = executor.submit("b", "gated", {"divisor": 0})
    last = executor.submit("c", "gated", {"divisor": 1})
    executor.forget(waiting)
    model.gate.set()
    assert [end(executor, call).state for call in (first, last)] == [TaskState.DONE] * 2
    with pytest.raises(CallLostError):
        executor.check(waiting)


def test_closing_gives_up_what_waits_and_what_runs(
    executor: LocalExecutor, model: GatedModel, caplog: pytest.LogCaptureFixture
) -> None:
    running_call = executor.submit("a", "gated", {"divisor": 1})
    waiting = executor.submit("b", "gated", {"divisor": 1})
    assert model.began.wait(PATIENCE_S)
    executor.close()
    with pytest.raises(CallLostError):
        executor.check(waiting)
    model.gate.set()
    assert model.left.wait(PATIENCE_S)
    with pytest.raises(CallLostError):
        end(executor, running_call)
    with pytest.raises(RuntimeError):
        executor.submit("c", "gated", {"divisor": 1})
    assert caplog.records == []
