"""Each judge finds what breaks its promise, and nothing passes without samples."""

from collections.abc import Mapping

import pytest
from loadtest.judge import JUDGES, NOISE_FLOOR_MS, available, judge, read_figures, table
from loadtest.result import MEASURES, Baseline, Result

FIGURES = {
    "stt_first_token_ms": 100.0,
    "llm_first_token_ms": 500.0,
    "tts_first_token_ms": 550.0,
    "p95_ms": 200.0,
    "load_workers": 4.0,
    "regression_percent": 10.0,
}
GOOD = {"stt": 45.0, "llm": 125.0, "tts": 205.0, "vad": 290.0, "turn": 620.0, "api": 8.0}
Changes = Mapping[str, float | None]
NOTHING: Changes = {}


def result(
    changed: Changes = NOTHING, *, failures: tuple[str, ...] = (), frame_ms: int = 80
) -> Result:
    """Return a good run, but for measures with another value (ms) or without samples."""
    values = {**GOOD, **changed}
    samples = {name: () if ms is None else (ms,) * 20 for name, ms in values.items()}
    return Result(workers=4, frame_ms=frame_ms, conversations=8, failures=failures, samples=samples)


def sentences(measured: Result, *judges: str) -> list[str]:
    breaches = judge(measured, judges or JUDGES, FIGURES, Baseline.of(result()))
    return [breach.sentence for breach in breaches]


def test_a_good_run_holds() -> None:
    assert sentences(result()) == []


def test_a_failed_conversation_is_a_breach_in_its_own_words() -> None:
    assert sentences(result(failures=("Caller 1: lost.",))) == ["Caller 1: lost."]


@pytest.mark.parametrize(
    ("service", "budget", "figure"),
    [
        ("stt", 100, "stt_first_token_ms"),
        ("llm", 500, "llm_first_token_ms"),
        ("tts", 550, "tts_first_token_ms"),
        ("api", 200, "p95_ms"),
    ],
)
def test_a_p95_that_reaches_its_budget_is_a_breach(service: str, budget: int, figure: str) -> None:
    assert sentences(result({service: budget}), service) == [
        f"{service.upper()}: p95 {budget} ms is not below its budget of {budget} ms ({figure})."
    ]


@pytest.mark.parametrize("service", ["stt", "llm", "tts"])
def test_a_median_over_the_baseline_is_a_breach_only_beyond_percent_and_noise(
    service: str,
) -> None:
    limit = 1.1 * GOOD[service] + NOISE_FLOOR_MS

    assert sentences(result({service: limit - 1}), "baseline") == []
    [sentence] = sentences(result({service: limit + 1}), "baseline")
    assert sentence.startswith(f"{service.upper()}: median")


@pytest.mark.parametrize(("frame_ms", "more"), [(80, 0), (40, 80), (120, 120)])
def test_a_turn_may_take_a_frame_longer_than_in_a_baseline_with_other_frames(
    frame_ms: int, more: int
) -> None:
    limit = 1.1 * GOOD["turn"] + NOISE_FLOOR_MS + more

    assert sentences(result({"turn": limit - 1}, frame_ms=frame_ms), "baseline") == []
    [sentence] = sentences(result({"turn": limit + 1}, frame_ms=frame_ms), "baseline")
    assert sentence.startswith("TURN: median")


def test_a_baseline_that_names_no_frames_has_those_of_the_run() -> None:
    old = Baseline.of(result()).model_copy(update={"frame_ms": None})
    limit = 1.1 * GOOD["turn"] + NOISE_FLOOR_MS

    assert judge(result({"turn": limit - 1}), ["baseline"], FIGURES, old) == []
    assert judge(result({"turn": limit + 1}), ["baseline"], FIGURES, old)


@pytest.mark.parametrize("name", ["stt", "llm", "tts", "api"])
def test_a_judged_service_without_samples_is_a_breach(name: str) -> None:
    [sentence] = sentences(result({name: None}), name)

    assert ": 0 samples, and" in sentence


def test_a_service_without_samples_breaks_the_baseline() -> None:
    [sentence] = sentences(result({"tts": None}), "baseline")

    assert sentence.startswith("TTS: there is no sample")


def test_only_the_chosen_judges_decide() -> None:
    assert sentences(result({"tts": 900}), "stt", "llm") == []


def test_a_missing_baseline_is_an_error_not_a_pass() -> None:
    with pytest.raises(ValueError, match="record one with --record-baseline"):
        judge(result(), ["baseline"], FIGURES, None)


def test_the_api_is_judged_only_when_its_figure_is_known() -> None:
    without = {name: value for name, value in FIGURES.items() if name != "p95_ms"}

    assert available(FIGURES) == list(JUDGES)
    assert "api" not in available(without)


def test_the_table_has_an_aligned_row_for_each_measure_with_its_verdict() -> None:
    slow, baseline = result({"tts": 560}), Baseline.of(result())
    breaches = judge(slow, JUDGES, FIGURES, baseline)

    lines = table(slow, JUDGES, FIGURES, baseline, breaches).splitlines()

    assert [line.split()[0] for line in lines] == ["service", *MEASURES]
    assert len(set(map(len, lines))) == 1
    assert [line.split()[-1] for line in lines[1:]] == [
        "holds",
        "holds",
        "breach",
        "-",
        "holds",
        "holds",
    ]


def test_the_figures_of_the_project_hold_what_the_judges_need() -> None:
    figures = read_figures()

    assert {"load_workers", "regression_percent", "tts_first_token_ms"} <= set(figures)


def test_a_service_that_some_turns_do_not_name_breaches_its_budget() -> None:
    samples = {"stt": (40.0,), "turn": (600.0, 600.0)}
    partly = Result(workers=4, frame_ms=80, conversations=1, failures=(), samples=samples)
    (sentence,) = sentences(partly, "stt")
    assert "1 samples, and 2 or more" in sentence


def test_speech_that_is_no_faster_than_real_time_breaches() -> None:
    (sentence,) = sentences(result({"speed": 0.9}), "tts")
    assert "no faster than real time" in sentence
