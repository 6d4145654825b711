"""A picture of the latencies of a run: for each measure, which share came within which time."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from matplotlib.figure import Figure

from .result import MEASURES, Baseline, Result

TITLES: Final = {
    "stt": "STT, first token",
    "llm": "LLM, first token",
    "tts": "TTS, first audio",
    "vad": "VAD, end of speech to its event",
    "turn": "Turn, end of speech to first audio",
    "api": "API, health route under load",
}


def draw(
    result: Result, budgets: Mapping[str, float], baseline: Baseline | None, path: Path
) -> None:
    """Write a PNG with a panel for each measure, its budget and its baseline (ms)."""
    medians = baseline.median_ms if baseline else {}
    figure = Figure(figsize=(12, 7), layout="constrained")
    figure.suptitle(f"Latencies of {result.conversations} conversations, {result.workers} callers")
    panels = figure.subplots(2, 3).flat
    for name, panel in zip(MEASURES, panels, strict=False):
        samples = result.of(name)
        panel.set(title=TITLES[name], xlabel="ms", ylabel="share of samples", ylim=(0, 1.02))
        if samples:
            panel.ecdf(samples, color="tab:blue", label=f"measured ({len(samples)} samples)")
        if name in budgets:
            label = f"budget {budgets[name]:g} ms (p95)"
            panel.axvline(budgets[name], color="tab:red", linestyle="--", label=label)
        if name in medians:
            label = f"baseline {medians[name]:.0f} ms (median)"
            panel.axvline(medians[name], color="tab:gray", linestyle=":", label=label)
        panel.axhline(0.95, color="lightgray", linewidth=0.8, zorder=0)
        panel.set_xlim(left=0, right=1.15 * max(panel.get_xlim()[1], 1))
        if panel.get_legend_handles_labels()[1]:
            panel.legend(loc="best", fontsize="small")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=100)
