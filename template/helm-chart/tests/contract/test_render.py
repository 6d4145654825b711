"""The chart lints and renders with its defaults and with each values file of ci/, which together use every template."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests import templates
from tests.manifests import CHART, DEFAULTS, label, remembered, renders_by_template, values_files

CI_FILES = [path for path in values_files() if path.parent.name == "ci"]


def problems_with(*values: Path) -> Iterator[str]:
    """Say what `helm lint` and `helm template` find wrong; `helm lint` alone lets a failing `required` pass."""
    options = [f"--values={path}" for path in values]
    name = ", ".join(map(label, values)) or DEFAULTS
    for command in (["lint", "--strict"], ["template"]):
        done = remembered(*command, str(CHART), *options)
        if done.returncode:
            said = done.stderr if command == ["template"] else done.stdout + done.stderr
            yield f"`helm {' '.join(command)}` fails with {name}:\n{said}"


def test_the_chart_lints_and_renders() -> None:
    with ThreadPoolExecutor() as pool:
        found = pool.map(lambda paths: list(problems_with(*paths)), [(), *((path,) for path in CI_FILES)])
    problems = [problem for some in found for problem in some]
    assert not problems, "\n".join(problems)


def test_each_template_is_rendered_by_some_values_file() -> None:
    rendered = {template for objects in renders_by_template().values() for template, _ in objects}
    unseen = [file for file in templates.files() if file.endswith((".yaml", ".yml")) and file not in rendered]
    advice = "Turn it on in a values file of ci/, or no test sees what it renders"
    assert not unseen, "\n".join(f"Nothing renders {file}. {advice}." for file in unseen)
