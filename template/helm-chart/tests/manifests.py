"""What the chart renders: `helm template` as data.

Nothing here needs a cluster or a network. What Helm said is remembered until a file of the chart changes, since most
tests, and most gates, look at the same few renders; what they get are copies of their own.
"""

import contextlib
import functools
import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypedDict, Unpack

import pytest
import yaml

Manifest = dict[str, Any]
"""One Kubernetes object, or a part of one."""

ROOT = Path(__file__).parents[1]
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the parser in C is ten times as fast, where PyYAML has it
SOURCE = re.compile(r"^---\n# Source: [^/\n]+/(.+)\n", re.MULTILINE)  # Helm writes it above each object
DEFAULTS = "values.yaml"
REMEMBERED = ROOT / ".pytest_cache" / "renders"
A_DAY = 24 * 60 * 60


def _only_chart() -> Path:
    """Return the folder of the chart. Raises RuntimeError unless there is exactly one."""
    found = sorted(path.parent for path in ROOT.glob("charts/*/Chart.yaml"))
    if len(found) != 1:
        raise RuntimeError(f"charts/ holds {len(found)} folders with a Chart.yaml. Keep one chart in it.")
    return found[0]


def _oldest() -> str:
    """Return the oldest Kubernetes version that Chart.yaml allows."""
    wanted = str(read_yaml(CHART / "Chart.yaml").get("kubeVersion", ""))
    version = re.match(r">= ?v?(\d+\.\d+\.\d+)", wanted)
    if not version:
        raise RuntimeError(f"Chart.yaml has kubeVersion {wanted!r}. Begin it with the oldest version: '>=1.29.0-0'.")
    return version[1]


def _newest() -> str:
    """Return the newest Kubernetes version that kubernetes-validate knows; importing it would cost 0.2 s."""
    package = find_spec("kubernetes_validate")
    if not package or not package.origin:
        raise RuntimeError("kubernetes-validate is not installed: pip install -r requirements-dev.txt")
    folders = (Path(package.origin).parent / "kubernetes-json-schema").glob("v*-local")
    versions = [tuple(map(int, re.findall(r"\d+", folder.name))) for folder in folders]
    return ".".join(map(str, max(versions)))


def read_yaml(path: Path) -> Manifest:
    """Return the map that a YAML file holds; empty if it holds something else."""
    found = yaml.load(path.read_text(encoding="utf-8"), LOADER)
    return found if isinstance(found, dict) else {}


CHART = _only_chart()
CHART_NAME = CHART.name
OLDEST = _oldest()
NEWEST = _newest()


