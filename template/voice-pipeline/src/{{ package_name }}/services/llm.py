"""Replies from a server with OpenAI's chat completions; contracts/llm.md describes the protocol."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Final

import httpx2

from .base import Message, ServiceError
from .connection import counted_attempt, counted_errors

PATH: Final = "/v1/chat/completions"
SHOWN: Final = 200
"""How much of an LLM's own words on a failure is passed on, in characters."""

DRAIN_S: Final = 0.02
"""How long the end of a stream may trail its last event; then the connection is given up."""


class ChatCompletions:
    """Streams replies; the client and its open connections are shared by all sessions."""

    def __init__(
        self, client: httpx2.AsyncClient, url: str, key: str, model: str, timeout_s: float
    ) -> None:
        """Know the address, `http://host:port`; `timeout_s` limits the wait for each piece."""
        self._client = client
        self._url = url
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._model = model
        self._timeout_s = timeout_s

    async def reply(self, messages: Sequence[Message]) -> AsyncIterator[str]:
        """Iterate over the pieces of a reply; raises a `ServiceError`."""
        response = await self._send(messages)
        try:
            lines, empty = response.aiter_lines(), True
            while (piece := await self._next_piece(lines)) is not None:
                if piece:
                    empty = False
                    yield piece
            if empty:
                with counted_errors("llm", self._url, self._timeout_s):
                    raise ServiceError("llm", f"at {self._url} sent an empty reply")
        finally:
            await response.aclose()

    async def _send(self, messages: Sequence[Message]) -> httpx2.Response:
        body = {
            "model": self._model,
            "stream": True,
            "messages": [{"role": message.role, "content": message.text} for message in messages],
        }
        with counted_attempt("llm", self._url, self._timeout_s):
            async with asyncio.timeout(self._timeout_s):
                request = self._client.build_request(
                    "POST", self._url + PATH, json=body, headers=self._headers
                )
                response = await self._client.send(request, stream=True)
                if response.status_code != httpx2.codes.OK:
                    told = (await response.aread()).decode(errors="replace")[:SHOWN]
                    await response.aclose()
                    status = f"at {self._url} answered with status {response.status_code}"
                    raise ServiceError("llm", f"{status}: {told}" if told else status)
        return response

    async def _next_piece(self, lines: AsyncIterator[str]) -> str | None:
        """Return the text in the next event of the stream, None at the end."""
        with counted_errors("llm", self._url, self._timeout_s):
            async with asyncio.timeout(self._timeout_s):
                async for line in lines:
                    data = line.removeprefix("data:").strip()
                    if data == "[DONE]":
                        await _drain(lines)
                        return None
                    if line.startswith("data:"):
                        return _content(json.loads(data))
            raise ServiceError("llm", f"at {self._url} ended a reply before its end")


async def _drain(lines: AsyncIterator[str]) -> None:
    """Read a stream to its end, so that its connection can serve the next reply."""
    with suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_S):
            async for _ in lines:
                pass


def _content(chunk: object) -> str:
    match chunk:
        case {"choices": [{"delta": {"content": str(content)}}, *_]}:
            return content
        case {"error": error}:
            raise ServiceError("llm", f"says {str(error)[:SHOWN]}")
        case _:
            return ""
