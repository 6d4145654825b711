"""What tests of all kinds share."""

import io
import logging
import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from backend.app import create_app
from backend.cli import main
from backend.config import ENV_PREFIX, load_settings
from backend.executor import CallLostError, Executor, Progress
from backend.lib.json_logs import JsonFormatter
from backend.schemas import InferenceSettings, TaskState, load_inference_settings
from backend.storage import Store
from backend.tasks import TaskService
from backend.web.security import key_hash

ROOT = Path(__file__).parents[2]
PICTURE = b"\x89PNG\r\n\x1a\nsmall"
PAGE = {
    "index.html": "<!doctype html><title>The page</title>",
    "assets/main-4f3a.js": "console.info('the page')",
}


class Painter:
    """An executor without a model: each of its calls is done by the second look at it."""

    def __init__(self) -> None:
        self._looks: dict[str, int] = {}

    def submit(self, task_id: str, model: str, parameters: Mapping[str, float]) -> str:
        self._looks[task_id] = 0
        return task_id

    def check(self, call_id: str) -> Progress:
        if call_id not in self._looks:
            raise CallLostError(call_id)
        self._looks[call_id] += 1
        if self._looks[call_id] > 1:
            return Progress(TaskState.DONE, 100, PICTURE)
        return Progress(TaskState.PROCESSING, 40)

    def forget(self, call_id: str) -> None:
        self._looks.pop(call_id, None)

    def close(self) -> None:
        self._looks.clear()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a person name the deployed service that the live test asks."""
    parser.addoption("--base-url", help="address of a deployed service, for backend/tests/live")


@pytest.fixture(scope="session")
def figure() -> Callable[[str], float]:
    """Return a function that tells a figure of the gates, as constitution and plan do."""

    def tell(name: str) -> float:
        command = [sys.executable, ".specify/gates/gates.py", "figures", name]
        return float(subprocess.check_output(command, cwd=ROOT, text=True))

    return tell


@pytest.fixture(scope="session")
def api_key() -> str:
    return secrets.token_urlsafe(32)


@pytest.fixture(scope="session")
def other_key() -> str:
    """Return the user key of somebody else."""
    return secrets.token_urlsafe(32)


@pytest.fixture(scope="session")
def admin_key() -> str:
    return secrets.token_urlsafe(32)


@pytest.fixture(autouse=True)
def environment(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    api_key: str,
    other_key: str,
    admin_key: str,
) -> None:
    """Run each test in an empty folder, with no settings but these."""
    settings = {
        "API_KEY_HASHES": f"{key_hash(api_key)},{key_hash(other_key)}",
        "ADMIN_KEY_HASHES": key_hash(admin_key),
        "RATE_PER_SECOND": "1000",
        "RATE_BURST": "10000",
    }
    for name in [name for name in os.environ if name.upper().startswith(ENV_PREFIX)]:
        monkeypatch.delenv(name)
    for name, value in settings.items():
        monkeypatch.setenv(ENV_PREFIX + name, value)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def inference() -> InferenceSettings:
    return load_inference_settings()


@pytest.fixture
def executor() -> Executor:
    return Painter()


@pytest.fixture
def service(executor: Executor, inference: InferenceSettings) -> TaskService:
    return TaskService(Store(Path("data")), executor, inference)


@pytest.fixture
def page() -> Path:
    """Return a folder with a page, as the build leaves one."""
    folder = Path("dist").absolute()
    for name, content in PAGE.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    return folder


@pytest.fixture
def app(service: TaskService, page: Path) -> FastAPI:
    return create_app(load_settings(), service, page)


@pytest.fixture
def anonymous(app: FastAPI) -> Iterator[TestClient]:
    """Yield a client without a key; the application runs as long as the test."""
    with TestClient(app, follow_redirects=False) as client:
        yield client


@pytest.fixture
def client(anonymous: TestClient, app: FastAPI, api_key: str) -> TestClient:
    """Return a client with a user key."""
    return TestClient(app, follow_redirects=False, headers={"X-API-Key": api_key})


@pytest.fixture
def admin(anonymous: TestClient, app: FastAPI, admin_key: str) -> TestClient:
    """Return a client with an admin key, and no other."""
    return TestClient(app, follow_redirects=False, headers={"X-Admin-Key": admin_key})


@pytest.fixture
def command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., CompletedProcess[str]]:
    """Return a function that runs the command line in this process."""

    def run(*arguments: str) -> CompletedProcess[str]:
        monkeypatch.setattr("sys.argv", ["backend", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return CompletedProcess(arguments, int(ended.value.code or 0), out, err)

    return run


@pytest.fixture
def log_lines() -> Iterator[io.StringIO]:
    """Yield everything that is logged during a test, as it would be written."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    # The HTTP client of the tests logs what it sends; only what the service logs is of interest.
    handler.addFilter(lambda record: not record.name.startswith("httpx2"))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)
