"""The API keeps what its OpenAPI document says, and all its failures have one form."""

import sqlite3
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.specs.openapi.checks import positive_data_acceptance
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from backend.app import create_app, openapi_document
from backend.config import ENV_PREFIX, load_settings
from backend.schemas import NewTask, TaskView
from backend.storage import Store
from backend.tasks import TaskService
from backend.web.security import key_hash, owner_of

NEW_TASK = NewTask(model="reaction-diffusion")
HTML = {"Accept": "text/html"}
DOCUMENT = openapi_document()


def requests_only(app: ASGIApp) -> ASGIApp:
    """Return what hands requests on; Schemathesis would start the application a second time."""

    async def hand_on(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await app(scope, receive, send)

    return hand_on


schema = schemathesis.openapi.from_asgi("/openapi.json", requests_only(JSONResponse(DOCUMENT)))
# Like most services, this one ignores query parameters that it does not know.
schema.config.generation.update(allow_extra_parameters=False)
few_examples = settings(
    # The same examples in each run, so that no run fails on a day when nothing changed.
    derandomize=True,
    deadline=None,
    max_examples=10,
    # All examples of an operation meet the same application, as requests do in use.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture
def done(client: TestClient, service: TaskService, api_key: str) -> TaskView:
    """Return a task that is done, of the person whose key requests have."""
    task = service.create(owner_of(key_hash(api_key)), NEW_TASK)
    for _ in range(2):
        service.refresh()
    return task


@schema.parametrize()
@few_examples
def test_answers_are_as_documented(
    case: Case[Any], app: FastAPI, done: TaskView, api_key: str, admin_key: str
) -> None:
    if case.path_parameters.get("task_id") == "0123456789abcdef":
        # The example in the document stands for a task that there is.
        case.path_parameters["task_id"] = done.id
    keys = {"X-API-Key": api_key, "X-Admin-Key": admin_key}
    case.call_and_validate(
        app=requests_only(app),
        headers=keys,
        allow_redirects=False,
        # Which numbers a model takes stands in inference_settings.json, not in the document.
        excluded_checks=[positive_data_acceptance],
    )


def test_the_document_tells_all_failures_as_problems() -> None:
    operations = [each for path in DOCUMENT["paths"].values() for each in path.values()]
    failures = [
        response["content"]
        for operation in operations
        for status, response in operation["responses"].items()
        if status >= "400"
    ]
    problem = {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}
    assert all(content == {"application/problem+json": problem} for content in failures)
    assert "ProblemDetails" in DOCUMENT["components"]["schemas"]


@pytest.mark.parametrize(
    ("status", "method", "path", "body"),
    [
        (404, "GET", "/api", ""),
        (404, "GET", "/api/nowhere", ""),
        (404, "GET", "/api/tasks/", ""),
        (404, "GET", "/api/tasks/0123456789abcdef", ""),
        (404, "GET", "/api/tasks/0123456789abcdef/picture", ""),
        (404, "DELETE", "/api/nowhere", ""),
        (404, "GET", "/assets/missing.js", ""),
        (405, "PUT", "/api/tasks", ""),
        (405, "DELETE", "/api/tasks/0123456789abcdef", ""),
        (413, "POST", "/api/tasks", " " * 20_000),
        (422, "POST", "/api/tasks", '{"model": "unknown"}'),
        (422, "POST", "/api/tasks", '{"model": "reaction-diffusion", "parameters": {"size": 1}}'),
        (422, "POST", "/api/tasks", '{"model": 1, "more": 2}'),
        (422, "POST", "/api/tasks", "{"),
        (422, "GET", "/api/tasks?limit=0", ""),
    ],
)
def test_a_refusal_is_a_problem(
    client: TestClient, status: int, method: str, path: str, body: str
) -> None:
    headers = HTML | {"Content-Type": "application/json"}
    answer = client.request(method, path, content=body, headers=headers)
    assert answer.status_code == status
    assert_problem(answer)


def test_a_request_without_a_key_is_a_problem(anonymous: TestClient) -> None:
    answer = anonymous.get("/api/tasks")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "APIKey"
    assert_problem(answer)


def test_a_picture_that_is_not_there_yet_is_a_problem(client: TestClient) -> None:
    task = client.post("/api/tasks", json=NEW_TASK.model_dump()).json()
    answer = client.get(f"/api/tasks/{task['id']}/picture")
    assert answer.status_code == 409
    assert_problem(answer)


def test_too_many_requests_are_a_problem(
    service: TaskService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ENV_PREFIX + "RATE_BURST", "1")
    monkeypatch.setenv(ENV_PREFIX + "RATE_PER_SECOND", "0.01")
    client = TestClient(create_app(load_settings(), service, None))
    client.get("/api/tasks")
    answer = client.get("/api/tasks")
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) >= 1
    assert_problem(answer)


def test_an_unforeseen_error_is_a_problem_that_tells_nothing_inside(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TaskService, "page", lambda *_: 1 / 0)
    answer = client.get("/api/tasks")
    assert answer.status_code == 500
    assert "division" not in answer.text
    assert_problem(answer)


def test_a_store_that_does_not_answer_is_a_problem(
    anonymous: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Store) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(Store, "active", fail)
    answer = anonymous.get("/api/health")
    assert answer.status_code == 503
    assert "disk" not in answer.text
    assert_problem(answer)


def assert_problem(answer: Response) -> None:
    """Fail when an answer has not the form of problem details (RFC 9457) with a remedy."""
    body = answer.json()
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert set(body) == {"type", "title", "status", "detail", "remedy", "errors"}
    assert body["status"] == answer.status_code
    assert body["detail"].endswith(".")
    assert body["remedy"].endswith(".")
