"""A scenario that goes through every client event and every way to fail."""

from base64 import b64encode
from typing import Any

from sim.tones import speak
from tests.support import PAUSE, Caller, Event, call, http, pipeline, settings_for, simulators

MALFORMED: list[tuple[str, dict[str, Any]]] = [
    ("no.such.event", {}),
    ("session.update", {"session": {"type": "realtime", "tools": [{"type": "function"}]}}),
    ("session.update", {"session": {"type": "realtime", "output_modalities": ["text"]}}),
    ("input_audio_buffer.append", {"audio": 5}),
    ("input_audio_buffer.commit", {}),
    ("conversation.item.create", {"item": {"type": "message", "role": "nobody", "content": []}}),
]


async def use_every_event(caller: Caller) -> None:
    """Send each event that a client may send, and some that it may not."""
    session = {"type": "realtime", "instructions": "Be kind.", "audio": {"output": {"voice": "a"}}}
    await caller.send("session.update", session=session)
    for type_, fields in MALFORMED:
        await caller.send(type_, **fields)
        await caller.until("error")
    await caller.send("input_audio_buffer.append", audio=b64encode(b"piece").decode())
    await caller.send("input_audio_buffer.clear")
    await caller.until("input_audio_buffer.cleared")
    await caller.say("hello there")
    await caller.reply()
    await caller.write("a text that is long enough to be talked over by somebody else")
    await caller.until("response.output_audio.delta")
    await caller.append(speak("stop") + PAUSE)
    await caller.reply()
    await caller.reply()
    await caller.write("a text that is long enough to be cancelled in the middle of it")
    await caller.send("response.create")
    await caller.until("error")
    await caller.send("response.cancel")
    await caller.reply()
    detection = {"audio": {"input": {"turn_detection": None}}}
    await caller.send("session.update", session={"type": "realtime", **detection})
    await caller.append(speak("by hand"))
    await caller.send("input_audio_buffer.commit")
    await caller.send("response.create")
    await caller.reply()


async def everything() -> list[Event]:
    """Run the scenario, read all routes, then fail each service; return all server events."""
    events: list[Event] = []
    async with simulators() as services:
        async with pipeline(settings_for(services)) as address, call(address) as caller:
            await use_every_event(caller)
            events += caller.events
            async with http(address) as client:
                for route in ("/v1/health", "/metrics", "/nothing"):
                    await client.get(route)
        async with simulators(["stt"]) as gone:
            pass
        for away in ({"llm": gone}, {"tts": gone}, {"stt": gone, "llm": services, "tts": services}):
            places = {"stt": services} | away
            async with pipeline(settings_for(**places)) as address, call(address) as caller:
                await caller.say("hello")
                await caller.until("error" if "stt" in away else "response.done")
                events += caller.events
        full = settings_for(services, max_sessions=1)
        async with pipeline(full) as address, call(address) as first:
            await first.until("session.created")
            async with call(address) as refused:
                await refused.until("error")
                events += refused.events
    return events
