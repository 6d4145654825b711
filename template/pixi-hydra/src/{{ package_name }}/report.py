"""What a person reads of a run: a page and a roofline plot."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from .metrics import Metrics


def markdown(metrics: Metrics) -> str:
    """Return the report of a run as a Markdown page."""
    code, device = metrics.code, metrics.device
    state = " with uncommitted changes" if code["dirty"] else ""
    rows = [
        (name, f"{value.p50:.2f}", f"{value.p90:.2f}")
        for name, value in (
            ("TTFT (ms)", metrics.ttft_ms),
            ("TPOT (ms)", metrics.tpot_ms),
            ("ITL (ms)", metrics.itl_ms),
            ("E2EL (ms)", metrics.e2el_ms),
        )
    ]
    peaks = metrics.peaks
    lines = [
        f"# Profile {metrics.run_id}",
        "",
        f"Model `{metrics.model['name']}`, {metrics.model['parameters'] / 1e6:.1f} M parameters, "
        f"{metrics.config['runtime']['dtype']}, on {device['name']} ({device['type']}, "
        f"threads: {device['threads']}); batch {metrics.data['batch_size']}, prompt "
        f"{metrics.data['prompt_len']}, {metrics.data['new_tokens']} new tokens. Code: "
        f"{code['commit'] or 'no commit'}{state}.",
        "",
        *table(("Latency", "p50", "p90"), rows),
        "",
        *table(
            ("Phase", "Tokens/s", "GFLOP/s", "MFU", "Bandwidth use"),
            [
                (
                    name,
                    f"{phase.tokens_per_s:.1f}",
                    f"{phase.flops_per_s / 1e9:.1f}",
                    f"{phase.mfu:.1%}",
                    f"{phase.bandwidth_utilisation:.1%}",
                )
                for name, phase in (("prefill", metrics.prefill), ("decode", metrics.decode))
            ],
        ),
        "",
        f"Peaks: {peaks.flops_per_s / 1e9:.1f} GFLOP/s and {peaks.bytes_per_s / 1e9:.1f} GB/s "
        f"({peaks.source}).",
        "",
        "![Roofline](roofline.png)",
    ]
    if metrics.top_kernels:
        lines += ["", f"Top kernels of {metrics.profiled_tokens} tokens:", ""]
        lines += table(
            ("Kernel", "Calls", "Self (ms)", "Share"),
            [
                (
                    f"`{kernel.name}`",
                    str(kernel.calls),
                    f"{kernel.self_ms:.2f}",
                    f"{kernel.share:.1%}",
                )
                for kernel in metrics.top_kernels
            ],
        )
    return "\n".join(lines) + "\n"


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Return the lines of a Markdown table whose columns, but for the first, are figures."""
    lines = ["| " + " | ".join(head) + " |", "|---" + "|---:" * (len(head) - 1) + "|"]
    return lines + [
        "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows
    ]


def roofline(metrics: Metrics, path: Path) -> None:
    """Draw both phases under the roofs of compute and bandwidth, both axes logarithmic."""
    peaks = metrics.peaks
    ridge = peaks.flops_per_s / peaks.bytes_per_s
    points = {"prefill": metrics.prefill, "decode": metrics.decode}
    intensities = [phase.flops_per_byte for phase in points.values()]
    x = np.geomspace(min([*intensities, ridge]) / 4, max([*intensities, ridge]) * 4, 200)
    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.subplots()
    axes.loglog(x, np.minimum(x * peaks.bytes_per_s, peaks.flops_per_s) / 1e9, color="black")
    axes.axvline(ridge, color="grey", linewidth=0.8, linestyle=":")
    axes.annotate(
        f"ridge {ridge:.1f} FLOP/byte",
        (ridge, axes.get_ylim()[0]),
        xytext=(-4, 4),
        textcoords="offset points",
        ha="right",
        color="grey",
    )
    for (name, phase), marker in zip(points.items(), "os", strict=True):
        bound = "compute" if phase.flops_per_byte > ridge else "bandwidth"
        axes.plot(
            phase.flops_per_byte,
            phase.flops_per_s / 1e9,
            marker,
            label=f"{name}: {phase.roof_share:.0%} of the {bound} roof",
        )
    axes.set(
        xlabel="arithmetic intensity (FLOP/byte)",
        ylabel="GFLOP/s",
        title=f"{metrics.model['name']} on {metrics.device['name']}",
    )
    axes.grid(visible=True, which="both", linewidth=0.3)
    axes.legend(loc="lower right")
    figure.savefig(path, dpi=150)
