import asyncio
from collections.abc import Callable
from typing import cast

import pytest
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.lib.rate_limit import TokenBuckets
from backend.web import middleware

hello = PlainTextResponse("hello")


async def begins_and_breaks(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    raise RuntimeError("broken")


def test_a_request_keeps_the_id_it_came_with() -> None:
    client = TestClient(middleware.RequestLog(hello))
    assert client.get("/", headers={"X-Request-ID": "abc-1"}).headers["X-Request-ID"] == "abc-1"


@pytest.mark.parametrize("sent", ["", "a b", "<script>", "a" * 65])
def test_an_id_of_another_form_is_replaced(sent: str) -> None:
    answer = TestClient(middleware.RequestLog(hello)).get("/", headers={"X-Request-ID": sent})
    assert answer.headers["X-Request-ID"] not in ("", sent)


def test_an_error_after_the_answer_began_is_passed_on() -> None:
    with pytest.raises(RuntimeError, match="broken"):
        TestClient(middleware.RequestLog(begins_and_breaks)).get("/")


def test_health_probes_are_never_refused() -> None:
    client = TestClient(middleware.Limits(hello, TokenBuckets(burst=1, per_second=0.001)))
    assert {client.get("/api/health").status_code for _ in range(3)} == {200}


@pytest.mark.parametrize(
    "wrap",
    [
        middleware.SecurityHeaders,
        middleware.RequestLog,
        lambda app: middleware.Limits(app, TokenBuckets(1, 1)),
    ],
)
def test_what_is_not_http_passes_untouched(wrap: Callable[[ASGIApp], ASGIApp]) -> None:
    seen: list[Message] = []

    async def lifespan(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "lifespan.startup.complete"})

    async def send(message: Message) -> None:
        seen.append(message)

    asyncio.run(wrap(lifespan)({"type": "lifespan"}, cast("Receive", None), send))  # type: ignore[arg-type]
    assert seen == [{"type": "lifespan.startup.complete"}]
