"""What a run's figures can be attributed to: code, model, data and hardware."""

import hashlib
import os
import platform
import subprocess
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, TypedDict

import torch
from torch import Tensor

from . import __version__

PACKAGES = ("torch", "numpy", "hydra-core", "omegaconf")


class Code(TypedDict):
    """The commit that was checked out, and whether files differed from it."""

    commit: str | None
    dirty: bool | None


def code(repository: Path) -> Code:
    """Return the commit that is checked out, and whether files differ from it.

    Both are None where no commit holds this folder, so that nobody takes the run for one of known
    code: the folder may lie in another repository, which ignores it.
    """
    tree = _git(repository, "rev-parse", "--verify", "HEAD:./")
    commit = _git(repository, "rev-parse", "HEAD") if tree else None
    changes = _git(repository, "status", "--porcelain")
    return {"commit": commit or None, "dirty": None if not commit else changes != ""}


def _git(repository: Path, *arguments: str) -> str | None:
    # A hook's own GIT_DIR would lead to another repository.
    settings = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    command = ["git", "-C", str(repository), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=settings)
    except FileNotFoundError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def versions() -> dict[str, str | None]:
    """Return the versions of Python, this package and those that the figures depend on."""
    found: dict[str, str | None] = {"python": platform.python_version(), __package__: __version__}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = None
    cudnn = torch.backends.cudnn.version()  # type: ignore[no-untyped-call]
    return found | {"cuda": torch.version.cuda, "cudnn": cudnn and str(cudnn)}


def environment(repository: Path) -> dict[str, str | None]:
    """Return the Pixi environment of this process, and what its lock file held."""
    lock = repository / "pixi.lock"
    return {
        "pixi_environment": os.environ.get("PIXI_ENVIRONMENT_NAME"),
        "pixi_lock_sha256": hashlib.sha256(lock.read_bytes()).hexdigest()
        if lock.exists()
        else None,
    }


def device(used: torch.device) -> dict[str, Any]:
    """Return what the model ran on."""
    facts: dict[str, Any] = {
        "type": used.type,
        "name": processor_name(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "platform": platform.platform(),
    }
    if used.type == "cuda":
        properties = torch.cuda.get_device_properties(used)
        facts |= {
            "name": properties.name,
            "host": processor_name(),
            "capability": f"{properties.major}.{properties.minor}",
            "memory_bytes": properties.total_memory,
            "multiprocessors": properties.multi_processor_count,
        }
    return facts


def processor_name() -> str:
    """Return the processor's name as the system gives it."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def digest(tensors: Iterable[Tensor]) -> str:
    """Return the SHA-256 of tensors' bytes, in order."""
    sha = hashlib.sha256()
    for tensor in tensors:
        sha.update(tensor.detach().cpu().contiguous().view(torch.uint8).numpy().data)
    return sha.hexdigest()
