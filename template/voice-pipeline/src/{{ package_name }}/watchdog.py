"""Watches the event loop, on which every conversation depends."""

import asyncio
from typing import Final

from .metrics import LOOP_LAG, LOOP_LAG_MAX
from .timer import Stopwatch

PROBE_MS: Final = 50
WINDOW_MS: Final = 60_000


async def watch_event_loop() -> None:
    """Measure for ever how late the loop wakes a sleeper, the last time and at worst."""
    window, worst = Stopwatch(), 0.0
    while True:
        probe = Stopwatch()
        await asyncio.sleep(PROBE_MS / 1000)
        lag = max(0.0, probe.ms - PROBE_MS) / 1000
        if window.ms > WINDOW_MS:
            window, worst = Stopwatch(), 0.0
        worst = max(worst, lag)
        LOOP_LAG.set(lag)
        LOOP_LAG_MAX.set(worst)
