"""Keeps tasks, their audit trail and their pictures in a folder, which may be a Volume of Modal.

The rules of a task's life are the database's own, so that no code and no hand can break them.
"""

import json
import os
import secrets
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Protocol

from .schemas import AuditRow, TaskState

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS tasks (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    owner TEXT NOT NULL,
    model TEXT NOT NULL,
    parameters TEXT NOT NULL,
    created_at TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    call_id TEXT,
    changed_by TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    CHECK ((state = 'failed') = (reason IS NOT NULL))
);
CREATE INDEX IF NOT EXISTS tasks_by_state ON tasks (state);

CREATE TABLE IF NOT EXISTS audit (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    task_id TEXT NOT NULL REFERENCES tasks (id),
    previous TEXT,
    state TEXT NOT NULL,
    reason TEXT,
    UNIQUE (task_id, state)
);

CREATE TRIGGER IF NOT EXISTS tasks_begin_as_pending BEFORE INSERT ON tasks
WHEN NEW.state <> 'pending' OR EXISTS (SELECT 1 FROM tasks WHERE id = NEW.id)
BEGIN
    SELECT RAISE(ABORT, 'A task begins once, and is pending then.');
END;
CREATE TRIGGER IF NOT EXISTS tasks_take_legal_steps BEFORE UPDATE OF state ON tasks
WHEN (OLD.state, NEW.state) NOT IN (VALUES
    ('pending', 'processing'),
    ('pending', 'failed'),
    ('processing', 'done'),
    ('processing', 'failed')
)
BEGIN
    SELECT RAISE(ABORT, 'A task cannot go from its state to that one.');
END;
CREATE TRIGGER IF NOT EXISTS tasks_stay_what_was_asked
BEFORE UPDATE OF number, id, owner, model, parameters, created_at ON tasks
BEGIN
    SELECT RAISE(ABORT, 'What was asked for never changes.');
END;
CREATE TRIGGER IF NOT EXISTS tasks_are_kept BEFORE DELETE ON tasks
BEGIN
    SELECT RAISE(ABORT, 'Tasks are never deleted.');
END;

CREATE TRIGGER IF NOT EXISTS audit_of_beginnings AFTER INSERT ON tasks
BEGIN
    INSERT INTO audit (at, actor, task_id, previous, state, reason)
    VALUES (NEW.changed_at, NEW.changed_by, NEW.id, NULL, NEW.state, NEW.reason);
END;
CREATE TRIGGER IF NOT EXISTS audit_of_changes AFTER UPDATE OF state ON tasks
BEGIN
    INSERT INTO audit (at, actor, task_id, previous, state, reason)
    VALUES (NEW.changed_at, NEW.changed_by, NEW.id, OLD.state, NEW.state, NEW.reason);
END;
CREATE TRIGGER IF NOT EXISTS audit_has_only_transitions BEFORE INSERT ON audit
WHEN NEW.state IS NOT (SELECT state FROM tasks WHERE id = NEW.task_id)
    OR EXISTS (SELECT 1 FROM audit WHERE task_id = NEW.task_id AND state = NEW.state)
    OR EXISTS (SELECT 1 FROM audit WHERE number = NEW.number)
BEGIN
    SELECT RAISE(ABORT, 'Only a transition writes to the audit trail, and once.');
END;
CREATE TRIGGER IF NOT EXISTS audit_stays_as_written BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE(ABORT, 'The audit trail is never changed.');
END;
CREATE TRIGGER IF NOT EXISTS audit_is_kept BEFORE DELETE ON audit
BEGIN
    SELECT RAISE(ABORT, 'The audit trail is never deleted.');
