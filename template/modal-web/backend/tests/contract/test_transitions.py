"""A task goes from state to state as it may, and the database itself refuses all else."""

import itertools
import sqlite3

import pytest

from backend.schemas import TaskState
from backend.storage import Store

PENDING, PROCESSING, DONE, FAILED = TaskState
LEGAL = [(PENDING, PROCESSING), (PENDING, FAILED), (PROCESSING, DONE), (PROCESSING, FAILED)]
ILLEGAL = [pair for pair in itertools.product(TaskState, repeat=2) if pair not in LEGAL]
# How a task comes to each state.
WAYS = {PENDING: [], PROCESSING: [PROCESSING], DONE: [PROCESSING, DONE], FAILED: [FAILED]}


def move(store: Store, task_id: str, state: TaskState) -> None:
    store.move(
        task_id,
        state,
        "executor",
        "It broke." if state is FAILED else None,
        b"png" if state is DONE else None,
    )


def task_in(store: Store, state: TaskState) -> str:
    task_id = store.add("ada", "reaction-diffusion", {"size": 64}).id
    for step in WAYS[state]:
        move(store, task_id, step)
    return task_id


def contents(store: Store) -> object:
    tasks = store.page(9)
    return tasks, [store.picture(task.id) for task in tasks], len(store.audit(99))


@pytest.mark.parametrize(("previous", "state"), LEGAL)
def test_a_task_takes_each_legal_step(store: Store, previous: TaskState, state: TaskState) -> None:
    task_id = task_in(store, previous)
    move(store, task_id, state)
    assert [task.state for task in store.page(9)] == [state]


@pytest.mark.parametrize(("previous", "state"), ILLEGAL)
def test_the_store_cannot_take_an_illegal_step(
    store: Store, previous: TaskState, state: TaskState
) -> None:
    task_id = task_in(store, previous)
    before = contents(store)
    with pytest.raises(sqlite3.IntegrityError):
        move(store, task_id, state)
    assert contents(store) == before


@pytest.mark.parametrize("manner", ["UPDATE", "UPDATE OR IGNORE", "UPDATE OR REPLACE"])
@pytest.mark.parametrize(("previous", "state"), ILLEGAL)
def test_raw_sql_cannot_take_an_illegal_step(
    store: Store, database: sqlite3.Connection, previous: TaskState, state: TaskState, manner: str
) -> None:
    task_in(store, previous)
    before = contents(store)
    with pytest.raises(sqlite3.IntegrityError):
        database.execute(
            f"{manner} tasks SET state = ?, reason = ?", (state, "No." if state is FAILED else None)
        )
    assert contents(store) == before


@pytest.mark.parametrize("state", ["cancelled", "PROCESSING", "", None])
def test_there_are_no_other_states(
    store: Store, database: sqlite3.Connection, state: str | None
) -> None:
    task_in(store, PENDING)
    before = contents(store)
    with pytest.raises(sqlite3.IntegrityError):
        database.execute("UPDATE tasks SET state = ?", (state,))
    assert contents(store) == before


@pytest.mark.parametrize("state", [PROCESSING, DONE, FAILED])
@pytest.mark.parametrize("manner", ["INSERT", "INSERT OR IGNORE", "INSERT OR REPLACE"])
def test_a_task_cannot_begin_in_another_state(
    store: Store, database: sqlite3.Connection, state: TaskState, manner: str
) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        database.execute(
            f"{manner} INTO tasks"
            " (id, owner, model, parameters, created_at, state, reason, changed_by, changed_at)"
            " VALUES ('a', 'ada', 'm', '{}', '', ?, ?, 'ada', '')",
            (state, "No." if state is FAILED else None),
        )
    assert store.page(9) == []


def test_a_task_cannot_begin_again(store: Store, database: sqlite3.Connection) -> None:
    task_in(store, DONE)
    before = contents(store)
    with pytest.raises(sqlite3.IntegrityError):
        database.execute(
            "REPLACE INTO tasks (id, owner, model, parameters, created_at, state, changed_by,"
            " changed_at) SELECT id, owner, model, parameters, created_at, 'pending', changed_by,"
            " changed_at FROM tasks"
        )
    assert contents(store) == before


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM tasks",
        "UPDATE tasks SET owner = 'bob'",
        "UPDATE tasks SET id = 'other'",
        "UPDATE tasks SET parameters = '{}'",
        "UPDATE tasks SET reason = NULL",
    ],
)
def test_what_was_asked_for_and_why_it_failed_stays(
    store: Store, database: sqlite3.Connection, statement: str
) -> None:
    task_in(store, FAILED)
    before = contents(store)
    with pytest.raises(sqlite3.IntegrityError):
        database.execute(statement)
    assert contents(store) == before
