"""The commands."""

import errno
import ipaddress
import json
import secrets
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Annotated, Final

import typer
import uvicorn
from pydantic import ValidationError

from . import __version__
from .app import create_app, openapi_document
from .config import ENV_PREFIX, Settings, load_settings
from .executor import LocalExecutor
from .lib.json_logs import configure_logging
from .lib.problems import ProblemError
from .models import MODELS
from .schemas import SETTINGS_FILE, InferenceSettings, load_inference_settings
from .storage import Store, locked
from .tasks import TaskService
from .web.security import key_hash

PAGE: Final = Path(__file__).parent.parent / "dist"

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Generate pictures.")


def main() -> None:
    """Run the command line; a problem goes to standard error and ends it with status 1."""
    try:
        app()
    except ProblemError as problem:
        typer.echo(f"Error: {problem.detail}", err=True)
        typer.echo(f"Remedy: {problem.remedy}", err=True)
        raise SystemExit(1) from None


@app.callback(invoke_without_command=True)
def version(
    show: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    """Generate pictures."""
    if show:
        typer.echo(__version__)
        raise typer.Exit


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")
    ] = None,
    api_only: Annotated[
        bool, typer.Option("--api-only", help="Serve no page, as `npm run dev` does it.")
    ] = False,
) -> None:
    """Start the API and the page. Without keys in the settings, two are made up for this run."""
    chosen = {"host": host, "port": port}
    settings = load_settings().model_copy(
        update={name: value for name, value in chosen.items() if value is not None}
    )
    if not settings.api_key_hashes:
        _refuse_the_network(settings.host)
    page = None if api_only else _built_page()
    with (
        _listening_socket(settings.host, settings.port) as listening,
        _task_service(settings.data_dir) as service,
    ):
        if not settings.api_key_hashes:
            settings = _with_keys_for_this_run(settings)
        configure_logging(settings.log_level)
        application = create_app(settings, service, page)
        config = uvicorn.Config(application, log_config=None, access_log=False, server_header=False)
        typer.echo(f"Listening on {_address(settings.host, listening)}")
        # The server has stopped in order when the interrupt of a person at a terminal gets here.
        with suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[listening])


@app.command()
def new_key() -> None:
    """Print a new random key, and its SHA-256 for the settings."""
    key = _random_key()
    typer.echo(f"Key: {key}")
    typer.echo(f"SHA-256: {key_hash(key)}")


@app.command()
def openapi() -> None:
    """Print the OpenAPI document."""
    typer.echo(json.dumps(openapi_document(), indent=2))


def _random_key() -> str:
    return secrets.token_urlsafe(32)


def _refuse_the_network(host: str) -> None:
    if not _is_loopback(host):
        raise ProblemError(
            401,
            f"No key is configured, so the service cannot be opened to the network ({host}).",
            f"Set {ENV_PREFIX}API_KEY_HASHES to the SHA-256 of a key that new-key prints.",
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _with_keys_for_this_run(settings: Settings) -> Settings:
    user, admin = _random_key(), _random_key()
    typer.echo("No key is configured. These open the service until it stops:", err=True)
    typer.echo(f"User key: {user}", err=True)
    typer.echo(f"Admin key: {admin}", err=True)
    hashes = {
        "api_key_hashes": (key_hash(user),),
        "admin_key_hashes": (*settings.admin_key_hashes, key_hash(admin)),
    }
    return settings.model_copy(update=hashes)


def _built_page() -> Path:
    if not (PAGE / "index.html").is_file():
        raise ProblemError(
            500,
            f"The page is not built: there is no {PAGE / 'index.html'}.",
            "Build it with `npm run build`, or serve the API without it with --api-only.",
        )
    return PAGE


def _listening_socket(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        remedy = (
            "Stop what listens there, or choose another with --host and --port; a second server"
            f" needs a folder of its own in {ENV_PREFIX}DATA_DIR, too."
            if error.errno == errno.EADDRINUSE
            else "Choose an address of this machine with --host, or another port with --port."
        )
        raise ProblemError(
            500, f"The service cannot listen on {host}, port {port}: {error.strerror}.", remedy
        ) from error


def _address(host: str, listening: socket.socket) -> str:
    port = listening.getsockname()[1]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _inference_settings() -> InferenceSettings:
    file = SETTINGS_FILE.name
    try:
        settings = load_inference_settings()
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(map(str, first["loc"])) or "the whole file"
        reason = first["msg"].removeprefix("Value error, ")
        raise ProblemError(
            500, f"{file} is not valid, {field}: {reason}.", f"Correct {file}."
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ProblemError(
            500, f"{file} cannot be read: {error}.", f"Bring back {file}, as text in UTF-8."
        ) from error
    unknown = sorted(settings.models.keys() - MODELS.keys())
    if unknown:
        raise ProblemError(
            500,
            f"{file} is not valid, models.{unknown[0]}: there is no such model.",
            f"Add it to MODELS in backend/models/__init__.py, or remove it from {file}.",
        )
    return settings


@contextmanager
def _task_service(folder: Path) -> Iterator[TaskService]:
    inference = _inference_settings()
    with ExitStack() as held:
        with _explaining(folder):
            # Two servers would take each other's tasks for interrupted ones.
            held.enter_context(locked(folder))
            store = Store(folder)
        yield TaskService(store, LocalExecutor(inference), inference)


@contextmanager
def _explaining(folder: Path) -> Iterator[None]:
    try:
        yield
    except BlockingIOError as error:
        raise ProblemError(
            500,
            f"Another server keeps its tasks in the folder {folder}.",
            f"Stop it, or set {ENV_PREFIX}DATA_DIR to another folder.",
        ) from error
    except (OSError, sqlite3.Error) as error:
        # SQLite's errors of a broken file are of no class of their own.
        remedy = (
            f"Bring back its tasks.db from a copy, or set {ENV_PREFIX}DATA_DIR to another folder."
            if type(error) is sqlite3.DatabaseError
            else f"Set {ENV_PREFIX}DATA_DIR to a folder that this user can write."
        )
        raise ProblemError(
            500, f"The folder {folder} cannot keep tasks: {error}.", remedy
        ) from error
