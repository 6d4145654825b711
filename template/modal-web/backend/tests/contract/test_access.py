"""Only the health and the page are public; a key opens what is its own, and by header only."""

import hmac
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient
from starlette.datastructures import QueryParams
from starlette.requests import HTTPConnection

from backend.app import create_app
from backend.config import Settings, load_settings
from backend.tasks import TaskService
from backend.web.security import key_hash

PUBLIC = {"GET /api/health"}
NEW_TASK = {"model": "reaction-diffusion"}


def described() -> FastAPI:
    """Return an application with a page that is only read for its routes, and never started."""
    with TemporaryDirectory() as page:
        (Path(page) / "assets").mkdir()
        (Path(page) / "index.html").touch()
        return create_app(Settings.model_construct(), cast("TaskService", None), Path(page))


DESCRIBED = described()
# The files of the page are none of these routes.
REAL = {
    f"{method} {route.path}"
    for route in iter_route_contexts(DESCRIBED.routes)
    for method in route.methods or ["GET"]
}
DOCUMENTED = {
    f"{method.upper()} {path}"
    for path, operations in DESCRIBED.openapi()["paths"].items()
    for method in operations
}
KEYED = sorted((REAL | DOCUMENTED) - PUBLIC)
ADMINS = [route for route in KEYED if " /api/admin/" in route]
USERS = [
    route
    for route in KEYED
    if route not in ADMINS and not route.endswith(("/session", "/settings", "/openapi.json"))
]


class EveryName(QueryParams):
    """What a request holds that has a key under each name that anybody may ask for."""

    def __init__(self, key: str) -> None:
        super().__init__({"key": key})

    def __contains__(self, name: object) -> bool:
        return True

    def __getitem__(self, name: str) -> str:
        return super().__getitem__("key")

    def get(self, key: str, default: object = None) -> str:
        return self[key]

    def getlist(self, key: object) -> list[str]:
        return super().getlist("key")


def ask(client: TestClient, route: str, **sent: dict[str, str]) -> int:
    """Return the status with which a client's request of a route is answered."""
    method, path = route.split()
    if "cookies" in sent:
        pairs = [f"{name}={value}" for name, value in sent.pop("cookies").items()]
        sent["headers"] = {"Cookie": "; ".join(pairs)}
    body = NEW_TASK if method == "POST" else None
    path = re.sub(r"\{.*?\}", "0123456789abcdef", path)
    return client.request(
        method, path, json=body, params=sent.get("params"), headers=sent.get("headers")
    ).status_code


def test_the_health_is_public(anonymous: TestClient) -> None:
    assert PUBLIC <= REAL & DOCUMENTED
    assert anonymous.get("/api/health").status_code == 200


@pytest.mark.parametrize("path", ["/", "/index.html", "/assets/main-4f3a.js", "/admin"])
def test_the_page_is_public(anonymous: TestClient, path: str) -> None:
    assert anonymous.get(path, headers={"Accept": "text/html"}).status_code == 200


def test_no_files_are_public_but_those_of_the_page(
    service: TaskService, page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[Path] = []
    frontend = APIRouter.frontend

    def serve(router: APIRouter, path: str, *, directory: Path, **options: Any) -> None:  # noqa: ANN401
        served.append(directory)
        frontend(router, path, directory=directory, **options)

    monkeypatch.setattr(APIRouter, "frontend", serve)
    create_app(load_settings(), service, page)
    assert page in served
    assert all(folder.is_relative_to(page) for folder in served), served


@pytest.mark.parametrize("route", KEYED)
def test_any_other_route_needs_a_key(anonymous: TestClient, route: str) -> None:
    assert ask(anonymous, route) == 401


@pytest.mark.parametrize("route", KEYED)
def test_a_wrong_key_does_not_open(anonymous: TestClient, api_key: str, route: str) -> None:
    for wrong in ["x", api_key[:-1], key_hash(api_key)]:
        assert ask(anonymous, route, headers={"X-API-Key": wrong, "X-Admin-Key": wrong}) == 401


@pytest.mark.parametrize("route", KEYED)
def test_a_key_opens_by_header_only(
    anonymous: TestClient, api_key: str, admin_key: str, route: str
) -> None:
    names = ["X-API-Key", "x-api-key", "api_key", "apikey", "key", "token"]
    sent = dict.fromkeys(names, api_key) | {"X-Admin-Key": admin_key, "admin_key": admin_key}
    assert ask(anonymous, route, params=sent) == 401
    assert ask(anonymous, route, cookies=sent) == 401
    assert ask(anonymous, route, headers={"Authorization": f"Bearer {admin_key}"}) == 401


@pytest.mark.parametrize("route", KEYED)
@pytest.mark.parametrize("place", ["query_params", "cookies"])
def test_a_key_opens_under_no_name_elsewhere(
    anonymous: TestClient,
    monkeypatch: pytest.MonkeyPatch,
    api_key: str,
    admin_key: str,
    place: str,
    route: str,
) -> None:
    for key in [api_key, admin_key]:
        monkeypatch.setattr(HTTPConnection, place, EveryName(key))
        assert ask(anonymous, route) == 401


@pytest.mark.parametrize("route", ADMINS)
def test_an_administrators_route_needs_an_admin_key(
    client: TestClient, admin: TestClient, admin_key: str, route: str
) -> None:
    assert ask(client, route) == 401
    assert ask(client, route, headers={"X-API-Key": admin_key}) == 401
    assert ask(admin, route) == 200


@pytest.mark.parametrize("route", USERS)
def test_a_persons_route_needs_a_user_key(
    client: TestClient, admin: TestClient, admin_key: str, route: str
) -> None:
    assert ask(admin, route) == 401
    assert ask(admin, route, headers={"X-API-Key": admin_key}) == 401
    assert ask(client, route) in (200, 202, 404)


def test_a_second_key_that_is_wrong_is_not_overlooked(client: TestClient) -> None:
    assert ask(client, "GET /api/session", headers={"X-Admin-Key": "x"}) == 401


def test_tasks_of_others_are_as_if_they_were_not_there(
    client: TestClient, app: FastAPI, service: TaskService, other_key: str
) -> None:
    task = client.post("/api/tasks", json=NEW_TASK).json()
    for _ in range(2):
        service.refresh()
    stranger = TestClient(app, headers={"X-API-Key": other_key})
    for path in [f"/api/tasks/{task['id']}", f"/api/tasks/{task['id']}/picture"]:
        assert client.get(path).status_code == 200
        assert stranger.get(path).status_code == 404
    assert stranger.get("/api/tasks").json()["tasks"] == []


def test_keys_are_compared_by_hash_in_constant_time(
    anonymous: TestClient,
    monkeypatch: pytest.MonkeyPatch,
    api_key: str,
    other_key: str,
) -> None:
    compared: list[tuple[str, str]] = []

    def refuse(sent: str, known: str) -> bool:
        compared.append((sent, known))
        return False

    monkeypatch.setattr(hmac, "compare_digest", refuse)
    assert ask(anonymous, "GET /api/tasks", headers={"X-API-Key": api_key}) == 401
    sent = key_hash(api_key)
    assert compared == [(sent, sent), (sent, key_hash(other_key))]
