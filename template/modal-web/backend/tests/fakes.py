"""An executor whose calls do what a test says."""

from collections.abc import Mapping

from backend.executor import CallLostError, Progress
from backend.schemas import TaskState


class ScriptedExecutor:
    """Runs nothing: `calls` holds what is told of each call, and may be changed."""

    def __init__(self) -> None:
        self.calls: dict[str, Progress] = {}
        self.refuses = False
        self.closed = False

    def submit(self, task_id: str, model: str, parameters: Mapping[str, float]) -> str:
        if self.refuses:
            raise RuntimeError("no more calls")
        call_id = f"call-{task_id}"
        self.calls[call_id] = Progress(TaskState.PENDING)
        return call_id

    def check(self, call_id: str) -> Progress:
        if self.refuses:
            raise OSError("the executor is out of reach")
        if call_id not in self.calls:
            raise CallLostError(call_id)
        return self.calls[call_id]

    def forget(self, call_id: str) -> None:
        self.calls.pop(call_id, None)

    def close(self) -> None:
        self.closed = True
