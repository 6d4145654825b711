"""The simulators and the pipeline, each a process of its own for the time of a run."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final

from sim import PIPELINE, SERVICES

START_S: Final = 20
STOP_S: Final = 10
LISTENING: Final = "Listening on "


class StartError(Exception):
    """A process that does not start; the message is a sentence."""


@asynccontextmanager
async def stack(delays_ms: Mapping[str, float]) -> AsyncIterator[str]:
    """Start both, yield the URL of the pipeline, and stop both whatever happens."""
    delays = [part for name in SERVICES for part in (f"--{name}-ms", str(delays_ms[name]))]
    options = ["--services", ",".join(SERVICES), "--port", "0", *delays]
    async with _process("sim", *options, stdout=PIPE) as simulators:
        async with _starting("sim"):
            services = await _simulators_url(simulators)
        variables = {
            "HOST": "127.0.0.1",
            "PORT": "0",
            "API_KEYS": "",
            "LOG_LEVEL": "INFO",
            "STT_URL": services.replace("http", "ws", 1),
            "LLM_URL": services,
            "TTS_URL": services.replace("http", "ws", 1),
        }
        prefix = f"{PIPELINE.upper()}_"
        others = {name: value for name, value in os.environ.items() if not name.startswith(prefix)}
        environment = others | {prefix + name: value for name, value in variables.items()}
        async with _process(PIPELINE, stderr=PIPE, environment=environment) as pipeline:
            async with _starting(PIPELINE):
                url = await _pipeline_url(pipeline)
            draining = asyncio.create_task(_drain(pipeline))
            try:
                yield url
            finally:
                draining.cancel()


@asynccontextmanager
async def _process(
    module: str,
    *options: str,
    stdout: int | None = None,
    stderr: int | None = None,
    environment: Mapping[str, str] | None = None,
) -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        *options,
        stdout=stdout,
        stderr=stderr,
        env=environment,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), STOP_S)
            except TimeoutError:
                process.kill()


@asynccontextmanager
async def _starting(module: str) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(START_S):
            yield
    except TimeoutError:
        raise StartError(f"{module} does not listen within {START_S} s.") from None


async def _simulators_url(process: Process) -> str:
    assert process.stdout
    line = (await process.stdout.readline()).decode()
    if not line:
        raise StartError("The simulators end before they listen; see their message above.")
    return line.split()[-1]


async def _pipeline_url(process: Process) -> str:
    assert process.stderr
    last = ""
    async for raw in process.stderr:
        last = raw.decode().strip() or last
        if LISTENING in last:
            message: str = json.loads(last)["message"]
            return message.removeprefix(LISTENING)
    raise StartError(f"The pipeline ends before it listens: {last}")


async def _drain(process: Process) -> None:
    """Read the log, so that no full pipe holds the pipeline up, and show all but information."""
    assert process.stderr
    async for line in process.stderr:
        if b'"level": "INFO"' not in line:
            sys.stderr.buffer.write(line)
