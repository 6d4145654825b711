"""`helm-chart`: what its README promises, with real Helm, and that its gates find what they are for."""

import os
import re
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import yaml

from tests.helm import PACKAGES, helm_folder
from tests.helpers import commit, gate_results, generate, git, run, write
from tests.project_types.canaries import Canary, replace
from tests.project_types.canaries_helm_chart import plant_image_that_cannot_be_pulled
from tests.project_types.python_projects import Proven, PythonFor, install_as_told, start, task_results, tasks_among
from tests.project_types.violations_helm_chart import VIOLATIONS

pytestmark = pytest.mark.slow

TYPE = "helm-chart"
PLATFORMS = ("eks", "gke", "aks", "openshift", "local")

Helm = Callable[[str], Path]


@pytest.fixture(scope="session")
def helm(tmp_path_factory: pytest.TempPathFactory) -> Helm:
    """A function that gives the program of a version of Helm."""
    return lambda version: helm_folder(version, tmp_path_factory.getbasetemp().parent) / "helm"


@pytest.fixture(scope="module")
def project(files: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A generated chart that no test changes."""
    return start(files, tmp_path_factory.mktemp("chart") / "acme", TYPE)


def values_files(chart: Path) -> list[Path]:
    return sorted([*chart.glob("platforms/*.yaml"), *chart.glob("ci/*.yaml")])


def path_with(program: Path) -> str:
    return f"{program.parent}{os.pathsep}{os.environ['PATH']}"


@pytest.mark.parametrize(("task", "plant"), [pytest.param(task, plant, id=name) for task, name, plant in VIOLATIONS])
def test_a_violation_is_found_by_the_task_it_belongs_to(
    project: Path, tmp_path: Path, python_for: PythonFor, task: str, plant: Canary
) -> None:
    copy = shutil.copytree(project, tmp_path / "acme", symlinks=True)
    python = python_for(copy)
    plant(copy, "acme")
    assert task_results(copy, [task], python) == {task: "fail"}


@pytest.mark.parametrize("values", ["", *PLATFORMS, "all-features", "crds", "minimal"])
def test_helm_3_and_helm_4_render_the_same(project: Path, helm: Helm, values: str) -> None:
    chart = project / "charts/acme"
    chosen = [f"--values={path}" for path in values_files(chart) if values and path.name.startswith(values)]
    assert len(chosen) == bool(values)
    first, *others = [run([helm(version), "template", "acme", chart, *chosen], project).stdout for version in PACKAGES]
    assert "kind: Deployment" in first
    assert others == [first]


def test_every_test_of_a_chart_passes_with_helm_3_too(project: Path, python_for: PythonFor, helm: Helm) -> None:
    python = python_for(project)
    run([python, "-m", "pytest", "-q"], project, PATH=path_with(helm("3.19.0")))


@pytest.mark.parametrize("version", PACKAGES)
def test_it_works_as_a_subchart_that_its_parent_configures_and_switches_off(
    project: Path, tmp_path: Path, helm: Helm, version: str
) -> None:
    dependency = f"dependencies: [{{name: acme, version: 0.1.0, repository: 'file://{project}/charts/acme', "
    parent = write(
        tmp_path / "parent",
        {
            "Chart.yaml": "apiVersion: v2\nname: parent\nversion: 0.1.0\n" + dependency + "condition: acme.enabled}]\n",
            "values.yaml": "global: {team: web}\nacme: {enabled: true, replicaCount: 5}\n",
        },
    )
    run([helm(version), "dependency", "build", parent], parent)
    rendered = list(yaml.safe_load_all(run([helm(version), "template", "demo", parent], parent).stdout))
    (deployment,) = [item for item in rendered if item["kind"] == "Deployment"]
    assert (deployment["metadata"]["name"], deployment["spec"]["replicas"]) == ("demo-acme", 5)
    assert run([helm(version), "template", "demo", parent, "--set=acme.enabled=false"], parent).stdout.strip() == ""
    told = run([helm(version), "template", "demo", parent, "--set=acme.replicas=5"], parent, expect=1).stderr
    assert "replicas" in told


@pytest.mark.parametrize(
    ("platforms", "answers"),
    [
        (["openshift"], {"image_repository": "registry.example.com/a-team/and-a-very-long/path-to-an-image"}),
        (["local"], {"image_repository": "nginx", "chart_name": "c", "license": "none"}),
        (
            PLATFORMS,
            {
                "chart_name": "a-chart-with-the-longest-name-of-them-al",
                "description": "Ünïcode: \"quotes\" & 'more' # a",
            },
        ),
    ],
    ids=["own image on one platform", "short", "long"],
)
def test_a_chart_of_other_answers_holds_its_gates_too(
    files: Path, tmp_path: Path, python_for: PythonFor, platforms: Sequence[str], answers: dict[str, str]
) -> None:
    project = start(files, tmp_path / "acme", TYPE, platforms=list(platforms), **answers)
    (chart,) = (project / "charts").iterdir()
    assert sorted(path.stem for path in chart.glob("platforms/*")) == sorted(platforms)
    # In one process, since no text of a script depends on an answer.
    python = python_for(project)
    run([python, "-m", "pytest", "-q", "tests/contract", "tests/unit"], project, PATH=path_with(python))


CLUSTER = """#!/usr/bin/env python3
# Stands in for a cluster: installs what the real Helm renders, unless the image's tag was never pushed.
import os, subprocess, sys

command, arguments = sys.argv[1], sys.argv[2:]
if command in ("install", "upgrade"):
    dropped = ("--wait", "--timeout", "--kubeconfig", "--kube-context", "--install", "--atomic", "--rollback")
    kept = [item for item in arguments if not item.startswith(dropped)]
    done = subprocess.run([os.environ["REAL_HELM"], "template", *kept], capture_output=True, text=True)
    print(done.stdout + done.stderr)
    sys.exit(done.returncode or "never-pushed" in done.stdout)
"""


def stand_ins(folder: Path, helm: Path, *, without: str = "") -> dict[str, str]:
    """An environment whose PATH has a pretended cluster: `kind` and `kubectl` that agree to all, and such a Helm."""
    for name, text in {"kind": "#!/bin/sh\n", "kubectl": "#!/bin/sh\n", "helm": CLUSTER}.items():
        if name != without:
            program = write(folder, {name: text}) / name
            program.chmod(0o755)
    git_folder = Path(shutil.which("git") or "").parent
    return {"PATH": f"{folder}{os.pathsep}{git_folder}{os.pathsep}/bin", "REAL_HELM": str(helm)}


@pytest.mark.skipif(sys.platform == "win32", reason="programs that stand in for others are scripts of a POSIX shell")
def test_the_test_deployment_is_judged_in_ci_alone_and_fails_where_the_cluster_refuses(
    files: Path, tmp_path: Path, python_for: PythonFor, helm: Helm
) -> None:
    project = start(files, tmp_path / "acme", TYPE)
    python = python_for(project)
    assert gate_results(project, "CHART-04", python=python) == {"CHART-04": "open"}
    deploy = (python, "-m", "scripts.deploy")
    environment = stand_ins(tmp_path / "programs", helm("4.1.4"))
    run(deploy, project, expect=0, **environment)
    told = run(deploy, project, expect=1, **stand_ins(tmp_path / "fewer", helm("4.1.4"), without="kind"))
    assert "`kind` is not on PATH" in told.stderr
    plant_image_that_cannot_be_pulled(project, "acme")
    told = run(deploy, project, expect=1, **environment)
    assert "Not deployed: minimal" in told.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="the README's commands are written for a POSIX shell")
def test_the_readmes_commands_install_render_test_and_judge(
    files: Path, tmp_path: Path, helm: Helm, proven: Proven
) -> None:
    project = generate(files, tmp_path / "acme", project_type=TYPE)
    text = (project / "README.md").read_text(encoding="utf-8")
    blocks = dict(re.findall(r"^## ([^\n]+)\n(?:(?!^## ).)*?^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL))
    path = path_with(helm("4.1.4"))

    def shell(command: str) -> str:
        return run(["bash", "-e", "-c", f". .venv/bin/activate\n{command}"], project, PATH=path).stdout

    install_as_told(project, blocks["Set up"], PATH=path)
    commit(project, "Start")
    assert "kind: NetworkPolicy" in shell(blocks["Render and install"])
    assert shell(blocks["Platforms"]).count("kind: Deployment") == len(PLATFORMS)
    shell(blocks["Make it yours"])
    assert "No release yet" in shell(blocks["Test"])
    proven.add(project, TYPE, tasks_among(TYPE, blocks["Test"].splitlines()))
    assert "VALUES-01" in shell(blocks["Gates"])
    assert git(project, "status", "--porcelain") == ""
    refused = re.findall(r"^(helm template .*?) +# refused: (.+)$", text, re.MULTILINE)
    assert len(refused) == 2
    for command, reason in refused:
        told = run(["bash", "-c", command], project, expect=1, PATH=path).stderr
        assert re.split(r"[ :]", reason)[0] in told or "replicacount" in told, told


def test_an_example_of_the_charts_readme_renders(project: Path, tmp_path: Path, helm: Helm) -> None:
    text = (project / "charts/acme/README.md").read_text(encoding="utf-8")
    examples = text[text.index("## Examples") : text.index("## Upgrade")]
    blocks = re.findall(r"^```yaml\n(.*?)^```", examples, re.MULTILINE | re.DOTALL)
    assert len(blocks) > 3
    for number, block in enumerate(blocks):
        values = write(tmp_path, {f"{number}.yaml": block}) / f"{number}.yaml"
        lies_below = "acme:" in block.splitlines()[0]
        if not lies_below:
            run([helm("4.1.4"), "template", "acme", "charts/acme", "-f", values], project)


def test_a_platform_that_is_chosen_later_brings_its_overlay_and_leaves_the_chart_alone(
    template: Path, tmp_path: Path
) -> None:
    project = start(template, tmp_path / "acme", TYPE, platforms=["eks"])
    chart = project / "charts/acme"
    replace(chart / "values.yaml", "replicaCount: 2", "replicaCount: 4")
    commit(project, "Make it ours")
    command = ["copier", "update", "--defaults", "--quiet", "--vcs-ref", ":current:", "--data", "platforms=[eks, gke]"]
    run(command, project)
    assert git(project, "ls-files", "--unmerged") == ""
    assert sorted(path.stem for path in chart.glob("platforms/*")) == ["eks", "gke"]
    changed = git(project, "status", "--porcelain", "charts").split()
    assert changed == ["??", "charts/acme/platforms/gke.yaml"]


@pytest.mark.parametrize("ci", ["github", "gitlab", "none"])
def test_only_the_ci_that_was_chosen_releases_and_the_readme_says_how(files: Path, tmp_path: Path, ci: str) -> None:
    project = generate(files, tmp_path / "acme", project_type=TYPE, ci=ci)
    places = {"github": ".github/workflows/release.yml", "gitlab": ".gitlab/release.yml"}
    there = {name for name, place in places.items() if (project / place).exists()}
    assert there == {ci} - {"none"}
    text = (project / "README.md").read_text(encoding="utf-8")
    assert {name for name, place in places.items() if place in text} == there
    assert "python -m scripts.release oci://" in text
    if ci == "gitlab":
        pipeline = yaml.safe_load((project / ".gitlab-ci.yml").read_text(encoding="utf-8"))
        assert pipeline["include"] == [{"local": ".gitlab/release.yml"}]
        assert all("$CI_COMMIT_TAG == null" in pipeline[job]["rules"][0]["if"] for job in ("tests", "gates"))
