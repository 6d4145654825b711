"""Runs the steps of a generated workflow as its runner does, on this machine."""

import os
import sys
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import yaml

from tests.helpers import commit, git, run, write

GH = """#!/usr/bin/env bash
echo "gh $*" >> "$GH_CALLS"
if [ "$1 $2" = "pr view" ]; then echo "$GH_STATE"; test -n "$GH_STATE"; fi
"""
"""Stands in for GitHub's command line: writes down each call, and knows a pull request whose state is `$GH_STATE`."""


class Runner:
    """A project with a remote repository, and what GitHub gives the steps of a job that runs in it."""

    def __init__(self, project: Path, work: Path) -> None:
        """Commit the project, push it, and put the stand-in for `gh` on PATH; `work` is an empty folder."""
        self.project = project
        self.remote = work / "remote.git"
        self.temp = work / "temp"
        self.temp.mkdir(parents=True)
        git(work, "init", "--quiet", "--bare", "--initial-branch=main", str(self.remote))
        commit(project, "Start")
        git(project, "remote", "add", "origin", self.remote.as_uri())
        self.push()
        write(work, {"bin/gh": GH, "output": "", "calls": ""})
        (work / "bin/gh").chmod(0o755)
        self.calls_file, self.output_file = work / "calls", work / "output"
        tools = os.pathsep.join([str(work / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]])
        self.env = {
            "PATH": tools,
            "RUNNER_TEMP": str(self.temp),
            "GITHUB_OUTPUT": str(self.output_file),
            "GITHUB_STEP_SUMMARY": str(work / "summary.md"),
            "GH_CALLS": str(self.calls_file),
            "GH_STATE": "",
        }

    def push(self) -> None:
        """Push what is committed as the main branch."""
        git(self.project, "push", "--quiet", "origin", "HEAD:main")

    def step(self, workflow: str, job: str, name: str, expect: int | None = 0, **env: str) -> CompletedProcess[str]:
        """Run the step with this name, as GitHub's bash runs it."""
        jobs = self.yaml(f".github/workflows/{workflow}.yml")["jobs"]
        (script,) = (step["run"] for step in jobs[job]["steps"] if step.get("name") == name)
        return self.bash(script, expect, **env)

    def job(self, name: str, containing: str = "", expect: int | None = 0, **env: str) -> CompletedProcess[str]:
        """Run the lines of a GitLab job that contain a text, in their order."""
        lines = self.yaml(".gitlab-ci.yml")[name]["script"]
        chosen = [line for line in lines if containing in line]
        assert chosen, f"no line of {name} contains {containing}"
        return self.bash("\n".join(chosen), expect, **env)

    def bash(self, script: str, expect: int | None = 0, **env: str) -> CompletedProcess[str]:
        """Run a script at the project's root, without the identity that tests commit with."""
        identity = [f"--unset=GIT_{role}_{part}" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")]
        command = ["env", *identity, "bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
        return run(command, self.project, expect=expect, **self.env | env)

    def yaml(self, name: str) -> dict[str, Any]:
        """A YAML file of the project."""
        content: dict[str, Any] = yaml.safe_load((self.project / name).read_text(encoding="utf-8"))
        return content

    @property
    def output(self) -> list[str]:
        """The lines that steps gave to later ones."""
        return self.output_file.read_text(encoding="utf-8").splitlines()

    @property
    def calls(self) -> list[str]:
        """The calls of `gh`."""
        return self.calls_file.read_text(encoding="utf-8").splitlines()

    @property
    def body(self) -> str:
        """The text of the pull request."""
        return (self.temp / "body.md").read_text(encoding="utf-8")
