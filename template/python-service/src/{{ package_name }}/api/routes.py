"""The operations of the API."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import RedirectResponse

from .. import __version__
from ..models.link import Link
from ..services.links import LinkService
from .problems import documented
from .schemas import Health, LinkPage, LinkView, NewLink
from .security import require_key

# tests/contract/test_access.py lists what may stand here; everything else needs a key.
public = APIRouter(responses=documented(413, 422, 429, 500))
protected = APIRouter(
    dependencies=[Depends(require_key)], responses=documented(401, 413, 422, 429, 500)
)


def _link_service(request: Request) -> LinkService:
    service: LinkService = request.app.state.links
    return service


Links = Annotated[LinkService, Depends(_link_service)]
SlugInPath = Annotated[str, Path(examples=["docs"])]


def _view(link: Link, links: LinkService) -> LinkView:
    return LinkView(
        slug=link.slug,
        url=link.url,
        short_url=links.short_url(link.slug),
        created_at=link.created_at,
        visits=link.visits,
    )


@public.get("/health", responses=documented(503))
def health(links: Links) -> Health:
    """Tell whether the service can answer requests."""
    links.check()
    return Health(version=__version__)


@public.get(
    "/r/{slug}", status_code=302, response_class=RedirectResponse, responses=documented(404)
)
def follow(slug: SlugInPath, links: Links) -> RedirectResponse:
    """Lead to the address behind a slug and count the visit."""
    return RedirectResponse(links.visit(slug), status_code=302)


@protected.get("/links")
def list_links(
    links: Links,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    after: Annotated[str, Query(max_length=64)] = "",
) -> LinkPage:
    """List links in the order of their slugs."""
    found = links.page(limit, after)
    following = found[-1].slug if len(found) == limit else None
    return LinkPage(links=[_view(link, links) for link in found], next=following)


@protected.post("/links", status_code=201, responses=documented(400, 409))
def add_link(new: NewLink, links: Links) -> LinkView:
    """Shorten an address."""
    return _view(links.add(new.url, new.slug), links)


@protected.delete("/links/{slug}", status_code=204, responses=documented(404))
def remove_link(slug: SlugInPath, links: Links) -> None:
    """Delete a link."""
    links.remove(slug)
