"""The chart's README says what values.yaml says, and the changelog what this version brings."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from textwrap import dedent

import pytest
import yaml

from tests.manifests import CHART, CHART_NAME, LOADER, ROOT, read_yaml, template

BLOCK = re.compile(r"^( *)```ya?ml *\n(.*?)^\1```", re.DOTALL | re.MULTILINE)
CHANGES = ("added", "changed", "deprecated", "removed", "fixed", "security")


def generated_readme(folder: Path) -> str:
    """Return what the README would be, made from values.yaml; fails the test if its comments are not complete."""
    values, readme = (Path(shutil.copy(CHART / name, folder / name)) for name in ("values.yaml", "README.md"))
    # Not by npx, which takes longer to start than the generator to run.
    program = shutil.which("readme-generator", path=ROOT / "node_modules" / ".bin")
    if not program:
        pytest.fail("The generator of the README is not installed. Install Node.js, then run: npm ci")
    command = [program, "--values", str(values), "--readme", str(readme)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.fail(f"readme-generator fails:\n{done.stdout}{done.stderr}")
    return readme.read_text(encoding="utf-8")


def test_the_readme_is_made_from_the_values(tmp_path: Path) -> None:
    written = (CHART / "README.md").read_text(encoding="utf-8").splitlines()
    wanted = generated_readme(tmp_path).splitlines()
    changed = [line for line in wanted if line not in written] + [line for line in written if line not in wanted]
    name = CHART.relative_to(ROOT).as_posix()
    command = f"npx --no -- readme-generator --values {name}/values.yaml --readme {name}/README.md"
    sentence = f"{name}/README.md does not say what values.yaml says. Run: {command}"
    assert written == wanted, "\n".join([sentence, *changed])


def examples() -> Iterator[tuple[int, object]]:
    """Give the values that the README shows, and the line where they begin; blocks with manifests are no values."""
    text = (CHART / "README.md").read_text(encoding="utf-8")
    for block in BLOCK.finditer(text):
        line = text.count("\n", 0, block.start(2)) + 1
        try:
            documents = list(yaml.load_all(dedent(block[2]), LOADER))
        except yaml.YAMLError as error:
            pytest.fail(f"README.md shows YAML in line {line} that cannot be read: {error}")
        if any(isinstance(document, dict) and "apiVersion" in document for document in documents):
            continue
        for document in documents:
            umbrella = isinstance(document, dict) and document.keys() == {CHART_NAME}
            yield line, document[CHART_NAME] if umbrella else document


def test_the_examples_of_the_readme_render(tmp_path: Path) -> None:
    def problem(example: tuple[int, object]) -> str:
        line, values = example
        path = tmp_path / f"{line}.yaml"
        path.write_text(yaml.safe_dump(values), encoding="utf-8")
        succeeded, said = template(path)
        return "" if succeeded else f"The values that README.md shows in line {line} do not render: {said}"

    with ThreadPoolExecutor() as pool:
        problems = [said for said in pool.map(problem, examples()) if said]
    assert not problems, "\n".join(problems)


def test_the_changelog_has_a_section_for_this_version() -> None:
    version = read_yaml(CHART / "Chart.yaml")["version"]
    path = ROOT / "CHANGELOG.md"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    heading = rf"^## \[{re.escape(version)}\] - \d{{4}}-\d\d-\d\d$"
    section = re.search(heading + r"(.*?)(?=^## |^\[|\Z)", text, re.DOTALL | re.MULTILINE)
    wanted = f"## [{version}] - <year>-<month>-<day>"
    assert section, f"CHANGELOG.md has no section for the chart's version: {wanted}"
    assert re.search(r"^- \S", section[1], re.MULTILINE), (
        f"CHANGELOG.md says nothing below {wanted}: list what changed."
    )


def is_a_change(entry: object) -> bool:
    """Tell whether Artifact Hub can read an entry of the annotation artifacthub.io/changes."""
    return isinstance(entry, dict) and entry.get("kind") in CHANGES and bool(entry.get("description"))


def test_the_chart_announces_its_changes() -> None:
    annotations = read_yaml(CHART / "Chart.yaml").get("annotations") or {}
    changes = yaml.load(annotations.get("artifacthub.io/changes", ""), LOADER)
    wrong = (
        [entry for entry in changes if not is_a_change(entry)] if isinstance(changes, list) and changes else [changes]
    )
    advice = f"Write a list of maps with a kind ({', '.join(CHANGES)}) and a description."
    assert not wrong, f"Chart.yaml: Artifact Hub cannot read {wrong} in artifacthub.io/changes. {advice}"
