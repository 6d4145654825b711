"""The chart at an earlier commit and as it is here: read with git, rendered with Helm, and old values tried on the new.

Both are copied to a temporary folder, so that neither changes while they are compared, nor does the working tree.
"""

import io
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TypeVar

import yaml

from scripts.chart_changes import NAMESPACE, Chart, Manifest, Version, oldest_kubernetes
from scripts.chart_values import Json, KeyPath, Value, declared, doubtful_values, is_deprecated, leaves, nest, samples
from scripts.repository import RepositoryError, check_tools

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the parser in C is ten times as fast, where PyYAML has it
REFUSED_BY_SCHEMA = "values don't meet the specifications of the schema"  # what Helm prints
Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Comparison:
    """The chart at BASE and as it is here, in temporary folders.

    errors: the values of BASE that no longer work, and what Helm says if one of them is set.
    """

    base: str
    old_folder: Path
    new_folder: Path
    old: Chart
    new: Chart
    errors: Mapping[KeyPath, str] = field(default_factory=dict)

    def render_old(self, values: str) -> tuple[Manifest, ...] | str:
        """Render the chart at BASE with the text of a values file."""
        return render(self.old_folder, values, self._kubernetes)

    def render_new(self, values: str) -> tuple[Manifest, ...] | str:
        """Render the chart as it is here with the text of a values file."""
        return render(self.new_folder, values, self._kubernetes)

    @property
    def _kubernetes(self) -> str:
        """The oldest version that both charts admit, so that a `kubeVersion` that was raised hides nothing else."""
        oldest = max(oldest_kubernetes(chart.kube_version) for chart in (self.old, self.new))
        return ".".join(map(str, oldest))


def in_parallel(function: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """Return what a function returns for each item, in order; Helm, which it runs, takes as many cores as there are."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(function, items))


def execute(*command: str, folder: Path, text: str = "") -> subprocess.CompletedProcess[bytes]:
    """Run a program in a folder. Raises RepositoryError if it is not installed."""
    check_tools(command[0])
    return subprocess.run(command, cwd=folder, input=text.encode(), capture_output=True, check=False)


def said(done: subprocess.CompletedProcess[bytes]) -> str:
    """Return the error that a program printed, as one line."""
    words = done.stderr.decode(errors="replace").split("\n\nUse --debug")[0].split()
    return " ".join(words).removeprefix("Error: ").removeprefix("fatal: ")


@cache
def render(folder: Path, values: str, kubernetes: str) -> tuple[Manifest, ...] | str:
    """Return the objects that a chart renders, or what Helm says instead. A folder must not change afterwards."""
    version = [] if kubernetes == "0.0.0" else ["--kube-version", kubernetes]
    options = ["--namespace", NAMESPACE, "--values", "-", *version]
    done = execute("helm", "template", "release", ".", *options, folder=folder, text=values)
    if done.returncode:
        return said(done)
    try:
        return tuple(it for it in yaml.load_all(done.stdout, LOADER) if isinstance(it, dict))
    except yaml.YAMLError as error:
        return f"what it renders is not YAML: {' '.join(str(error).split())}"


@cache
def package(folder: Path) -> dict[str, bytes]:
    """Return what `helm package` packs, by path; Chart.yaml without its version. Raises RepositoryError if it fails."""
    with tempfile.TemporaryDirectory() as target:
        done = execute("helm", "package", ".", "--destination", target, folder=folder)
        if done.returncode:
            raise RepositoryError(f"`helm package` failed: {said(done)}")
        with tarfile.open(next(Path(target).iterdir())) as archive:
            names = [it.name for it in archive.getmembers() if it.isfile()]
            archive.extractall(target, filter="data")
            files = {name.partition("/")[2]: Path(target, name).read_bytes() for name in names}
    (metadata,) = yaml.load_all(files["Chart.yaml"], LOADER)
    files["Chart.yaml"] = json.dumps({**metadata, "version": ""}, sort_keys=True, default=str).encode()
    return files


def last_release(root: Path) -> str | None:
    """Return the tag of the last release, None before the first. Raises RepositoryError where that cannot be known."""
    shallow = execute("git", "rev-parse", "--is-shallow-repository", folder=root)
    if shallow.returncode:
        raise RepositoryError(f"The last release is not known, since git says: {said(shallow)}")
    if shallow.stdout.strip() == b"true":
        raise RepositoryError(
            "This clone is shallow, so its releases are not known. Fetch the history and the tags: "
            "git fetch --unshallow --tags (with actions/checkout: fetch-depth: 0)"
        )
    tags = execute("git", "tag", "--list", "v*", "--merged", "HEAD", folder=root).stdout.decode().split()
    releases = [(version, tag) for tag in tags if (version := Version.parse(tag[1:])) and version.is_final]
    return max(releases)[1] if releases else None


def check_out(root: Path, base: str, target: Path) -> None:
    """Copy charts/ as it is at a commit into a folder. Raises RepositoryError if there is none."""
    commit = execute("git", "rev-parse", "--verify", f"{base}^{{commit}}", folder=root)
    if commit.returncode:
        raise RepositoryError(f"{base} is no tag, branch or commit that is fetched here; git says: {said(commit)}")
    done = execute("git", "archive", "--format=tar", base, "charts", folder=root)
    if done.returncode:
        raise RepositoryError(f"{base} has no folder charts/, so there is nothing to compare with. Name another BASE.")
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(target, filter="data")


def read_yaml(path: Path, where: str) -> dict[str, Json]:
    """Return the mapping in a YAML or JSON file, empty if there is no file. Raises RepositoryError if it is none."""
    try:
        content: Json = next(yaml.load_all(path.read_text(encoding="utf-8"), LOADER), {}) if path.exists() else {}
    except yaml.YAMLError as error:
        raise RepositoryError(f"{path.name} {where} is not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(content or {}, dict):
        raise RepositoryError(f"{path.name} {where} has no keys and should have some.")
    return content or {}


def read_chart(root: Path, where: str) -> tuple[Path, Chart]:
    """Return the only chart below charts/. Raises RepositoryError if there is none, or if it cannot be read."""
    found = sorted(root.glob("charts/*/Chart.yaml"))
    if len(found) != 1:
        raise RepositoryError(f"charts/ {where} holds {len(found)} charts and should hold one.")
    folder = found[0].parent
    metadata = read_yaml(folder / "Chart.yaml", where)
    version = Version.parse(str(metadata.get("version")))
    if not version:
        raise RepositoryError(
            f"Chart.yaml {where} has version {metadata.get('version')!r}, which is no semantic version such as 1.4.2."
        )
    values = declared(read_yaml(folder / "values.yaml", where), read_yaml(folder / "values.schema.json", where))
    overlays = frozenset(name for name in values_files(folder) if name.startswith("platforms/"))
    return folder, Chart(str(metadata.get("name")), version, str(metadata.get("kubeVersion", "")), values, overlays)


def values_files(folder: Path) -> dict[str, str]:
    """Return the texts of a chart's overlays, and of what chart-testing installs, by name."""
    paths = sorted([*folder.glob("platforms/*.yaml"), *folder.glob("ci/*-values.yaml")])
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in paths}


