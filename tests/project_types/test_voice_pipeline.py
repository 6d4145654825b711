"""`voice-pipeline`: what its README promises, and that each of its gates can fail."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.helpers import gate_results, run
from tests.project_types.canaries import Canary, replace, source
from tests.project_types.python_projects import (
    Proven,
    PythonFor,
    install_as_told,
    source_path,
    start,
    task_results,
    tasks_among,
)

pytestmark = pytest.mark.slow

TYPE = "voice-pipeline"
LOAD = ("voice-load", "stt-budget", "tts-budget", "llm-budget")
SMALL_FRAMES = {"sample_rate_hz": 16000, "frame_samples": 640, "frame_ms": 40}
TIGHT = {"stt_first_token_ms": 90, "tts_first_token_ms": 400, "llm_first_token_ms": 300, "load_workers": 5}


def test_other_figures_hold_in_code_load_test_alerts_and_dashboard(
    files: Path, tmp_path: Path, python_for: PythonFor, promtool: Path
) -> None:
    project = start(files, tmp_path / "acme", TYPE, figures=SMALL_FRAMES | TIGHT | {"slow_callback_ms": 60})
    tasks = ("types", "test", "frames", "realtime-events", "metric-names", *LOAD)
    results = task_results(project, tasks, python_for(project))
    assert {task for task, result in results.items() if result != "pass"} == set()
    check_alerts(project, promtool)


def slower_than_the_baseline(project: Path, _package: str) -> None:
    """An LLM that is well within its budget, and slower than it was."""
    replace(project / "sim/__init__.py", "LLM_MS: Final = 120\n", "LLM_MS: Final = 200\n")


def wrong_samples(project: Path, package: str) -> None:
    """Audio to callers whose samples come one too late: every frame is there, and sounds right to a person."""
    tts = source(project, package, "services/tts.py")
    samples = "np.asarray(samples, dtype=np.float32)"
    replace(tts, samples, f"np.roll({samples}, 1)")


@pytest.mark.parametrize("canary", [slower_than_the_baseline, wrong_samples])
def test_the_load_test_alone_sees_a_regression_and_a_wrong_sound(
    files: Path, tmp_path: Path, python_for: PythonFor, canary: Canary
) -> None:
    project = start(files, tmp_path / "acme", TYPE, package_name="acme")
    canary(project, "acme")
    results = task_results(project, LOAD, python_for(project))
    assert results == dict.fromkeys(LOAD, "pass") | {"voice-load": "fail"}


def test_a_sleep_in_the_receive_loop_is_seen_in_the_source(files: Path, tmp_path: Path, python_for: PythonFor) -> None:
    project = start(files, tmp_path / "acme", TYPE, package_name="acme")
    session = source(project, "acme", "session.py")
    replace(session, "import asyncio\n", "import asyncio\nimport time\n")
    received = "            text = await self._client.receive_text()\n"
    replace(session, received, f"{received}            time.sleep(0.005)\n")
    assert gate_results(
        project, "ASYNC-01", "ASYNC-04", python=python_for(project), PYTHONPATH=source_path(project)
    ) == {
        "ASYNC-01": "fail",
        "ASYNC-04": "fail",
    }


def check_alerts(project: Path, promtool: Path) -> None:
    """Hold that Prometheus takes the configuration, and that its alerts fire where they should and nowhere else."""
    run([promtool, "check", "config", "deploy/prometheus/prometheus.yml"], project)
    run([promtool, "test", "rules", "deploy/prometheus/rules_test.yml"], project)


def test_prometheus_takes_the_alerts_and_compose_its_file(files: Path, tmp_path: Path, promtool: Path) -> None:
    project = start(files, tmp_path / "acme", TYPE)
    check_alerts(project, promtool)
    run(["check-jsonschema", "--builtin-schema", "vendor.compose-spec", "deploy/compose.yaml"], project)
    dashboard = json.loads((project / "deploy/grafana/dashboards/voice.json").read_text(encoding="utf-8"))
    assert len(dashboard["panels"]) > 10


def test_an_alert_that_fires_late_fails_its_test(files: Path, tmp_path: Path, promtool: Path) -> None:
    project = start(files, tmp_path / "acme", TYPE)
    replace(project / "deploy/prometheus/rules.yml", "> 550\n", "> 560\n")
    told = run([promtool, "test", "rules", "deploy/prometheus/rules_test.yml"], project, expect=1)
    assert "TtsLatencyOverBudget" in told.stdout + told.stderr


GROWTH = """
import asyncio, gc, os, sys
from tests.support import call, pipeline, settings_for, simulators

