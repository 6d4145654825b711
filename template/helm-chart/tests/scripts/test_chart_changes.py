"""Which part of the version each change of a chart raises."""

from dataclasses import replace
from typing import Any

import pytest

from scripts.chart_changes import (
    Bump,
    Change,
    Chart,
    Manifest,
    Version,
    classify,
    lowest_version,
    oldest_kubernetes,
    required_bump,
)
from scripts.chart_values import declared

SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"replicas": {"type": "integer"}, "tag": {"type": "string"}, "labels": {"type": "object"}},
}
VALUES = {"replicas": 1, "tag": "1.0", "labels": {"team": "a"}}


def parsed(text: str) -> Version:
    """Return a version that has to be one."""
    version = Version.parse(text)
    assert version
    return version


def manifest(kind: str, name: str = "acme", /, **fields: Any) -> Manifest:  # noqa: ANN401
    """Return an object of Kubernetes."""
    return {"kind": kind, "metadata": {"name": name}, **fields}


CHART = Chart("acme", parsed("1.2.3"), values=declared(VALUES, SCHEMA), kube_version=">=1.29.0-0")


def with_schema(*, required: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return the schema with some properties replaced, or dropped where they are None."""
    merged = {**SCHEMA["properties"], **properties}  # type: ignore[dict-item]
    return {**SCHEMA, "required": [*required], "properties": {k: v for k, v in merged.items() if v is not None}}


def with_values(schema: dict[str, Any] = SCHEMA, /, **values: Any) -> Chart:  # noqa: ANN401
    """Return the chart with some defaults replaced, or dropped where they are ..."""
    merged = {key: value for key, value in {**VALUES, **values}.items() if value is not ...}
    return replace(CHART, values=declared(merged, schema))


def rendering(*manifests: Manifest) -> Chart:
    """Return a chart that renders some objects."""
    return replace(CHART, renders={"the defaults": manifests})


REPLICAS_DROPPED = with_values(with_schema(replicas=None), replicas=...)
REPLICAS_DEPRECATED = with_values(with_schema(replicas={"type": "integer", "deprecated": True}), replicas=...)
MAJOR, MINOR, PATCH = Bump.MAJOR, Bump.MINOR, Bump.PATCH


@pytest.mark.parametrize(
    ("new", "bump", "text"),
    [
        (REPLICAS_DROPPED, MAJOR, "the value replicas no longer works"),
        (replace(REPLICAS_DEPRECATED, refused=frozenset({("replicas",)})), MAJOR, "the value replicas no longer works"),
        (REPLICAS_DEPRECATED, MINOR, "the value replicas is deprecated"),
        (with_values(with_schema(port={"type": "integer"}), port=80), MINOR, "the value port is new"),
        (with_values(with_schema(port={})), MINOR, "the value port is new"),
        (with_values(with_schema(port={}, required=("port",))), MAJOR, "the value port has to be given now"),
        (with_values(with_schema(required=("tag",)), tag=...), MAJOR, "the value tag has to be given now"),
        (with_values(with_schema(required=("tag",))), None, ""),
        (
            with_values(with_schema(port={"type": "integer"}, required=("port",))),
            MAJOR,
            "the value port has to be given now",
        ),
        (
            with_values(with_schema(tag={"type": "string"}, required=("tag",)), tag=None),
            MAJOR,
            "the value tag has to be given now",
        ),
        (
            with_values(with_schema(tag={"type": ["string", "null"]}, required=("tag",)), tag=None),
            MINOR,
            "the value tag has another default",
        ),
        (with_values(with_schema(oldTag={"deprecated": True})), None, ""),
        (with_values(replicas=2), MINOR, "the value replicas has another default"),
        (with_values(labels={"team": "b"}), MINOR, "the value labels has another default"),
        (with_values(labels={}), MINOR, "the value labels has another default"),
        (
            with_values(with_schema(replicas={"type": "string"}), replicas="1"),
            MAJOR,
            "the value replicas takes only string now, had a default of type integer and has one of type string",
        ),
        (with_values(with_schema(tag={"enum": ["1.0"]})), MAJOR, "the value tag takes only 1.0 now"),
        (
            with_values(with_schema(tag={"type": "string", "pattern": "^1"})),
            MAJOR,
            "the value tag has another pattern now",
        ),
        (
            with_values(with_schema(replicas={"type": "integer", "minimum": 1})),
            MAJOR,
            "the value replicas has minimum 1 now",
        ),
        (
            with_values(with_schema(labels={"type": "object", "additionalProperties": {"type": "string"}})),
            MAJOR,
            "the value labels takes not all keys of the user's own now",
        ),
        (replace(CHART, kube_version=">=1.30.0-0"), MAJOR, "kubeVersion was '>=1.29.0-0' and is '>=1.30.0-0'"),
        (replace(CHART, kube_version=">=1.28.0-0"), None, ""),
        (replace(CHART, files={"README.md": b""}), PATCH, "the package differs in README.md"),
        (replace(CHART, overlays=frozenset({"platforms/eks.yaml"})), None, ""),
        (replace(CHART, version=parsed("1.3.0")), None, ""),
        (CHART, None, ""),
    ],
)
def test_what_a_change_of_the_chart_raises(new: Chart, bump: Bump | None, text: str) -> None:
    changes = classify(CHART, new)
    assert [(change.bump, change.text) for change in changes][:1] == ([(bump, text)] if bump else [])


def test_a_value_that_was_deprecated_already_is_no_change() -> None:
    assert not classify(REPLICAS_DEPRECATED, REPLICAS_DEPRECATED)


def test_an_overlay_that_is_gone_breaks() -> None:
    old = replace(CHART, overlays=frozenset({"platforms/eks.yaml"}))
    assert classify(old, CHART) == [Change(MAJOR, "the overlay platforms/eks.yaml is gone", "platforms/eks.yaml")]


SELECTOR = {"selector": {"matchLabels": {"app": "acme"}}}
OTHER_SELECTOR = {"selector": {"matchLabels": {"app": "other"}}}
HOOK = {"kind": "Pod", "metadata": {"name": "test", "annotations": {"helm.sh/hook": "test"}}}


@pytest.mark.parametrize(
    ("before", "after", "breaks"),
    [
        (manifest("Service"), None, True),
        (manifest("Service"), manifest("Service", "other"), True),
        (HOOK, None, False),
        (manifest("Deployment", spec=SELECTOR), manifest("Deployment", spec=OTHER_SELECTOR), True),
        (
            manifest("Deployment", spec={**SELECTOR, "replicas": 1}),
            manifest("Deployment", spec={**SELECTOR, "replicas": 2}),
            False,
        ),
        (
            manifest("StatefulSet", spec={"serviceName": "a"}),
            manifest("StatefulSet", spec={"serviceName": "b"}),
            True,
        ),
        (manifest("StatefulSet", spec={}), manifest("StatefulSet", spec={"volumeClaimTemplates": [{}]}), True),
        (manifest("Service", spec={}), manifest("Service", spec={"clusterIP": "None"}), True),
        (manifest("Service", spec={"type": "NodePort"}), manifest("Service", spec={"type": "ClusterIP"}), False),
        (manifest("RoleBinding", roleRef={"name": "a"}), manifest("RoleBinding", roleRef={"name": "b"}), True),
        (
            manifest("PersistentVolumeClaim", spec={"accessModes": ["ReadWriteOnce"]}),
            manifest("PersistentVolumeClaim", spec={"accessModes": ["ReadWriteMany"]}),
            True,
        ),
        (manifest("Job", spec={"template": {"spec": {}}}), manifest("Job", spec={"template": {}}), True),
        (manifest("Job", spec={}), manifest("Job", spec=SELECTOR), True),
        (manifest("Job", spec={}), manifest("Job", spec={"completionMode": "Indexed"}), True),
        (manifest("Job", spec={"completions": 1}), manifest("Job", spec={"completions": 2}), True),
        (manifest("Job", spec={"backoffLimit": 1}), manifest("Job", spec={"backoffLimit": 2}), False),
        ({**HOOK, "kind": "Job", "spec": {"template": {}}}, {**HOOK, "kind": "Job"}, False),
        (manifest("Role"), manifest("ClusterRole"), True),
        (manifest("Role"), {"kind": "Role", "metadata": {"name": "acme", "namespace": "default"}}, False),
        (manifest("Role"), {"kind": "Role", "metadata": {"name": "acme", "namespace": "other"}}, True),
        ({"kind": "Role", "metadata": {"name": "acme", "namespace": "other"}}, manifest("Role"), True),
        (manifest("Deployment", spec=None), manifest("Deployment"), False),
    ],
)
def test_an_object_that_is_gone_or_cannot_be_upgraded_breaks(
    before: Manifest, after: Manifest | None, breaks: bool
) -> None:
    changes = classify(rendering(before), rendering(*[after] if after else []))
    assert [change.bump for change in changes] == [MAJOR] * breaks
    assert all(change.subject == before["kind"] for change in changes)


def test_an_object_that_is_new_does_not_break() -> None:
    assert not classify(rendering(), rendering(manifest("Service")))


def test_a_chart_that_no_longer_renders_with_what_it_rendered_with_breaks() -> None:
    new = replace(CHART, renders={"the defaults": "ingress.host is empty"})
    (change,) = classify(rendering(), new)
    assert change == Change(MAJOR, "with the defaults the chart no longer renders: ingress.host is empty")


def test_values_files_that_did_not_render_or_are_gone_are_left_out() -> None:
    old = replace(CHART, renders={"ci/a-values.yaml": "it fails", "ci/b-values.yaml": (manifest("Service"),)})
    assert not classify(old, replace(CHART, renders={"ci/a-values.yaml": ()}))


def test_breaking_changes_come_first() -> None:
    new = replace(REPLICAS_DROPPED, files={"values.yaml": b""})
    assert [change.bump for change in classify(CHART, new)] == [MAJOR, PATCH]


@pytest.mark.parametrize(
    ("version", "bump", "following"),
    [
        ("1.2.3", MAJOR, "2.0.0"),
        ("1.2.3", MINOR, "1.3.0"),
        ("1.2.3", PATCH, "1.2.4"),
        ("0.2.3", MAJOR, "0.3.0"),
        ("0.2.3", MINOR, "0.2.4"),
        ("0.2.3", PATCH, "0.2.4"),
        ("2.0.0-rc.1", MAJOR, "2.0.0"),
    ],
)
def test_the_lowest_version_that_may_follow(version: str, bump: Bump, following: str) -> None:
    assert str(lowest_version(parsed(version), [Change(PATCH, ""), Change(bump, "")])) == following


def test_without_a_change_the_same_version_may_follow() -> None:
    assert lowest_version(parsed("1.2.3"), []) == parsed("1.2.3")


def test_below_1_0_0_a_change_raises_one_part_less() -> None:
    assert [required_bump(parsed("0.1.0"), Change(bump, "")) for bump in Bump] == [PATCH, PATCH, MINOR]


def test_versions_are_ordered_as_semantic_versioning_says() -> None:
    ordered = ["1.0.0-1", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0"]
    assert [str(version) for version in sorted(map(parsed, reversed(ordered)))] == ordered
    assert parsed("1.0.0") < parsed("1.0.1") < parsed("1.10.0")
    assert parsed("1.0.0+build") == parsed("1.0.0")


@pytest.mark.parametrize("text", ["1.0", "v1.0.0", "01.0.0", "1.0.0-", "1.0.0-01", "latest", ""])
def test_what_is_no_semantic_version(text: str) -> None:
    assert Version.parse(text) is None


@pytest.mark.parametrize(
    ("constraint", "oldest"),
    [
        (">=1.29.0-0", (1, 29, 0)),
        (">= 1.29", (1, 29, 0)),
        (">1.29.0 <1.40.0-0", (1, 30, 0)),
        ("^1.28.3-0", (1, 28, 3)),
        ("<1.40.0", (0, 0, 0)),
        (">=1.29.0-0 || 1.27.x", (1, 27, 0)),
        ("", (0, 0, 0)),
    ],
)
def test_the_oldest_kubernetes_that_a_constraint_admits(constraint: str, oldest: tuple[int, int, int]) -> None:
    assert oldest_kubernetes(constraint) == oldest
