"""Who may use the pipeline."""

import hmac
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from .config import LOOPBACK, Settings

PUBLIC: Final = frozenset({"/v1/health", "/metrics", "/openapi.json"})
"""The routes that need no key: for load balancers, Prometheus and tools. All others need one."""

KEY_PROTOCOL: Final = "openai-insecure-api-key."
"""How browsers, which cannot set headers on a websocket, send a key as a subprotocol."""


def key_of(headers: Headers) -> str:
    """Return the key that a client sent, or an empty text."""
    scheme, _, key = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return key.strip()
    offered = headers.get("sec-websocket-protocol", "").split(",")
    keys = [name.strip() for name in offered if name.strip().startswith(KEY_PROTOCOL)]
    return keys[0].removeprefix(KEY_PROTOCOL) if keys else ""


def is_allowed(headers: Headers, settings: Settings) -> bool:
    """Tell whether a client has a key, or needs none because only this machine is served."""
    if settings.api_keys:
        sent = key_of(headers).encode()
        known = [key.get_secret_value().encode() for key in settings.api_keys]
        # Each key is compared, so that the time tells nothing about which one fits.
        return sum(hmac.compare_digest(sent, key) for key in known) > 0
    return _is_from_here(headers)


def _is_from_here(headers: Headers) -> bool:
    """Keep out pages of other sites, also of those whose name leads to this machine."""
    host, origin = headers.get("host", ""), headers.get("origin")
    same = origin is None or urlsplit(origin).netloc == host
    return same and urlsplit(f"//{host}").hostname in LOOPBACK
