"""Starts the service as people do: in a process of its own, which tests ask over HTTP."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

import httpx2

ROOT: Final = Path(__file__).parents[2]
STARTED: Final = "Listening on "
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Server:
    """A process that serves the API at an address."""

    url: str
    process: "subprocess.Popen[str]"

    def client(self, **headers: str) -> httpx2.Client:
        """Return a client that sends headers, named like `X_API_Key`, with each request."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx2.Client(base_url=self.url, headers=sent, timeout=30)


@contextmanager
def running_server(module: str = "backend") -> Iterator[Server]:
    """Yield a server on a free port, with the settings and in the folder of this test.

    `module` is what Python runs in its place.
    """
    log = Path("server.log")
    with (
        log.open("a", encoding="utf-8") as errors,
        subprocess.Popen(
            [sys.executable, "-m", module, "serve", "--port", "0", "--api-only"],
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as process,
    ):
        try:
            line = process.stdout.readline() if process.stdout else ""
            assert line.startswith(STARTED), log.read_text(encoding="utf-8")
            yield Server(line.removeprefix(STARTED).strip(), process)
        finally:
            process.terminate()


def ask_until(
    ask: Callable[[], Answer],
    is_so: Callable[[Answer], bool],
    within_s: float,
    pause_s: float = 0.05,
) -> Answer:
    """Ask again and again, with pauses as a page makes them, until an answer is as wanted.

    Returns that answer; fails when there is none within a time in seconds.
    """
    deadline = time.monotonic() + within_s
    while not is_so(answer := ask()):
        assert time.monotonic() < deadline, f"still not so after {within_s} s: {answer}"
        time.sleep(pause_s)
    return answer
