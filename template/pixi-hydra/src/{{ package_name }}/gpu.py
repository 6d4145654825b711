"""Whether a build of PyTorch can use a GPU."""

import re
from collections.abc import Sequence


def verdict(
    torch_cuda: str | None, capability: tuple[int, int] | None, arch_list: Sequence[str]
) -> str | None:
    """Say why a build of PyTorch cannot use a GPU.

    Parameters
    ----------
    torch_cuda : str | None
        The CUDA version that torch was built with; None for a build without CUDA.
    capability : tuple[int, int] | None
        Major and minor compute capability of the GPU; None where torch sees none.
    arch_list : Sequence[str]
        What the build holds code for, as `torch.cuda.get_arch_list` returns it.

    Returns
    -------
    str | None
        A sentence that says what is wrong and what to do; None if the GPU can be used.
    """
    if torch_cuda is None:
        return "This torch was built without CUDA; run it in the GPU environment."
    if capability is None:
        return (
            "torch sees no GPU; check that nvidia-smi lists one "
            f"and that its driver supports CUDA {torch_cuda}."
        )
    if not any(_runs(arch, capability) for arch in arch_list):
        major, minor = capability
        return (
            f"This torch has no code for a GPU of compute capability {major}.{minor}, only for "
            f"{', '.join(arch_list) or 'nothing'}; install a build that includes sm_{major}{minor}."
        )
    return None


def _runs(arch: str, capability: tuple[int, int]) -> bool:
    """Tell whether code for an architecture, such as sm_90 or compute_90, runs on a GPU."""
    match = re.fullmatch(r"(sm|compute)_(\d+)(\d)([af]?)", arch)
    if match is None:
        return False
    kind, suffix = match[1], match[4]
    built_for = (int(match[2]), int(match[3]))
    if suffix == "a":  # uses instructions that no other architecture has
        return built_for == capability
    if kind == "compute" and not suffix:  # PTX, which the driver compiles for any later GPU
        return built_for <= capability
    return built_for[0] == capability[0] and built_for[1] <= capability[1]
