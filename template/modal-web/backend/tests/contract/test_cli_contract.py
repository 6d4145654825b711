"""A command that cannot do its work says why and what to do, and ends with a status of its own."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from fastapi.testclient import TestClient

import backend
from backend import cli
from backend.app import create_app
from backend.config import ENV_PREFIX, load_settings
from backend.tasks import TaskService

Command = Callable[..., CompletedProcess[str]]


def assert_refused(told: CompletedProcess[str], *details: str) -> None:
    """Fail when a command did not end with status 1, two sentences, and nothing else."""
    assert told.returncode == 1
    assert told.stdout == ""
    assert re.fullmatch(r"Error: .+\.\nRemedy: .+\.\n", told.stderr)
    assert not [detail for detail in details if detail not in told.stderr]


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("PORT", "http"),
        ("API_KEY_HASHES", "not-a-hash"),
        ("ADMIN_KEY_HASHES", "12ab"),
        ("ALLOWED_ORIGINS", "pictures.example.com"),
        ("LOG_LEVEL", "LOUD"),
    ],
)
def test_a_wrong_setting_is_named_with_a_remedy(
    command: Command, monkeypatch: pytest.MonkeyPatch, setting: str, value: str
) -> None:
    monkeypatch.setenv(ENV_PREFIX + setting, value)
    told = command("serve", "--api-only")
    assert_refused(told, f"The setting {ENV_PREFIX + setting} is not valid")
    assert value not in told.stderr.replace(f"{ENV_PREFIX}{setting}", "")


def test_a_page_that_is_not_built_is_named_with_a_remedy(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "PAGE", Path("missing"))
    assert_refused(command("serve"), "missing/index.html", "`npm run build`", "--api-only")


def test_a_busy_port_is_named_with_a_remedy(command: Command) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        told = command("serve", "--api-only", "--port", str(port))
    assert_refused(told, f"cannot listen on 127.0.0.1, port {port}: ", "--host", "--port")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "example.com"])
def test_the_network_is_refused_without_a_key(
    command: Command, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    monkeypatch.delenv(ENV_PREFIX + "API_KEY_HASHES")
    told = command("serve", "--api-only", "--host", host)
    assert_refused(told, f"({host})", ENV_PREFIX + "API_KEY_HASHES", "new-key")


def test_a_folder_that_keeps_nothing_is_named_with_a_remedy(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("file").touch()
    monkeypatch.setenv(ENV_PREFIX + "DATA_DIR", "file")
    assert_refused(
        command("serve", "--api-only", "--port", "0"), "folder file", ENV_PREFIX + "DATA_DIR"
    )


@pytest.mark.parametrize("arguments", [["unknown"], ["serve", "--port", "-1"], ["new-key", "x"]])
def test_a_wrong_call_ends_with_status_2(command: Command, arguments: list[str]) -> None:
    told = command(*arguments)
    assert told.returncode == 2
    assert told.stdout == ""
    assert "Usage: " in told.stderr


def test_every_command_explains_itself(command: Command) -> None:
    for name in ["serve", "new-key", "openapi"]:
        assert name in command("--help").stdout
        assert command(name, "--help").returncode == 0


def test_a_new_key_opens_where_its_hash_is_configured(
    command: Command, service: TaskService, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = command("new-key")
    printed = re.fullmatch(r"Key: (.{40,})\nSHA-256: (.*)\n", told.stdout)
    assert printed
    key, digest = printed.groups()
    monkeypatch.setenv(ENV_PREFIX + "API_KEY_HASHES", digest)
    client = TestClient(create_app(load_settings(), service, None))
    assert client.get("/api/tasks", headers={"X-API-Key": key}).status_code == 200


def test_a_process_of_its_own_ends_with_the_same_status() -> None:
    package = Path(backend.__file__).parent
    told = subprocess.run(
        [sys.executable, "-m", package.name, "serve"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(package.parent), f"{ENV_PREFIX}PORT": "http"},
    )
    assert_refused(told, ENV_PREFIX + "PORT")
