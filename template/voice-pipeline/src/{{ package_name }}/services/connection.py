"""How every adapter connects: counted, limited in time, with a sentence for each failure."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final

import httpx2
import msgpack
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from ..metrics import CONNECTION_ATTEMPTS, CONNECTION_FAILURES, SERVICE_ERRORS
from .base import ServiceError, ServiceName


def reason_of(error: Exception, url: str, timeout_s: float) -> str:
    """Say why an operation on the service at `url` failed, as the end of a sentence."""
    match error:
        case TimeoutError() | httpx2.TimeoutException():
            return f"at {url} did not answer within {timeout_s:g} s"
        case InvalidStatus():
            return f"at {url} answered with status {error.response.status_code}"
        case ConnectionClosed():
            return f"at {url} closed the connection"
        case OSError() | httpx2.TransportError():
            return f"at {url} cannot be reached"
        case _:
            return f"at {url} sent what its protocol does not know"


FAILURES = (
    TimeoutError,
    OSError,
    WebSocketException,
    httpx2.HTTPError,
    httpx2.InvalidURL,
    ValueError,
    RecursionError,
)
"""What goes wrong between here and a service."""


@contextmanager
def counted_attempt(service: ServiceName, url: str, timeout_s: float) -> Iterator[None]:
    """Count an attempt to connect and its failure, which becomes a `ServiceError`."""
    CONNECTION_ATTEMPTS.labels(service).inc()
    try:
        yield
    except FAILURES as error:
        CONNECTION_FAILURES.labels(service).inc()
        raise ServiceError(service, reason_of(error, url, timeout_s)) from error
    except ServiceError:
        CONNECTION_FAILURES.labels(service).inc()
        raise


@contextmanager
def counted_errors(service: ServiceName, url: str, timeout_s: float) -> Iterator[None]:
    """Count a failure once the service was connected; it becomes a `ServiceError`."""
    try:
        yield
    except FAILURES as error:
        SERVICE_ERRORS.labels(service).inc()
        raise ServiceError(service, reason_of(error, url, timeout_s)) from error
    except ServiceError:
        SERVICE_ERRORS.labels(service).inc()
        raise


REGULAR_END: Final = (1000, 1001)
"""The codes with which a service closes when it is done (RFC 6455, 7.4.1)."""


class MessageConnection:
    """A websocket that carries one msgpack map in each message."""

    def __init__(
        self, service: ServiceName, url: str, timeout_s: float, websocket: ClientConnection
    ) -> None:
        """Use an open websocket; `timeout_s` limits each sending."""
        self._service = service
        self._url = url
        self._timeout_s = timeout_s
        self._websocket = websocket

    def failure(self, reason: str) -> ServiceError:
        """Count an error of the service and return it; `reason` ends "The service at ... "."""
        SERVICE_ERRORS.labels(self._service).inc()
        return ServiceError(self._service, f"at {self._url} {reason}")

    async def send(self, message: dict[str, object]) -> None:
        """Send a message; raises a `ServiceError`."""
        with counted_errors(self._service, self._url, self._timeout_s):
            async with asyncio.timeout(self._timeout_s):
                await self._websocket.send(msgpack.packb(message, use_single_float=True))

    async def receive(self) -> dict[str, Any] | None:
        """Return the next message, None at the regular end; raises a `ServiceError`."""
        with counted_errors(self._service, self._url, self._timeout_s):
            try:
                return self._checked(msgpack.unpackb(await self._websocket.recv(decode=False)))
            except ConnectionClosed as closed:
                if closed.rcvd is not None and closed.rcvd.code in REGULAR_END:
                    return None
                raise

    def _checked(self, message: object) -> dict[str, Any]:
        if not isinstance(message, dict) or not isinstance(message.get("type"), str):
            raise ValueError("no map with a type")
        if message["type"] == "Error":
            raise ServiceError(self._service, f'at {self._url} says "{message.get("message")}"')
        return message


@asynccontextmanager
async def connected(
    service: ServiceName, url: str, path: str, key: str, timeout_s: float
) -> AsyncIterator[MessageConnection]:
    """Connect to `url` + `path` and wait until the service is ready.

    Raises a `ServiceError` when it is not within `timeout_s` seconds, or says that it has no room.
    """
    with counted_attempt(service, url, timeout_s):
        async with asyncio.timeout(timeout_s):
            websocket = await connect(
                url + path,
                additional_headers={"kyutai-api-key": key},
                compression=None,
                max_queue=None,  # what is not read yet must not hold up the end of a connection
                max_size=2**20,
                close_timeout=1,
            )
            try:
                await _wait_until_ready(service, url, websocket)
            except BaseException:
                await websocket.close()
                raise
    try:
        yield MessageConnection(service, url, timeout_s, websocket)
    finally:
        await websocket.close()


async def _wait_until_ready(service: ServiceName, url: str, websocket: ClientConnection) -> None:
    first = msgpack.unpackb(await websocket.recv(decode=False))
    match first:
        case {"type": "Ready"}:
            return
        case {"type": "Error", "message": str(message)}:
            raise ServiceError(service, f'at {url} says "{message}"')
        case _:
            raise ValueError("a service begins with Ready or Error")
