"""Timed requests, and the latencies that serving is judged by."""

from dataclasses import dataclass

import numpy as np
import nvtx
import torch
from torch import Tensor

from .config import Config
from .hardware import clock
from .model import Decoder, KVCache


@dataclass(frozen=True, kw_only=True)
class Percentiles:
    """Median and 90th percentile."""

    p50: float
    p90: float


@dataclass(frozen=True, kw_only=True)
class Latencies:
    """Latencies of several equal requests, in ms.

    TTFT is the time to the first token; TPOT the time per token after it, a mean over a request;
    ITL each single interval between tokens; E2EL the whole request: TTFT + (n - 1) * TPOT.
    """

    ttft_ms: Percentiles
    tpot_ms: Percentiles
    itl_ms: Percentiles
    e2el_ms: Percentiles


def prompts(config: Config, device: torch.device) -> Tensor:
    """Return random token ids, [batch_size, prompt_len], the same for the same seed everywhere."""
    generator = torch.Generator().manual_seed(config.dataset.seed)
    shape = (config.dataset.batch_size, config.dataset.prompt_len)
    return torch.randint(config.model.vocab_size, shape, generator=generator).to(device)


def new_cache(config: Config, model: Decoder) -> KVCache:
    """Return a cache with room for the prompt and the new tokens of the configuration."""
    dataset = config.dataset
    capacity = dataset.prompt_len + dataset.new_tokens
    return KVCache(config.model, dataset.batch_size, capacity, model.head.weight)


@torch.inference_mode()
def serve(model: Decoder, cache: KVCache, prompt: Tensor, new_tokens: int) -> list[float]:
    """Answer one request greedily.

    Returns
    -------
    list[float]
        The times in seconds at which it began and at which each of its tokens was there.
    """
    cache.length = 0
    times = [clock(prompt.device)]
    with nvtx.annotate("prefill"):
        token = model(prompt, cache).argmax(-1, keepdim=True)
        times.append(clock(prompt.device))
    for _ in range(new_tokens - 1):
        with nvtx.annotate("decode"):
            token = model(token, cache).argmax(-1, keepdim=True)
            times.append(clock(prompt.device))
    return times


def measure(config: Config, model: Decoder, prompt: Tensor) -> Latencies:
    """Warm up, then time the configured number of requests, one after the other."""
    cache = new_cache(config, model)
    for _ in range(config.runtime.warmup):
        serve(model, cache, prompt, config.dataset.new_tokens)
    return latencies(
        [
            serve(model, cache, prompt, config.dataset.new_tokens)
            for _ in range(config.runtime.repeats)
        ]
    )


def latencies(requests: list[list[float]]) -> Latencies:
    """Summarise requests, each given by its times in seconds as `serve` returns them."""
    times = np.array(requests) * 1000
    intervals = np.diff(times, axis=1)
    return Latencies(
        ttft_ms=percentiles(intervals[:, 0]),
        tpot_ms=percentiles(intervals[:, 1:].mean(axis=1)),
        itl_ms=percentiles(intervals[:, 1:].ravel()),
        e2el_ms=percentiles(times[:, -1] - times[:, 0]),
    )


def percentiles(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Percentiles:
    """Return median and 90th percentile, interpolated linearly."""
    p50, p90 = np.percentile(values, [50, 90])
    return Percentiles(p50=float(p50), p90=float(p90))