async def converse(address, queue):
    while not queue.empty():
        text = queue.get_nowait()
        async with call(address) as caller:
            await caller.say(text)
            assert (await caller.reply())["status"] == "completed"

async def hold(address, count):
    queue = asyncio.Queue()
    for number in range(count):
        queue.put_nowait(f"call {number:03}")
    await asyncio.gather(*(converse(address, queue) for _ in range(10)))

def resident():
    gc.collect()
    with open("/proc/self/statm") as stat:
        return int(stat.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20

async def main():
    async with simulators() as services, pipeline(settings_for(services)) as address:
        await hold(address, 50)
        before = resident()
        await hold(address, 450)
        print(before, resident())

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_500_conversations_leave_the_memory_where_50_left_it(
    files: Path, tmp_path: Path, python_for: PythonFor
) -> None:
    project = start(files, tmp_path / "acme", TYPE, package_name="acme")
    path = f"{source_path(project)}{os.pathsep}{project}"
    told = run([python_for(project), "-c", GROWTH], project, PYTHONPATH=path)
    before, after = map(float, told.stdout.split())
    assert after - before < 8, f"{before:.1f} MiB after 50 conversations, {after:.1f} MiB after 500"


@contextmanager
def running(command: str, project: Path, awaited: str) -> Iterator[None]:
    """Run a command in the project's environment while the block runs, from when it says that it listens."""
    process = subprocess.Popen(
        ["bash", "-e", "-c", f". .venv/bin/activate\nexec {command}"],
        cwd=project,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        next(line for line in process.stderr if awaited in line)
        yield
    finally:
        process.terminate()
        process.communicate(timeout=30)


@pytest.mark.skipif(sys.platform == "win32", reason="the README's commands are written for a POSIX shell")
def test_the_readmes_commands_install_call_test_and_load(
    files: Path, tmp_path: Path, free_ports: tuple[int, int], proven: Proven
) -> None:
    project = start(files, tmp_path / "acme", TYPE, package_name="acme")
    text = (project / "README.md").read_text(encoding="utf-8")
    install, simulate, use, serve, _compose, test, load, judge = re.findall(
        r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL
    )
    pipeline_port, services_port = free_ports
    (project / ".env").write_text(f"ACME_PORT={pipeline_port}\n", encoding="utf-8")

    def shell(command: str) -> str:
        return run(["bash", "-e", "-c", f". .venv/bin/activate\n{command}"], project).stdout

    install_as_told(project, install)
    with running(f"{simulate.strip()} --port {services_port}", project, "Listening on "):
        url = f"http://127.0.0.1:{pipeline_port}"
        told = shell(use.replace("http://127.0.0.1:8000", url).replace('there"', f'there" --url {url}'))
        assert "you said hello there" in told
        assert '"status":"ok"' in told
        assert "voice_sessions_total" in told
        assert (project / "tmp/reply.wav").read_bytes().startswith(b"RIFF")
        assert "holds" in shell(load.splitlines()[-1].replace("http://127.0.0.1:8000", url).replace("<key>", "any"))
    with running(serve.strip(), project, "Listening on "):
        assert "cannot be reached" in shell(f"curl --silent {url}/v1/health")
    for command in test.splitlines():
        shell(command)
    assert (project / "tmp/loadtest/latency.png").read_bytes().startswith(b"\x89PNG")
    assert "LAT-03" in shell(judge.splitlines()[-1])
    assert run(["git", "status", "--porcelain"], project).stdout == ""
    proven.add(project, TYPE, tasks_among(TYPE, test.splitlines()))