END;
"""
# Whoever changes nothing finds out with it whether the file can be written.
_WRITE: Final = "PRAGMA user_version = 1;"
_ACTIVE: Final = "SELECT * FROM tasks WHERE state IN ('pending', 'processing') ORDER BY number"


class Volume(Protocol):
    """A folder that containers share; `modal.Volume` is one. Neither call may meet an open file."""

    def commit(self) -> None:
        """Make what was written here visible to other containers, and keep it."""

    def reload(self) -> None:
        """Make what others have committed visible here."""


class LocalFolder:
    """A folder that one process has for itself."""

    def commit(self) -> None:
        """Do nothing: what is written stays."""

    def reload(self) -> None:
        """Do nothing: nobody else writes."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Have a folder for this process alone; raises `BlockingIOError` when another one has it.

    The operating system keeps the lock, and lets go of it however the process ends.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(folder / "lock.db", timeout=0)) as connection:
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
                raise BlockingIOError(f"another process uses {folder}") from error
            raise
        yield


@dataclass(frozen=True)
class Task:
    """A picture that somebody asked for, and what has become of it."""

    id: str
    owner: str
    model: str
    parameters: dict[str, float]
    state: TaskState
    reason: str | None
    call_id: str | None
    created_at: datetime
    changed_at: datetime


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


