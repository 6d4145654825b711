"""What happens to every request: an id and a log line, limits, security headers."""

import logging
import math
import re
import time
import uuid
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..lib.json_logs import request_id
from ..lib.problems import ProblemError
from ..lib.rate_limit import TokenBuckets
from .problems import ProblemResponse

# After the OWASP REST Security Cheat Sheet: answers are data, never shown as pages or cached.
SECURITY_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
# The page runs what was built with it, and shows pictures that it fetched itself.
PAGE_HEADERS: Final = SECURITY_HEADERS | {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": "default-src 'self'; img-src 'self' blob:; style-src 'self'; "
    "script-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'",
}
# Vite names these files after what they hold, so that none of them ever changes.
ASSET_HEADERS: Final = PAGE_HEADERS | {"Cache-Control": "public, max-age=31536000, immutable"}
API_PATHS: Final = ("/api/", "/openapi.json")
HEALTH_PATH: Final = "/api/health"
MAX_BODY_BYTES: Final = 16 * 1024
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SecurityHeaders:
    """Sets the security headers of every answer."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = _headers_for(scope["path"], message["status"])
                MutableHeaders(scope=message).update(headers)
            await send(message)

        await self.app(scope, receive, send_with_headers)


def _headers_for(path: str, status: int) -> dict[str, str]:
    # A failure is data, wherever it happens, and no copy of it is kept.
    if path.startswith(API_PATHS) or status >= 400:
        return SECURITY_HEADERS
    return ASSET_HEADERS if path.startswith("/assets/") else PAGE_HEADERS


@dataclass(frozen=True)
class RequestLog:
    """Gives each request an id and a log line, and turns an unforeseen error into a problem."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        sent_id = Headers(scope=scope).get("X-Request-ID", "")
        this_id = sent_id if re.fullmatch(r"[\w.-]{1,64}", sent_id, re.ASCII) else uuid.uuid4().hex
        request_id.set(this_id)
        status = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = this_id
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        except Exception:
            _log.exception("unforeseen error")
            if status:
                raise
            problem = ProblemError(
                500,
                "The service failed to answer this request.",
                "Try again; if it lasts, report the X-Request-ID of this answer.",
            )
            await ProblemResponse(problem)(scope, receive, send_with_id)
        finally:
            # The query string is left out: clients put secrets there.
            fields = {
                "method": scope["method"],
                "path": scope["path"],
                "status": status,
                "duration_ms": round((time.perf_counter() - started) * 1000, 2),
            }
            _log.info("request", extra=fields)


@dataclass(frozen=True)
class Limits:
    """Refuses requests that are too large, and those of a client that sends too many.

    Probes of the health are never too many.
    """

    app: ASGIApp
    buckets: TokenBuckets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection."""
        problem = self._refusal(scope) if scope["type"] == "http" else None
        await (ProblemResponse(problem) if problem else self.app)(scope, receive, send)

    def _refusal(self, scope: Scope) -> ProblemError | None:
        client, _ = scope.get("client") or ("unknown", 0)
        if scope["path"] != HEALTH_PATH and (wait := self.buckets.take(client)):
            seconds = str(math.ceil(wait))
            return ProblemError(
                429,
                "This client sent too many requests.",
                f"Wait {seconds} s, then send fewer requests at a time.",
                {"Retry-After": seconds},
            )
        headers = Headers(scope=scope)
        if "Transfer-Encoding" in headers or int(headers.get("Content-Length", 0)) > MAX_BODY_BYTES:
            return ProblemError(
                413,
                "The body is too large, or does not say how large it is.",
                f"Send at most {MAX_BODY_BYTES} bytes, with the header Content-Length.",
            )
        return None
