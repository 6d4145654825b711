"""The configuration's types; Hydra refuses an override that does not fit them."""

import os
import re
from dataclasses import dataclass, field
from enum import Enum
from functools import cache

from hydra.core.config_store import ConfigStore
from omegaconf import MISSING, DictConfig, MissingMandatoryValue, OmegaConf

from .run_id import OUTPUT, new_run_id


class Device(Enum):
    """Where the model runs."""

    cpu = "cpu"
    cuda = "cuda"


class Precision(Enum):
    """The type of weights, activations and KV cache, by torch's name."""

    float32 = "float32"
    bfloat16 = "bfloat16"
    float16 = "float16"


@dataclass(kw_only=True)
class ModelConfig:
    """Shape of a decoder: pre-norm, rotary positions, grouped-query attention, SwiGLU."""

    name: str = MISSING
    vocab_size: int = MISSING
    num_layers: int = MISSING
    d_model: int = MISSING
    num_heads: int = MISSING
    num_kv_heads: int = MISSING
    d_ff: int = MISSING
    max_seq_len: int = MISSING
    seed: int = 0

    @property
    def head_dim(self) -> int:
        """Width of one attention head."""
        return self.d_model // self.num_heads


@dataclass(kw_only=True)
class DatasetConfig:
    """Random prompts: lengths decide the cost of a dense decoder, words do not."""

    name: str = MISSING
    batch_size: int = MISSING
    prompt_len: int = MISSING
    new_tokens: int = MISSING
    seed: int = 0


@dataclass(kw_only=True)
class RuntimeConfig:
    """Device, precision and how often to measure."""

    device: Device = MISSING
    dtype: Precision = MISSING
    threads: int = MISSING
    warmup: int = MISSING
    repeats: int = MISSING


@dataclass(kw_only=True)
class ProfilingConfig:
    """What the pass under torch.profiler records; timed passes never run under it."""

    enabled: bool = MISSING
    new_tokens: int = 8
    top_kernels: int = 10


@dataclass(kw_only=True)
class HardwareConfig:
    """Peaks that utilisation is measured against; `measured` has none and measures them.

    Tensor-core peaks are dense, without sparsity, and accumulate in float32.
    """

    name: str = MISSING
    device: Device | None = None
    peak_tflops: dict[Precision, float] = field(default_factory=dict)
    bandwidth_gb_per_s: float | None = None
    source: str = MISSING


@dataclass(kw_only=True)
class Config:
    """One profile run."""

    run_id: str = MISSING
    model: ModelConfig = field(default_factory=ModelConfig)
    dataset: DatasetConfig = field(default_factory=DatasetConfig)
    runtime: RuntimeConfig = field(default_factory=RuntimeConfig)
    profiling: ProfilingConfig = field(default_factory=ProfilingConfig)
    hardware: HardwareConfig = field(default_factory=HardwareConfig)


def register() -> None:
    """Make the schema and the resolvers known to Hydra, before it composes anything."""
    ConfigStore.instance().store(name="schema", node=Config)
    OmegaConf.register_new_resolver("new_run_id", cache(new_run_id), replace=True)
    OmegaConf.register_new_resolver("output", lambda: str(OUTPUT), replace=True)


def typed(config: DictConfig) -> Config:
    """Turn a composed configuration into its dataclasses.

    Raises
    ------
    ValueError
        The values fit their types and not each other; the message has one sentence for each misfit.
    """
    try:
        values = OmegaConf.to_object(config)
    except MissingMandatoryValue as error:
        key = error.full_key or "A key"
        raise ValueError(f"{key} has no value; give it one in conf/{key.split('.')[0]}/.") from None
    if not isinstance(values, Config):
        raise TypeError("The configuration was composed without the schema; call register() first.")
    if problems := misfits(values):
        raise ValueError("\n".join(problems))
    return values


def misfits(config: Config) -> list[str]:
    """Say, in one sentence for each, which values make no sense."""
    model, dataset, runtime = config.model, config.dataset, config.runtime
    parts = {"model": model, "dataset": dataset, "runtime": runtime, "profiling": config.profiling}
    found = [
        f"{group}.{name} is {value}; it must be at least {least}."
        for group, part in parts.items()
        for name, value in vars(part).items()
        if type(value) is int and value < (least := 0 if name in ("seed", "warmup") else 1)
    ]
    if found:
        return found
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.-]*", config.run_id):
        found.append(f"run_id is {config.run_id!r}; it must be letters, digits, dots or dashes.")
    if runtime.threads > (cores := os.cpu_count() or 1):
        found.append(f"runtime.threads is {runtime.threads}; this machine has {cores} cores.")
    if max(model.seed, dataset.seed) >= 2**63:
        found.append("A seed is too large; model.seed and dataset.seed must be below 2**63.")
    if dataset.new_tokens < 2:
        found.append(
            "dataset.new_tokens is 1; it must be at least 2, or there is no time per token."
        )
    if model.d_model % model.num_heads or model.head_dim % 2:
        found.append(
            f"model.d_model is {model.d_model}; it must be an even multiple of num_heads "
            f"({model.num_heads})."
        )
    if model.num_heads % model.num_kv_heads:
        found.append(
            f"model.num_heads is {model.num_heads}; it must be a multiple of num_kv_heads "
            f"({model.num_kv_heads})."
        )
    if (longest := dataset.prompt_len + dataset.new_tokens) > model.max_seq_len:
        found.append(
            f"dataset.prompt_len and new_tokens are {longest} tokens together; "
            f"model.max_seq_len allows {model.max_seq_len}."
        )
    return found + _hardware_misfits(config)


def _hardware_misfits(config: Config) -> list[str]:
    hardware, runtime = config.hardware, config.runtime
    if hardware.device is None:
        return []
    if hardware.device != runtime.device:
        return [
            f"hardware={hardware.name!r} has the peaks of a {hardware.device.value} device and "
            f"runtime.device is {runtime.device.value}; use hardware=measured."
        ]
    peaks = (hardware.peak_tflops.get(runtime.dtype), hardware.bandwidth_gb_per_s)
    if not all(peak is not None and peak > 0 for peak in peaks):
        return [
            f"hardware={hardware.name!r} has no peak for {runtime.dtype.value}; "
            "use hardware=measured."
        ]
    return []
