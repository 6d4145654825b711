"""Every answer carries the security headers, none carries markup back, and floods are refused."""

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from backend.app import create_app
from backend.config import ENV_PREFIX, load_settings
from backend.tasks import TaskService

ALWAYS = {
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
API = ALWAYS | {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
PAGE_POLICY = {
    "default-src 'self'",
    "img-src 'self' blob:",
    "style-src 'self'",
    "script-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
}
DATA_TYPES = {"application/json", "application/problem+json", "image/png"}
HTML = {"Accept": "text/html"}
MARKUP = "<script>alert(1)</script>"
NEW_TASK = {"model": "reaction-diffusion"}


def assert_hardened(answer: Response, expected: dict[str, str]) -> None:
    """Fail when an answer lacks a security header."""
    assert {name: answer.headers.get(name) for name in expected} == expected
    assert "Server" not in answer.headers


def assert_hardened_data(answer: Response) -> None:
    """Fail when an answer of the API lacks a security header or could be taken for a page."""
    assert_hardened(answer, API)
    assert answer.headers["Content-Type"] in DATA_TYPES


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/health", 200),
        ("GET", "/api/tasks", 401),
        ("GET", "/api/nowhere", 404),
        ("GET", "/assets/missing.js", 404),
        ("PUT", "/api/tasks", 405),
        ("POST", "/", 405),
    ],
)
def test_answers_have_security_headers(
    anonymous: TestClient, method: str, path: str, status: int
) -> None:
    answer = anonymous.request(method, path, headers=HTML)
    assert answer.status_code == status
    assert_hardened_data(answer)


def test_answers_to_a_known_client_have_security_headers(
    client: TestClient, service: TaskService
) -> None:
    task = client.post("/api/tasks", json=NEW_TASK).json()
    for _ in range(2):
        service.refresh()
    for answer in [
        client.post("/api/tasks", json=NEW_TASK),
        client.post("/api/tasks", json={}),
        client.post("/api/tasks", content=" " * 20_000),
        client.get("/api/tasks"),
        client.get(f"/api/tasks/{task['id']}/picture"),
        client.get("/openapi.json"),
    ]:
        assert_hardened_data(answer)


def test_an_unforeseen_error_has_security_headers(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TaskService, "page", lambda *_: 1 / 0)
    answer = client.get("/api/tasks")
    assert answer.status_code == 500
    assert_hardened_data(answer)


@pytest.mark.parametrize("path", ["/", "/index.html", "/admin", "/tasks/0123456789abcdef"])
def test_the_page_runs_only_what_is_its_own_and_is_asked_for_anew(
    anonymous: TestClient, path: str
) -> None:
    answer = anonymous.get(path, headers=HTML)
    assert answer.status_code == 200
    assert_hardened(answer, ALWAYS | {"Cache-Control": "no-cache"})
    assert set(answer.headers["Content-Security-Policy"].split("; ")) == PAGE_POLICY


def test_what_the_build_named_after_its_content_is_kept(anonymous: TestClient) -> None:
    answer = anonymous.get("/assets/main-4f3a.js")
    assert answer.status_code == 200
    assert_hardened(answer, ALWAYS | {"Cache-Control": "public, max-age=31536000, immutable"})


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/tasks", {"model": MARKUP}),
        ("/api/tasks", NEW_TASK | {"parameters": {MARKUP: 1}}),
        ("/api/tasks", NEW_TASK | {"parameters": {"size": MARKUP}}),
        ("/api/tasks", NEW_TASK | {MARKUP: 1}),
        (f"/api/tasks?limit={MARKUP}", None),
        (f"/api/tasks/{MARKUP}", None),
        (f"/api/{MARKUP}", None),
        (f"/assets/{MARKUP}", None),
    ],
)
def test_markup_that_was_sent_does_not_come_back(
    client: TestClient, path: str, body: dict[str, object] | None
) -> None:
    answer = client.post(path, json=body) if body else client.get(path)
    assert 400 <= answer.status_code < 500
    assert "<" not in answer.text
    assert_hardened_data(answer)


def test_a_flood_is_refused(service: TaskService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENV_PREFIX + "RATE_BURST", "3")
    monkeypatch.setenv(ENV_PREFIX + "RATE_PER_SECOND", "0.01")
    flooding = TestClient(create_app(load_settings(), service, None))
    answers = [flooding.get("/api/tasks") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
    assert_hardened_data(answers[-1])