def is_unchanged(both: Comparison) -> bool:
    """Return whether the chart is as it was at BASE, up to its version."""
    if values_files(both.old_folder) != values_files(both.new_folder):
        return False
    old, new = in_parallel(package, (both.old_folder, both.new_folder))
    return old == new


def compare(root: Path, base: str, target: Path) -> Comparison:
    """Return both versions of the chart, copied to a folder. Raises RepositoryError if they cannot be compared."""
    check_out(root, base, target / "old")
    shutil.copytree(root / "charts", target / "new" / "charts")
    old_folder, old = read_chart(target / "old", f"at {base}")
    new_folder, new = read_chart(target / "new", "in the working tree")
    if old.name != new.name:
        raise RepositoryError(
            f"The chart is called {old.name} at {base}, and {new.name} here. No release can be upgraded to a chart of "
            f"another name: call it {old.name} again, or start a repository for {new.name}."
        )
    build_dependencies(old_folder, base)
    both = Comparison(base, old_folder, new_folder, old, new)
    both = replace(both, old=replace(old, values=usable_values(both)))
    errors = try_values(both)
    return replace(both, new=replace(new, refused=frozenset(errors)), errors=errors)


def build_dependencies(folder: Path, base: str) -> None:
    """Fetch the charts that a chart needs unless they are in git. Raises RepositoryError if that fails."""
    if read_yaml(folder / "Chart.yaml", f"at {base}").get("dependencies") and not (folder / "charts").exists():
        done = execute("helm", "dependency", "build", ".", folder=folder)
        if done.returncode:
            raise RepositoryError(f"`helm dependency build` failed for the chart at {base}: {said(done)}")


def usable_values(both: Comparison) -> dict[KeyPath, Value]:
    """Return the values at BASE without those which its templates refused already: nobody can have set them."""
    values = both.old.values
    deprecated = [path for path in leaves(values) if is_deprecated(values, path)]
    refusals = in_parallel(lambda path: is_refused(both, path), deprecated)
    refused = {path for path, refusal in zip(deprecated, refusals, strict=True) if refusal}

    def is_usable(path: KeyPath) -> bool:
        below = [leaf for leaf in leaves(values) if leaf[: len(path)] == path]
        return not is_deprecated(values, path) or not refused.issuperset(below)

    return {path: value for path, value in values.items() if is_usable(path)}


def is_refused(both: Comparison, path: KeyPath) -> bool:
    """Return whether the templates at BASE refuse a value. What its schema refuses may be a sample that is none."""
    results = [both.render_old(yaml.safe_dump(nest(path, sample))) for sample in samples(both.old.values[path])]
    return all(isinstance(result, str) and REFUSED_BY_SCHEMA not in result for result in results)


def working_sample(both: Comparison, path: KeyPath) -> str | None:
    """Return the text of a values file that sets one value and that BASE renders, None if none is found."""
    texts = [yaml.safe_dump(nest(path, sample)) for sample in samples(both.old.values[path])]
    return next((text for text in texts if not isinstance(both.render_old(text), str)), None)


def try_values(both: Comparison) -> dict[KeyPath, str]:
    """Set each value that may be gone, alone, and return those which do not work with what Helm says."""
    paths = doubtful_values(both.old.values, both.new.values)
    errors = in_parallel(lambda path: try_value(both, path), paths)
    return {path: error for path, error in zip(paths, errors, strict=True) if error}


def try_value(both: Comparison, path: KeyPath) -> str:
    """Return what Helm says if one value is set that worked at BASE; nothing if it works, or never worked alone."""
    text = working_sample(both, path)
    if text is None:
        return try_unfit_value(both, path)
    before, after = both.render_old(text), both.render_new(text)
    if isinstance(after, str):
        return after
    is_ignored = after == both.render_new("") and before != both.render_old("")
    return "nothing, and it changes nothing either" if is_ignored else ""


def try_unfit_value(both: Comparison, path: KeyPath) -> str:
    """Return what the templates say to a value of which the schema at BASE took no sample, nothing if it took one."""
    text = yaml.safe_dump(nest(path, samples(both.old.values[path])[0]))
    before, after = both.render_old(text), both.render_new(text)
    by_schema = [isinstance(result, str) and REFUSED_BY_SCHEMA in result for result in (before, after)]
    return after if by_schema == [True, False] and isinstance(after, str) else ""
