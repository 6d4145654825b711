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
from backend.schemas import SETTINGS_FILE, load_inference_settings
from backend.storage import locked
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


def refused(told: CompletedProcess[str]) -> str:
    """Return what a command that ended with two sentences told."""
    assert told.returncode != 0
    assert re.fullmatch(r"Error: .+\.\nRemedy: .+\.\n", told.stderr)
    return told.stderr


@pytest.fixture
def inference_file(monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of inference_settings.json, which `serve` reads in its place."""
    file = Path("changed.json").absolute()
    file.write_bytes(SETTINGS_FILE.read_bytes())
    monkeypatch.setattr(cli, "load_inference_settings", lambda: load_inference_settings(file))
    return file


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"poll_interval_s": 0}, "poll_interval_s"),
        ({"misspelt": 1}, "misspelt"),
        ({"api": None}, "api"),
        ({"models": {}}, "models"),
    ],
)
def test_serve_names_a_wrong_field_of_the_inference_settings(
    command: Command, inference_file: Path, change: dict[str, object], field: str
) -> None:
    settings = json.loads(inference_file.read_bytes()) | change
    inference_file.write_text(json.dumps(settings), encoding="utf-8")
    told = refused(command("serve", "--api-only", "--port", "0"))
    assert f"{SETTINGS_FILE.name} is not valid, {field}: " in told


@pytest.mark.parametrize("content", [b'{"poll_interval_s": 3,', b"\xff", None])
def test_serve_names_inference_settings_that_are_no_json(
    command: Command, inference_file: Path, content: bytes | None
) -> None:
    inference_file.unlink()
    if content is not None:
        inference_file.write_bytes(content)
    assert SETTINGS_FILE.name in refused(command("serve", "--api-only", "--port", "0"))


def test_serve_names_a_model_that_nobody_wrote(command: Command, inference_file: Path) -> None:
    settings = json.loads(inference_file.read_bytes())
    settings["models"]["unwritten"] = next(iter(settings["models"].values()))
    inference_file.write_text(json.dumps(settings), encoding="utf-8")
    assert "models.unwritten: " in refused(command("serve", "--api-only", "--port", "0"))


def test_serve_leaves_a_folder_that_another_server_uses(command: Command) -> None:
    with locked(Path("data")):
        told = refused(command("serve", "--api-only", "--port", "0"))
    assert "Another server" in told
    assert ENV_PREFIX + "DATA_DIR" in told
    assert not Path("data/tasks.db").exists()


def test_serve_holds_its_folder_while_it_runs(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(server: uvicorn.Server, sockets: list[socket.socket]) -> None:
        with pytest.raises(BlockingIOError), locked(Path("data")):
            pass
        server.config.app.state.service.close()  # type: ignore[union-attr]

    monkeypatch.setattr(uvicorn.Server, "run", run)
    monkeypatch.setattr(cli, "configure_logging", lambda level: None)
    assert command("serve", "--api-only", "--port", "0").returncode == 0


def test_serve_tells_what_to_do_with_broken_tasks(command: Command) -> None:
    Path("data").mkdir()
    Path("data/tasks.db").write_bytes(b"broken" * 1000)
    assert "tasks.db from a copy" in refused(command("serve", "--api-only", "--port", "0"))


def test_a_second_server_on_a_busy_port_is_sent_to_another_folder_too(command: Command) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        told = refused(command("serve", "--port", str(busy.getsockname()[1]), "--api-only"))
    assert ENV_PREFIX + "DATA_DIR" in told


@pytest.mark.parametrize("host", ["name.invalid", "192.0.2.1"])
def test_a_host_that_is_not_this_machine_is_not_called_busy(command: Command, host: str) -> None:
    told = refused(command("serve", "--api-only", "--host", host, "--port", "0"))
    assert "address of this machine" in told
    assert "Stop what" not in told
