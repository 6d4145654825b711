"""What tests do again and again: generate a project, run a command in it, read what its gates say."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from copier import run_copy

from extensions.catalogue import ROOT, load
from extensions.reference import catalogue_text

CATALOGUE = load()
DAY = {"ratified": "2026-01-31"}
"""The answer without which two runs on two days would differ."""
CHECK_STYLES = ("checklist", "grouped", "numbered", "table")


def suits(project_type: str) -> list[str]:
    """The ids of the constitutions that are offered for a project type."""
    return [
        constitution.id
        for constitution in CATALOGUE.constitutions.values()
        if constitution.project_types is None or project_type in constitution.project_types
    ]


COMBINATIONS = [
    (project_type, constitution) for project_type in CATALOGUE.project_types for constitution in suits(project_type)
]
"""Every project type with every constitution that it offers."""


def run(
    command: Sequence[str | Path], cwd: Path, *, expect: int | None = 0, **env: str
) -> subprocess.CompletedProcess[str]:
    """Run a command in `cwd` with this environment's tools; `expect` is its exit status, or None for any."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=os.environ | {"PATH": path} | env,
        capture_output=True,
        text=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        check=False,
    )
    if expect is not None:
        assert done.returncode == expect, f"{command} exited with {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


def git(cwd: Path, *arguments: str) -> str:
    """The output of a git command."""
    return run(["git", *arguments], cwd).stdout


def commit(repository: Path, message: str) -> None:
    """Put everything in `repository` under git, and commit it."""
    if not (repository / ".git").exists():
        git(repository, "init", "--quiet", "--initial-branch=main")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--allow-empty", "--message", message)


def snapshot_template(destination: Path, tag: str) -> Path:
    """Put the working tree of this repository, as git would add it, into a git repository of its own with one tag."""
    names = git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    for name in filter(None, names):
        source, target = ROOT / name, destination / name
        if not source.is_symlink() and not source.exists():
            continue  # deleted in the working tree
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_symlink():
            target.symlink_to(source.readlink())
        else:
            target.write_bytes(source.read_bytes())
            target.chmod(source.stat().st_mode)
    commit(destination, "The template")
    git(destination, "tag", tag)
    return destination


def rebuild(template: Path) -> None:
    """Build what Copier reads of a template's catalogue, after a file of it was changed."""
    (template / "catalogue/built.jinja").write_text(catalogue_text(template), encoding="utf-8", newline="\n")


def generate(template: Path, destination: Path, **answers: object) -> Path:
    """Copy the template as `copier copy --defaults --data ...` does, without trusting it."""
    run_copy(str(template), destination, data=answers, defaults=True, unsafe=False, quiet=True)
    return destination


def gates(
    project: Path, *arguments: str | Path, python: Path | str = "python", expect: int | None = 0, **env: str
) -> str:
    """What `gates.py` prints for these arguments."""
    return run([python, ".specify/gates/gates.py", *arguments], project, expect=expect, **env).stdout


def gate_results(project: Path, *arguments: str, python: Path | str = "python", **env: str) -> dict[str, str]:
    """The result of each gate by its id, whatever the exit status."""
    report = json.loads(gates(project, "run", "--json", "-", *arguments, python=python, expect=None, **env))
    return {gate["id"]: gate["result"] for gate in report["gates"]}


def section(text: str, heading: str, end: str) -> str:
    """What stands below a Markdown heading, whatever its numeral, up to a line that begins with the pattern `end`."""
    match = re.search(rf"^##+ (?:[IVX]+\. )?{heading}\b[^\n]*\n(.*?)^{end}", f"{text}\n## ", re.MULTILINE | re.DOTALL)
    assert match, f"no section {heading}"
    return match[1]


def tree(folder: Path) -> dict[str, bytes | str]:
    """What is in a folder, without git's own: the bytes of each file, where each link points, and each folder."""
    found: dict[str, bytes | str] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if name.parts[0] == ".git":
            continue
        if path.is_symlink():
            found[name.as_posix()] = f"-> {path.readlink()}"
        else:
            found[name.as_posix()] = path.read_bytes() if path.is_file() else "folder"
    return found


def without_git(template: Path, destination: Path) -> Path:
    """The template as plain files, which Copier takes as they are: it clones a repository for every run."""
    return Path(shutil.copytree(template, destination, symlinks=True, ignore=shutil.ignore_patterns(".git")))


def write(folder: Path, files: dict[str, str]) -> Path:
    """Put files with these texts into a folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    return folder
