"""The websocket side that STT and TTS share: msgpack maps, each sent when it is due."""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, NamedTuple

import msgpack
from starlette.websockets import WebSocket, WebSocketDisconnect

Message = dict[str, Any]


class Due(NamedTuple):
    """What to send, and when by the clock of the loop (s); no message closes the connection."""

    at: float
    message: Message | None


Answer = Callable[[Message, float], Iterable[Due]]
"""Gives the answers to a message that arrived at a time; raises a `ValueError` for a bad one."""


async def converse(websocket: WebSocket, answer: Answer) -> None:
    """Accept a client and answer its messages until it leaves; answers keep their order."""
    await websocket.accept()
    outbox: asyncio.Queue[Due] = asyncio.Queue()
    outbox.put_nowait(Due(0, {"type": "Ready"}))
    sender = asyncio.create_task(_send_when_due(websocket, outbox))
    try:
        while (event := await websocket.receive())["type"] != "websocket.disconnect":
            arrived = asyncio.get_running_loop().time()
            try:
                dues = list(answer(msgpack.unpackb(event["bytes"]), arrived))
            except ValueError as problem:
                error = {"type": "Error", "message": str(problem)}
                dues = [Due(arrived, error), Due(arrived, None)]
            for due in dues:
                outbox.put_nowait(due)
    finally:
        sender.cancel()


async def _send_when_due(websocket: WebSocket, outbox: asyncio.Queue[Due]) -> None:
    clock = asyncio.get_running_loop().time
    with suppress(WebSocketDisconnect):
        while (due := await outbox.get()).message is not None:
            await asyncio.sleep(max(0, due.at - clock()))
            await websocket.send_bytes(msgpack.packb(due.message, use_single_float=True))
        await asyncio.sleep(max(0, due.at - clock()))
        await websocket.close()
