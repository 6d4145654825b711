"""Puts the API and the built page together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from operator import attrgetter
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.middleware.cors import CORSMiddleware

from . import __version__
from .config import Settings
from .lib.rate_limit import TokenBuckets
from .tasks import Refresher, TaskService
from .web.middleware import API_PATHS, Limits, RequestLog, SecurityHeaders
from .web.problems import answer_problems
from .web.routes import keyed, public


@asynccontextmanager
async def _tasks_followed(app: FastAPI) -> AsyncIterator[None]:
    service: TaskService = app.state.service
    await run_in_threadpool(service.recover)
    refresher = Refresher(service, app.state.refresh_interval_s)
    refresher.start()
    try:
        yield
    finally:
        await run_in_threadpool(refresher.stop)
        await run_in_threadpool(service.close)


def _described_app(page: Path | None = None) -> FastAPI:
    app = FastAPI(
        title="Generated pictures",
        version=__version__,
        # The pages load their scripts from other servers, and the document needs a key.
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        # A client that is generated from the document has the names of the functions.
        generate_unique_id_function=attrgetter("name"),
        lifespan=_tasks_followed,
    )
    app.include_router(public)
    app.include_router(keyed)
    if page is not None:
        app.include_router(_page_router(page))
    answer_problems(app)
    return app


def openapi_document() -> dict[str, Any]:
    """Return the OpenAPI document, for which nothing has to run."""
    return _described_app().openapi()


def create_app(
    settings: Settings, service: TaskService, page: Path | None, refresh_interval_s: float = 0.5
) -> FastAPI:
    """Return the application, which closes the service when it stops.

    `page` is the folder of the built page, or None to serve the API alone. The executor is asked
    about unfinished tasks every `refresh_interval_s` seconds.
    """
    app = _described_app(page)
    app.state.settings = settings
    app.state.service = service
    app.state.refresh_interval_s = refresh_interval_s
    # The last one added meets a request first and its answer last.
    app.add_middleware(Limits, buckets=TokenBuckets(settings.rate_burst, settings.rate_per_second))
    if settings.allowed_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.allowed_origins,
            allow_methods=["GET", "POST"],
            allow_headers=["X-API-Key", "X-Admin-Key", "Content-Type"],
            expose_headers=["X-Request-ID", "Retry-After"],
        )
    app.add_middleware(RequestLog)
    app.add_middleware(SecurityHeaders)
    return app


def _page_router(page: Path) -> APIRouter:
    router = APIRouter(dependencies=[Depends(_refuse_unknown_api_paths)])
    router.frontend("/", directory=page, fallback="index.html")
    # A script that is missing is missing; the page in its place would break in the browser.
    router.frontend("/assets", directory=page / "assets", fallback=None)
    return router


def _refuse_unknown_api_paths(request: Request) -> None:
    # Otherwise a person who opens such an address would see the page instead of a problem. With a
    # slash, since /api itself is such an address too.
    if f"{request.url.path}/".startswith(API_PATHS):
        raise HTTPException(404)
