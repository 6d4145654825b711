"""What people do from end to end, over HTTP with a server in a process of its own."""

import os
import subprocess
import sys
from io import BytesIO
from typing import Any

import httpx2
from PIL import Image

from backend.config import ENV_PREFIX
from backend.tests.pictures import MODEL, QUICK, QUICK_SIZE, SLOW
from backend.tests.servers import ROOT, ask_until, running_server


def new_task(client: httpx2.Client, parameters: dict[str, float]) -> str:
    """Ask for a picture and return the id of its task."""
    sent = {"model": MODEL, "parameters": parameters}
    task: dict[str, Any] = client.post("/api/tasks", json=sent).raise_for_status().json()
    return str(task["id"])


def wait_for(client: httpx2.Client, task: str, *states: str) -> dict[str, Any]:
    """Look at a task until it is in one of some states; return it."""
    return ask_until(
        lambda: client.get(f"/api/tasks/{task}").raise_for_status().json(),
        lambda seen: seen["state"] in states,
        within_s=30,
    )


def test_a_person_asks_for_a_picture_and_gets_it(api_key: str) -> None:
    with running_server() as server, server.client(X_API_Key=api_key) as client:
        assert client.get("/api/session").json()["admin"] is False
        task = new_task(client, QUICK)
        assert wait_for(client, task, "done", "failed")["state"] == "done"
        picture = client.get(f"/api/tasks/{task}/picture").content
        assert [each["id"] for each in client.get("/api/tasks").json()["tasks"]] == [task]
    assert Image.open(BytesIO(picture)).size == QUICK_SIZE


def test_an_administrator_sees_everybodys_tasks_and_what_happened(
    api_key: str, other_key: str, admin_key: str
) -> None:
    with (
        running_server() as server,
        server.client(X_API_Key=api_key) as client,
        server.client(X_API_Key=other_key) as other,
        server.client(X_Admin_Key=admin_key) as admin,
    ):
        tasks = [new_task(client, QUICK), new_task(other, QUICK)]
        wait_for(client, tasks[0], "done")
        wait_for(other, tasks[1], "done")
        shown = admin.get("/api/admin/tasks", params={"state": "done"}).json()["tasks"]
        rows = admin.get("/api/admin/audit").json()["rows"]
    assert sorted(each["id"] for each in shown) == sorted(tasks)
    for task in tasks:
        life = [row["state"] for row in rows if row["task_id"] == task]
        assert life == ["done", "processing", "pending"]


def test_a_killed_server_loses_nothing_but_what_it_painted(api_key: str) -> None:
    with running_server() as server, server.client(X_API_Key=api_key) as client:
        done = new_task(client, QUICK)
        wait_for(client, done, "done")
        picture = client.get(f"/api/tasks/{done}/picture").content
        interrupted = new_task(client, SLOW)
        wait_for(client, interrupted, "processing")
        server.process.kill()
    with running_server() as server, server.client(X_API_Key=api_key) as client:
        failed = client.get(f"/api/tasks/{interrupted}").json()
        assert failed["state"] == "failed"
        assert failed["reason"].startswith("The server stopped while this task ran.")
        assert client.get(f"/api/tasks/{done}").json()["state"] == "done"
        assert client.get(f"/api/tasks/{done}/picture").content == picture


def test_a_second_server_in_the_same_folder_is_refused_and_interrupts_nothing(
    api_key: str,
) -> None:
    with running_server() as server, server.client(X_API_Key=api_key) as client:
        task = new_task(client, SLOW)
        second = subprocess.run(
            [sys.executable, "-m", "backend", "serve", "--port", "0", "--api-only"],
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )
        state = client.get(f"/api/tasks/{task}").json()["state"]
    assert second.returncode != 0
    assert ENV_PREFIX + "DATA_DIR" in second.stderr
    assert state != "failed"
