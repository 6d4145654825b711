"""A service that disappears and comes back costs no session that was not using it."""

import asyncio
from contextlib import AsyncExitStack

import pytest
from tests.support import Caller, call, pipeline, settings_for, simulators

LONG = "a reply that is long enough to be in the middle of it when the service goes away"


async def status_after(caller: Caller, text: str) -> str:
    """Say something, and return how the reply to it ended."""
    await caller.say(text)
    return str((await caller.reply())["status"])


@pytest.mark.parametrize("service", ["llm", "tts"])
async def test_sessions_outlive_an_outage_of_llm_or_tts(services: str, service: str) -> None:
    async with AsyncExitStack() as stack:
        outage = await stack.enter_async_context(AsyncExitStack())
        there = await outage.enter_async_context(simulators([service], llm=60))
        settings = settings_for(services, max_sessions=10, **{service: there})
        address = await stack.enter_async_context(pipeline(settings))
        callers = [await stack.enter_async_context(call(address)) for _ in range(6)]
        assert (
            await asyncio.gather(*(status_after(c, "hello") for c in callers)) == ["completed"] * 6
        )
        using, listening = callers[:3], callers[3:]
        for caller in using:
            await caller.write(LONG)
        sign = "response.created" if service == "llm" else "response.output_audio.delta"
        await asyncio.gather(*(caller.until(sign) for caller in using))

        await outage.aclose()
        replies = await asyncio.gather(*(caller.reply() for caller in using))
        assert {reply["status"] for reply in replies} == {"failed"}
        assert await status_after(listening[0], "still there") == "failed"

        port = int(there.rpartition(":")[2])
        await stack.enter_async_context(simulators([service], port=port))
        ends = await asyncio.gather(*(status_after(c, "back again") for c in callers))
        assert ends == ["completed"] * 6
        assert listening[1].heard() == ["hello", "back again"]
        errors = [
            e["error"]["code"] for c in listening[1:] for e in c.events if e["type"] == "error"
        ]
        assert errors == []


async def test_an_outage_of_the_stt_ends_the_sessions_that_speak_and_no_other(
    services: str,
) -> None:
    async with AsyncExitStack() as stack:
        outage = await stack.enter_async_context(AsyncExitStack())
        there = await outage.enter_async_context(simulators(["stt"]))
        settings = settings_for(there, llm=services, tts=services)
        address = await stack.enter_async_context(pipeline(settings))
        speaker = await stack.enter_async_context(call(address))
        writer = await stack.enter_async_context(call(address))
        assert await status_after(speaker, "hello") == "completed"
        await writer.write(LONG)
        await writer.until("response.output_audio.delta")

        await outage.aclose()
        assert (await speaker.until("error"))["error"]["code"] == "stt_failed"
        assert (await writer.reply())["status"] == "completed"

        await stack.enter_async_context(simulators(["stt"], port=int(there.rpartition(":")[2])))
        assert await status_after(writer, "now with a voice") == "completed"
        again = await stack.enter_async_context(call(address))
        assert await status_after(again, "hello") == "completed"
