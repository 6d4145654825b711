"""Small repositories for the tests of scripts, and programs to put on PATH. conftest.py has git's settings."""

import shutil
import subprocess
from pathlib import Path


def git(repository: Path, *arguments: str) -> None:
    """Run git in a repository."""
    subprocess.run(["git", *arguments], cwd=repository, check=True, capture_output=True)


def commit(repository: Path, *tags: str) -> None:
    """Commit everything, and tag it."""
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--allow-empty", "--message=A commit")
    for tag in tags:
        git(repository, "tag", tag)


def start(repository: Path, *tags: str) -> Path:
    """Make a folder a repository, commit everything, and tag it; returns the folder."""
    git(repository, "init", "--quiet")
    commit(repository, *tags)
    return repository


def copy(repository: Path, target: Path) -> Path:
    """Copy a repository to a folder, and return that. What is committed is not copied: the copy looks it up."""
    shutil.copytree(repository, target, ignore=shutil.ignore_patterns("objects"))
    write(target / ".git/objects/info/alternates", f"{repository / '.git/objects'}\n")
    return target


def write(file: Path, text: str) -> None:
    """Write a file, and its folders."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def write_program(file: Path, script: str) -> None:
    """Write a program, as a script of the shell."""
    write(file, f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
