"""Each request leaves one line of JSON that tells what happened, and never a secret."""

import io
import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

from backend.tasks import TaskService


def lines_of(log: io.StringIO, message: str) -> list[dict[str, Any]]:
    """Return the lines with a message."""
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    return [line for line in lines if line["message"] == message]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/api/health", 200), ("GET", "/", 200), ("PUT", "/api/tasks", 405)],
)
def test_each_request_leaves_one_line(
    anonymous: TestClient, log_lines: io.StringIO, method: str, path: str, status: int
) -> None:
    answer = anonymous.request(method, path)
    [line] = lines_of(log_lines, "request")
    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert (line["method"], line["path"], line["status"]) == (method, path, status)
    assert line["duration_ms"] > 0
    assert {"time", "level", "logger"} <= set(line)


def test_an_id_from_outside_is_kept(anonymous: TestClient, log_lines: io.StringIO) -> None:
    anonymous.get("/api/health", headers={"X-Request-ID": "from-a-proxy"})
    [line] = lines_of(log_lines, "request")
    assert line["request_id"] == "from-a-proxy"


def test_an_unforeseen_error_is_logged_with_the_id_of_its_request(
    client: TestClient, log_lines: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TaskService, "page", lambda *_: 1 / 0)
    answer = client.get("/api/tasks")
    [error] = lines_of(log_lines, "unforeseen error")
    [line] = lines_of(log_lines, "request")
    assert "ZeroDivisionError" in error["exception"]
    assert error["request_id"] == line["request_id"] == answer.headers["X-Request-ID"]
    assert line["status"] == 500


@pytest.mark.parametrize("path", ["/api/session", "/api/tasks", "/api/admin/tasks"])
@pytest.mark.parametrize("fails", [False, True], ids=["answered", "failing"])
def test_a_key_is_never_logged(
    client: TestClient,
    log_lines: io.StringIO,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    api_key: str,
    admin_key: str,
    path: str,
    fails: bool,
) -> None:
    if fails:
        for name in ["page", "all_tasks"]:
            monkeypatch.setattr(TaskService, name, lambda *_: 1 / 0)
    valid = {"X-API-Key": api_key, "X-Admin-Key": admin_key}
    invalid = {"X-API-Key": "wrong-user-key", "X-Admin-Key": "wrong-admin-key"}
    sent = [
        {"X-API-Key": user, "X-Admin-Key": admin}
        for user in ["", valid["X-API-Key"], invalid["X-API-Key"]]
        for admin in ["", valid["X-Admin-Key"], invalid["X-Admin-Key"]]
    ]
    for headers in sent:
        client.get(path, headers=headers)
    assert len(lines_of(log_lines, "request")) == len(sent)
    written = [log_lines.getvalue(), *capfd.readouterr()]
    keys = [*valid.values(), *invalid.values()]
    assert not [key for key in keys for text in written if key in text]


def test_what_else_was_sent_is_never_logged(client: TestClient, log_lines: io.StringIO) -> None:
    client.get("/api/tasks", params={"key": "private-by-mistake"})
    client.post("/api/tasks", json={"model": "private-name"})
    assert len(lines_of(log_lines, "request")) == 2
    assert "private" not in log_lines.getvalue()
