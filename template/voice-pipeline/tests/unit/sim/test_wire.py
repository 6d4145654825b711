"""Answers leave when they are due and in their order, however many are under way."""

import time
from collections.abc import Iterator
from typing import Any

import msgpack
from sim.wire import Due, Message, converse
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket

DELAY_S = 0.05


def echo(message: Message, arrived: float) -> Iterator[Due]:
    yield Due(arrived + DELAY_S, message)


async def endpoint(websocket: WebSocket) -> None:
    await converse(websocket, echo)


def test_answers_are_not_queued_behind_each_other() -> None:
    app = Starlette(routes=[WebSocketRoute("/", endpoint)])
    answers: list[dict[str, Any]] = []
    with TestClient(app).websocket_connect("/") as socket:
        socket.receive_bytes()
        started = time.monotonic()
        for number in range(40):
            socket.send_bytes(msgpack.packb({"type": "Echo", "number": number}))
        answers += [msgpack.unpackb(socket.receive_bytes()) for _ in range(40)]
        took = time.monotonic() - started

    assert [answer["number"] for answer in answers] == list(range(40))
    # One after the other they would take 40 delays.
    assert DELAY_S <= took < 20 * DELAY_S
