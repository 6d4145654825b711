"""The commands."""

import ipaddress
import secrets
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Annotated

import typer
import uvicorn
from pydantic import SecretStr

from .. import __version__
from ..api.app import create_app
from ..lib.json_logs import configure_logging
from ..lib.problems import ProblemError
from ..lib.settings import ENV_PREFIX, Settings, load_settings
from ..services.database import open_database
from ..services.links import LinkService

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Shorten links.")


def main() -> None:
    """Run the command line; a problem goes to standard error and ends it with status 1."""
    try:
        app()
    except ProblemError as problem:
        typer.echo(f"Error: {problem.detail}", err=True)
        typer.echo(f"Remedy: {problem.remedy}", err=True)
        raise SystemExit(1) from None


@contextmanager
def _links(settings: Settings | None = None) -> Iterator[LinkService]:
    settings = settings or load_settings()
    engine = open_database(settings.database_url)
    with closing(LinkService(engine, settings.public_url)) as links:
        yield links


def _with_development_key(settings: Settings) -> Settings:
    if not _is_loopback(settings.host):
        raise ProblemError(
            401,
            f"There is no API key, so the service cannot be opened to the network "
            f"({settings.host}).",
            f"Set {ENV_PREFIX}API_KEYS to a key that the command new-key prints.",
        )
    key = secrets.token_urlsafe(32)
    typer.echo(f"{ENV_PREFIX}API_KEYS is not set. API key until this server stops: {key}", err=True)
    return settings.model_copy(update={"api_keys": (SecretStr(key),)})


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _check_that_it_is_free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        raise ProblemError(
            500,
            f"The service cannot listen on {host}, port {port}: {error.strerror}.",
            "Stop what listens there, or choose another with --host and --port.",
        ) from error


@app.callback(invoke_without_command=True)
def version(
    show: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    """Shorten links."""
    if show:
        typer.echo(__version__)
        raise typer.Exit


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")
    ] = None,
) -> None:
    """Start the HTTP API. Without a key in the settings, one is made up for this run."""
    chosen = {"host": host, "port": port}
    settings = load_settings().model_copy(
        update={name: value for name, value in chosen.items() if value is not None}
    )
    if not settings.api_keys:
        settings = _with_development_key(settings)
    _check_that_it_is_free(settings.host, settings.port)
    configure_logging(settings.log_level)
    with _links(settings) as links:
        uvicorn.run(
            create_app(settings, links),
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            server_header=False,
        )


@app.command()
def add(
    url: Annotated[str, typer.Argument(help="The address to shorten.")],
    slug: Annotated[str | None, typer.Option(help="The wanted end of the short address.")] = None,
) -> None:
    """Shorten an address and print the short one."""
    with _links() as links:
        typer.echo(links.short_url(links.add(url, slug).slug))


@app.command("list")
def list_links(
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many to print at most.")] = 50,
    after: Annotated[str, typer.Option(help="Print those that come after this slug.")] = "",
) -> None:
    """Print slug, visits and address of each link, separated by tabs."""
    with _links() as links:
        found = links.page(limit, after)
    for link in found:
        typer.echo(f"{link.slug}\t{link.visits}\t{link.url}")
    if len(found) == limit:
        typer.echo(f"There may be more: add --after {found[-1].slug}", err=True)


@app.command()
def remove(slug: Annotated[str, typer.Argument(help="The end of the short address.")]) -> None:
    """Delete a link."""
    with _links() as links:
        links.remove(slug)


@app.command()
def new_key() -> None:
    """Print a new random API key."""
    typer.echo(secrets.token_urlsafe(32))
