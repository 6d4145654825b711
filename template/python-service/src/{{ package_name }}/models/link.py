"""The stored link."""

from datetime import UTC, datetime

from sqlalchemy import DateTime, Dialect, String, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """What all tables share."""


class UtcDateTime(TypeDecorator[datetime]):
    """A time that keeps its zone: SQLite drops zones, so times go in and come out as UTC."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware time into the naive UTC time that is stored."""
        return value and value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give a stored time its zone back."""
        return value and value.replace(tzinfo=UTC)


def _now() -> datetime:
    return datetime.now(UTC)


class Link(Base):
    """A short address and where it leads."""

    __tablename__ = "links"

    slug: Mapped[str] = mapped_column(String(64), primary_key=True)
    url: Mapped[str] = mapped_column(String(2048))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=_now)
    visits: Mapped[int] = mapped_column(default=0)
