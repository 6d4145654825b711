"""What can be done with links."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Engine, delete, select, text, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session

from ..lib.addresses import check_slug, check_url, random_slug
from ..lib.problems import ProblemError
from ..models.link import Link


@dataclass(frozen=True)
class LinkService:
    """Keeps links in a database; threads may share it.

    `public_url` is what short addresses begin with, without a slash at the end. The service
    disposes of the engine when it is closed.
    """

    engine: Engine
    public_url: str

    def short_url(self, slug: str) -> str:
        """Return the short address that a slug makes."""
        return f"{self.public_url}/r/{slug}"

    def add(self, url: str, slug: str | None = None) -> Link:
        """Shorten an address, with a random slug when none is wanted, and return the stored link.

        Raises a `ProblemError`: 422 when address or slug is not allowed, 409 when the slug is
        taken.
        """
        check_url(url)
        if url.lower().startswith(self.short_url("").lower()):
            raise ProblemError(
                422,
                "The URL is a short address of this service, which could lead in a circle.",
                "Send the address that it leads to.",
            )
        if slug is not None:
            check_slug(slug)
        for candidate in [slug] if slug else [random_slug() for _ in range(5)]:
            link = Link(slug=candidate, url=url)
            try:
                with Session(self.engine, expire_on_commit=False) as session, session.begin():
                    session.add(link)
            except IntegrityError:
                continue
            return link
        raise ProblemError(409, "The slug is already taken.", "Choose another slug.")

    def page(self, limit: int = 50, after: str = "") -> Sequence[Link]:
        """Return up to `limit` links in the order of their slugs, from behind the slug `after`."""
        with Session(self.engine) as session:
            query = select(Link).where(Link.slug > after).order_by(Link.slug).limit(limit)
            return session.scalars(query).all()

    def visit(self, slug: str) -> str:
        """Count a visit and return the address to lead to, or raise a 404 `ProblemError`."""
        with Session(self.engine) as session, session.begin():
            url: str | None = session.scalar(
                update(Link)
                .where(Link.slug == slug)
                .values(visits=Link.visits + 1)
                .returning(Link.url)
            )
        if url is None:
            raise _no_such_link()
        return url

    def remove(self, slug: str) -> None:
        """Delete a link, or raise a 404 `ProblemError` when there is none with this slug."""
        with Session(self.engine) as session, session.begin():
            removed = session.scalar(delete(Link).where(Link.slug == slug).returning(Link.slug))
        if removed is None:
            raise _no_such_link()

    def check(self) -> None:
        """Raise a 503 `ProblemError` when the database does not answer."""
        try:
            with self.engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except SQLAlchemyError as error:
            raise ProblemError(
                503, "The database does not answer.", "Try again; if it lasts, look at the logs."
            ) from error

    def close(self) -> None:
        """Close the connections to the database."""
        self.engine.dispose()


def _no_such_link() -> ProblemError:
    return ProblemError(404, "No link has this slug.", "List the links to see which slugs exist.")
