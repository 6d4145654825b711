"""The adapters of the services that the settings name, ready to be used."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2

from ..config import Settings
from .base import ServiceName, Services
from .health import check_services
from .llm import ChatCompletions
from .stt import MoshiSpeechToText
from .tts import MoshiTextToSpeech


class Adapters:
    """All three services, and whether they answer."""

    def __init__(self, client: httpx2.AsyncClient, settings: Settings) -> None:
        """Use an open client, which all sessions share."""
        timeout_s = settings.service_timeout_s
        stt_key, tts_key = settings.stt_key.get_secret_value(), settings.tts_key.get_secret_value()
        llm_key = settings.llm_key.get_secret_value()
        self._client = client
        self._settings = settings
        self.services = Services(
            stt=MoshiSpeechToText(settings.stt_url, stt_key, timeout_s),
            llm=ChatCompletions(client, settings.llm_url, llm_key, settings.llm_model, timeout_s),
            tts=MoshiTextToSpeech(settings.tts_url, tts_key, timeout_s),
        )

    async def check(self) -> dict[ServiceName, str | None]:
        """Ask all services at once; returns what is wrong with each, None when it answers."""
        return await check_services(self._client, self._settings)


@asynccontextmanager
async def connect_adapters(settings: Settings) -> AsyncIterator[Adapters]:
    """Yield the adapters, whose open connections end with the block."""
    # Reads the certificates of authorities from files.
    client = await asyncio.to_thread(httpx2.AsyncClient, timeout=None)
    async with client:
        yield Adapters(client, settings)
