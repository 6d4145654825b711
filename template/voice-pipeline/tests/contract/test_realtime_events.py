"""Every event that clients get is one of the OpenAI Realtime protocol, by its official types."""

import asyncio
from base64 import b64decode, b64encode
from typing import get_args

import pytest
from openai import AsyncOpenAI
from openai.types.realtime import RealtimeServerEvent
from pydantic import BaseModel
from sim.tones import hear_all, speak
from tests.contract.everything import everything
from tests.support import PAUSE, Event


def official_models() -> dict[str, type[BaseModel]]:
    """Return the models of all server events by their type."""
    union = get_args(RealtimeServerEvent)[0]
    return {get_args(m.model_fields["type"].annotation)[0]: m for m in get_args(union)}


def problem(event: Event) -> str | None:
    """Say how an event departs from the official types."""
    model = official_models().get(event["type"])
    if model is None:
        return f"{event['type']} is unknown"
    unknown = sorted(unknown_fields(model.model_validate(event, strict=True)))
    return f"{event['type']} has the unknown fields {unknown}" if unknown else None


def unknown_fields(value: object) -> set[str]:
    """Return the fields, at any depth, that the official models do not have."""
    if isinstance(value, list):
        return set().union(*map(unknown_fields, value))
    if not isinstance(value, BaseModel):
        return set()
    inner = [unknown_fields(item) for name, item in value if name != "session"]
    return set(value.model_extra or {}).union(*inner)


@pytest.fixture(scope="module")
def events() -> list[Event]:
    """Return all events of the scenario."""
    return asyncio.run(everything())


def test_every_event_is_of_an_official_type(events: list[Event]) -> None:
    assert len({event["type"] for event in events}) >= 20, "the scenario covers the protocol"
    assert [found for found in map(problem, events) if found] == []
    assert len({event["event_id"] for event in events}) == len(events)


def test_a_reply_is_told_in_the_order_of_the_protocol(events: list[Event]) -> None:
    types = [event["type"] for event in events if event["type"].startswith("response.")]
    types = types[: types.index("response.done") + 1]
    assert types[:3] == [
        "response.created",
        "response.output_item.added",
        "response.content_part.added",
    ]
    assert types[-5:] == [
        "response.output_audio.done",
        "response.output_audio_transcript.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.done",
    ]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
async def test_the_official_client_holds_a_conversation(address: str) -> None:
    any_key = "none is needed"
    audio, pcm = b"", speak("good day") + PAUSE
    async with (
        AsyncOpenAI(base_url=f"http://{address}/v1", api_key=any_key) as client,
        client.realtime.connect(model="voice") as connection,
    ):
        await connection.session.update(session={"type": "realtime", "instructions": "Be kind."})
        await connection.input_audio_buffer.append(audio=b64encode(pcm).decode())
        async for event in connection:
            if event.type == "response.output_audio.delta":
                audio += b64decode(event.delta)
            if event.type == "response.done":
                assert event.response.status == "completed"
                break
    assert hear_all(audio) == "you said good day"
