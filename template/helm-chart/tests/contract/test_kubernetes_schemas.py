"""Everything rendered is what Kubernetes knows, in the oldest version that the chart allows and in the newest one."""

import functools
import json
from collections.abc import Hashable, Iterator

import kubernetes_validate
import pytest
import yaml

from tests.manifests import (
    LOADER,
    NEWEST,
    OLDEST,
    Manifest,
    label,
    rendered_text,
    renders,
    template,
    title,
    values_files,
)

KNOWN_CUSTOM_KINDS = {
    "gateway.networking.k8s.io/v1 HTTPRoute",
    "monitoring.coreos.com/v1 ServiceMonitor",
    "route.openshift.io/v1 Route",
}
"""Kinds of custom resources, whose schemas come with their operators: add one only when its operator defines it."""


class OneValuePerKey(LOADER):  # type: ignore[misc, valid-type]
    """Reads YAML as Kubernetes does: a key that stands twice in a map is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, object]:
        """Return a map; raises a YAML error for a key that stands twice in it."""
        keys = [key.value for key, _ in node.value]
        twice = sorted({key for key in keys if isinstance(key, str) and keys.count(key) > 1})
        if twice:
            raise yaml.constructor.ConstructorError(None, None, f"the key {twice[0]} stands twice", node.start_mark)
        found: dict[Hashable, object] = super().construct_mapping(node, deep)
        return found


@pytest.fixture
def schemas_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the schemas of a Kubernetes version: kubernetes-validate reads 2 MB for every object."""
    utils = kubernetes_validate.utils
    monkeypatch.setattr(utils, "schema_contents", functools.cache(utils.schema_contents))


def distinct(version: str) -> Iterator[tuple[str, Manifest]]:
    """Give each object that some values render for a Kubernetes version once, and a name for messages."""
    seen = set()
    for file, manifests in renders(kube_version=version).items():
        for manifest in manifests:
            text = json.dumps(manifest, sort_keys=True)
            if text not in seen:
                seen.add(text)
                yield f"{title(manifest)} ({file})", manifest


def problem_in(manifest: Manifest, version: str) -> str:
    """Say what Kubernetes would refuse in an object, or ""."""
    kind = f"{manifest['apiVersion']} {manifest['kind']}"
    try:
        kubernetes_validate.validate(manifest, version, strict=True)
    except kubernetes_validate.ValidationError as error:
        place = ".".join(map(str, error.absolute_path)) or "its top"
        return f"at {place}: {error.message[:300]}"
    except kubernetes_validate.SchemaNotFoundError:
        return "" if kind in KNOWN_CUSTOM_KINDS else f"{kind} is no kind of this version, nor one of KNOWN_CUSTOM_KINDS"
    return ""


@pytest.mark.usefixtures("schemas_read_once")
@pytest.mark.parametrize("version", sorted({OLDEST, NEWEST}))
def test_kubernetes_knows_everything_rendered(version: str) -> None:
    wrong = [(name, problem) for name, manifest in distinct(version) if (problem := problem_in(manifest, version))]
    assert not wrong, "\n".join(f"Kubernetes {version} refuses {name} {problem}." for name, problem in wrong)


def test_no_key_stands_twice() -> None:
    problems = []
    for paths in [(), *((path,) for path in values_files() if template(path)[0])]:
        try:
            list(yaml.load_all(rendered_text(*paths), OneValuePerKey))
        except yaml.YAMLError as error:
            problems.append(f"{', '.join(map(label, paths)) or 'values.yaml'}: {error}")
    assert not problems, "\n".join(problems)
