"""The figures of a run."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .hardware import Peaks
from .kernels import Kernel
from .measure import Latencies, Percentiles
from .provenance import Code


@dataclass(frozen=True, kw_only=True)
class Phase:
    """Prefill, or one step of decoding, at its median latency."""

    tokens_per_s: float
    flops: float
    bytes: float
    flops_per_s: float
    flops_per_byte: float
    mfu: float
    bandwidth_utilisation: float

    @property
    def roof_share(self) -> float:
        """Share of what the roofline allows at this intensity: the nearer roof counts."""
        return max(self.mfu, self.bandwidth_utilisation)


@dataclass(frozen=True, kw_only=True)
class Metrics(Latencies):
    """All that metrics.json holds: latencies in ms, rates per second, utilisation from 0 to 1."""

    run_id: str
    prefill: Phase
    decode: Phase
    peaks: Peaks
    top_kernels: Sequence[Kernel]
    profiled_tokens: int
    code: Code
    versions: dict[str, str | None]
    environment: dict[str, str | None]
    device: dict[str, Any]
    model: dict[str, Any]
    data: dict[str, Any]
    config: dict[str, Any]


def summary(metrics: Metrics) -> str:
    """Return a run's main figures in one line."""

    def both(name: str, value: Percentiles) -> str:
        return f"{name} {value.p50:.1f} / {value.p90:.1f} ms"

    return (
        f"{both('TTFT', metrics.ttft_ms)}, {both('TPOT', metrics.tpot_ms)} (p50 / p90), "
        f"{metrics.decode.tokens_per_s:.1f} tokens/s, prefill MFU {metrics.prefill.mfu:.0%}, "
        f"decode bandwidth {metrics.decode.bandwidth_utilisation:.0%}"
    )
