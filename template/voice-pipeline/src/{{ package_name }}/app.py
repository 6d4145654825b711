"""The HTTP and websocket routes."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from typing import Annotated, Final, Literal

from fastapi import FastAPI, Query, Request, Response, WebSocket, WebSocketDisconnect
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from . import __version__, events, metrics
from .access import PUBLIC, is_allowed
from .config import Settings
from .services.adapters import connect_adapters
from .services.base import ServiceError
from .session import Session, SlowClientError, first_of, leaves_of
from .timer import Stopwatch
from .watchdog import watch_event_loop

HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
}
POLICY_VIOLATION: Final = 1008
INTERNAL_ERROR: Final = 1011
GOING_DOWN: Final = 1012
TRY_AGAIN_LATER: Final = 1013
MAX_REASON_BYTES: Final = 123
"""How long the reason in a websocket's close frame may be (RFC 6455, 5.5)."""

logger = logging.getLogger(__name__)


class ServiceHealth(BaseModel):
    """Whether a service answers, and what is wrong when it does not."""

    ok: bool
    reason: str | None


class Health(BaseModel):
    """Whether the pipeline can hold a conversation."""

    status: Literal["ok", "degraded"]
    services: dict[str, ServiceHealth]


class FailureDetail(BaseModel):
    """Why a request failed: a code for programs, a sentence for people."""

    code: str
    message: str


class Failure(BaseModel):
    """The body of every answer with a status from 400 on, but for the health check's."""

    error: FailureDetail


class TextClient:
    """A websocket whose binary messages are taken for empty texts, which are no events."""

    def __init__(self, websocket: WebSocket) -> None:
        """Use an accepted websocket."""
        self._websocket = websocket

    async def receive_text(self) -> str:
        """Return the next message; raises a `WebSocketDisconnect` when there is none."""
        message = await self._websocket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1000), message.get("reason"))
        return message.get("text") or ""

    async def send_text(self, data: str) -> None:
        """Send a message; raises a `WebSocketDisconnect` when nobody is there."""
        await self._websocket.send_text(data)


def create_app(settings: Settings, on_start: Callable[[], None] = lambda: None) -> FastAPI:
    """Return the application; `on_start` is called once it takes requests."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with connect_adapters(settings) as adapters, asyncio.TaskGroup() as tasks:
            app.state.adapters = adapters
            watchdog = tasks.create_task(watch_event_loop())
            on_start()
            yield
            watchdog.cancel()

    app = FastAPI(
        title="Voice pipeline",
        version=__version__,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        exception_handlers={HTTPException: _tell_failure, Exception: _tell_failure},
        responses={"4XX": {"model": Failure}, "5XX": {"model": Failure}},
    )
    app.state.open_sessions = 0

    @app.middleware("http")
    async def guard(
        request: Request, call_next: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        allowed = request.url.path in PUBLIC or is_allowed(request.headers, settings)
        response = await call_next(request) if allowed else _refusal()
        response.headers.update(HEADERS)
        return response

    @app.get("/v1/health", responses={503: {"model": Health}})
    async def health(response: Response) -> Health:
        """Tell whether all services answer."""
        reasons = await app.state.adapters.check()
        services = {name: ServiceHealth(ok=not why, reason=why) for name, why in reasons.items()}
        if any(reasons.values()):
            response.status_code = 503
        status: Literal["ok", "degraded"] = "degraded" if any(reasons.values()) else "ok"
        return Health(status=status, services=services)

    @app.get("/metrics")
    async def read_metrics() -> Response:
        """Return the metrics in Prometheus' text format."""
        # Reads files below /proc, so not on the event loop.
        text = await asyncio.to_thread(generate_latest)
        return Response(text, media_type=CONTENT_TYPE_LATEST)

    @app.websocket("/v1/realtime")
    async def realtime(
        websocket: WebSocket, model: Annotated[str, Query(max_length=100)] = "voice"
    ) -> None:
        if not is_allowed(websocket.headers, settings):
            await websocket.close(POLICY_VIOLATION)  # before it is accepted: a 403
            return
        offered = websocket.scope.get("subprotocols", [])
        await websocket.accept("realtime" if "realtime" in offered else None)
        if app.state.open_sessions >= settings.max_sessions:
            await _turn_away(websocket, settings)
            return
        app.state.open_sessions += 1
        try:
            client = TextClient(websocket)
            await _serve(websocket, Session(client, app.state.adapters.services, settings, model))
        finally:
            app.state.open_sessions -= 1

    return app


def _failure(status: int, code: str, message: str, **headers: str) -> Response:
    error = FailureDetail(code=code, message=message)
    return JSONResponse(
        Failure(error=error).model_dump(), status_code=status, headers=HEADERS | headers
    )


def _refusal() -> Response:
    message = "This needs a key. Send it as `Authorization: Bearer <key>`."
    return _failure(401, "invalid_api_key", message, **{"WWW-Authenticate": "Bearer"})


async def _tell_failure(_: Request, error: Exception) -> Response:
    """Give every failure of HTTP one structure."""
    if not isinstance(error, HTTPException):
        return _failure(500, "internal_error", "The pipeline failed. Its log says why.")
    code = HTTPStatus(error.status_code).phrase.lower().replace(" ", "_")
    return _failure(error.status_code, code, str(error.detail), **dict(error.headers or {}))


async def _turn_away(websocket: WebSocket, settings: Settings) -> None:
    metrics.SESSIONS.labels("refused").inc()
    message = f"No session is free: all {settings.max_sessions} are in use. Try again later."
    with suppress(WebSocketDisconnect):
        await websocket.send_json(events.error("server_error", "at_capacity", message))
        await websocket.close(TRY_AGAIN_LATER, "at capacity")
    logger.warning("A session was refused.", extra={"reason": message})


async def _serve(websocket: WebSocket, session: Session) -> None:
    """Run a session; leaves one log record and its metrics behind."""
    watch, outcome, reason = Stopwatch(), "failed", "an error of the pipeline"
    metrics.ACTIVE_SESSIONS.inc()
    try:
        try:
            await session.run()
        except* WebSocketDisconnect as group:
            outcome, reason = "completed", "the client left"
            if any(left.code == GOING_DOWN for left in leaves_of(group)):
                reason = "the pipeline stopped"
        except* ServiceError as group:
            reason = str(first_of(group))
            await _hang_up(websocket, reason)
        except* SlowClientError:
            reason = "the client does not read what it is sent"
            await _hang_up(websocket, reason)
        except* Exception:
            logger.exception("A session failed.", extra={"session": session.id})
            await _hang_up(websocket, reason)
    finally:
        metrics.ACTIVE_SESSIONS.dec()
        metrics.SESSIONS.labels(outcome).inc()
        metrics.SESSION_DURATION.observe(watch.stop() / 1000)
        fields = {"session": session.id, "outcome": outcome, "reason": reason}
        logger.info("A session ended.", extra={**fields, "duration_ms": round(watch.ms)})


async def _hang_up(websocket: WebSocket, reason: str) -> None:
    shown = reason.encode()[:MAX_REASON_BYTES].decode(errors="ignore")
    with suppress(WebSocketDisconnect, RuntimeError, TimeoutError):
        async with asyncio.timeout(1):
            await websocket.close(INTERNAL_ERROR, shown)
