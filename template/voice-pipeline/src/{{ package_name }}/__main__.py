"""Serves the pipeline: `python -m` with the package's name, or its console script."""

import argparse
import logging
import socket
import sys

import uvicorn
from fastapi import FastAPI

from . import __doc__ as about
from .app import create_app
from .config import ENV_PREFIX, Settings, SettingsError, load_settings
from .json_logs import configure_logging

MAX_EVENT_BYTES = 2**20
"""The largest event that a client may send, about 16 s of audio."""

logger = logging.getLogger(__name__)


def listen(settings: Settings) -> socket.socket:
    """Return a socket that listens; raises a `SettingsError` when the address is taken or wrong."""
    try:
        family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
        return socket.create_server((settings.host, settings.port), family=family, backlog=512)
    except OSError as error:
        place = f"{settings.host}, port {settings.port}"
        remedy = f"Stop what listens there, or set {ENV_PREFIX}HOST and {ENV_PREFIX}PORT."
        raise SettingsError(f"Cannot listen on {place}: {error.strerror}. {remedy}") from error


def server_config(app: FastAPI) -> uvicorn.Config:
    """Return how the application is served: limited messages, no compression, our own logs."""
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        ws="websockets-sansio",
        ws_max_size=MAX_EVENT_BYTES,
        # Audio does not shrink, and compressing it takes time from every other caller.
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=5,
    )


def serve(settings: Settings) -> None:
    """Serve until a signal ends the process; raises a `SettingsError` before it listens."""
    with listen(settings) as listening:
        host, port = listening.getsockname()[:2]
        address = f"[{host}]" if ":" in host else host

        def tell() -> None:
            logger.info("Listening on http://%s:%s", address, port)

        config = server_config(create_app(settings, tell))
        uvicorn.Server(config).run(sockets=[listening])


def main() -> None:
    """Read the command line and the settings, and serve; ends with 1 when a setting is wrong."""
    parser = argparse.ArgumentParser(prog=f"python -m {__package__}", description=about)
    parser.epilog = f"Settings come from {ENV_PREFIX}* in the environment and .env; see README.md."
    parser.parse_args()
    try:
        settings = load_settings()
        configure_logging(settings.log_level)
        serve(settings)
    except SettingsError as error:
        sys.exit(f"Error: {error}")


if __name__ == "__main__":
    main()
