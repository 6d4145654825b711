"""`python -m loadtest` decides by its exit status and says why in sentences."""

from pathlib import Path

import pytest
from loadtest import __main__ as program
from loadtest.result import Baseline, Result
from loadtest.stack import StartError

FIGURES = {
    "stt_first_token_ms": 100.0,
    "llm_first_token_ms": 500.0,
    "tts_first_token_ms": 550.0,
    "load_workers": 4.0,
    "regression_percent": 10.0,
}


def run(*, tts: float = 205, failures: tuple[str, ...] = (), samples: int = 20) -> Result:
    values = {"stt": 45.0, "llm": 125.0, "tts": tts, "turn": 620.0, "api": 8.0}
    return Result(
        workers=4,
        frame_ms=80,
        conversations=8,
        failures=failures,
        samples={name: (ms,) * samples for name, ms in values.items()},
    )


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a folder of its own, with figures and a baseline that are known."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(program, "read_figures", lambda: FIGURES)
    monkeypatch.setattr(program, "BASELINE", tmp_path / "baseline.json")
    Baseline.of(run()).write(tmp_path / "baseline.json")
    return tmp_path


def judge_saved(measured: Result, *options: str) -> int:
    measured.write(Path("saved.json"))
    return program.main(["--from", "saved.json", *options])


def test_a_good_run_exits_0_with_a_picture(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def measure(*_: object) -> Result:
        return run()

    monkeypatch.setattr(program, "_measure", measure)
    assert program.main([]) == 0
    assert (project / "tmp/loadtest/latency.png").read_bytes().startswith(b"\x89PNG")


def test_a_breach_exits_1_and_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert judge_saved(run(tts=560)) == 1
    sentence = "TTS: p95 560 ms is not below its budget of 550 ms (tts_first_token_ms)."
    assert sentence in capsys.readouterr().out


def test_a_breach_that_no_chosen_judge_looks_at_does_not_decide() -> None:
    assert judge_saved(run(tts=560), "--judge", "stt", "--judge", "llm") == 0


def test_a_failed_conversation_exits_1() -> None:
    assert judge_saved(run(failures=("Caller 1: lost.",))) == 1


def test_a_run_without_samples_exits_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert judge_saved(run(samples=0)) == 2
    assert "There are no samples to judge." in capsys.readouterr().err


def test_a_judge_without_its_figure_exits_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert judge_saved(run(), "--judge", "api") == 2
    assert "The figure for the judge api is unknown." in capsys.readouterr().err


def test_fewer_workers_than_the_figure_exit_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["--workers", "3"]) == 2
    assert "3 workers are fewer than the 4 of load_workers." in capsys.readouterr().err


def test_a_missing_result_exits_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["--from", "absent.json"]) == 2
    assert "absent.json" in capsys.readouterr().err


def test_a_stale_result_is_gone_when_the_run_cannot_start(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: object) -> Result:
        raise StartError("It does not start.")

    monkeypatch.setattr(program, "_measure", refuse)
    run().write(project / "stale.json")

    assert program.main(["--result", "stale.json"]) == 2
    assert not (project / "stale.json").exists()


def test_a_good_run_can_become_the_baseline(project: Path) -> None:
    assert judge_saved(run(tts=300)) == 1
    assert judge_saved(run(tts=300), "--record-baseline") == 0
    assert Baseline.read(project / "baseline.json").median_ms["tts"] == 300


def test_a_run_with_a_failure_never_becomes_the_baseline(project: Path) -> None:
    failed = run(tts=300, failures=("Caller 1: lost.",))

    assert judge_saved(failed, "--record-baseline") == 1
    assert Baseline.read(project / "baseline.json").median_ms["tts"] == 205
