"""What the device can do at most: published figures, or figures measured on the spot."""

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

import torch

from .config import Config
from .gpu import verdict

GEMM_SIZE = {"cpu": 1024, "cuda": 8192}
COPY_BYTES = {"cpu": 2**27, "cuda": 2**31}


@dataclass(frozen=True, kw_only=True)
class Peaks:
    """What utilisation is measured against."""

    flops_per_s: float
    bytes_per_s: float
    source: str


def select_device(config: Config) -> torch.device:
    """Return the device of the configuration, and fix the number of threads.

    Raises
    ------
    ValueError
        CUDA is asked for and cannot be used, or the peaks are those of another GPU.
    """
    torch.set_num_threads(config.runtime.threads)
    kind = config.runtime.device.value
    if kind == "cuda":
        if not torch.cuda.is_available():
            raise ValueError(
                "runtime.device is cuda and torch sees no GPU; run in the GPU environment on a "
                "machine that has one, or use runtime=cpu. scripts/check_gpu.py says more."
            )
        capability = torch.cuda.get_device_capability()
        problem = verdict(torch.version.cuda, capability, torch.cuda.get_arch_list())
        if problem is not None:
            raise ValueError(problem)
        name = torch.cuda.get_device_name()
        if config.hardware.device is not None and config.hardware.name != name:
            raise ValueError(
                f"hardware has the peaks of {config.hardware.name!r} and this GPU is {name!r}; "
                "use hardware=measured or add a file to conf/hardware/."
            )
    return torch.device(kind)


def clock(device: torch.device) -> float:
    """Return the time in seconds when all work that was given to the device is done."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return perf_counter()


def peaks(config: Config, device: torch.device) -> Peaks:
    """Return published peaks for this precision, or measure those that the device reaches."""
    hardware, dtype = config.hardware, config.runtime.dtype
    if hardware.device is not None and hardware.bandwidth_gb_per_s is not None:
        return Peaks(
            flops_per_s=hardware.peak_tflops[dtype] * 1e12,
            bytes_per_s=hardware.bandwidth_gb_per_s * 1e9,
            source=hardware.source,
        )
    return measured_peaks(device, getattr(torch, dtype.value))


def measured_peaks(device: torch.device, dtype: torch.dtype) -> Peaks:
    """Measure a large matrix product and a large copy; the best of several tries counts."""
    size = GEMM_SIZE[device.type]
    left = torch.randn(size, size, device=device).to(dtype)
    product = torch.empty_like(left)
    source = torch.zeros(COPY_BYTES[device.type], dtype=torch.uint8, device=device)
    target = torch.zeros_like(source)
    gemm_s = _best_seconds(lambda: torch.mm(left, left, out=product), device)
    copy_s = _best_seconds(lambda: target.copy_(source), device)
    return Peaks(
        flops_per_s=2 * size**3 / gemm_s,
        bytes_per_s=2 * source.numel() / copy_s,
        source=f"measured: product of two {size} x {size} matrices, copy of "
        f"{source.numel() >> 20} MiB (read and written)",
    )


def _best_seconds(work: Callable[[], object], device: torch.device, tries: int = 5) -> float:
    seconds = []
    for _ in range(tries):
        start = clock(device)
        work()
        seconds.append(clock(device) - start)
    return min(seconds)