class Store:
    """Reads and writes tasks; threads may share it.

    Each operation opens a connection of its own, since a Volume can neither be reloaded nor
    committed with a file open.
    """

    def __init__(
        self,
        folder: Path,
        volume: Volume | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        """Use what `folder`, the place of `volume`, holds, or begin there; `clock` tells UTC.

        Raises `OSError` or `sqlite3.Error` when it cannot be written.
        """
        self._volume: Volume = volume or LocalFolder()
        self._clock = clock
        self._database = folder / "tasks.db"
        self._pictures = folder / "pictures"
        self._lock = threading.RLock()
        self._writable = True
        folder.mkdir(parents=True, exist_ok=True)
        with self._writing() as connection:
            # Not WAL: its shared memory works on one machine only.
            connection.execute("PRAGMA journal_mode = DELETE")
            # In one transaction: else each statement would wait for the disk.
            connection.executescript(f"BEGIN;\n{_SCHEMA}\n{_WRITE}\nCOMMIT;")
            self._begin_pictures()

    @property
    def writable(self) -> bool:
        """Whether the last write succeeded, or failed only because it was not allowed."""
        return self._writable

    def try_to_write(self) -> None:
        """Write nothing new, which makes `writable` true again, or raises what is in the way."""
        with self._writing() as connection:
            connection.execute(_WRITE)

    def add(self, owner: str, model: str, parameters: Mapping[str, float]) -> Task:
        """Begin a task, as pending, in the name of its owner; return it."""
        task_id = secrets.token_hex(8)
        now = _text(self._clock())
        values = (task_id, owner, model, json.dumps(dict(parameters)), now, owner, now)
        with self._writing() as connection:
            connection.execute(
                "INSERT INTO tasks"
                " (id, owner, model, parameters, created_at, state, changed_by, changed_at)"
                " VALUES (?, ?, ?, ?, ?, 'pending', ?, ?)",
                values,
            )
            return _find(connection, task_id)

    def set_call(self, task_id: str, call_id: str) -> None:
        """Keep by which call an executor runs a task."""
        with self._writing() as connection:
            connection.execute("UPDATE tasks SET call_id = ? WHERE id = ?", (call_id, task_id))

    def move(
        self,
        task_id: str,
        state: TaskState,
        actor: str,
        reason: str | None = None,
        picture: bytes | None = None,
    ) -> Task:
        """Bring a task into another state, for `reason` when it failed; return it.

        A task that is done has its PNG in `picture`. Raises `sqlite3.IntegrityError`, and leaves
        all as it is, when the task cannot go from its state to that one, and `KeyError` when there
        is no such task.
        """
        with self._writing() as connection:
            connection.execute(
                "UPDATE tasks SET state = ?, reason = ?, changed_by = ?, changed_at = ?"
                " WHERE id = ?",
                (state, reason, actor, _text(self._clock()), task_id),
            )
            task = _find(connection, task_id)
            if picture is not None:
                # Before the transaction ends: whoever sees that it is done finds its picture.
                self._write_picture(task_id, picture)
            return task

    def get(self, task_id: str) -> Task | None:
        """Return a task, or None when there is none."""
        with self._reading() as connection:
            try:
                return _find(connection, task_id)
            except KeyError:
                return None

    def active(self) -> list[Task]:
        """Return the tasks that are pending or processing, the oldest first."""
        with self._reading() as connection:
            return [_task(row) for row in connection.execute(_ACTIVE)]

    def count_active(self, owner: str) -> int:
        """Return how many tasks of an owner are pending or processing."""
        return sum(task.owner == owner for task in self.active())

    def page(
        self,
        limit: int,
        before: str | None = None,
        owner: str | None = None,
        state: TaskState | None = None,
    ) -> list[Task]:
        """Return up to `limit` tasks, the newest first, of an owner and in a state if given.

        `before` is the id of a task: only older ones are returned, and none if it is unknown.
        """
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT * FROM tasks WHERE (:owner IS NULL OR owner = :owner)"
                " AND (:state IS NULL OR state = :state)"
                " AND (:before IS NULL OR number < (SELECT number FROM tasks WHERE id = :before))"
                " ORDER BY number DESC LIMIT :limit",
                {"owner": owner, "state": state, "before": before, "limit": limit},
            )
            return [_task(row) for row in rows]

    def audit(self, limit: int, before: int | None = None) -> list[AuditRow]:
        """Return up to `limit` rows of the audit trail, the newest first, below number `before`."""
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT * FROM audit WHERE :before IS NULL OR number < :before"
                " ORDER BY number DESC LIMIT :limit",
                {"before": before, "limit": limit},
            )
            return [AuditRow.model_validate(dict(row)) for row in rows]

    def picture(self, task_id: str) -> bytes | None:
        """Return the PNG of a task, or None when it has none."""
        with self._lock:
            self._volume.reload()
            try:
                return self._picture_file(task_id).read_bytes()
            except FileNotFoundError:
                return None

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._volume.reload()
            with closing(self._connect()) as connection:
                yield connection

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self._remembering_failure():
            with self._reading() as connection, connection:
                yield connection
            self._volume.commit()

    @contextmanager
    def _remembering_failure(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.IntegrityError, KeyError):
            # Whoever asked for it was wrong, and not the disk.
            raise
        except Exception:
            self._writable = False
            raise
        self._writable = True

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._database)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA foreign_keys = ON")
        return connection

    def _picture_file(self, task_id: str) -> Path:
        return self._pictures / f"{task_id}.png"

    def _begin_pictures(self) -> None:
        # The first file finds out whether any can be written, and goes with those of a process
        # that was killed.
        self._pictures.mkdir(exist_ok=True)
        (self._pictures / "first.part").touch()
        for leftover in self._pictures.glob("*.part"):
            leftover.unlink()

    def _write_picture(self, task_id: str, picture: bytes) -> None:
        # Under another name first, so that half a picture is never taken for a whole one.
        self._pictures.mkdir(exist_ok=True)
        unfinished = self._pictures / f"{task_id}.part"
        with unfinished.open("wb") as file:
            file.write(picture)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(self._picture_file(task_id))


def _text(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="microseconds")


def _find(connection: sqlite3.Connection, task_id: str) -> Task:
    row = connection.execute("SELECT * FROM tasks WHERE id = ?", (task_id,)).fetchone()
    if row is None:
        raise KeyError(task_id)
    return _task(row)


def _task(row: sqlite3.Row) -> Task:
    return Task(
        id=row["id"],
        owner=row["owner"],
        model=row["model"],
        parameters=json.loads(row["parameters"]),
        state=TaskState(row["state"]),
        reason=row["reason"],
        call_id=row["call_id"],
        created_at=datetime.fromisoformat(row["created_at"]),
        changed_at=datetime.fromisoformat(row["changed_at"]),
    )
