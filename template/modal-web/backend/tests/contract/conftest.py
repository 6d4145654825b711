"""What the contract tests of the store share."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from backend.storage import Store

FOLDER = Path("data")


@pytest.fixture
def store() -> Store:
    return Store(FOLDER)


@pytest.fixture
def database(store: Store) -> Iterator[sqlite3.Connection]:
    """Yield a connection with which nobody keeps to the store's functions."""
    with closing(sqlite3.connect(FOLDER / "tasks.db", isolation_level=None)) as connection:
        yield connection
