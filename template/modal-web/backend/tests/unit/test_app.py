import threading

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from backend import __version__
from backend.app import create_app, openapi_document
from backend.config import load_settings
from backend.executor import Executor
from backend.tasks import TaskService

HTML = {"Accept": "text/html"}


def test_the_settings_reach_the_application(app: FastAPI) -> None:
    assert app.state.settings == load_settings()


def test_the_document_names_the_version() -> None:
    assert openapi_document()["info"]["version"] == __version__


def test_a_served_document_is_the_printed_one(client: TestClient) -> None:
    assert client.get("/openapi.json").json() == openapi_document()


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
def test_there_are_no_pages_that_need_other_servers(anonymous: TestClient, path: str) -> None:
    assert anonymous.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/", "/admin", "/tasks/0123456789abcdef"])
def test_the_page_answers_at_each_of_its_addresses(anonymous: TestClient, path: str) -> None:
    assert "The page" in anonymous.get(path, headers=HTML).text


@pytest.mark.parametrize("path", ["/api/nowhere", "/assets/missing.js"])
def test_the_page_does_not_answer_for_what_is_missing(anonymous: TestClient, path: str) -> None:
    assert "The page" not in anonymous.get(path, headers=HTML).text


def test_the_api_can_be_served_without_a_page(service: TaskService) -> None:
    client = TestClient(create_app(load_settings(), service, None))
    assert client.get("/", headers=HTML).status_code == 404


def test_the_application_stops_what_it_started(
    app: FastAPI, executor: Executor, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[int] = []
    monkeypatch.setattr(executor, "close", lambda: closed.append(running_refreshers()))
    with TestClient(app):
        assert running_refreshers() == 1
    assert closed == [0]


def running_refreshers() -> int:
    """Return how many threads follow the executor."""
    return [thread.name for thread in threading.enumerate()].count("refresher")
