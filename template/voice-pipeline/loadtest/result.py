"""What a run measured, the form in which it is kept, and the baseline that it is compared with."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Self

import numpy as np
from pydantic import BaseModel, ConfigDict
from sim import SERVICES

MEASURES: Final = (*SERVICES, "vad", "turn", "api")
"""What is measured, in ms; from the end of speech, vad to the event that says so, turn to audio."""

SPEED: Final = "speed"
"""How many times faster than real time a reply's audio comes."""


def percentile(samples: Sequence[float], percent: float) -> float:
    """Return a percentile of samples in their unit; raises an `IndexError` when there are none."""
    return float(np.percentile(samples, percent))


class _Stored(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a file; raises an `OSError` or a `ValueError`."""
        return cls.model_validate_json(path.read_text(encoding="utf-8"))

    def write(self, path: Path) -> None:
        """Write a file and the folders that it is in."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.model_dump_json(indent=2) + "\n", encoding="utf-8")


class Result(_Stored):
    """The outcome of a run; a failure is a sentence, a sample is in ms (of the speed: a ratio)."""

    workers: int
    frame_ms: int
    conversations: int
    failures: tuple[str, ...]
    samples: Mapping[str, tuple[float, ...]]

    def of(self, measure: str) -> tuple[float, ...]:
        """Return the samples of a measure, perhaps none."""
        return self.samples.get(measure, ())


class Baseline(_Stored):
    """Medians and 95th percentiles (ms) of a run that was found good.

    `frame_ms` is None in a file of a time before it was recorded.
    """

    workers: int
    frame_ms: int | None = None
    median_ms: Mapping[str, float]
    p95_ms: Mapping[str, float]

    @classmethod
    def of(cls, result: Result) -> Self:
        """Return the baseline that a run gives."""
        measured = {name: result.of(name) for name in MEASURES if result.of(name)}
        return cls(
            workers=result.workers,
            frame_ms=result.frame_ms,
            median_ms={name: round(percentile(s, 50), 1) for name, s in measured.items()},
            p95_ms={name: round(percentile(s, 95), 1) for name, s in measured.items()},
        )
