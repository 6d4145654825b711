"""What goes over the wire."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, WithJsonSchema

from ..lib.addresses import MAX_URL_LENGTH, SLUG_PATTERN, URL_PATTERN

# The service holds these rules, so that API and command line tell the same; here they are shown.
Slug = Annotated[
    str, WithJsonSchema({"type": "string", "pattern": SLUG_PATTERN, "examples": ["docs"]})
]
Url = Annotated[
    str,
    WithJsonSchema(
        {
            "type": "string",
            "pattern": URL_PATTERN,
            "maxLength": MAX_URL_LENGTH,
            "examples": ["https://example.com/a/long/page"],
        }
    ),
]


class NewLink(BaseModel):
    """An address to shorten, and the end of the short address if one is wanted."""

    model_config = ConfigDict(extra="forbid")

    url: Url
    slug: Slug | None = None


class LinkView(BaseModel):
    """A link as clients see it."""

    slug: str
    url: str
    short_url: str
    created_at: datetime
    visits: int


class LinkPage(BaseModel):
    """Some links, and the slug to pass as `after` for more; none on the last page."""

    links: list[LinkView]
    next: str | None


class Health(BaseModel):
    """That the service is able to answer, and which version it is."""

    status: str = "ok"
    version: str
