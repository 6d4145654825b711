"""`python-service`: what its README promises, and that each of its gates can fail."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers import gate_results, gates, run
from tests.project_types.python_projects import Proven, PythonFor, install_as_told, start, tasks_among

pytestmark = pytest.mark.slow

TYPE = "python-service"


@pytest.mark.parametrize(
    ("constitution", "gate"),
    [("quality-first", "SEC-01"), ("essentials", "MOD-02"), ("essentials", "DOC-02")],
)
def test_a_gate_does_not_pass_over_a_folder_that_is_gone(
    files: Path, tmp_path: Path, python_for: PythonFor, constitution: str, gate: str
) -> None:
    project = start(files, tmp_path / "acme", TYPE, constitution=constitution)
    (project / "src").rename(project / "source")
    assert gate_results(project, gate, python=python_for(project)) == {gate: "fail"}


def test_a_module_with_an_empty_test_file_is_missed(files: Path, tmp_path: Path, python_for: PythonFor) -> None:
    project = start(files, tmp_path / "acme", TYPE, constitution="quality-first", package_name="acme")
    (project / "tests/unit/lib/test_rate_limit.py").write_text('"""Nothing yet."""\n', encoding="utf-8")
    assert gate_results(project, "TEST-03", python=python_for(project)) == {"TEST-03": "fail"}


def test_a_missing_tool_is_never_a_pass(files: Path, tmp_path: Path) -> None:
    project = start(files, tmp_path / "acme", TYPE, constitution="quality-first")
    run(["uv", "venv", "--quiet", "--python", sys.executable, tmp_path / "bare"], tmp_path)
    bare = tmp_path / ("bare/Scripts/python.exe" if sys.platform == "win32" else "bare/bin/python")
    results = gate_results(project, "QUAL-01", "QUAL-02", python=bare, PATH=str(tmp_path))
    assert results == {"QUAL-01": "error", "QUAL-02": "error"}
    assert "`ruff`" in gates(project, "run", "QUAL-01", python=bare, expect=1, PATH=str(tmp_path))


@pytest.mark.skipif(sys.platform == "win32", reason="the README's commands are written for a POSIX shell")
def test_the_readmes_commands_install_test_serve_and_judge(files: Path, tmp_path: Path, proven: Proven) -> None:
    project = start(files, tmp_path / "acme", TYPE, package_name="acme")
    blocks = re.findall(
        r"^```sh\n(.*?)^```", (project / "README.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    install, serve, use_http, use_command_line, test, judge = blocks
    activate = ". .venv/bin/activate\n"
    install_as_told(project, install)
    run(["bash", "-e", "-c", activate + test], project)
    proven.add(project, TYPE, tasks_among(TYPE, test.splitlines()))
    assert "0 failed" not in run(["bash", "-e", "-c", activate + judge], project).stdout.replace("no gate failed", "")

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {"ACME_PORT": str(port)}
    server = subprocess.Popen(
        ["bash", "-e", "-c", activate + "exec " + serve],
        cwd=project,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stderr is not None
        told = next(line for line in server.stderr if "API key" in line)
        next(line for line in server.stderr if "running on" in line)
        with_key = use_http.replace("<the key>", told.split()[-1]).replace("8000", str(port))
        answers = run(["bash", "-e", "-c", with_key], project).stdout
        assert "https://example.com/a/long/page" in answers
        assert re.search(r"location: https://example.com/a/long/page", answers, re.IGNORECASE)
        listed = run(["bash", "-e", "-c", activate + use_command_line], project, ACME_PORT=str(port)).stdout
        assert "docs\t0\thttps://example.com/a/long/page" in listed
    finally:
        server.terminate()
        server.communicate(timeout=30)
