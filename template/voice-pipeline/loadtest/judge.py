"""Judges whether a run holds the figures of the project and its own baseline."""

import re
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from statistics import fmean
from typing import Final, NamedTuple

from sim import SERVICES

from .result import MEASURES, SPEED, Baseline, Result, percentile

GATES: Final = Path(__file__).parents[1] / ".specify" / "gates" / "gates.py"
WORKERS_FIGURE: Final = "load_workers"
REGRESSION_FIGURE: Final = "regression_percent"
BUDGET_FIGURES: Final = {
    "stt": "stt_first_token_ms",
    "llm": "llm_first_token_ms",
    "tts": "tts_first_token_ms",
    "api": "p95_ms",
}
JUDGES: Final = ("conversations", "baseline", *BUDGET_FIGURES)

NOISE_FLOOR_MS: Final = 15
"""What a median may rise on a busy machine without a cause in the code."""


class Breach(NamedTuple):
    """A sentence on what does not hold, and the measure that it is about."""

    measure: str
    sentence: str


def read_figures() -> dict[str, float]:
    """Ask the gates for the figures; raises a `RuntimeError` when they give none."""
    command = [sys.executable, str(GATES), "figures"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    figures = re.findall(r"^(\w+)\s*=\s*(\d+(?:\.\d+)?)\s*$", answer.stdout, re.MULTILINE)
    if answer.returncode or not figures:
        raise RuntimeError(f"{GATES} gives no figures: {answer.stderr.strip()}")
    return {name: float(value) for name, value in figures}


def available(figures: Mapping[str, float]) -> list[str]:
    """Return the judges whose figures are known."""
    return [name for name in JUDGES if BUDGET_FIGURES.get(name, REGRESSION_FIGURE) in figures]


def budgets(figures: Mapping[str, float]) -> dict[str, float]:
    """Return the budgets (ms) that have a figure."""
    return {name: figures[key] for name, key in BUDGET_FIGURES.items() if key in figures}


def judge(
    result: Result,
    judges: Collection[str],
    figures: Mapping[str, float],
    baseline: Baseline | None,
) -> list[Breach]:
    """Return what the chosen judges find; raises a `ValueError` when they miss the baseline."""
    breaches: list[Breach] = []
    if "conversations" in judges:
        breaches += (Breach("conversations", failure) for failure in result.failures)
    if "baseline" in judges:
        if baseline is None:
            raise ValueError("There is no baseline; record one with --record-baseline.")
        breaches += _regressions(result, baseline, figures[REGRESSION_FIGURE])
    for name in BUDGET_FIGURES:
        if name in judges:
            breaches += _over_budget(result, name, figures[BUDGET_FIGURES[name]])
    if "tts" in judges and result.of(SPEED) and min(result.of(SPEED)) <= 1:
        breaches.append(Breach("tts", "TTS: a reply's audio comes no faster than real time."))
    return breaches


def _regressions(result: Result, baseline: Baseline, percent: float) -> Iterator[Breach]:
    for name in (*SERVICES, "turn"):
        if name not in baseline.median_ms:
            raise ValueError(f"The baseline lacks {name}; record it with --record-baseline.")
        before = baseline.median_ms[name]
        allowed = NOISE_FLOOR_MS + (_other_frames_ms(result, baseline) if name == "turn" else 0)
        limit = before * (1 + percent / 100) + allowed
        if not result.of(name):
            yield Breach(name, f"{name.upper()}: there is no sample to compare with the baseline.")
        elif (median := percentile(result.of(name), 50)) > limit:
            yield Breach(
                name,
                f"{name.upper()}: median {median:.0f} ms is over {limit:.0f} ms, the baseline of"
                f" {before:.0f} ms plus {percent:g} % and {allowed} ms"
                f" ({REGRESSION_FIGURE}).",
            )


def _other_frames_ms(result: Result, baseline: Baseline) -> int:
    """Return what a turn may take longer (ms) than in a baseline with frames of another length.

    Each step of a turn waits for whole frames, so that another length moves it by up to a frame.
    """
    recorded = baseline.frame_ms or result.frame_ms
    return 0 if recorded == result.frame_ms else max(recorded, result.frame_ms)


def _over_budget(result: Result, name: str, budget: float) -> Iterator[Breach]:
    figure = BUDGET_FIGURES[name]
    turns = len(result.of("turn")) if name in SERVICES else 0
    wanted, found = max(1, turns), len(result.of(name))
    if found < wanted:
        told = f"{found} samples, and {wanted} or more are needed to hold its budget ({figure})."
        yield Breach(name, f"{name.upper()}: {told}")
    elif (p95 := percentile(result.of(name), 95)) >= budget:
        yield Breach(
            name,
            f"{name.upper()}: p95 {p95:.0f} ms is not below its budget of {budget:g} ms"
            f" ({figure}).",
        )


def table(
    result: Result,
    judges: Collection[str],
    figures: Mapping[str, float],
    baseline: Baseline | None,
    breaches: Collection[Breach],
) -> str:
    """Return an aligned table of all measures; a dash where there is nothing to say."""
    medians = baseline.median_ms if baseline else {}
    breached = {breach.measure for breach in breaches}
    judged = set(judges) | ({*SERVICES, "turn"} if "baseline" in judges else set())
    header = ("service", "mean", "p50", "p90", "p95", "samples", "budget", "baseline", "verdict")
    rows: list[tuple[str, ...]] = [header]
    for name in MEASURES:
        samples = result.of(name)
        percentiles = [fmean(samples) if samples else None]
        percentiles += [percentile(samples, p) if samples else None for p in (50, 90, 95)]
        verdict = "breach" if name in breached else "holds" if name in judged else "-"
        limits = [_ms(budgets(figures).get(name)), _ms(medians.get(name))]
        rows.append((name, *map(_ms, percentiles), str(len(samples)), *limits, verdict))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in rows
    ]
    if speed := result.of(SPEED):
        lines.append(f"Audio of replies comes {min(speed):.1f} times as fast as real time or more.")
    return "\n".join(lines)


def _ms(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f} ms"
