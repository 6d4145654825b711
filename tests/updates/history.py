"""The releases of this template, as a git repository that projects can be generated and updated from."""

import io
import subprocess
import tarfile
from pathlib import Path

from extensions.catalogue import ROOT
from tests.helpers import commit, git, run, snapshot_template

RELEASES = {
    "v0.1.0": "264bb1cc87f8372441cacebd54e54057fa4e9c0b",  # the first that generates a project whose gates check
    "v0.2.0": "35c2cd24decc99ab053010849c5e83f2fb6790c9",  # python-service
    "v0.3.0": "7d328afd35a99e72568c1e5da68a23a9c44533c8",  # pixi-hydra
    "v0.4.0": "2d58bd5abb30a3335b5a2967971bd7deac0e4e46",  # voice-pipeline
    "v0.5.0": "40ac7fce7768cbaf0a2563f3acda41370db4a207",  # modal-web
    "v0.6.0": "031fd1dc4336735c66e7da5346b23ce69d0db489",  # helm-chart
}
"""The commit of each release, oldest first."""
LATEST = "v1.0.0"
"""The release that the working tree is."""


def real_history(destination: Path) -> list[str]:
    """Build a git repository with every release and the working tree, each committed in order and tagged.

    Returns:
        The tags, oldest first.

    Raises:
        LookupError: This clone of the repository has not got the commit of a release.
    """
    destination.mkdir(parents=True, exist_ok=True)
    for tag, revision in RELEASES.items():
        write_release(destination, tag, revision)
    write_working_tree(destination, LATEST)
    return [*RELEASES, LATEST]


def write_release(repository: Path, tag: str, revision: str) -> None:
    """Commit the template as it was at a commit of this repository, in place of what `repository` held."""
    if run(["git", "cat-file", "-e", f"{revision}^{{commit}}"], ROOT, expect=None).returncode:
        raise LookupError(
            f"This clone has not got commit {revision[:10]}, which the tests update projects from: it is shallow. "
            "Get the whole history: git fetch --unshallow."
        )
    clear(repository)
    archive = subprocess.run(["git", "archive", revision], cwd=ROOT, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(repository, filter="tar")
    commit(repository, f"Release {tag}")
    git(repository, "tag", tag)


def write_working_tree(repository: Path, tag: str) -> None:
    """Commit the template as the working tree has it, in place of what `repository` held."""
    clear(repository)
    snapshot_template(repository, tag)


def clear(repository: Path) -> None:
    """Remove what is committed, if anything is."""
    if (repository / ".git").exists():
        git(repository, "rm", "-r", "--quiet", "--ignore-unmatch", ".")
