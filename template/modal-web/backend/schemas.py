"""What the API takes and gives, and what inference_settings.json holds."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, StrictFloat, model_validator

SETTINGS_FILE: Final = Path(__file__).parent.parent / "inference_settings.json"

# In steps: what computed a value may have rounded it.
_ROUNDING: Final = 1e-6


class Shape(BaseModel):
    """Data that is never changed, and has no field that nobody knows."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ParameterRange(Shape):
    """What a number that a person chooses may be: from `min` to `max`, in steps from `min` on."""

    label: str
    unit: str
    min: FiniteFloat
    max: FiniteFloat
    step: Annotated[FiniteFloat, Field(gt=0)]
    default: FiniteFloat

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.min >= self.max:
            raise ValueError("min must be below max")
        for name, value in (("max", self.max), ("default", self.default)):
            if self.on_step(value) is None:
                raise ValueError(f"{name} must be one of the steps from min to max")
        return self

    def on_step(self, value: float) -> float | None:
        """Return the step that a value is, but for rounding, or None when it is none of them."""
        # In this order, since what is not a number is in no range and cannot be rounded.
        if not self.min <= value <= self.max:
            return None
        steps = (value - self.min) / self.step
        if abs(steps - round(steps)) >= _ROUNDING:
            return None
        # Steps such as 0.001 are no exact binary fractions.
        return float(Decimal(str(self.min)) + round(steps) * Decimal(str(self.step)))


class ModelSettings(Shape):
    """How a model is run on Modal, and what a person may choose of it."""

    title: str
    about: str
    gpu: str
    vram_gb: Annotated[int, Field(ge=1)]
    timeout_s: Annotated[int, Field(ge=1)]
    startup_timeout_s: Annotated[int, Field(ge=1)]
    scaledown_window_s: Annotated[int, Field(ge=2)]
    max_containers: Annotated[int, Field(ge=1)]
    max_inputs: Annotated[int, Field(ge=1)]
    parameters: dict[str, ParameterRange]


class ApiSettings(Shape):
    """How the API is run on Modal. It alone writes the database, so it has one container."""

    timeout_s: Annotated[int, Field(ge=1)]
    startup_timeout_s: Annotated[int, Field(ge=1)]
    scaledown_window_s: Annotated[int, Field(ge=2)]
    max_containers: Annotated[int, Field(ge=1, le=1)]
    max_inputs: Annotated[int, Field(ge=1)]


class InferenceSettings(Shape):
    """The whole of inference_settings.json; seconds where a name ends in `_s`."""

    poll_interval_s: Annotated[int, Field(ge=1)]
    queued_max_s: Annotated[int, Field(ge=1)]
    stale_after_s: Annotated[int, Field(ge=1)]
    max_active_tasks: Annotated[int, Field(ge=1)]
    local_workers: Annotated[int, Field(ge=1)]
    api: ApiSettings
    models: Annotated[dict[str, ModelSettings], Field(min_length=1)]


def load_inference_settings(path: Path = SETTINGS_FILE) -> InferenceSettings:
    """Return the settings; raises pydantic's `ValidationError` when the file does not fit."""
    return InferenceSettings.model_validate_json(path.read_text(encoding="utf-8"))


class TaskState(StrEnum):
    """Where a task is in its life: pending, then processing, then done or failed."""

    PENDING = "pending"
    PROCESSING = "processing"
    DONE = "done"
    FAILED = "failed"

    @property
    def is_final(self) -> bool:
        """Whether no other state can follow."""
        return self in (TaskState.DONE, TaskState.FAILED)


class NewTask(Shape):
    """A picture that a person asks for; parameters left out have their defaults."""

    model: str = Field(examples=["reaction-diffusion"])
    parameters: dict[str, StrictFloat] = Field(default={}, examples=[{"size": 128, "seed": 3}])


class TaskView(Shape):
    """A task as its owner sees it."""

    id: str
    model: str
    parameters: dict[str, float]
    state: TaskState
    progress: Annotated[int, Field(ge=0, le=100, description="Percent.")]
    reason: Annotated[str | None, Field(description="Why it failed, and what to do.")]
    created_at: datetime
    changed_at: datetime


class TaskPage(Shape):
    """Tasks, the newest first; `next` is what `before` must be for the following page."""

    tasks: list[TaskView]
    next: str | None


class AuditRow(Shape):
    """One transition of one task: when, by whom, from which state to which, and why."""

    number: int
    at: datetime
    actor: str
    task_id: str
    previous: TaskState | None
    state: TaskState
    reason: str | None


class AuditPage(Shape):
    """Transitions, the newest first; `next` is what `before` must be for the following page."""

    rows: list[AuditRow]
    next: int | None


class Session(Shape):
    """What the sent key opens."""

    owner: str
    admin: bool


class Health(Shape):
    """Whether the service can do its work; when it cannot, it answers 503."""

    version: str
