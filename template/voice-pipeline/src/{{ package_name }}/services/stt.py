"""Speech recognition by a moshi-server; contracts/stt.md describes its protocol."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from ..audio import to_float
from .base import Heard, Marker, Step, Transcription, Word
from .connection import MessageConnection, connected

PATH: Final = "/api/asr-streaming"


class MoshiSpeechToText:
    """Connects to the `asr-streaming` route."""

    def __init__(self, url: str, key: str, timeout_s: float) -> None:
        """Know the address, `ws://host:port`; connect later."""
        self._url = url
        self._key = key
        self._timeout_s = timeout_s

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[Transcription]:
        """Open a connection; raises a `ServiceError` when the service does not get ready."""
        async with connected("stt", self._url, PATH, self._key, self._timeout_s) as connection:
            yield MoshiTranscription(connection)


class MoshiTranscription:
    """One stream of audio and what was heard in it."""

    def __init__(self, connection: MessageConnection) -> None:
        """Use an open connection."""
        self._connection = connection

    async def send_frame(self, frame: bytes) -> None:
        """Send a frame of PCM16; raises a `ServiceError`."""
        await self._connection.send({"type": "Audio", "pcm": to_float(frame).tolist()})

    async def send_marker(self, number: int) -> None:
        """Send a marker, which comes back; raises a `ServiceError`."""
        await self._connection.send({"type": "Marker", "id": number})

    async def heard(self) -> AsyncIterator[Heard]:
        """Iterate over words, steps and markers; raises a `ServiceError`, at the end too."""
        while (message := await self._connection.receive()) is not None:
            if (heard := _read(message)) is not None:
                yield heard
        raise self._connection.failure("closed the connection")


def _read(message: dict[str, Any]) -> Heard | None:
    match message:
        case {"type": "Word", "text": str(text)}:
            return Word(text)
        case {"type": "Step", "prs": [_, _, float() | int() as pause, *_]}:
            return Step(pause)
        case {"type": "Marker", "id": int(number)}:
            return Marker(number)
        case _:
            return None
