import json
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
import uvicorn

from backend import __version__, cli
from backend.config import ENV_PREFIX, Settings
from backend.lib.problems import ProblemError
from backend.tasks import TaskService
from backend.web.security import key_hash

Command = Callable[..., CompletedProcess[str]]


class Served(dict[str, Any]):
    """What a server that does not start was given: `settings`, `service` and `address`."""


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    seen = Served()

    def run(server: uvicorn.Server, sockets: list[socket.socket]) -> None:
        state = server.config.app.state  # type: ignore[union-attr]
        seen.update(
            settings=state.settings, service=state.service, address=sockets[0].getsockname()
        )

    monkeypatch.setattr(uvicorn.Server, "run", run)
    monkeypatch.setattr(cli, "configure_logging", lambda level: None)
    yield seen
    if seen:
        with closing(seen["service"]) as service:
            assert isinstance(service, TaskService)


def test_the_version_is_printed(command: Command) -> None:
    assert command("--version").stdout.strip() == __version__


def test_the_document_is_printed_as_a_file_that_ends_with_its_last_line(command: Command) -> None:
    told = command("openapi").stdout
    assert told == json.dumps(json.loads(told), indent=2) + "\n"
    assert json.loads(told)["info"]["version"] == __version__


def test_new_keys_differ(command: Command) -> None:
    assert command("new-key").stdout != command("new-key").stdout


def test_serve_tells_where_it_listens(command: Command, served: Served) -> None:
    told = command("serve", "--api-only", "--port", "0")
    host, port = served["address"]
    assert told.stdout == f"Listening on http://{host}:{port}\n"
    assert told.stderr == ""


def test_serve_listens_on_the_newer_protocol_too(command: Command, served: Served) -> None:
    told = command("serve", "--api-only", "--host", "::1", "--port", "0")
    assert told.stdout == f"Listening on http://[::1]:{served['address'][1]}\n"


def test_serve_keeps_tasks_where_the_settings_say(
    command: Command, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ENV_PREFIX + "DATA_DIR", "kept/here")
    command("serve", "--api-only", "--port", "0")
    assert Path("kept/here/tasks.db").exists()


def test_options_of_serve_win_over_settings(
    command: Command, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ENV_PREFIX + "HOST", "example.com")
    command("serve", "--api-only", "--host", "127.0.0.1", "--port", "0")
    settings: Settings = served["settings"]
    assert (settings.host, settings.port) == ("127.0.0.1", 0)


def test_serve_serves_the_built_page(
    command: Command, served: Served, page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "PAGE", page)
    assert command("serve", "--port", "0").returncode == 0
    assert served


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_serve_makes_up_keys_for_this_machine(
    command: Command, served: Served, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    monkeypatch.delenv(ENV_PREFIX + "API_KEY_HASHES")
    monkeypatch.delenv(ENV_PREFIX + "ADMIN_KEY_HASHES")
    told = command("serve", "--api-only", "--host", host, "--port", "0")
    made = re.search(r"^User key: (.+)\nAdmin key: (.+)\n", told.stderr, re.MULTILINE)
    assert made
    settings: Settings = served["settings"]
    assert settings.api_key_hashes == (key_hash(made[1]),)
    assert settings.admin_key_hashes == (key_hash(made[2]),)


def test_an_interrupt_ends_the_command_in_order(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(uvicorn.Server, "run", interrupt)
    monkeypatch.setattr(cli, "configure_logging", lambda level: None)
    assert command("serve", "--api-only", "--port", "0").returncode == 0


def test_a_problem_ends_the_command(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise ProblemError(500, "It is broken.", "Mend it.")

    monkeypatch.setattr(cli, "load_settings", fail)
    assert command("serve").returncode != 0
