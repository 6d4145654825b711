"""Opens the database."""

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from ..lib.problems import ProblemError
from ..models.link import Base


def open_database(url: str) -> Engine:
    """Open the database at an SQLAlchemy URL and create the tables that it lacks.

    Returns the engine, which the caller disposes of. Raises a 503 `ProblemError` when the
    database cannot be opened.
    """
    try:
        # Parameters are hidden so that no log line holds a shortened address.
        engine = create_engine(url, hide_parameters=True)
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _tune_sqlite)
        Base.metadata.create_all(engine)
    except (SQLAlchemyError, ImportError) as error:
        raise ProblemError(
            503,
            "The database cannot be opened.",
            "Check that the setting DATABASE_URL is right, that its driver is installed and that "
            "the folder can be written to.",
        ) from error
    return engine


def _tune_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    # Readers and the one writer do not wait for each other, nor does each write wait for the disk.
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.close()
