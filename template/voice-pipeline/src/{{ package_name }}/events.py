"""The OpenAI Realtime protocol: what clients send, and how the events look that they get.

Names and fields are those of https://platform.openai.com/docs/api-reference/realtime (2026).
"""

import secrets
from base64 import b64decode
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from .audio import SAMPLE_RATE

Event = dict[str, Any]
"""A server event as it is sent."""

_OFFICIAL_RATE: Final = 24_000


Words = Annotated[str, Field(max_length=20_000)]
"""A text from a client, which is kept as long as its session."""


class ClientError(Exception):
    """An event that the pipeline cannot take; says why, and in which field."""

    def __init__(self, message: str, *, param: str | None = None, code: str = "invalid") -> None:
        """Hold the sentence for the client, the field's path and a code for programs."""
        super().__init__(message)
        self.param = param
        self.code = code


class _ClientEvent(BaseModel):
    event_id: str | None = None


def _decode(value: object) -> bytes:
    """Decode base64 without leniency; raises a `ValueError`."""
    if not isinstance(value, str):
        raise ValueError("must be base64")
    return b64decode(value, validate=True)


class TurnDetection(BaseModel):
    """Who ends a turn: with `server_vad` a pause does."""

    type: Literal["server_vad"]
    silence_duration_ms: int | None = Field(default=None, ge=80, le=5000)
    create_response: bool = True
    interrupt_response: Literal[True] = True


class PcmFormat(BaseModel):
    """The one format of audio that is taken and sent."""

    type: Literal["audio/pcm"] = "audio/pcm"
    rate: int = Field(default=SAMPLE_RATE, ge=SAMPLE_RATE, le=SAMPLE_RATE)


class AudioInput(BaseModel):
    """How audio comes in."""

    format: PcmFormat | None = None
    turn_detection: TurnDetection | None = None


class AudioOutput(BaseModel):
    """How audio goes out."""

    format: PcmFormat | None = None
    voice: str | None = None


class SessionAudio(BaseModel):
    """Both directions."""

    input: AudioInput = AudioInput()
    output: AudioOutput = AudioOutput()


class SessionChange(BaseModel):
    """The part of a session that a client can set; tools are refused rather than ignored."""

    type: Literal["realtime"] = "realtime"
    instructions: Words | None = None
    audio: SessionAudio = SessionAudio()
    output_modalities: tuple[Literal["audio"]] = ("audio",)
    tools: Annotated[list[Any], Field(max_length=0)] = []


class SessionUpdate(_ClientEvent):
    """Changes the session."""

    type: Literal["session.update"]
    session: SessionChange


class AudioAppend(_ClientEvent):
    """Brings PCM16 in pieces of any length, as base64."""

    type: Literal["input_audio_buffer.append"]
    audio: Annotated[bytes, BeforeValidator(_decode)]


class AudioCommit(_ClientEvent):
    """Ends the turn."""

    type: Literal["input_audio_buffer.commit"]


class AudioClear(_ClientEvent):
    """Drops what was said since the last turn."""

    type: Literal["input_audio_buffer.clear"]


class TextContent(BaseModel):
    """A piece of text in an utterance."""

    type: Literal["input_text", "output_text", "text"]
    text: Words


class MessageItem(BaseModel):
    """An utterance that the client adds as text."""

    type: Literal["message"]
    id: str | None = Field(default=None, max_length=64)
    role: Literal["system", "user", "assistant"]
    content: Annotated[list[TextContent], Field(min_length=1)]


class ItemCreate(_ClientEvent):
    """Adds an utterance."""

    type: Literal["conversation.item.create"]
    item: MessageItem


class ResponseOptions(BaseModel):
    """What a client may ask of one reply; any other option is refused rather than ignored."""

    model_config = ConfigDict(extra="forbid")

    instructions: Words | None = None
    output_modalities: tuple[Literal["audio"]] = ("audio",)
    conversation: Literal["auto"] = "auto"


class ResponseCreate(_ClientEvent):
    """Asks for a reply."""

    type: Literal["response.create"]
    response: ResponseOptions = ResponseOptions()


class ResponseCancel(_ClientEvent):
    """Stops the reply."""

    type: Literal["response.cancel"]


ClientEvent = Annotated[
    SessionUpdate
    | AudioAppend
    | AudioCommit
    | AudioClear
    | ItemCreate
    | ResponseCreate
    | ResponseCancel,
    Field(discriminator="type"),
]
_CLIENT_EVENT: Final[TypeAdapter[ClientEvent]] = TypeAdapter(ClientEvent)


def parse(text: str) -> ClientEvent:
    """Read a client's event; raises a `ClientError` that says what is wrong in which field."""
    try:
        return _CLIENT_EVENT.validate_json(text)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
    # The first part of a place is the event's type, by which the model was chosen.
    param = ".".join(str(part) for part in first["loc"][1:]) or "type"
    raise ClientError(f"{param}: {first['msg']}.", param=param)


def new_id(kind: str) -> str:
    """Return an id that nobody can guess, `item_...` for example."""
    return f"{kind}_{secrets.token_hex(8)}"


def event(type_: str, **fields: object) -> Event:
    """Return a server event."""
    return {"type": type_, "event_id": new_id("event"), **fields}


def error(kind: str, code: str, message: str, *, param: str | None = None) -> Event:
    """Return the event for a failure, which leaves the session open."""
    return event("error", error={"type": kind, "code": code, "message": message, "param": param})


def pcm_format() -> dict[str, object]:
    """Return the format of all audio; the protocol knows no other rate than its own."""
    rate = {"rate": SAMPLE_RATE} if SAMPLE_RATE == _OFFICIAL_RATE else {}
    return {"type": "audio/pcm", **rate}


def session_view(
    id_: str, model: str, instructions: str, voice: str, detection: TurnDetection | None
) -> dict[str, object]:
    """Return a session as clients see it."""
    return {
        "type": "realtime",
        "id": id_,
        "object": "realtime.session",
        "model": model,
        "instructions": instructions,
        "output_modalities": ["audio"],
        "tools": [],
        "audio": {
            "input": {
                "format": pcm_format(),
                "turn_detection": detection.model_dump() if detection else None,
            },
            "output": {"format": pcm_format(), "voice": voice},
        },
    }


def item_view(id_: str, role: str, status: str, *content: dict[str, str]) -> dict[str, object]:
    """Return an utterance as clients see it."""
    return {
        "id": id_,
        "object": "realtime.item",
        "type": "message",
        "role": role,
        "status": status,
        "content": list(content),
    }
