"""The audit trail has exactly one row for each transition, and nobody can change that."""

import random
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from backend.schemas import AuditRow, TaskState
from backend.storage import Store

PENDING, PROCESSING, DONE, FAILED = TaskState
LIVES = [[PROCESSING, DONE], [PROCESSING, FAILED], [FAILED], [PROCESSING], []]
ALL = 10_000

# Actor, previous state, state and reason.
Transition = tuple[str, TaskState | None, TaskState, str | None]


@dataclass
class Life:
    """Brings a task through its states, and keeps what it did."""

    store: Store
    ahead: list[TaskState]
    owner: str
    task_id: str = field(init=False)
    taken: list[Transition] = field(init=False)

    def __post_init__(self) -> None:
        self.task_id = self.store.add(self.owner, "reaction-diffusion", {"size": 64}).id
        self.taken = [(self.owner, None, PENDING, None)]

    def go_on(self, actor: str) -> None:
        state, *self.ahead = self.ahead
        reason = f"It broke for {actor}." if state is FAILED else None
        self.store.move(self.task_id, state, actor, reason, b"png" if state is DONE else None)
        self.taken.append((actor, self.taken[-1][2], state, reason))


def trail(store: Store, task_id: str) -> list[Transition]:
    rows = [row for row in reversed(store.audit(ALL)) if row.task_id == task_id]
    return [(row.actor, row.previous, row.state, row.reason) for row in rows]


def assert_trail_equals(store: Store, lives: list[Life]) -> None:
    for life in lives:
        assert trail(store, life.task_id) == life.taken
    assert len(store.audit(ALL)) == sum(len(life.taken) for life in lives)


def test_rows_equal_transitions_when_lives_go_on_in_turns(store: Store) -> None:
    chance = random.Random(20)
    lives = [Life(store, list(chance.choice(LIVES)), f"owner-{n % 3}") for n in range(40)]
    while unfinished := [life for life in lives if life.ahead]:
        chance.choice(unfinished).go_on(chance.choice(["executor", "sweep", "start"]))
    assert_trail_equals(store, lives)


def test_rows_equal_transitions_when_lives_go_on_at_once(store: Store) -> None:
    def live(number: int) -> Life:
        life = Life(store, list(LIVES[number % len(LIVES)]), f"owner-{number}")
        while life.ahead:
            life.go_on("executor")
        return life

    with ThreadPoolExecutor(8) as pool:
        lives = list(pool.map(live, range(40)))
    assert_trail_equals(store, lives)
    numbers = [row.number for row in store.audit(ALL)]
    assert numbers == list(range(len(numbers), 0, -1))


def test_rows_tell_when(tmp_path: Path) -> None:
    noon = datetime(2030, 1, 2, 12, tzinfo=UTC)
    times = [noon + timedelta(seconds=second) for second in range(3)]
    store = Store(tmp_path / "timed", clock=iter(times).__next__)
    life = Life(store, [PROCESSING, DONE], "ada")
    life.go_on("executor")
    life.go_on("executor")
    assert [row.at for row in reversed(store.audit(9))] == times


def test_raw_sql_is_recorded_as_well(store: Store, database: sqlite3.Connection) -> None:
    for task_id in ("a", "b"):
        database.execute(
            "INSERT INTO tasks"
            " (id, owner, model, parameters, created_at, state, changed_by, changed_at)"
            " VALUES (?, 'ada', 'm', '{}', ?, 'pending', 'hand', ?)",
            (task_id, "2030-01-02T12:00:00+00:00", "2030-01-02T12:00:00+00:00"),
        )
    database.execute("UPDATE tasks SET state = 'processing', changed_by = 'other hand'")
    database.execute("UPDATE OR IGNORE tasks SET state = 'failed', reason = 'No.' WHERE id = 'b'")
    assert trail(store, "a") == [
        ("hand", None, PENDING, None),
        ("other hand", PENDING, PROCESSING, None),
    ]
    assert trail(store, "b") == [*trail(store, "a"), ("other hand", PROCESSING, FAILED, "No.")]


def test_what_is_no_transition_writes_no_row(store: Store) -> None:
    life = Life(store, [], "ada")
    store.set_call(life.task_id, "call-1")
    assert_trail_equals(store, [life])


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM audit",
        "UPDATE audit SET actor = 'nobody'",
        "UPDATE OR IGNORE audit SET actor = 'nobody'",
        "UPDATE audit SET number = number + 10",
        "INSERT INTO audit (at, actor, task_id, state)"
        " SELECT at, 'nobody', task_id, 'done' FROM audit",
        "INSERT INTO audit (at, actor, task_id, state) VALUES ('', 'nobody', 'no task', 'done')",
        "REPLACE INTO audit SELECT number, at, 'nobody', task_id, previous, state, reason"
        " FROM audit",
        "REPLACE INTO audit (at, actor, task_id, state)"
        " SELECT at, 'nobody', task_id, state FROM audit",
    ],
)
def test_nobody_can_change_the_trail(
    store: Store, database: sqlite3.Connection, statement: str
) -> None:
    lives = [Life(store, list(states), "ada") for states in LIVES]
    for life in lives:
        while life.ahead:
            life.go_on("executor")
    with pytest.raises(sqlite3.IntegrityError):
        database.execute(statement)
    assert_trail_equals(store, lives)


def test_pages_of_the_trail_leave_out_nothing(store: Store) -> None:
    lives = [Life(store, [PROCESSING, DONE], "ada") for _ in range(4)]
    for life in lives:
        life.go_on("executor")
        life.go_on("executor")
    rows: list[AuditRow] = []
    while page := store.audit(5, rows[-1].number if rows else None):
        rows += page
    assert rows == store.audit(ALL)
    assert len(rows) == 12
