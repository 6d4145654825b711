import sqlite3
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from backend.schemas import TaskState
from backend.storage import Store, locked

NOON = datetime(2030, 1, 2, 12, tzinfo=UTC)
PARAMETERS = {"size": 64.0}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "data", clock=lambda: NOON)


def add(store: Store, owner: str = "ada") -> str:
    return store.add(owner, "reaction-diffusion", PARAMETERS).id


def test_a_new_task_is_pending_and_holds_what_was_asked(store: Store) -> None:
    task = store.add("ada", "reaction-diffusion", PARAMETERS)
    assert store.get(task.id) == task
    assert (task.owner, task.model, task.parameters) == ("ada", "reaction-diffusion", PARAMETERS)
    assert (task.state, task.reason, task.call_id) == (TaskState.PENDING, None, None)
    assert task.created_at == task.changed_at == NOON


def test_there_is_no_task_of_an_unknown_id(store: Store) -> None:
    assert store.get("unknown") is None
    with pytest.raises(KeyError):
        store.move("unknown", TaskState.PROCESSING, "executor")


def test_a_call_is_kept_with_its_task(store: Store) -> None:
    first, second = add(store), add(store)
    store.set_call(second, "call-1")
    assert [task.call_id for task in store.active()] == [None, "call-1"]
    assert [task.id for task in store.active()] == [first, second]


def test_active_tasks_are_those_that_are_not_finished(store: Store) -> None:
    pending, processing, failed = add(store), add(store), add(store, "bob")
    store.move(processing, TaskState.PROCESSING, "executor")
    store.move(failed, TaskState.FAILED, "executor", "It broke.")
    add(store, "bob")
    assert [task.id for task in store.active()][:2] == [pending, processing]
    assert (store.count_active("ada"), store.count_active("bob")) == (2, 1)


def test_a_page_has_the_newest_first(store: Store) -> None:
    ids = [add(store) for _ in range(4)]
    assert [task.id for task in store.page(2)] == [ids[3], ids[2]]
    assert [task.id for task in store.page(9, before=ids[2])] == [ids[1], ids[0]]
    assert store.page(9, before="unknown") == []


def test_a_page_can_be_of_one_owner_or_state(store: Store) -> None:
    ada, bob = add(store), add(store, "bob")
    store.move(ada, TaskState.PROCESSING, "executor")
    assert [task.id for task in store.page(9, owner="bob")] == [bob]
    assert [task.id for task in store.page(9, state=TaskState.PROCESSING)] == [ada]


def test_a_task_that_is_done_has_its_picture(store: Store) -> None:
    task_id = add(store)
    assert store.picture(task_id) is None
    store.move(task_id, TaskState.PROCESSING, "executor")
    done = store.move(task_id, TaskState.DONE, "executor", picture=b"png")
    assert (done.state, store.picture(task_id)) == (TaskState.DONE, b"png")


def test_a_task_whose_picture_cannot_be_written_is_not_done(store: Store, tmp_path: Path) -> None:
    task_id = add(store)
    store.move(task_id, TaskState.PROCESSING, "executor")
    (tmp_path / "data" / "pictures" / f"{task_id}.part").mkdir()
    with pytest.raises(OSError, match="part"):
        store.move(task_id, TaskState.DONE, "executor", picture=b"png")
    assert [task.state for task in store.active()] == [TaskState.PROCESSING]


def test_the_audit_trail_is_read_from_its_end(store: Store) -> None:
    ids = [add(store) for _ in range(3)]
    newest, middle = store.audit(2)
    assert [newest.task_id, middle.task_id] == [ids[2], ids[1]]
    assert [row.task_id for row in store.audit(9, before=middle.number)] == [ids[0]]


def test_a_file_that_can_only_be_read_is_found_at_the_start(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"{(tmp_path / 'data' / 'tasks.db').as_uri()}?mode=ro"
    connect = partial(sqlite3.connect, address, uri=True)
    monkeypatch.setattr(sqlite3, "connect", lambda path: connect())
    assert store.active() == []
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        Store(tmp_path / "data")


def test_pictures_that_cannot_be_kept_are_found_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "pictures").touch()
    with pytest.raises(FileExistsError):
        Store(tmp_path)


def test_what_was_left_of_unfinished_pictures_goes_at_the_start(
    store: Store, tmp_path: Path
) -> None:
    pictures = tmp_path / "data" / "pictures"
    for name in ("whole.png", "half.part"):
        (pictures / name).touch()
    Store(tmp_path / "data")
    assert [path.name for path in pictures.iterdir()] == ["whole.png"]


def test_a_store_is_writable_again_when_a_write_succeeds(store: Store, tmp_path: Path) -> None:
    task_id = add(store)
    store.move(task_id, TaskState.PROCESSING, "executor")
    (tmp_path / "data" / "pictures" / f"{task_id}.part").mkdir()
    with pytest.raises(OSError, match="part"):
        store.move(task_id, TaskState.DONE, "executor", picture=b"png")
    assert not store.writable
    store.try_to_write()
    assert store.writable


def test_a_write_that_is_not_allowed_is_no_failure_to_write(store: Store) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        store.move(add(store), TaskState.DONE, "executor")
    assert store.writable


def test_a_folder_is_locked_until_it_is_let_go(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    with locked(folder), pytest.raises(BlockingIOError, match="new"), locked(folder):
        pass
    with locked(folder):
        assert folder.is_dir()


def test_a_lock_that_cannot_be_written_is_not_taken_for_held(tmp_path: Path) -> None:
    (tmp_path / "lock.db").mkdir()
    with pytest.raises(sqlite3.OperationalError, match="unable to open"), locked(tmp_path):
        pass