def helm(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Helm and return what it printed; fails the test if Helm is missing."""
    try:
        # Helm ends before it would have to collect garbage, which costs a fifth of its time.
        env = os.environ | {"GOGC": "off"}
        return subprocess.run(["helm", *arguments], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.fail("`helm` is not on PATH. Install Helm 3.19 or newer: https://helm.sh/docs/intro/install/")


@functools.cache
def _inputs() -> str:
    """Return a digest of all that a render depends on beside its arguments: the chart's files, and Helm itself."""
    program = Path(shutil.which("helm") or "helm")
    about = program.stat() if program.exists() else None
    digest = hashlib.sha256(f"{program} {about and (about.st_size, about.st_mtime_ns)}".encode())
    for path in sorted(path for path in CHART.rglob("*") if path.is_file()):
        digest.update(path.relative_to(CHART).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


@functools.cache
def _memory() -> Path:
    """Return the folder for what Helm says of the chart as it is now.

    Takes away those of earlier charts after a day: until then, another process may still use them.
    """
    folder = REMEMBERED / _inputs()
    folder.mkdir(parents=True, exist_ok=True)
    folder.touch()
    for other in REMEMBERED.iterdir():
        with contextlib.suppress(FileNotFoundError):  # another process was faster
            if time.time() - other.stat().st_mtime > A_DAY:
                shutil.rmtree(other, ignore_errors=True)
    return folder


@functools.cache
def remembered(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Helm on the chart once, for all tests and all gates, until a file of the chart changes.

    Only for arguments that name no file but the chart's own.
    """
    folder = _memory()
    path = folder / hashlib.sha256(json.dumps(arguments).encode()).hexdigest()
    with contextlib.suppress(FileNotFoundError):
        return subprocess.CompletedProcess(arguments, **json.loads(path.read_text(encoding="utf-8")))
    done = helm(*arguments)
    kept = {"returncode": done.returncode, "stdout": done.stdout, "stderr": done.stderr}
    folder.mkdir(parents=True, exist_ok=True)  # someone may have cleared pytest's cache
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=folder, delete=False) as file:
        json.dump(kept, file)
    Path(file.name).replace(path)
    return done


class Options(TypedDict, total=False):
    """What a user may give to `helm template`, beside values files."""

    set: Mapping[str, object]  # paths as of `--set` (`ingress.enabled`, `tolerations[0].key`), and what JSON can hold
    release: str
    namespace: str
    kube_version: str
    api_versions: tuple[str, ...]
    chart: Path  # another than this one: a changed copy


def _arguments(*values: Path, **options: Unpack[Options]) -> tuple[str, ...]:
    """Return the arguments of `helm template`."""
    return (
        options.get("release", CHART_NAME),
        str(options.get("chart", CHART)),
        f"--namespace={options.get('namespace', 'default')}",
        f"--kube-version={options.get('kube_version', NEWEST)}",
        *(f"--values={path}" for path in values),
        *(f"--set-json={path}={json.dumps(value)}" for path, value in options.get("set", {}).items()),
        *(f"--api-versions={version}" for version in options.get("api_versions", ())),
    )


def template(*values: Path, **options: Unpack[Options]) -> tuple[bool, str]:
    """Return whether `helm template` succeeds, and the manifests or the error; takes what `render` takes."""
    own = "chart" not in options and all(path.is_relative_to(CHART) for path in values)
    done = (remembered if own else helm)("template", *_arguments(*values, **options))
    return done.returncode == 0, done.stdout if done.returncode == 0 else done.stderr


def rendered_text(*values: Path, **options: Unpack[Options]) -> str:
    """Return what `helm template` prints; takes what `render` takes."""
    succeeded, text = template(*values, **options)
    if not succeeded:
        names = ", ".join(path.name for path in values) or DEFAULTS
        pytest.fail(f"The chart does not render with {names} and {options or 'nothing else'}:\n{text}")
    return text


def render_by_template(*values: Path, **options: Unpack[Options]) -> list[tuple[str, Manifest]]:
    """Return each object with the template that it comes from, `templates/service.yaml`; takes what `render` takes."""
    _, *parts = SOURCE.split(rendered_text(*values, **options))
    loaded = ((name, yaml.load(text, LOADER)) for name, text in zip(parts[::2], parts[1::2], strict=True))
    return [(name, manifest) for name, manifest in loaded if manifest]


def is_own(template: str) -> bool:
    """Tell whether a template is the chart's own, and none of a subchart: `charts/redis/templates/service.yaml`."""
    return template.startswith("templates/")


def render(*values: Path, own: bool = False, **options: Unpack[Options]) -> list[Manifest]:
    """Return all objects that the chart renders, hooks and tests too; with `own`, without those of subcharts.

    Takes values files, and by name what `Options` has. Fails the test if the render fails.
    """
    found = render_by_template(*values, **options)
    return [manifest for template, manifest in found if is_own(template) or not own]


def render_error(*values: Path, **options: Unpack[Options]) -> str:
    """Return what Helm says about values that it must refuse; fails the test if they render."""
    succeeded, text = template(*values, **options)
    if succeeded:
        pytest.fail(f"The chart renders with {[path.name for path in values]} and {options}, and should refuse them.")
    return text


def notes(folder: Path, *values: Path, **options: Unpack[Options]) -> str:
    """Return what NOTES.txt tells users, which `helm template` does not print; uses an empty folder.

    A copy of the chart shows it: there, a template prints the notes in a ConfigMap.
    """
    chart = Path(shutil.copytree(CHART, folder / CHART_NAME))
    text = (chart / "templates" / "NOTES.txt").read_text(encoding="utf-8")
    shown = """kind: ConfigMap
metadata: {name: notes}
data: {text: {{ include "copied.notes" . | toJson }}}
{{ define "copied.notes" }}"""
    (chart / "templates" / "copied-notes.yaml").write_text(shown + text + "{{ end }}", encoding="utf-8")
    rendered = dict(render_by_template(*values, **(options | {"chart": chart})))
    return str(rendered["templates/copied-notes.yaml"]["data"]["text"])


def values_files() -> list[Path]:
    """Return each platform's overlay and each values file of ci/, by name."""
    return sorted([*CHART.glob("platforms/*.yaml"), *CHART.glob("ci/*-values.yaml")])


def label(path: Path) -> str:
    """Return how messages name a file of the chart: its path inside the chart, or else in the repository."""
    inside = CHART if path.is_relative_to(CHART) else ROOT
    return path.relative_to(inside).as_posix()


def renders_by_template(**options: Unpack[Options]) -> dict[str, list[tuple[str, Manifest]]]:
    """Return what the chart renders with its defaults, and with each values file; the key names the file.

    A values file that does not render is left out: the gates `platforms` and `render` say so, and no other need repeat
    it. The defaults must render. Takes the options that `render` takes.
    """
    files = values_files()
    with ThreadPoolExecutor() as pool:
        succeeded = list(pool.map(lambda path: template(path, **options)[0], files))
    good = [path for path, fine in zip(files, succeeded, strict=True) if fine]
    defaults = {DEFAULTS: render_by_template(**options)}
    return defaults | {label(path): render_by_template(path, **options) for path in good}


def renders(*, own: bool = False, **options: Unpack[Options]) -> dict[str, list[Manifest]]:
    """Return the objects of `renders_by_template`; with `own`, without those of subcharts."""
    return {
        file: [manifest for template, manifest in found if is_own(template) or not own]
        for file, found in renders_by_template(**options).items()
    }


def richest() -> tuple[Path, ...]:
    """Return the values files to render with to see the most objects: one, or none for the defaults."""
    found = renders()
    paths = {label(path): (path,) for path in values_files()}
    return paths.get(max(found, key=lambda name: len(found[name])), ())


def objects(*, own: bool = False) -> Iterator[tuple[str, Manifest]]:
    """Give each object of each render, and how to name it: `Service/web (ci/minimal-values.yaml)`.

    With `own`, those of subcharts are left out.
    """
    for file, manifests in renders(own=own).items():
        for manifest in manifests:
            yield f"{title(manifest)} ({file})", manifest


def title(manifest: Manifest) -> str:
    """Return how messages name an object: `Service/web`."""
    return f"{manifest['kind']}/{manifest['metadata']['name']}"


def only(manifests: list[Manifest], kind: str) -> Manifest:
    """Return the one object of a kind; fails the test if there is none, or more than one."""
    found = [manifest for manifest in manifests if manifest["kind"] == kind]
    if len(found) != 1:
        pytest.fail(f"{len(found)} objects of the kind {kind} are rendered, among {[title(m) for m in manifests]}.")
    return found[0]


def kinds(manifests: list[Manifest]) -> set[str]:
    """Return the kinds of objects."""
    return {manifest["kind"] for manifest in manifests}


def pod_templates(manifests: list[Manifest]) -> Iterator[tuple[str, Manifest]]:
    """Give every pod, with its metadata and spec, and the name of its object: of workloads, hooks and tests.

    A pod is what has a spec with containers, however deep it lies: so that of a CronJob is found, and that of a custom
    resource.
    """
    for manifest in manifests:
        for part in _parts(manifest):
            if isinstance(part.get("spec"), dict) and isinstance(part["spec"].get("containers"), list):
                yield title(manifest), part


def _parts(node: object) -> Iterator[Manifest]:
    """Give each mapping inside an object."""
    if isinstance(node, dict):
        yield node
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for child in children:
        yield from _parts(child)


def pod_specs(manifests: list[Manifest]) -> Iterator[tuple[str, Manifest]]:
    """Give the spec of every pod, and the name of its object."""
    for name, template in pod_templates(manifests):
        yield name, template["spec"]


def containers(spec: Manifest) -> list[Manifest]:
    """Return all containers of a pod, those that start it too."""
    groups = ("initContainers", "containers", "ephemeralContainers")
    return [container for group in groups for container in spec.get(group) or []]
