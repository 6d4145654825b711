"""`python -m sim`: the simulated services, and the pipeline on top of them."""

import argparse
import asyncio
import os
import signal
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import uvicorn

from . import LLM_MS, PIPELINE, SERVICES, STT_MS, TTS_MS
from .app import create_app

GRACE_S: Final = 10
"""How long the pipeline may take to end before it is killed."""


class _Server(uvicorn.Server):
    """Leaves the signals to us: the services outlive the pipeline that uses them."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _services(value: str) -> list[str]:
    chosen = value.split(",")
    if unknown := sorted(set(chosen) - set(SERVICES)):
        known = ", ".join(SERVICES)
        raise argparse.ArgumentTypeError(f"{', '.join(unknown)!r} is unknown; choose from {known}")
    return chosen


def parse(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the options; wrong ones end the process with status 2."""
    parser = argparse.ArgumentParser(prog="python -m sim", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8089, help="0: a free one (%(default)s)")
    parser.add_argument("--services", type=_services, help="only these, without the pipeline")
    parser.add_argument("--stt-ms", type=float, default=STT_MS, help="for a frame (%(default)s)")
    parser.add_argument("--llm-ms", type=float, default=LLM_MS, help="to a word (%(default)s)")
    parser.add_argument("--tts-ms", type=float, default=TTS_MS, help="to audio (%(default)s)")
    return parser.parse_args(argv)


async def _run_pipeline(address: str, stop: asyncio.Event) -> int:
    """Run the pipeline until it ends or must stop; return its status, 0 when it had to stop."""
    prefix = f"{PIPELINE.upper()}_"
    urls = {"STT_URL": f"ws://{address}", "LLM_URL": f"http://{address}"}
    urls["TTS_URL"] = urls["STT_URL"]
    environment = os.environ | {prefix + name: url for name, url in urls.items()}
    child = await asyncio.create_subprocess_exec(sys.executable, "-m", PIPELINE, env=environment)
    stopped = asyncio.create_task(stop.wait())
    ended = asyncio.create_task(child.wait())
    await asyncio.wait({stopped, ended}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if ended.done():
        return ended.result()
    child.terminate()
    try:
        await asyncio.wait_for(ended, GRACE_S)
    except TimeoutError:
        child.kill()
    return 0


async def _serve(options: argparse.Namespace, listener: socket.socket) -> int:
    stop = asyncio.Event()
    if sys.platform != "win32":  # where Ctrl-C alone ends a process
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
    services = options.services or SERVICES
    delays = {name: getattr(options, f"{name}_ms") for name in SERVICES}
    server = _Server(
        uvicorn.Config(
            create_app(services, delays),
            log_level="warning",
            lifespan="off",
            ws_per_message_deflate=False,
            timeout_graceful_shutdown=1,
        )
    )
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    address = f"{options.host}:{listener.getsockname()[1]}"
    print(f"Simulated {', '.join(services)} on http://{address}", flush=True)
    status = 0
    if options.services:
        await stop.wait()
    else:
        status = await _run_pipeline(address, stop)
    server.should_exit = True
    await serving
    return status


def main() -> int:
    """Run until Ctrl-C or, with the pipeline, until it ends; return the exit status."""
    options = parse()
    try:
        listener = socket.create_server((options.host, options.port))
    except OSError as problem:
        where = f"{options.host}:{options.port}"
        print(f"Cannot listen on {where}: {problem.strerror}.", file=sys.stderr)
        return 2
    try:
        return asyncio.run(_serve(options, listener))
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    sys.exit(main())
