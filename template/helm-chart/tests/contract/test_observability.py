"""A running pod can be watched: probes, resources, and logs whose format and level are values.

The pods of subcharts are left to those who make them.
"""

import json
from collections.abc import Iterator

import pytest

from tests.manifests import Manifest, containers, pod_specs, render
from tests.values import Path, defaults, dotted, leaves, schemas_at
from tests.variants import objects

PROBES = ("startupProbe", "livenessProbe", "readinessProbe")
RESOURCES = (("requests", "cpu"), ("requests", "memory"), ("limits", "memory"))
ENDING = ("Job", "CronJob")


def runs_on(manifest: Manifest) -> bool:
    """Tell whether the pods of an object are meant to run until they are stopped."""
    annotations = manifest["metadata"].get("annotations") or {}
    return manifest["kind"] not in ENDING and "helm.sh/hook" not in annotations


def serving(spec: Manifest) -> Iterator[Manifest]:
    """Give the containers of a pod that run as long as it does: sidecars too, though init containers by name."""
    yield from spec["containers"]
    yield from (one for one in spec.get("initContainers") or [] if one.get("restartPolicy") == "Always")


def log_setting(name: str) -> Path:
    """Return the path of a value for the logs; fails the test if there is none."""
    found = [
        path
        for path, _ in leaves(defaults())
        if path[-1] == name and path[-2:-1] in (("logging",), ("log",), ("logs",))
    ]
    if len(found) != 1:
        pytest.fail(f"values.yaml has {len(found)} values called logging.{name}. Keep one, which sets it for the logs.")
    return found[0]


def choices(path: Path) -> list[str]:
    """Return what a value may be, by an enum of the schema."""
    return [choice for part in schemas_at(path) for choice in part.get("enum", [])]


def texts_for_containers(path: Path, value: str) -> set[str]:
    """Return what containers are told by variables, arguments and ConfigMaps, with this value."""
    manifests = render(own=True, set={dotted(path): value})
    told = [json.dumps(manifest.get("data")) for manifest in manifests if manifest["kind"] == "ConfigMap"]
    for _, spec in pod_specs(manifests):
        told += [json.dumps([one.get(key) for key in ("env", "args", "command")]) for one in containers(spec)]
    return set(told)


def test_each_container_that_runs_on_has_three_probes() -> None:
    missing = {
        f"{name}: the container {container['name']} has no {probe}."
        for name, manifest in objects(own=True)
        if runs_on(manifest)
        for _, spec in pod_specs([manifest])
        for container in serving(spec)
        for probe in PROBES
        if not container.get(probe)
    }
    assert not missing, "\n".join(sorted(missing))


def test_each_container_requests_and_limits_its_resources() -> None:
    missing = {
        f"{name}: the container {container['name']} has no resources.{group}.{resource}."
        for name, manifest in objects(own=True)
        for _, spec in pod_specs([manifest])
        for container in containers(spec)
        for group, resource in RESOURCES
        if not ((container.get("resources") or {}).get(group) or {}).get(resource)
    }
    assert not missing, "\n".join(sorted(missing))


def test_logs_are_json_or_text() -> None:
    path = log_setting("format")
    found = choices(path)
    assert set(found) == {"json", "text"}, (
        f"{dotted(path)} may be {found}. Let its enum in the schema be json and text."
    )


@pytest.mark.parametrize("name", ["format", "level"])
def test_the_setting_of_the_logs_reaches_a_container(name: str) -> None:
    path = log_setting(name)
    found = choices(path)
    assert len(found) > 1, f"{dotted(path)} has no enum in values.schema.json: name what it may be."
    told = [texts_for_containers(path, choice) for choice in found[:2]]
    assert told[0] != told[1], (
        f"{dotted(path)} reaches no container by default: hand it over in a variable or an argument."
    )
