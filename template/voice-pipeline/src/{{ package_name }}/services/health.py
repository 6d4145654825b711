"""Whether the services answer."""

import asyncio
from typing import Final

import httpx2

from ..config import Settings
from .base import ServiceName
from .connection import FAILURES, reason_of

ROUTES: Final[dict[ServiceName, str]] = {
    "stt": "/api/build_info",
    "llm": "/v1/models",
    "tts": "/api/build_info",
}
TIMEOUT_S: Final = 2.0


async def check_services(
    client: httpx2.AsyncClient, settings: Settings
) -> dict[ServiceName, str | None]:
    """Ask all services at once; returns what is wrong with each, None when it answers."""
    urls: dict[ServiceName, str] = {
        "stt": settings.stt_url.replace("ws", "http", 1),
        "llm": settings.llm_url,
        "tts": settings.tts_url.replace("ws", "http", 1),
    }
    reasons = await asyncio.gather(*(_check(client, url, ROUTES[n]) for n, url in urls.items()))
    return dict(zip(urls, reasons, strict=True))


async def _check(client: httpx2.AsyncClient, url: str, route: str) -> str | None:
    try:
        async with asyncio.timeout(TIMEOUT_S):
            answer = await client.get(url + route)
    except FAILURES as error:
        return reason_of(error, url, TIMEOUT_S)
    if answer.status_code >= httpx2.codes.INTERNAL_SERVER_ERROR:
        return f"at {url} answered with status {answer.status_code}"
    return None
