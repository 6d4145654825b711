"""Many tasks at once are each done exactly once, and none waits longer than the settings say."""

import secrets
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest

from backend.config import ENV_PREFIX
from backend.schemas import AuditPage, AuditRow, InferenceSettings, TaskState
from backend.tests.pictures import MODEL, QUICK
from backend.tests.servers import Server, ask_until, running_server
from backend.web.security import key_hash

CLIENTS = 20
TASKS_OF_EACH = 10
SMALL = {"model": MODEL, "parameters": QUICK}
LIFE = [None, TaskState.PENDING, TaskState.PROCESSING, TaskState.DONE]


def ask_for_pictures(server: Server, key: str) -> list[str]:
    """Ask for pictures as fast as one client can, and return the ids of the tasks."""
    with server.client(X_API_Key=key) as client:
        answers = [client.post("/api/tasks", json=SMALL) for _ in range(TASKS_OF_EACH)]
        return [answer.raise_for_status().json()["id"] for answer in answers]


def audit_of(admin: httpx2.Client) -> list[AuditRow]:
    """Return the whole audit trail, the oldest first."""
    rows: list[AuditRow] = []
    before: int | None = None
    while before is not None or not rows:
        sent = {"limit": 100} | ({"before": before} if before else {})
        answer = admin.get("/api/admin/audit", params=sent).raise_for_status()
        page = AuditPage.model_validate_json(answer.content)
        rows += page.rows
        before = page.next
    return rows[::-1]


def count_active(admin: httpx2.Client) -> int:
    """Return how many tasks are not done yet, up to 100 of either state."""
    count = 0
    for state in [TaskState.PENDING, TaskState.PROCESSING]:
        sent = {"limit": 100, "state": state.value}
        answer = admin.get("/api/admin/tasks", params=sent).raise_for_status()
        count += len(answer.json()["tasks"])
    return count


def test_each_of_200_tasks_is_done_once_and_in_time(
    monkeypatch: pytest.MonkeyPatch, inference: InferenceSettings, admin_key: str
) -> None:
    keys = [secrets.token_urlsafe(32) for _ in range(CLIENTS)]
    monkeypatch.setenv(ENV_PREFIX + "API_KEY_HASHES", ",".join(map(key_hash, keys)))
    with (
        running_server("backend.tests.hurried_server") as server,
        server.client(X_Admin_Key=admin_key) as admin,
    ):
        with ThreadPoolExecutor(CLIENTS) as pool:
            asked = pool.map(lambda key: ask_for_pictures(server, key), keys)
            ids = [task for tasks in asked for task in tasks]
        ask_until(lambda: count_active(admin), lambda count: count == 0, inference.queued_max_s)
        rows = audit_of(admin)

    assert len(set(ids)) == CLIENTS * TASKS_OF_EACH
    assert Counter(row.task_id for row in rows) == dict.fromkeys(ids, 3)
    for task in ids:
        created, begun, ended = [row for row in rows if row.task_id == task]
        assert [created.previous, begun.previous, ended.previous] == LIFE[:3]
        assert [created.state, begun.state, ended.state] == LIFE[1:]
        assert (begun.at - created.at).total_seconds() < inference.queued_max_s
