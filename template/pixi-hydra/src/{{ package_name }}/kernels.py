"""Which kernels take the time: one request under torch.profiler, apart from the timed ones."""

from dataclasses import dataclass
from pathlib import Path

from torch import Tensor
from torch.profiler import ProfilerActivity, profile

from .config import Config
from .measure import new_cache, serve
from .model import Decoder


@dataclass(frozen=True, kw_only=True)
class Kernel:
    """One kind of kernel (on the CPU: operator), summed over a request."""

    name: str
    calls: int
    self_ms: float
    share: float


def top_kernels(config: Config, model: Decoder, prompt: Tensor, trace: Path) -> list[Kernel]:
    """Profile one short request and write its trace.

    Parameters
    ----------
    trace
        Where the Chrome trace goes; a name that ends in `.gz` compresses it.

    Returns
    -------
    list[Kernel]
        The most expensive ones by their own time, without what they call; the costliest first.
    """
    on_gpu = prompt.device.type == "cuda"
    activities = [ProfilerActivity.CPU] + [ProfilerActivity.CUDA] * on_gpu
    cache = new_cache(config, model)
    new_tokens = min(config.profiling.new_tokens, config.dataset.new_tokens)
    with profile(activities=activities, acc_events=True) as recorded:
        serve(model, cache, prompt, new_tokens)
    recorded.export_chrome_trace(str(trace))
    kind = "CUDA" if on_gpu else "CPU"
    rows = [
        (row.key, row.count, row.self_device_time_total if on_gpu else row.self_cpu_time_total)
        for row in recorded.key_averages()
        if row.device_type.name == kind
    ]
    total = sum(microseconds for _, _, microseconds in rows) or 1
    rows.sort(key=lambda row: row[2], reverse=True)
    return [
        Kernel(name=name, calls=calls, self_ms=microseconds / 1000, share=microseconds / total)
        for name, calls, microseconds in rows[: config.profiling.top_kernels]
    ]
