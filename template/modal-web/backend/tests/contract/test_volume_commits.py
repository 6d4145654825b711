"""A Volume is committed and reloaded when that is safe: with no file open, and never with WAL.

Whether all that has to be kept is committed, test_durability.py asks.
"""

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from backend.schemas import TaskState
from backend.storage import Store
from backend.tests.contract.volumes import FakeVolume, Mount, OpenFileError, open_files

Operation = Callable[[Store, str], object]

# Each is named after its method of the store, and after what it does with it where there are two.
READS: dict[str, Operation] = {
    "get": lambda store, task_id: store.get(task_id),
    "active": lambda store, task_id: store.active(),
    "count_active": lambda store, task_id: store.count_active("ada"),
    "page": lambda store, task_id: store.page(9),
    "audit": lambda store, task_id: store.audit(9),
    "picture": lambda store, task_id: store.picture(task_id),
}
WRITES: dict[str, Operation] = {
    "add": lambda store, task_id: add(store),
    "try_to_write": lambda store, task_id: store.try_to_write(),
    "set_call": lambda store, task_id: store.set_call(task_id, "call-1"),
    "move-done": lambda store, task_id: finish(store, task_id),
    "move-failed": lambda store, task_id: store.move(task_id, TaskState.FAILED, "executor", "No."),
}
WITHOUT_FILES = {"writable"}
each_read = pytest.mark.parametrize("read", READS.values(), ids=READS.keys())
each_write = pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())


def add(store: Store) -> str:
    return store.add("ada", "reaction-diffusion", {"size": 64}).id


def finish(store: Store, task_id: str) -> None:
    store.move(task_id, TaskState.DONE, "executor", picture=b"png")


@pytest.fixture
def elsewhere(tmp_path: Path) -> Store:
    """Return a store of another container, all of whose writes are committed already."""
    return Store(tmp_path / "committed")


@pytest.fixture
def task_id(elsewhere: Store) -> str:
    task_id = add(elsewhere)
    elsewhere.move(task_id, TaskState.PROCESSING, "executor")
    return task_id


@pytest.fixture
def mount(tmp_path: Path, task_id: str) -> Mount:
    """Return the Volume as a container sees it, which refuses calls while a file is open."""
    return FakeVolume(tmp_path / "committed").mount(tmp_path / "mount")


@pytest.fixture
def store(mount: Mount) -> Store:
    return Store(mount.folder, mount)


def test_the_volume_of_these_tests_refuses_open_files(mount: Mount) -> None:
    with (mount.folder / "tasks.db").open("rb"):
        for call in (mount.commit, mount.reload):
            with pytest.raises(OpenFileError, match=r"tasks\.db"):
                call()


def test_each_operation_of_the_store_is_tested_here() -> None:
    operations = {name for name in dir(Store) if not name.startswith("_")}
    tested = {name.partition("-")[0] for name in [*READS, *WRITES]} | WITHOUT_FILES
    assert operations == tested, (
        f"READS and WRITES in {Path(__file__).name} and the store differ in "
        f"{', '.join(sorted(operations ^ tested))}. Give each operation of Store a line there."
    )


@each_write
def test_a_write_leaves_no_file_open_when_it_commits_or_after(
    store: Store, mount: Mount, task_id: str, write: Operation
) -> None:
    write(store, task_id)
    assert open_files(mount.folder) == []


@each_read
def test_a_read_leaves_no_file_open(
    store: Store, mount: Mount, task_id: str, read: Operation
) -> None:
    read(store, task_id)
    assert open_files(mount.folder) == []


@each_read
def test_a_read_sees_what_another_container_has_committed(
    store: Store, elsewhere: Store, task_id: str, read: Operation
) -> None:
    before = read(store, task_id)
    finish(elsewhere, task_id)
    assert read(store, task_id) != before
    assert read(store, task_id) == read(elsewhere, task_id)


@each_write
def test_a_write_builds_on_what_another_container_has_committed(
    store: Store, elsewhere: Store, mount: Mount, task_id: str, write: Operation
) -> None:
    other = add(elsewhere)
    write(store, task_id)
    assert Store(mount.folder).get(other) is not None


def test_a_write_that_fails_leaves_no_file_open_and_commits_nothing(
    store: Store, mount: Mount, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits: list[Mount] = []
    monkeypatch.setattr(Mount, "commit", commits.append)
    with pytest.raises(KeyError):
        store.move("unknown", TaskState.PROCESSING, "executor")
    assert commits == []
    assert open_files(mount.folder) == []


def test_threads_never_meet_in_the_volume(store: Store) -> None:
    def work(number: int) -> None:
        add(store)
        store.page(9)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(40)))


def test_the_journal_is_a_file_of_its_own_that_goes_with_each_write(
    store: Store, mount: Mount
) -> None:
    add(store)
    with closing(sqlite3.connect(mount.folder / "tasks.db")) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    assert [path.name for path in mount.folder.glob("tasks.db*")] == ["tasks.db"]
