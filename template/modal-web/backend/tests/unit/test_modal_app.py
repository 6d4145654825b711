from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import modal
import pytest
from fastapi.testclient import TestClient

from backend import modal_app
from backend.executor import MODEL_FAILED, CallLostError, Progress
from backend.modal_app import TOO_SLOW, ModalExecutor, reporter
from backend.schemas import TaskState
from backend.storage import LocalFolder

PARAMETERS = {"size": 64.0, "seed": 3.0}


class Entries(dict[str | None, int]):
    """A `modal.Dict` in memory."""

    def put(self, key: str | None, value: int) -> None:
        self[key] = value


class Call:
    """A `modal.FunctionCall` that ends as it is told, and is not waited for."""

    object_id = "fc-1"

    def __init__(self, outcome: bytes | Exception) -> None:
        self._outcome = outcome

    def get(self, timeout: float) -> bytes:
        assert timeout == 0
        if isinstance(self._outcome, Exception):
            raise self._outcome
        return self._outcome


@pytest.fixture
def entries(monkeypatch: pytest.MonkeyPatch) -> Entries:
    entries = Entries()
    monkeypatch.setattr(modal_app, "progress", entries)
    return entries


def executor_of(outcome: bytes | Exception, entries: Entries) -> ModalExecutor:
    calls = {Call.object_id: Call(outcome)}
    return ModalExecutor(
        entries=cast(modal.Dict, entries),
        find_call=cast(Callable[[str], modal.FunctionCall[Any]], calls.__getitem__),
    )


def test_a_call_is_spawned_with_its_parameters_and_known_by_its_id(entries: Entries) -> None:
    spawned: list[Mapping[str, float]] = []

    def spawn(parameters: Mapping[str, float]) -> Call:
        spawned.append(parameters)
        return Call(b"")

    painter = SimpleNamespace(paint=SimpleNamespace(spawn=spawn))
    painters = cast(Mapping[str, type[modal_app.Painter]], {"dots": lambda: painter})

    assert ModalExecutor(painters).submit("task", "dots", PARAMETERS) == "fc-1"
    assert spawned == [PARAMETERS]


def test_a_call_that_has_reported_nothing_is_pending(entries: Entries) -> None:
    assert executor_of(TimeoutError(), entries).check("fc-1") == Progress(TaskState.PENDING)


def test_a_call_that_has_reported_is_processing(entries: Entries) -> None:
    entries["fc-1"] = 40

    progress = executor_of(TimeoutError(), entries).check("fc-1")

    assert progress == Progress(TaskState.PROCESSING, 40)


def test_a_call_that_has_ended_gives_its_picture(entries: Entries) -> None:
    progress = executor_of(b"a picture", entries).check("fc-1")

    assert progress == Progress(TaskState.DONE, 100, b"a picture")


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (modal.exception.FunctionTimeoutError("300 s"), TOO_SLOW),
        (modal.exception.RemoteError("out of memory"), MODEL_FAILED),
        (modal.exception.ExecutionError("cannot be read"), MODEL_FAILED),
        (modal.exception.InternalFailure("lost"), MODEL_FAILED),
        (ImportError("cupy"), MODEL_FAILED),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_a_call_that_broke_has_failed_with_a_reason(
    entries: Entries, error: Exception, reason: str
) -> None:
    progress = executor_of(error, entries).check("fc-1")

    assert progress == Progress(TaskState.FAILED, reason=reason)


@pytest.mark.parametrize(
    "error", [modal.exception.NotFoundError, modal.exception.OutputExpiredError]
)
def test_a_call_that_modal_does_not_know_is_lost(entries: Entries, error: type[Exception]) -> None:
    with pytest.raises(CallLostError, match="fc-1"):
        executor_of(error(), entries).check("fc-1")


@pytest.mark.parametrize("error", [modal.exception.ConnectionError, modal.exception.ServiceError])
def test_an_error_of_the_connection_tells_nothing_of_the_call(
    entries: Entries, error: type[Exception]
) -> None:
    with pytest.raises(error):
        executor_of(error("no answer"), entries).check("fc-1")


def test_what_a_call_reported_can_be_forgotten_twice(entries: Entries) -> None:
    entries["fc-1"] = 40
    executor = executor_of(b"a picture", entries)

    executor.forget("fc-1")
    executor.forget("fc-1")

    assert entries == {}


def test_a_call_outlives_the_executor(entries: Entries) -> None:
    executor_of(b"", entries).close()

    assert executor_of(b"a picture", entries).check("fc-1").state is TaskState.DONE


def test_a_report_is_kept_at_most_once_a_second(entries: Entries) -> None:
    times = iter([5.0, 5.9, 6.5, 6.9, 8.0])
    report = reporter("fc-1", clock=lambda: next(times))
    kept = []

    for percent in [0, 30, 60, 80, 99]:
        report(percent)
        kept.append(entries["fc-1"])

    assert kept == [0, 0, 60, 60, 99]


def test_a_painter_tells_that_it_has_begun_and_returns_the_picture(
    entries: Entries, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Dots:
        def paint(self, parameters: Mapping[str, float], report: Callable[[int], None]) -> bytes:
            return repr(parameters).encode()

    monkeypatch.setattr(modal_app, "MODELS", {"reaction-diffusion": lambda on_gpu: Dots()})

    picture = modal_app.ReactionDiffusionPainter().paint.local(PARAMETERS)

    assert picture == repr(PARAMETERS).encode()
    assert list(entries.values()) == [0]


def test_the_deployed_api_answers_and_shows_the_page(
    monkeypatch: pytest.MonkeyPatch, page: Path
) -> None:
    monkeypatch.setattr(modal_app, "volume", LocalFolder())
    monkeypatch.setattr(modal_app, "LOCAL_ROOT", page.parent)

    with TestClient(modal_app.api.local()) as client:
        assert client.get("/api/health").is_success
        assert client.get("/").text == (page / "index.html").read_text(encoding="utf-8")
