"""The chart at the last release and as it is here, on a small chart in a repository of its own."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from scripts.chart_changes import Chart, Version, classify
from scripts.chart_values import declared
from scripts.comparison import (
    REFUSED_BY_SCHEMA,
    Comparison,
    build_dependencies,
    check_out,
    compare,
    is_unchanged,
    last_release,
    package,
    read_chart,
    render,
    try_value,
    usable_values,
)
from scripts.repository import RepositoryError
from tests.scripts.repositories import commit, copy, git, start, write, write_program

CONFIG_MAP = """apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}
data:
  color: {{ .Values.color | quote }}
"""
SCHEMA = {"type": "object", "additionalProperties": False, "properties": {"color": {"type": "string"}}}


def write_chart(root: Path, values: str = "color: red\n", template: str = CONFIG_MAP, **properties: object) -> Path:
    """Write a small chart with one ConfigMap, and return its folder."""
    folder = root / "charts/small"
    (folder / "templates").mkdir(parents=True, exist_ok=True)
    (folder / "Chart.yaml").write_text("apiVersion: v2\nname: small\nversion: 1.0.0\n")
    (folder / "values.yaml").write_text(values)
    schema = {**SCHEMA, "properties": {**SCHEMA["properties"], **properties}}  # type: ignore[dict-item]
    (folder / "values.schema.json").write_text(json.dumps(schema))
    (folder / "templates/configmap.yaml").write_text(template)
    return folder


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a repository that has released a small chart; it is read only."""
    root = tmp_path_factory.mktemp("released")
    write_chart(root)
    return start(root, "v1.0.0")


@pytest.fixture
def root(released: Path, tmp_path: Path) -> Path:
    """Return a copy of the repository that has released a small chart."""
    return copy(released, tmp_path / "repository")


def test_before_the_first_commit_there_is_no_release(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    assert last_release(tmp_path) is None


def test_the_last_release_is_the_newest_that_is_an_ancestor_and_no_pre_release(root: Path) -> None:
    commit(root, "v1.9.0", "v1.10.0", "v2.0.0-rc.1", "very-old", "vx")
    git(root, "checkout", "--quiet", "-b", "later")
    commit(root, "v2.0.0")
    git(root, "checkout", "--quiet", "v1.10.0")
    assert last_release(root) == "v1.10.0"


def test_in_a_shallow_clone_the_last_release_is_not_known(root: Path, tmp_path: Path) -> None:
    commit(root)
    git(tmp_path, "clone", "--quiet", "--depth=1", root.as_uri(), "clone")
    with pytest.raises(RepositoryError, match="git fetch --unshallow --tags"):
        last_release(tmp_path / "clone")


def test_outside_a_repository_the_last_release_is_not_known(tmp_path: Path) -> None:
    with pytest.raises(RepositoryError, match="not a git repository"):
        last_release(tmp_path)


def test_a_base_that_is_no_commit_is_named(released: Path, tmp_path: Path) -> None:
    with pytest.raises(RepositoryError, match=r"^v9\.0\.0 is no tag, branch or commit"):
        check_out(released, "v9.0.0", tmp_path)


def test_a_base_without_charts_is_named(tmp_path: Path) -> None:
    start(tmp_path)
    with pytest.raises(RepositoryError, match="HEAD has no folder charts/"):
        check_out(tmp_path, "HEAD", tmp_path / "old")


def test_a_program_that_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RepositoryError, match=r"`helm` is not on PATH. Install it: https://helm\.sh"):
        render(tmp_path, "", "0.0.0")


@pytest.mark.parametrize(
    ("file", "text", "sentence"),
    [
        (
            "Chart.yaml",
            "version: 1.0\nname: small\n",
            r"Chart\.yaml here has version 1\.0, which is no semantic version",
        ),
        ("Chart.yaml", "a: [", r"Chart\.yaml here is not YAML: "),
        ("values.yaml", "- a\n", r"values\.yaml here has no keys"),
        ("../other/Chart.yaml", "", "holds 2 charts and should hold one"),
    ],
)
def test_a_chart_that_cannot_be_read_is_described(tmp_path: Path, file: str, text: str, sentence: str) -> None:
    write_chart(tmp_path)
    write(tmp_path / "charts/small" / file, text)
    with pytest.raises(RepositoryError, match=sentence):
        read_chart(tmp_path, "here")


