"""Stopwatches on the clock of the event loop, the only clock that latencies are read from."""

import asyncio
from collections.abc import Sequence


def _now_ms() -> float:
    return asyncio.get_running_loop().time() * 1000


def deadline(seconds: float) -> float:
    """Return the time by the loop's clock that is so many seconds from now."""
    return asyncio.get_running_loop().time() + seconds


class Stopwatch:
    """Measures one span of time in ms."""

    def __init__(self) -> None:
        """Start now; raises a `RuntimeError` without a running event loop."""
        self._started = _now_ms()
        self._stopped: float | None = None

    @property
    def running(self) -> bool:
        """Whether it was not stopped yet."""
        return self._stopped is None

    @property
    def ms(self) -> float:
        """The ms since the start, or between start and stop."""
        return (_now_ms() if self._stopped is None else self._stopped) - self._started

    def stop(self) -> float:
        """Stop it and return the ms that it measured; a later call returns the same."""
        if self._stopped is None:
            self._stopped = _now_ms()
        return self.ms


class PhasesStopwatch:
    """Notes when each of several phases begins, which they do in their order."""

    def __init__(self, phases: Sequence[str]) -> None:
        """Know the phases, none of which has begun."""
        self._phases = tuple(phases)
        self._begun: dict[str, float] = {}

    def mark(self, phase: str) -> None:
        """Note that a phase begins now; once it has begun, a later call changes nothing.

        Raises a `ValueError` for an unknown phase, a `RuntimeError` when an earlier one is missing.
        """
        place = self._phases.index(phase)
        for earlier in self._phases[:place]:
            if earlier not in self._begun:
                raise RuntimeError(f"{phase} begins, and {earlier} has not begun.")
        self._begun.setdefault(phase, _now_ms())

    def ms_between(self, first: str, last: str) -> float | None:
        """Return the ms between the beginnings of two phases; None until both have begun."""
        if first in self._begun and last in self._begun:
            return self._begun[last] - self._begun[first]
        return None
