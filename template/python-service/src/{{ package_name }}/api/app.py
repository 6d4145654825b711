"""Puts the API together."""

from fastapi import FastAPI

from .. import __version__
from ..lib.rate_limit import TokenBuckets
from ..lib.settings import Settings
from ..services.links import LinkService
from .middleware import Limits, RequestLog, SecurityHeaders
from .problems import answer_problems
from .routes import protected, public


def create_app(settings: Settings, links: LinkService) -> FastAPI:
    """Return the application; the caller closes the service when the server has stopped."""
    app = FastAPI(
        title="Link shortener",
        version=__version__,
        # The pages load their scripts from other servers; /openapi.json stays.
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.settings = settings
    app.state.links = links
    app.include_router(public)
    app.include_router(protected)
    answer_problems(app)
    # The last one added meets a request first and its answer last.
    app.add_middleware(Limits, buckets=TokenBuckets(settings.rate_burst, settings.rate_per_second))
    app.add_middleware(RequestLog)
    app.add_middleware(SecurityHeaders)
    return app