def test_a_chart_is_read(tmp_path: Path) -> None:
    folder = write_chart(tmp_path)
    write(folder / "platforms/eks.yaml", "")
    (folder / "values.yaml").write_text("")
    (folder / "values.schema.json").unlink()
    overlays = frozenset({"platforms/eks.yaml"})
    chart = Chart("small", Version((1, 0, 0)), values=declared({}, {}), overlays=overlays)
    assert read_chart(tmp_path, "here") == (folder, chart)


def test_a_chart_with_another_name_is_not_compared(root: Path, tmp_path: Path) -> None:
    chart = root / "charts/small/Chart.yaml"
    chart.write_text(chart.read_text().replace("small", "other"))
    with pytest.raises(RepositoryError, match=r"called small at v1\.0\.0, and other here"):
        compare(root, "v1.0.0", tmp_path)


def test_a_package_is_compared_without_its_version_and_what_helm_ignores(tmp_path: Path) -> None:
    folder = write_chart(tmp_path)
    write(folder / ".helmignore", "ci/\n")
    later = shutil.copytree(folder, tmp_path / "later/small")
    write(later / "Chart.yaml", "apiVersion: v2\nname: small\nversion: 2.0.0\n")
    write(later / "ci/notes.txt", "")
    chart = Chart("small", Version((1, 0, 0)))
    both = Comparison("v1.0.0", folder, later, chart, chart)
    assert is_unchanged(both)
    write(later / "ci/all-values.yaml", "")
    assert not is_unchanged(both)


