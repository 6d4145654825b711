"""`python -m sim` says where it listens, ends cleanly, and refuses what it cannot do."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest
from sim import LLM_MS, STT_MS, TTS_MS
from sim.__main__ import main, parse

ROOT = Path(__file__).parents[3]


def test_a_chosen_service_listens_on_a_free_port_and_ends_on_ctrl_c_without_a_traceback() -> None:
    command = [sys.executable, "-m", "sim", "--services", "llm", "--port", "0"]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        line = process.stdout.readline()
        status = httpx2.get(f"{line.split()[-1]}/v1/models").status_code
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=10)

    assert line.startswith("Simulated llm on http://127.0.0.1:")
    assert (status, rest, errors, process.returncode) == (200, "", "", 0)


def test_the_delays_default_to_the_named_constants() -> None:
    options = parse([])

    assert (options.stt_ms, options.llm_ms, options.tts_ms) == (STT_MS, LLM_MS, TTS_MS)


def test_an_unknown_service_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        parse(["--services", "stt,asr"])

    assert "'asr' is unknown; choose from stt, llm, tts" in capsys.readouterr().err


def test_a_port_in_use_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        monkeypatch.setattr("sys.argv", ["sim", "--services", "stt", "--port", str(port)])

        assert main() == 2

    assert f"Cannot listen on 127.0.0.1:{port}" in capsys.readouterr().err
