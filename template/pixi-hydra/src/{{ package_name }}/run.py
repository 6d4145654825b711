"""One profile run, from a configuration to the files of its folder."""

import json
from dataclasses import asdict
from enum import Enum
from pathlib import Path
from statistics import mean
from typing import Any

import torch

from . import costs, hardware, kernels, provenance, report
from .config import Config
from .measure import Latencies, measure, prompts
from .metrics import Metrics, Phase
from .model import build
from .run_id import OUTPUT, REPOSITORY


def profile(config: Config, output: Path) -> Metrics:
    """Measure, and write metrics.json, report.md, roofline.png and trace.json.gz to a folder.

    Parameters
    ----------
    config
        A configuration without misfits.
    output
        An existing folder, below tmp/profile-output.

    Raises
    ------
    ValueError
        The device that the configuration asks for is not there.
    """
    device = hardware.select_device(config)
    peaks = hardware.peaks(config, device)
    model = build(config.model, getattr(torch, config.runtime.dtype.value), device)
    prompt = prompts(config, device)
    latencies = measure(config, model, prompt)
    slowest: list[kernels.Kernel] = []
    if config.profiling.enabled:
        slowest = kernels.top_kernels(config, model, prompt, output / "trace.json.gz")
    prefill, decode = phases(config, latencies, peaks)
    metrics = Metrics(
        **vars(latencies),
        run_id=output.relative_to(OUTPUT).as_posix()
        if output.is_relative_to(OUTPUT)
        else output.name,
        prefill=prefill,
        decode=decode,
        peaks=peaks,
        top_kernels=slowest,
        profiled_tokens=min(config.profiling.new_tokens, config.dataset.new_tokens),
        code=provenance.code(REPOSITORY),
        versions=provenance.versions(),
        environment=provenance.environment(REPOSITORY),
        device=provenance.device(device),
        model=asdict(config.model)
        | {
            "parameters": sum(weights.numel() for weights in model.parameters()),
            "sha256": provenance.digest(model.parameters()),
        },
        data=asdict(config.dataset) | {"sha256": provenance.digest([prompt])},
        config=plain(asdict(config)),
    )
    write(metrics, output)
    return metrics


def phases(config: Config, latencies: Latencies, peaks: hardware.Peaks) -> tuple[Phase, Phase]:
    """Relate prefill and the average decode step to their costs and to the peaks."""
    model, dataset = config.model, config.dataset
    batch, prompt_len = dataset.batch_size, dataset.prompt_len
    element = getattr(torch, config.runtime.dtype.value).itemsize
    # The first and the last step; costs grow linearly between them.
    contexts = (prompt_len + 1, prompt_len + dataset.new_tokens - 1)

    def phase(seconds: float, tokens: int, flops: float, moved: float) -> Phase:
        return Phase(
            tokens_per_s=tokens / seconds,
            flops=flops,
            bytes=moved,
            flops_per_s=flops / seconds,
            flops_per_byte=flops / moved,
            mfu=flops / seconds / peaks.flops_per_s,
            bandwidth_utilisation=moved / seconds / peaks.bytes_per_s,
        )

    return (
        phase(
            latencies.ttft_ms.p50 / 1000,
            batch * prompt_len,
            costs.prefill_flops(model, batch, prompt_len),
            costs.pass_bytes(model, batch, prompt_len, prompt_len, element),
        ),
        phase(
            latencies.tpot_ms.p50 / 1000,
            batch,
            mean(costs.decode_flops(model, batch, context) for context in contexts),
            mean(costs.pass_bytes(model, batch, 1, context, element) for context in contexts),
        ),
    )


def write(metrics: Metrics, output: Path) -> None:
    """Write metrics.json, report.md and roofline.png."""
    text = json.dumps(asdict(metrics), indent=2, allow_nan=False)
    (output / "metrics.json").write_text(text + "\n", encoding="utf-8")
    (output / "report.md").write_text(report.markdown(metrics), encoding="utf-8")
    report.roofline(metrics, output / "roofline.png")


def plain(value: Any) -> Any:  # noqa: ANN401 - JSON is of any type
    """Replace each enumeration member by its name, in keys too."""
    if isinstance(value, dict):
        return {plain(key): plain(item) for key, item in value.items()}
    return value.name if isinstance(value, Enum) else value