@pytest.fixture
def failing_helm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Helm fail whatever it is to do."""
    write_program(tmp_path / "programs/helm", "echo Error: it is missing >&2; exit 1")
    monkeypatch.setenv("PATH", str(tmp_path / "programs"))


@pytest.mark.usefixtures("failing_helm")
def test_a_chart_that_helm_cannot_pack_is_described(tmp_path: Path) -> None:
    with pytest.raises(RepositoryError, match="`helm package` failed: it is missing"):
        package(tmp_path)


def test_dependencies_that_are_not_in_git_are_fetched(tmp_path: Path) -> None:
    folder = write_chart(tmp_path)
    library = tmp_path / "library"
    library.mkdir()
    (library / "Chart.yaml").write_text("apiVersion: v2\nname: library\nversion: 1.0.0\n")
    chart = folder / "Chart.yaml"
    dependency = {"name": "library", "version": "1.0.0", "repository": "file://../../library"}
    chart.write_text(f"{chart.read_text()}dependencies: [{json.dumps(dependency)}]\n")
    build_dependencies(folder, "v1.0.0")
    assert (folder / "charts/library-1.0.0.tgz").exists()


@pytest.mark.usefixtures("failing_helm")
def test_dependencies_that_cannot_be_fetched_are_described(tmp_path: Path) -> None:
    write(tmp_path / "Chart.yaml", "dependencies: [{name: missing}]\n")
    sentence = r"`helm dependency build` failed for the chart at v1\.0\.0: it is missing"
    with pytest.raises(RepositoryError, match=sentence):
        build_dependencies(tmp_path, "v1.0.0")


def test_what_is_rendered_for_a_kubernetes_that_the_chart_does_not_admit_is_what_helm_says(tmp_path: Path) -> None:
    folder = write_chart(tmp_path)
    chart = folder / "Chart.yaml"
    chart.write_text(f'{chart.read_text()}kubeVersion: ">=1.29.0-0"\n')
    assert str(render(folder, "", "1.28.0")).startswith("chart requires kubeVersion: >=1.29.0-0")


def fake_comparison(monkeypatch: pytest.MonkeyPatch, old: dict[str, object], new: dict[str, object]) -> Comparison:
    """Return a comparison of which the text of a values file decides what is rendered, instead of Helm."""

    def render_from_table(folder: Path, values: str, kubernetes: str) -> object:
        assert kubernetes == "0.0.0"
        table = {"old": old, "new": new}[folder.name]
        return table.get(values.strip(), table[""])

    monkeypatch.setattr("scripts.comparison.render", render_from_table)
    schema = {"properties": {"color": {"deprecated": True}}}
    chart = Chart("small", Version((1, 0, 0)), values=declared({"color": "red"}, schema))
    return Comparison("v1.0.0", Path("old"), Path("new"), chart, chart)


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ({"": (), "color: redx": ({},)}, {"": (), "color: redx": ({},)}, ""),
        ({"": (), "color: redx": ({},)}, {"": ()}, "nothing, and it changes nothing either"),
        ({"": ()}, {"": ()}, ""),
        ({"": (), "color: redx": "no"}, {"": (), "color: red": "gone"}, "gone"),
        ({"": "no"}, {"": "gone"}, ""),
        ({"": REFUSED_BY_SCHEMA}, {"": "gone"}, "gone"),
        ({"": REFUSED_BY_SCHEMA}, {"": ()}, ""),
        ({"": REFUSED_BY_SCHEMA}, {"": REFUSED_BY_SCHEMA}, ""),
    ],
    ids=[
        "it works",
        "it is ignored",
        "it never did anything",
        "only its default worked",
        "it never worked alone",
        "no sample fits, and it is gone",
        "no sample fits, and it is there",
        "no sample fits either version",
    ],
)
def test_a_value_is_tried_alone(
    monkeypatch: pytest.MonkeyPatch, old: dict[str, object], new: dict[str, object], error: str
) -> None:
    assert try_value(fake_comparison(monkeypatch, old, new), ("color",)) == error


@pytest.mark.parametrize(
    ("render", "is_usable"), [((), True), ("color is gone", False), (f"{REFUSED_BY_SCHEMA}(s)", True)]
)
def test_a_value_that_the_base_refused_already_is_left_out(
    monkeypatch: pytest.MonkeyPatch, render: object, is_usable: bool
) -> None:
    values = usable_values(fake_comparison(monkeypatch, {"": render}, {"": ()}))
    assert (("color",) in values) is is_usable


def test_a_map_that_the_base_refused_already_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    both = fake_comparison(monkeypatch, {"": "colors is gone"}, {"": ()})
    gone = {"deprecated": True, "properties": {"front": {}, "back": {}}}
    values = declared({}, {"properties": {"colors": gone, "kept": {"properties": {"color": {"deprecated": True}}}}})
    assert usable_values(replace(both, old=replace(both.old, values=values))).keys() == {(), ("kept",)}


def test_what_is_compared_is_rendered_and_tried_and_what_was_removed_before_is_no_change(
    root: Path, tmp_path: Path
) -> None:
    fail = '{{ if hasKey .Values "color" }}{{ fail "color was replaced by paint." }}{{ end }}\n'
    template = fail + CONFIG_MAP.replace(".color", ".paint")
    write_chart(root, "paint: red\n", template, color={"deprecated": True}, paint={"type": "string"})
    both = compare(root, "v1.0.0", tmp_path / "target")
    assert both.errors.keys() == both.new.refused == {("color",)}
    assert both.errors[("color",)].endswith("color was replaced by paint.")
    commit(root, "v2.0.0")
    later = compare(root, "v2.0.0", tmp_path / "later")
    assert not classify(later.old, later.new)


def test_what_only_helm_reads_as_yaml_is_described(tmp_path: Path) -> None:
    folder = write_chart(tmp_path, template=CONFIG_MAP + "  sign: =\n")
    assert str(render(folder, "", "0.0.0")).startswith("what it renders is not YAML: ")
