"""A made-up repository with layers of gates; its `gates.py` called in process, as a program or in a terminal."""

import contextlib
import importlib.util
import io
import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

GATES_PY = Path(__file__).parents[2] / "template/common/.specify/gates/gates.py"

_spec = importlib.util.spec_from_file_location("gates", GATES_PY)
assert _spec
assert _spec.loader
gates: Any = importlib.util.module_from_spec(_spec)
sys.modules["gates"] = gates
_spec.loader.exec_module(gates)


def python(code: str) -> str:
    """A command that runs this code on every operating system; the code holds no double quotes."""
    return f'python -c "{code}"'


PASS, FAIL = python("pass"), python("raise SystemExit(1)")


def layer(defined: dict[str, dict[str, Any]], **sections: object) -> dict[str, Any]:
    """A layer's tables, with what each gate needs filled in."""
    usual = {"principle": "quality", "level": "MUST", "statement": "The code is tidy"}
    return {
        "schema": 1,
        "principles": {"quality": {"title": "Code Quality"}},
        "gates": {gate_id: usual | gate for gate_id, gate in defined.items()},
    } | sections


def toml(tables: dict[str, Any]) -> str:
    """Write tables of tables as TOML; its texts, lists and numbers look as in JSON."""
    lines: list[str] = []

    def write(place: list[str], table: dict[str, Any]) -> None:
        if place:
            lines.append(f"[{'.'.join(json.dumps(part) for part in place)}]")
        for key, value in table.items():
            if not isinstance(value, dict):
                text = value.isoformat() if isinstance(value, date) else json.dumps(value)
                lines.append(f"{json.dumps(key)} = {text}")
        for key, value in table.items():
            if isinstance(value, dict):
                write([*place, key], value)

    write([], tables)
    return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class Result:
    """What a call of `gates.py` came to."""

    status: int
    out: str
    err: str


@dataclass(frozen=True)
class Repository:
    """A repository below a temporary folder."""

    root: Path

    def write(self, path: str, text: str = "") -> Path:
        """Put a file there, with its folders."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="\n")
        return target

    def read(self, path: str) -> str:
        """The text of a file."""
        return (self.root / path).read_text(encoding="utf-8")

    def define(self, tables: dict[str, Any], name: str = "00-base.toml") -> "Repository":
        """Write a layer."""
        self.write(f".specify/gates/{name}", toml(tables))
        return self

    def git(self, *arguments: str) -> str:
        """Run git here; returns what it prints."""
        return subprocess.run(["git", *arguments], cwd=self.root, check=True, capture_output=True, text=True).stdout

    def gates(self, *arguments: str | Path) -> Result:
        """Call `main` in this process."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                status = gates.main([str(argument) for argument in arguments], self.root)
            except SystemExit as leaving:  # argparse leaves this way
                status = leaving.code
        return Result(status, out.getvalue(), err.getvalue())

    def outcomes(self, *arguments: str) -> dict[str, dict[str, Any]]:
        """What `run` with these arguments reports as JSON, by gate."""
        report = json.loads(self.gates("run", "--json", "-", *arguments).out)
        return {gate["id"]: gate for gate in report["gates"]}

    def results(self, *arguments: str) -> dict[str, str]:
        """The result of each gate."""
        return {gate_id: gate["result"] for gate_id, gate in self.outcomes(*arguments).items()}

    def _install(self) -> Path:
        return self.write(".specify/gates/gates.py", GATES_PY.read_text(encoding="utf-8"))

    def program(self, *arguments: str, typed: bytes = b"", **env: str) -> subprocess.CompletedProcess[bytes]:
        """Run `gates.py` as a program, from its place in the repository."""
        command = [sys.executable, str(self._install()), *arguments]
        environment = os.environ | env
        return subprocess.run(command, cwd=self.root, env=environment, input=typed, capture_output=True, check=False)

    def unread(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        """Run `gates.py` as a program whose output nobody reads any more."""
        reader, writer = os.pipe()
        os.close(reader)
        command = [sys.executable, str(self._install()), *arguments]
        with os.fdopen(writer, "wb") as output:
            return subprocess.run(command, cwd=self.root, stdout=output, stderr=subprocess.PIPE, check=False)

    def closed(self, closing: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        """Run `gates.py` as a program that starts without an output, which `>&-` for example closes."""
        command = [sys.executable, str(self._install()), *arguments]
        shell = ["sh", "-c", f'exec "$@" {closing}', "sh", *command]
        return subprocess.run(shell, cwd=self.root, stdin=subprocess.DEVNULL, capture_output=True, check=False)

    def started(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start `gates.py` as the first of a group of programs, which Ctrl-C would reach together."""
        command = [sys.executable, str(self._install()), *arguments]
        # A shell's background jobs, and so these tests if they are one, are started deaf to Ctrl-C.
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            return subprocess.Popen(command, cwd=self.root, stderr=subprocess.DEVNULL, start_new_session=True)
        finally:
            signal.signal(signal.SIGINT, before)

    def terminal(self, *arguments: str, **env: str) -> str:
        """What a terminal of 80 columns receives from `gates.py`; a value of "" removes a variable."""
        import pty

        script = self._install()
        environment = {key: value for key, value in (os.environ | {"COLUMNS": "80"} | env).items() if value}
        ours, theirs = pty.openpty()
        with subprocess.Popen(
            [sys.executable, str(script), *arguments],
            cwd=self.root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=theirs,
            stderr=theirs,
        ):
            os.close(theirs)
            received = b""
            with contextlib.suppress(OSError):  # Linux ends a closed terminal with an error
                while piece := os.read(ours, 4096):
                    received += piece
        os.close(ours)
        return received.decode()
