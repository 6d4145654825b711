"""A turn ends with its reply and latencies, or with a sentence on what went wrong."""

from base64 import b64encode
from types import SimpleNamespace
from typing import cast

import pytest
from loadtest import caller
from loadtest.caller import Call, Microphone, Turn, TurnError
from loadtest.run import Run
from loadtest.stack import StartError
from openai.resources.realtime.realtime import AsyncRealtimeConnection
from sim.tones import speak


class Scripted:
    """A connection that gives the events of a script, and then nothing."""

    def __init__(self, *events: SimpleNamespace) -> None:
        self._events = list(events)

    async def recv(self) -> SimpleNamespace:
        if not self._events:
            raise TimeoutError
        return self._events.pop(0)


def event(kind: str, **fields: object) -> SimpleNamespace:
    return SimpleNamespace(type=kind, **fields)


def done(status: str, **metadata: str) -> SimpleNamespace:
    response = SimpleNamespace(status=status, metadata=metadata)
    return event("response.done", response=response)


async def turn(*events: SimpleNamespace) -> Turn:
    connection = cast("AsyncRealtimeConnection", Scripted(*events))
    return await Call(connection, Microphone(connection)).turn("hi")


@pytest.mark.asyncio
async def test_a_turn_has_what_was_heard_the_reply_its_audio_and_the_latencies() -> None:
    pcm = speak("you said hi")
    result = await turn(
        event("conversation.item.input_audio_transcription.completed", transcript="hi"),
        event("response.output_audio.delta", delta=b64encode(pcm[:1000]).decode()),
        event("response.output_audio.delta", delta=b64encode(pcm[1000:]).decode()),
        event("response.output_audio_transcript.done", transcript="you said hi"),
        done("completed", stt_ms="43.1", tts_ms="203.5", language="en"),
    )

    result.check("hi")
    assert set(result.latencies) == {"turn", "stt", "tts"}
    assert result.latencies["stt"] == 43.1


@pytest.mark.asyncio
async def test_an_error_of_the_pipeline_is_told() -> None:
    error = SimpleNamespace(code="tts_failed", message="The TTS is at capacity.")

    with pytest.raises(TurnError, match=r"tts_failed: The TTS is at capacity\."):
        await turn(event("error", error=error))


@pytest.mark.asyncio
async def test_a_response_that_is_not_completed_fails_the_turn() -> None:
    with pytest.raises(TurnError, match="The response is cancelled"):
        await turn(done("cancelled"))


@pytest.mark.asyncio
async def test_a_reply_that_never_ends_fails_the_turn() -> None:
    with pytest.raises(TurnError, match=f"no complete reply within {caller.TURN_S} s"):
        await turn(event("response.created"))


@pytest.mark.asyncio
async def test_a_url_where_nothing_answers_is_refused() -> None:
    with pytest.raises(StartError, match="No pipeline answers at http"):
        await Run("http://127.0.0.1:1", "any")(4)
