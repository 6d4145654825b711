"""The simulated LLM: the reply to "X" is "you said X", streamed word by word."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import BaseRoute, Route

MODEL: Final = "simulated"
WORD_S: Final = 0.01
"""Between two words."""


def reply(messages: list[dict[str, str]]) -> str:
    """Return the reply to the last message of the user."""
    said = [message["content"] for message in messages if message["role"] == "user"]
    return f"you said {said[-1]}".lower() if said else "you said nothing"


def chunks(text: str) -> Iterator[str]:
    """Yield text as the server-sent events of a streamed completion, the last without content."""
    head = {"id": "chatcmpl-simulated", "object": "chat.completion.chunk"}
    words = text.split()
    deltas: list[dict[str, Any]] = [
        {"index": 0, "delta": {"content": word if n == 0 else f" {word}"}, "finish_reason": None}
        for n, word in enumerate(words)
    ]
    for choice in [*deltas, {"index": 0, "delta": {}, "finish_reason": "stop"}]:
        chunk = {**head, "created": int(time.time()), "model": MODEL, "choices": [choice]}
        yield f"data: {json.dumps(chunk)}\n\n"
    yield "data: [DONE]\n\n"


def routes(delay_ms: float) -> list[BaseRoute]:
    """Return the endpoints of an LLM whose first word takes `delay_ms`; it always streams."""

    async def complete(request: Request) -> StreamingResponse:
        body = await request.json()
        clock = asyncio.get_running_loop().time
        first_at = clock() + delay_ms / 1000

        async def stream() -> AsyncIterator[str]:
            for n, chunk in enumerate(chunks(reply(body["messages"]))):
                await asyncio.sleep(max(0, first_at + n * WORD_S - clock()))
                yield chunk

        return StreamingResponse(stream(), media_type="text/event-stream")

    async def models(_: Request) -> JSONResponse:
        return JSONResponse({"object": "list", "data": [{"id": MODEL, "object": "model"}]})

    return [
        Route("/v1/chat/completions", complete, methods=["POST"]),
        Route("/v1/models", models),
    ]
