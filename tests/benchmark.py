"""`python -m tests.benchmark`: what the template costs above Copier itself.

For each project type it prints the number of files, and the median seconds of the whole commands `copier copy` and
`copier update`, beside the floor: the same commands writing the same files verbatim from a template without questions.
Ours and the floor alternate in one run, and the ratio is the median of their ratios, so it holds when the machine's
speed drifts.
"""

import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import typer

from tests.conftest import isolate
from tests.helpers import CATALOGUE, commit, git, run, snapshot_template

Action = Callable[[Path], object]


def floor_template(project: Path, destination: Path) -> Path:
    """A template that holds a generated project's files verbatim, and asks nothing."""
    shutil.copytree(project, destination / "template", symlinks=True, ignore=shutil.ignore_patterns(".git"))
    answers = destination / "template/.copier-answers.yml"
    answers.unlink()
    answers.with_name("{{ _copier_conf.answers_file }}.jinja").write_text(
        "{{ _copier_answers | to_nice_yaml }}", encoding="utf-8"
    )
    settings = "_subdirectory: template\n_preserve_symlinks: true\n_exclude: []\n"
    (destination / "copier.yml").write_text(settings, encoding="utf-8")
    commit(destination, "The floor")
    git(destination, "tag", "v1.0.0")
    return destination


def add_version(template: Path, file: Path) -> None:
    """Tag a second version, in which one file has one more line."""
    with file.open("a", encoding="utf-8") as stream:
        stream.write("\n# one more line\n")
    commit(template, "The next version")
    git(template, "tag", "v1.1.0")
    git(template, "gc", "--quiet")  # as hosts, and Copier for what it fetches from them, keep a repository


def copy(template: Path, answers: dict[str, str]) -> Action:
    """An action that copies a template's first version."""
    data = [part for name, value in answers.items() for part in ("--data", f"{name}={value}")]
    command: list[str | Path] = ["copier", "copy", "--quiet", "--defaults", "--vcs-ref", "v1.0.0", *data, template]
    return lambda destination: run([*command, destination], template)


def update(destination: Path) -> object:
    """Update a project to the newest version of its template."""
    return run(["copier", "update", "--quiet", "--defaults"], destination)


def seconds(action: Action, destination: Path) -> float:
    """Wall time of one action, in seconds."""
    start = time.perf_counter()
    action(destination)
    return time.perf_counter() - start


def measure(work: Path, project_type: str, runs: int) -> str:
    """One row of the table."""
    answers = {"project_type": project_type, "project_name": "Acme", "ratified": "2026-01-31"}
    ours = snapshot_template(work / "ours", "v1.0.0")
    copy(ours, answers)(work / "sample")
    floor = floor_template(work / "sample", work / "floor")
    add_version(ours, ours / "template/common/.specify/gates/gates.py")
    add_version(floor, floor / "template/.specify/gates/gates.py")
    times: dict[str, list[float]] = {"copy": [], "copy floor": [], "update": [], "update floor": []}
    for number in range(runs + 1):
        for name, action in (("", copy(ours, answers)), (" floor", copy(floor, {}))):
            destination = work / f"project-{number}-{name.strip() or 'ours'}"
            copied = seconds(action, destination)
            commit(destination, "Start")
            updated = seconds(update, destination)
            if number:  # the first round warms the caches
                times[f"copy{name}"].append(copied)
                times[f"update{name}"].append(updated)
    median = {name: statistics.median(values) for name, values in times.items()}
    files = sum(1 for path in (work / "sample").rglob("*") if path.is_file() or path.is_symlink())
    cells = [project_type, str(files)]
    for kind in ("copy", "update"):
        own, least = median[kind], median[f"{kind} floor"]
        ratio = statistics.median(a / b for a, b in zip(times[kind], times[f"{kind} floor"], strict=True))
        cells += [f"{own:.2f}", f"{least:.2f}", f"{ratio:.2f}"]
    return "| " + " | ".join(cells) + " |"


def main(runs: int = 7) -> None:
    """Print the table in Markdown."""
    isolate()
    print("| Type | Files | Copy (s) | Floor (s) | Ratio | Update (s) | Floor (s) | Ratio |")
    print("|------|-------|----------|-----------|-------|------------|-----------|-------|")
    for project_type in CATALOGUE.project_types:
        with tempfile.TemporaryDirectory() as work:
            print(measure(Path(work), project_type, runs), flush=True)


if __name__ == "__main__":
    typer.run(main)
