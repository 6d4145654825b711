"""`pixi-hydra`: what its README promises, and that each of its gates can fail."""

import json
import re
import sys
import tomllib
from pathlib import Path

import pytest

from tests.conftest import TORCH
from tests.helpers import git, run
from tests.project_types.python_projects import install_as_told, start

pytestmark = pytest.mark.slow

TYPE = "pixi-hydra"


def blocks_of_readme(project: Path) -> list[str]:
    text = (project / "README.md").read_text(encoding="utf-8")
    return re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def without_pixi(project: Path, command: str) -> str:
    """What Pixi runs for `pixi run [-e NAME] TASK ...`, as the manifest says it."""
    pixi = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pixi"]
    tasks = pixi["tasks"] | pixi["feature"]["rtx5090"]["tasks"]
    words = command.removeprefix("pixi run ").removeprefix("-e rtx5090 ").partition("  #")[0].split()
    return " ".join([tasks[words[0]]["cmd"] if words[0] in tasks else words[0], *words[1:]])


@pytest.mark.skipif(sys.platform == "win32", reason="the README's commands are written for a POSIX shell")
def test_the_readmes_commands_install_without_pixi_and_profile(files: Path, tmp_path: Path) -> None:
    project = start(files, tmp_path / "acme", TYPE, package_name="acme")
    _pixi_install, install, profile, by_module, overrides, on_gpu, *_ = blocks_of_readme(project)
    install_as_told(project, install, PIP_CONSTRAINT=str(TORCH))

    def shell(command: str, *, expect: int = 0) -> str:
        done = run(["bash", "-e", "-c", f". .venv/bin/activate\n{command}"], project, expect=expect)
        return done.stdout + done.stderr

    told = shell(without_pixi(project, profile))
    folder = Path(re.findall(r"Wrote (\S+)/report.md", told)[0])
    assert folder.parent == project / "tmp/profile-output"
    metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["code"] == {"commit": git(project, "rev-parse", "HEAD").strip(), "dirty": False}
    assert 0 < metrics["prefill"]["mfu"] < 1.2
    assert 0 < metrics["decode"]["bandwidth_utilisation"] < 1.2
    assert f"| TTFT (ms) | {metrics['ttft_ms']['p50']:.2f} |" in (folder / "report.md").read_text(encoding="utf-8")

    shell(by_module.partition("\n")[2].strip() + " runtime=ci model=tiny dataset=short")
    here = [line for line in overrides.splitlines() if "-e rtx5090" not in line]
    assert len(here) == 3
    for line in here:
        shell(without_pixi(project, line) + " runtime=ci")
    for line in [line for line in overrides.splitlines() if "-e rtx5090" in line] + on_gpu.splitlines()[:1]:
        assert re.search("no GPU|without CUDA", shell(without_pixi(project, line), expect=1)), line
    for line in on_gpu.splitlines()[1:]:
        assert re.search("(nsys|ncu).*PATH", shell(without_pixi(project, line), expect=1)), line
    assert git(project, "status", "--porcelain") == ""
