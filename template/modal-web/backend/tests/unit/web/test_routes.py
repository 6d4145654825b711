from typing import Any

import pytest
from fastapi.testclient import TestClient

from backend import __version__
from backend.schemas import InferenceSettings
from backend.tasks import TaskService
from backend.tests.pictures import MODEL, QUICK

NEW_TASK = {"model": MODEL, "parameters": QUICK}


def new_task(client: TestClient) -> dict[str, Any]:
    """Ask for a picture and return its task."""
    task: dict[str, Any] = client.post("/api/tasks", json=NEW_TASK).raise_for_status().json()
    return task


def finish(service: TaskService) -> None:
    """Follow all tasks to their end."""
    for _ in range(2):
        service.refresh()


def test_health_tells_the_version(anonymous: TestClient) -> None:
    assert anonymous.get("/api/health").json() == {"version": __version__}


def test_the_settings_are_those_of_the_service(
    client: TestClient, inference: InferenceSettings
) -> None:
    assert InferenceSettings.model_validate(client.get("/api/settings").json()) == inference


def test_a_new_task_is_taken_in_and_can_be_read(client: TestClient) -> None:
    answer = client.post("/api/tasks", json=NEW_TASK)
    assert answer.status_code == 202
    task = answer.json()
    assert task["parameters"] == QUICK
    assert client.get(f"/api/tasks/{task['id']}").json()["created_at"] == task["created_at"]


def test_the_picture_of_a_task_is_a_png(client: TestClient, service: TaskService) -> None:
    task = new_task(client)
    finish(service)
    answer = client.get(f"/api/tasks/{task['id']}/picture")
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.content.startswith(b"\x89PNG")


def test_the_last_page_has_no_next(client: TestClient) -> None:
    asked = [new_task(client)["id"] for _ in range(3)]
    first = client.get("/api/tasks", params={"limit": 2}).json()
    last = client.get("/api/tasks", params={"limit": 2, "before": first["next"]}).json()
    assert [task["id"] for task in first["tasks"] + last["tasks"]] == asked[::-1]
    assert last["next"] is None


@pytest.mark.parametrize("limit", [0, 101])
def test_pages_have_a_size_limit(client: TestClient, limit: int) -> None:
    assert client.get("/api/tasks", params={"limit": limit}).status_code == 422


def test_an_administrator_chooses_tasks_by_state(
    client: TestClient, admin: TestClient, service: TaskService
) -> None:
    done = new_task(client)["id"]
    finish(service)
    new_task(client)
    shown = admin.get("/api/admin/tasks", params={"state": "done"}).json()["tasks"]
    assert [task["id"] for task in shown] == [done]


def test_an_administrator_pages_through_the_audit_log(
    client: TestClient, admin: TestClient
) -> None:
    asked = [new_task(client)["id"] for _ in range(2)]
    first = admin.get("/api/admin/audit", params={"limit": 1}).json()
    last = admin.get("/api/admin/audit", params={"limit": 100, "before": first["next"]}).json()
    begun = [row["task_id"] for row in first["rows"] + last["rows"] if row["previous"] is None]
    assert sorted(begun) == sorted(asked)
    assert last["next"] is None
