"""The simulated services as one web application."""

from collections.abc import Collection, Mapping

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from . import llm, stt, tts

_ROUTES = {"stt": stt.routes, "llm": llm.routes, "tts": tts.routes}


async def build_info(_: Request) -> JSONResponse:
    """Answer as a live STT or TTS does."""
    return JSONResponse({"build_timestamp": "simulated"})


def create_app(services: Collection[str], delays_ms: Mapping[str, float]) -> Starlette:
    """Return the endpoints of the chosen services and of no others."""
    routes: list[BaseRoute] = []
    for service in services:
        routes += _ROUTES[service](delays_ms[service])
    if {"stt", "tts"} & set(services):
        routes.append(Route("/api/build_info", build_info))
    return Starlette(routes=routes)
