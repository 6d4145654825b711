"""What every script needs of this repository: its chart, and the programs on PATH."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import yaml

WHERE_TO_GET = {
    "git": "https://git-scm.com/downloads",
    "helm": "https://helm.sh/docs/intro/install/",
    "kind": "https://kind.sigs.k8s.io/docs/user/quick-start/#installation",
    "kubectl": "https://kubernetes.io/docs/tasks/tools/",
}


class RepositoryError(Exception):
    """What keeps a script from its work, as a sentence for the person."""


@dataclass(frozen=True)
class Chart:
    """A chart: its folder, and its name and version as Chart.yaml says."""

    folder: Path
    name: str
    version: str


def check_tools(*programs: str) -> None:
    """Raise RepositoryError if a program is not on PATH."""
    for program in programs:
        if not shutil.which(program):
            raise RepositoryError(f"`{program}` is not on PATH. Install it: {WHERE_TO_GET[program]}")


def read_chart(root: Path) -> Chart:
    """Return the one chart below `root`/charts. Raises RepositoryError if there is none, or more, or it has no name."""
    found = sorted(root.glob("charts/*/Chart.yaml"))
    if len(found) != 1:
        raise RepositoryError(
            f"charts/ holds {len(found)} charts and should hold one. Run this in the repository's root."
        )
    try:
        metadata = yaml.safe_load(found[0].read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise RepositoryError(f"{found[0].as_posix()} is not YAML: {error}") from None
    if not isinstance(metadata, dict) or not metadata.get("name") or not metadata.get("version"):
        raise RepositoryError(f"{found[0].as_posix()} has no name or no version. Helm needs both.")
    return Chart(found[0].parent, str(metadata["name"]), str(metadata["version"]))
