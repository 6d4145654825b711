"""Speech synthesis by a moshi-server; contracts/tts.md describes its protocol."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final
from urllib.parse import urlencode

import numpy as np

from ..audio import to_pcm
from ..timer import deadline
from .base import Audio, Speech, Spoken
from .connection import MessageConnection, connected

PATH: Final = "/api/tts_streaming"


class MoshiTextToSpeech:
    """Connects to the `tts_streaming` route."""

    def __init__(self, url: str, key: str, timeout_s: float) -> None:
        """Know the address, `ws://host:port`; connect later."""
        self._url = url
        self._key = key
        self._timeout_s = timeout_s

    @asynccontextmanager
    async def connect(self, voice: str) -> AsyncIterator[Speech]:
        """Open a connection; raises a `ServiceError` when the service does not get ready."""
        path = f"{PATH}?{urlencode({'voice': voice, 'format': 'PcmMessagePack'})}"
        async with connected("tts", self._url, path, self._key, self._timeout_s) as connection:
            yield MoshiSpeech(connection, self._timeout_s)


class MoshiSpeech:
    """One utterance, from words to audio."""

    def __init__(self, connection: MessageConnection, timeout_s: float) -> None:
        """Use an open connection; `timeout_s` limits the wait for audio that is owed."""
        self._connection = connection
        self._timeout_s = timeout_s
        self._patience: asyncio.Timeout | None = None
        self._owed = 0

    async def say(self, word: str) -> None:
        """Send the next word; raises a `ServiceError`."""
        self._owed += 1
        self._wait()
        await self._connection.send({"type": "Text", "text": word})

    async def finish(self) -> None:
        """Say that no word follows; raises a `ServiceError`."""
        self._owed += 1  # the end
        self._wait()
        await self._connection.send({"type": "Eos"})

    async def spoken(self) -> AsyncIterator[Audio | Spoken]:
        """Iterate over audio and the words in it; raises a `ServiceError`."""
        silent = True
        while (message := await self._receive()) is not None:
            match message:
                case {"type": "Audio", "pcm": list(samples)}:
                    silent = False
                    yield self._audio(samples)
                case {"type": "Text", "text": str(word)} if word:
                    self._owed -= 1
                    yield Spoken(word)
                case _:
                    pass
        if silent:
            raise self._connection.failure("sent no audio")

    async def _receive(self) -> dict[str, Any] | None:
        try:
            async with asyncio.timeout(None) as self._patience:
                self._wait()
                return await self._connection.receive()
        except TimeoutError as error:
            raise self._connection.failure(f"was silent for {self._timeout_s:g} s") from error
        finally:
            self._patience = None

    def _wait(self) -> None:
        """Give the TTS its time, unless it owes nothing: then the LLM is who is waited for."""
        if self._patience and not self._patience.expired():
            self._patience.reschedule(deadline(self._timeout_s) if self._owed else None)

    def _audio(self, samples: list[object]) -> Audio:
        try:
            return Audio(to_pcm(np.asarray(samples, dtype=np.float32)))
        except (TypeError, ValueError) as error:
            raise self._connection.failure("sent audio that is no list of numbers") from error
