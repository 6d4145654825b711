"""Pages of other origins read nothing, unless the settings list their origin."""

import inspect
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.testclient import TestClient
from httpx2 import Response

from backend.app import create_app, openapi_document
from backend.config import ENV_PREFIX, load_settings
from backend.lib.problems import ProblemError
from backend.tasks import TaskService

LISTED = ["https://pictures.example.com", "http://localhost:5173"]
FOREIGN = [
    "https://evil.example",
    "https://pictures.example.com.evil.example",
    "https://pictures.example.com:8443",
    "http://pictures.example.com",
    "https://example.com",
    "null",
]


def preflight(client: TestClient, origin: str, header: str = "X-API-Key") -> Response:
    """Ask as a browser does before it lets a page send a request with a header."""
    sent = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": header.lower(),
    }
    return client.options("/api/tasks", headers=sent)


def rules_of(app: FastAPI) -> list[dict[str, Any]]:
    """Return all that each CORS middleware of an application was told, or left at its default."""
    rules: list[dict[str, Any]] = []
    for each in app.user_middleware:
        if inspect.isclass(each.cls) and issubclass(each.cls, CORSMiddleware):
            told = inspect.signature(each.cls).bind(app, *each.args, **each.kwargs)
            told.apply_defaults()
            rules.append(told.arguments)
    return rules


@pytest.fixture
def sharing(service: TaskService, monkeypatch: pytest.MonkeyPatch) -> FastAPI:
    """Return an application that lists origins."""
    monkeypatch.setenv(ENV_PREFIX + "ALLOWED_ORIGINS", ", ".join(LISTED))
    return create_app(load_settings(), service, None)


@pytest.fixture
def shared(sharing: FastAPI) -> TestClient:
    """Return a client of an application that lists origins."""
    return TestClient(sharing)


def test_nobody_is_told_to_share_by_default(app: FastAPI) -> None:
    assert rules_of(app) == []


def test_what_is_shared_is_spelt_out(sharing: FastAPI) -> None:
    [rules] = rules_of(sharing)
    operations = openapi_document()["paths"].values()
    assert sorted(rules["allow_origins"]) == sorted(LISTED)
    assert rules["allow_origin_regex"] is None
    assert rules["allow_credentials"] is False
    assert rules["allow_private_network"] is False
    assert set(rules["allow_methods"]) == {method.upper() for each in operations for method in each}
    assert set(rules["allow_headers"]) == {"X-API-Key", "X-Admin-Key", "Content-Type"}


@pytest.mark.parametrize("origin", [*LISTED, *FOREIGN])
def test_no_origin_is_allowed_by_default(anonymous: TestClient, origin: str) -> None:
    for answer in [
        anonymous.get("/api/health", headers={"Origin": origin}),
        preflight(anonymous, origin),
    ]:
        assert not [name for name in answer.headers if name.startswith("access-control-")]


@pytest.mark.parametrize("origin", LISTED)
def test_a_listed_origin_is_allowed_by_name(shared: TestClient, origin: str) -> None:
    answer = shared.get("/api/health", headers={"Origin": origin})
    assert answer.headers["Access-Control-Allow-Origin"] == origin
    assert "Origin" in answer.headers["Vary"]


@pytest.mark.parametrize("header", ["X-API-Key", "X-Admin-Key", "Content-Type"])
def test_a_listed_origin_may_send_a_key(shared: TestClient, header: str) -> None:
    answer = preflight(shared, LISTED[0], header)
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == LISTED[0]
    assert header in answer.headers["Access-Control-Allow-Headers"]


def test_a_listed_origin_may_send_no_other_header(shared: TestClient) -> None:
    assert preflight(shared, LISTED[0], "X-Other").status_code == 400


@pytest.mark.parametrize("origin", FOREIGN)
def test_another_origin_is_not_allowed(shared: TestClient, origin: str) -> None:
    for answer in [
        shared.get("/api/health", headers={"Origin": origin}),
        preflight(shared, origin),
    ]:
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_no_origin_gets_credentials(shared: TestClient) -> None:
    assert "Access-Control-Allow-Credentials" not in preflight(shared, LISTED[0]).headers


@pytest.mark.parametrize("origins", ["*", "null", "https://*.example.com", f"{LISTED[0]},*"])
def test_only_origins_that_are_spelt_out_can_be_listed(
    monkeypatch: pytest.MonkeyPatch, origins: str
) -> None:
    monkeypatch.setenv(ENV_PREFIX + "ALLOWED_ORIGINS", origins)
    with pytest.raises(ProblemError, match="ALLOWED_ORIGINS"):
        load_settings()
