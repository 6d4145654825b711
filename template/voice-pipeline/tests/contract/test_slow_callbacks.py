"""Nothing holds the event loop for long, whatever a client does and whichever service fails.

This measures the processor's time, so that a busy machine does not count. What holds the loop by
waiting is found by test_blocking_calls.py.
"""

import gc
import time
from asyncio.events import Handle

import pytest
from tests.contract.everything import everything
from tests.contract.figures import figure


async def test_no_callback_computes_for_longer_than_the_budget(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slow: list[str] = []
    budget_ms, run = figure("slow_callback_ms"), Handle._run

    def timed(handle: Handle) -> None:
        started = time.thread_time()
        run(handle)
        took_ms = (time.thread_time() - started) * 1000
        if took_ms > budget_ms:
            slow.append(f"{took_ms:.0f} ms: {handle}")

    # Neither what is imported on first use nor the garbage of the tests is the pipeline's doing.
    await everything()
    gc.collect()
    gc.freeze()
    monkeypatch.setattr(Handle, "_run", timed)
    await everything()
    assert not slow, f"longer than {budget_ms} ms: {slow}"
