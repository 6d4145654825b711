"""Command lines that profile a run with Nsight Systems or Nsight Compute."""

import re
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from .run_id import COMMAND


def nsys_command(output: Path, overrides: Sequence[str]) -> list[str]:
    """Build the command that records a timeline of a run.

    Parameters
    ----------
    output : Path
        The run's folder; its name is the run's id.
    overrides : Sequence[str]
        Hydra overrides of the user.

    Returns
    -------
    list[str]
        The arguments, the tool first.

    Raises
    ------
    ValueError
        An override sets what the wrapper sets itself.
    """
    return [
        "nsys",
        "profile",
        "--trace=cuda,nvtx,osrt,cublas,cudnn",
        "--sample=none",
        "--cpuctxsw=none",
        "--force-overwrite=true",
        f"--output={output / 'nsys'}",
        *_profiled(output, overrides),
    ]


def ncu_command(
    output: Path, overrides: Sequence[str], region: str = "decode", launches: int = 50
) -> list[str]:
    """Build the command that measures single kernels of a run.

    Parameters
    ----------
    output : Path
        The run's folder; its name is the run's id.
    overrides : Sequence[str]
        Hydra overrides of the user.
    region : str
        The NVTX range whose kernels are measured.
    launches : int
        How many kernel launches are measured; each is replayed several times.

    Returns
    -------
    list[str]
        The arguments, the tool first.

    Raises
    ------
    ValueError
        An override sets what the wrapper sets itself, or `launches` is less than 1.
    """
    if launches < 1:
        raise ValueError(f"{launches} launches cannot be measured; ask for 1 or more.")
    return [
        "ncu",
        "--nvtx",
        "--nvtx-include",
        f"{region}/",  # the slash makes it a push/pop range; without it ncu seeks start/end ranges
        "--launch-count",
        str(launches),
        "--set",
        "basic",
        "--export",
        str(output / "ncu"),
        "--force-overwrite",
        *_profiled(output, overrides),
    ]


def launch(command: Sequence[str], output: Path) -> int:
    """Write a command to `cmd.txt` in a run's folder and run it.

    Parameters
    ----------
    command : Sequence[str]
        The arguments, the tool first.
    output : Path
        The run's folder; it is made where it is missing.

    Returns
    -------
    int
        The command's exit status.

    Raises
    ------
    FileNotFoundError
        The tool is not on PATH; nothing was written.
    """
    if shutil.which(command[0]) is None:
        raise FileNotFoundError(
            f"{command[0]} is not on PATH; install Nsight Systems (nsys) or Nsight Compute (ncu) "
            "from NVIDIA's download pages or with the CUDA toolkit packages."
        )
    output.mkdir(parents=True, exist_ok=True)
    (output / "cmd.txt").write_text(f"{shlex.join(command)}\n", encoding="utf-8")
    return subprocess.run(command, check=False).returncode


def _profiled(output: Path, overrides: Sequence[str]) -> list[str]:
    """Return the command of the run itself."""
    for override in overrides:
        key = override.lstrip("+~").split("=")[0].split("@")[0].strip()
        if re.split(r"[./]", key)[0] in {"profiling", "run_id", "hydra"}:
            raise ValueError(
                f"The override {override!r} cannot be used here, because this command sets "
                "profiling, run_id and the run's folder itself; leave it out."
            )
    # torch.profiler and the Nsight tools share CUPTI, which serves one of them at a time.
    wrapped = ["profiling=none", f"run_id={output.name}"]
    return [*COMMAND, *overrides, *wrapped]
