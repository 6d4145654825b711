"""`modal-web`: what its README promises, and that each of its gates can fail."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.helpers import gate_results, run
from tests.project_types.canaries import VULNERABLE_REACT, Canary, append, replace, vulnerability_service
from tests.project_types.python_projects import Proven, PythonFor, install_as_told, start, task_results, tasks_among

pytestmark = pytest.mark.slow

TYPE = "modal-web"


def plant_removed_field(project: Path, _package: str) -> None:
    """A contract without a field that the page shows, written anew on both sides."""
    replace(project / "src/app/utils/api.gen.ts", "            progress: number;\n", "")


def plant_untyped_settings(project: Path, _package: str) -> None:
    """Settings without a number that both sides read."""
    replace(project / "inference_settings.json", '  "max_active_tasks": 20,\n', "")


def plant_any_in_the_page(project: Path, _package: str) -> None:
    """A word that Biome refuses and TypeScript takes."""
    append(project / "src/app/utils/wording.ts", "\n/** Anything. */\nexport type Anything = any;\n")


def plant_markup(project: Path, _package: str) -> None:
    """A page that takes what the server says for markup."""
    status = project / "src/app/components/Problem.tsx"
    append(status, "\n/** What was said, as markup. */\nexport function Said({ text }: { text: string }) {\n")
    append(status, "  return <p dangerouslySetInnerHTML={{ __html: text }} />;\n}\n")


def plant_undocumented_export(project: Path, _package: str) -> None:
    """Something that others may use and nobody explained."""
    append(project / "src/app/utils/wording.ts", "\nexport type Word = string;\n")


def plant_long_function(project: Path, _package: str) -> None:
    """A function of the page with 16 ways through it."""
    branches = "".join(f"  if (value === {number}) {{\n    return {number + 1};\n  }}\n" for number in range(15))
    code = f"\n/** The next number. */\nexport function step(value: number): number {{\n{branches}  return value;\n}}\n"
    append(project / "src/app/utils/wording.ts", code)


def plant_module_without_test(project: Path, _package: str) -> None:
    """A module of the page that no test belongs to."""
    (project / "src/app/utils/spare.ts").write_text(
        "/** A word that nothing tests. */\nexport type Spare = string;\n", encoding="utf-8"
    )


def plant_python_failure(project: Path, _package: str) -> None:
    """A limit that limits less than it says."""
    replace(project / "backend/lib/rate_limit.py", "passes = tokens >= 1", "passes = tokens >= 0")


@pytest.mark.parametrize(
    ("canary", "tasks"),
    [
        (plant_removed_field, {"contract-drift", "types"}),
        (plant_untyped_settings, {"settings-contract"}),
        (plant_any_in_the_page, {"lint"}),
        (plant_markup, {"security-lint"}),
        (plant_undocumented_export, {"docstrings"}),
        (plant_long_function, {"complexity"}),
        (plant_module_without_test, {"test-map"}),
        (plant_python_failure, {"test"}),
    ],
)
def test_a_task_that_judges_two_languages_sees_the_other_one_too(
    files: Path, tmp_path: Path, python_for: PythonFor, canary: Canary, tasks: set[str]
) -> None:
    project = start(files, tmp_path / "acme", TYPE, package_name="acme")
    python = python_for(project)
    canary(project, "acme")
    assert task_results(project, sorted(tasks), python) == dict.fromkeys(tasks, "fail")


def test_a_vulnerable_package_of_npm_turns_the_audit_red_in_ci(
    files: Path, tmp_path: Path, python_for: PythonFor
) -> None:
    project = start(files, tmp_path / "acme", TYPE, constitution="quality-first")
    python = python_for(project)
    lock = json.loads((project / "package-lock.json").read_text(encoding="utf-8"))
    lock["packages"]["node_modules/react"]["version"] = VULNERABLE_REACT
    (project / "package-lock.json").write_text(json.dumps(lock, indent=2) + "\n", encoding="utf-8")
    with vulnerability_service() as service:
        assert gate_results(project, "SEC-04", "--ci", python=python, **service) == {"SEC-04": "fail"}


def test_the_lock_file_names_no_address_and_fits_every_machine(files: Path, tmp_path: Path) -> None:
    project = start(files, tmp_path / "acme", TYPE)
    lock = json.loads((project / "package-lock.json").read_text(encoding="utf-8"))
    manifest = json.loads((project / "package.json").read_text(encoding="utf-8"))
    root = lock["packages"].pop("")
    assert lock["name"] == root["name"] == manifest["name"]
    assert (root["dependencies"], root["devDependencies"]) == (manifest["dependencies"], manifest["devDependencies"])
    assert all("integrity" in package and "resolved" not in package for package in lock["packages"].values())
    # npm leaves out of the file what it could not find for another system, and `npm ci` fails there.
    known = {name.rpartition("node_modules/")[2] for name in lock["packages"]}
    wanted = {name for package in lock["packages"].values() for name in package.get("optionalDependencies", {})}
    assert wanted <= known


def test_figures_stand_in_the_settings_and_turn_a_gate_red_where_they_differ(
    files: Path, tmp_path: Path, python_for: PythonFor
) -> None:
    project = start(files, tmp_path / "acme", TYPE, figures={"poll_interval_s": 2, "queued_max_s": 20})
    python = python_for(project)
    settings = json.loads((project / "inference_settings.json").read_text(encoding="utf-8"))
    assert (settings["poll_interval_s"], settings["queued_max_s"]) == (2, 20)
    tasks = ("lint", "settings-contract", "polling")
    assert task_results(project, tasks, python) == dict.fromkeys(tasks, "pass")
    replace(project / "inference_settings.json", '"poll_interval_s": 2,', '"poll_interval_s": 3,')
    assert gate_results(project, "CONTR-03", python=python) == {"CONTR-03": "fail"}


@contextmanager
def serving(command: str, project: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Run the README's command on a free port while the block runs; yield its address and the keys that it printed."""
    server = subprocess.Popen(
        ["bash", "-e", "-c", f". .venv/bin/activate\nexec {command} --port 0"],
        cwd=project,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None
        assert server.stderr is not None
        told = (line.split(" key: ") for line in server.stderr if " key: " in line)
        keys = {kind: key.strip() for kind, key in (next(told), next(told))}
        yield server.stdout.readline().removeprefix("Listening on ").strip(), keys
    finally:
        server.terminate()
        server.communicate(timeout=30)


@pytest.mark.skipif(sys.platform == "win32", reason="the README's commands are written for a POSIX shell")
def test_the_readmes_commands_install_build_serve_and_test(files: Path, tmp_path: Path, proven: Proven) -> None:
    project = start(files, tmp_path / "acme", TYPE, package_name="acme")
    text = (project / "README.md").read_text(encoding="utf-8")
    install, build_and_serve, _develop, new_key, _once, _deploy, _operate, smoke, test, judge = re.findall(
        r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL
    )

    def shell(command: str) -> str:
        return run(["bash", "-e", "-c", f". .venv/bin/activate\n{command}"], project).stdout

    install_as_told(project, install)
    build, serve = build_and_serve.splitlines()
    shell(build)
    assert re.search(r"[0-9a-f]{64}", shell(new_key))
    with serving(serve, project) as (address, keys):
        assert set(keys) == {"User", "Admin"}
        page = run(["curl", "--silent", "--fail", address], project).stdout
        assert '<div id="root">' in page
        assert "was done in" in shell(re.sub(r"https://<.*>", address, smoke).replace("<user key>", keys["User"]))
        header = f"X-Admin-Key: {keys['Admin']}"
        audit = run(["curl", "--silent", "--fail", "--header", header, f"{address}/api/admin/audit"], project).stdout
        states = [row["state"] for row in json.loads(audit)["rows"]]
        assert states == ["done", "processing", "pending"]
    for command in test.splitlines():
        shell(command)
    assert "CONTR-01" in shell(judge.splitlines()[-1])
    assert run(["git", "status", "--porcelain"], project).stdout == ""
    assert (project / "data/tasks.db").exists()
    proven.add(project, TYPE, tasks_among(TYPE, [build, *test.splitlines()]))
