"""What changed between two versions of a chart, and which part of the version each change raises.

Semantic Versioning for a chart, whose interface is its values and the objects that it installs:

- MAJOR: a value is gone, or takes less than before, or has to be given now; an object is no longer rendered, or differs
  in a field that Kubernetes does not let change; an overlay is gone; `kubeVersion` is raised.
- MINOR: a value is new, or deprecated, or has another default.
- PATCH: anything else in the package.

Below 1.0.0 a breaking change raises MINOR, and all else PATCH. Semantic Versioning promises nothing there; this is what
ranges such as `^0.2.0` expect, in Helm and in Cargo.

Nothing here reads a file or runs a program: scripts/compat.py does.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from scripts.chart_values import (
    ABSENT,
    ANY_ITEM,
    ANY_KEY,
    Json,
    KeyPath,
    Value,
    Values,
    gone_values,
    holders,
    is_deprecated,
    leaves,
    retyped,
    show,
    types,
)

Manifest = Mapping[str, Json]
"""One Kubernetes object."""

Objects = Mapping[tuple[str, str, str], Manifest]
"""Kubernetes objects by their kind, name and namespace."""

SEMVER = re.compile(
    r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)"
    r"(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][\da-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][\da-zA-Z-]*))*))?"
    r"(?:\+[\da-zA-Z-]+(?:\.[\da-zA-Z-]+)*)?"
)
LOWER_END = re.compile(r"([<>=!~^]*)\s*v?(\d+)(?:\.(\d+))?(?:\.(\d+))?[^\s,]*")
NAMESPACE = "default"  # what is rendered is rendered for this one
IMMUTABLE = {
    "DaemonSet": ("spec.selector",),
    "Deployment": ("spec.selector",),
    "StatefulSet": ("spec.selector", "spec.serviceName", "spec.podManagementPolicy", "spec.volumeClaimTemplates"),
    "Job": ("spec.template", "spec.selector", "spec.completions", "spec.completionMode", "spec.podFailurePolicy"),
    "Service": ("spec.clusterIP",),
    "PersistentVolumeClaim": ("spec.accessModes", "spec.storageClassName", "spec.volumeMode", "spec.volumeName"),
    "RoleBinding": ("roleRef",),
    "ClusterRoleBinding": ("roleRef",),
}


class Bump(IntEnum):
    """The part of a version that a change raises."""

    PATCH = 1
    MINOR = 2
    MAJOR = 3


@dataclass(frozen=True, order=True)
class Version:
    """A version, ordered as Semantic Versioning orders them: a pre-release is older than its release."""

    release: tuple[int, int, int]
    is_final: bool = True
    identifiers: tuple[tuple[bool, int, str], ...] = ()

    def __str__(self) -> str:
        """Return the version as it is written, without build metadata."""
        identifiers = ".".join(text if is_text else str(number) for is_text, number, text in self.identifiers)
        return ".".join(map(str, self.release)) + (f"-{identifiers}" if identifiers else "")

    @classmethod
    def parse(cls, text: str) -> "Version | None":
        """Return the version, or None if the text is no semantic version."""
        found = SEMVER.fullmatch(text)
        if not found:
            return None
        parts = found[4].split(".") if found[4] else []
        identifiers = tuple((False, int(part), "") if part.isdigit() else (True, 0, part) for part in parts)
        return cls((int(found[1]), int(found[2]), int(found[3])), not parts, identifiers)


@dataclass(frozen=True)
class Change:
    """One change, and what CHANGELOG.md has to name if it is breaking: `subject`."""

    bump: Bump
    text: str
    subject: str = ""


@dataclass(frozen=True)
class Chart:
    """What users of a chart rely on.

    overlays: the names of the files in platforms/. files: what `helm package` packs, by path. renders: the objects by
    values file, or what Helm said instead. refused: values that the schema takes and the templates do not.
    """

    name: str
    version: Version
    kube_version: str = ""
    values: Values = field(default_factory=dict)
    overlays: frozenset[str] = frozenset()
    files: Mapping[str, bytes] = field(default_factory=dict)
    renders: Mapping[str, tuple[Manifest, ...] | str] = field(default_factory=dict)
    refused: frozenset[KeyPath] = frozenset()


def classify(old: Chart, new: Chart) -> list[Change]:
    """Return every change, the breaking ones first."""
    changes = [
        *_value_changes(old.values, new.values, gone_values(old.values, new.values, new.refused)),
        *_render_changes(old, new),
        *(Change(Bump.MAJOR, f"the overlay {name} is gone", name) for name in sorted(old.overlays - new.overlays)),
    ]
    if oldest_kubernetes(new.kube_version) > oldest_kubernetes(old.kube_version):
        text = f"kubeVersion was {old.kube_version!r} and is {new.kube_version!r}"
        changes.append(Change(Bump.MAJOR, text, "kubeVersion"))
    if paths := sorted(path for path in {*old.files, *new.files} if old.files.get(path) != new.files.get(path)):
        changes.append(Change(Bump.PATCH, f"the package differs in {', '.join(paths)}"))
    return sorted(dict.fromkeys(changes), key=lambda change: -change.bump)


def required_bump(base: Version, change: Change) -> Bump:
    """Return the part that a change raises after a version: below 1.0.0 one part less."""
    return Bump(max(Bump.PATCH, change.bump - 1)) if base.release[0] == 0 else change.bump


def lowest_version(base: Version, changes: Iterable[Change]) -> Version:
    """Return the lowest version that may follow with these changes. After a pre-release, its release always may."""
    bumps = [required_bump(base, change) for change in changes]
    if not bumps:
        return base
    if not base.is_final:
        return Version(base.release)
    major, minor, patch = base.release
    following = {
        Bump.MAJOR: (major + 1, 0, 0),
        Bump.MINOR: (major, minor + 1, 0),
        Bump.PATCH: (major, minor, patch + 1),
    }
    return Version(following[max(bumps)])


def oldest_kubernetes(constraint: str) -> tuple[int, int, int]:
    """Return the oldest Kubernetes version that a `kubeVersion` admits, 0.0.0 if it admits all old ones."""
    return min(_lower_end(alternative) for alternative in constraint.split("||"))


def _lower_end(constraint: str) -> tuple[int, int, int]:
    """Return the lower end of a constraint without `||`, such as `>=1.29.0-0 <1.40.0-0`."""
    ends = [(0, 0, 0)]
    for operator, major, minor, patch in LOWER_END.findall(constraint):
        if operator not in ("<", "<=", "=<", "!="):
            ends.append((int(major), int(minor or 0) + (operator == ">"), int(patch or 0)))
    return max(ends)


def _value_changes(old: Values, new: Values, gone: list[KeyPath]) -> Iterator[Change]:
    """Yield how the values changed."""
    for path in gone:
        yield Change(Bump.MAJOR, f"the value {show(path)} no longer works", show(path))
    for path in sorted(new.keys() - old.keys()):
        if path[:-1] in old and path[-1] not in (ANY_ITEM, ANY_KEY) and not is_deprecated(new, path):
            yield Change(Bump.MINOR, f"the value {show(path)} is new")
    one_value = {*leaves(old)} & {*leaves(new)}
    for path in sorted(old.keys() & new.keys()):
        if any(it in gone for it in (*holders(path), path)):
            continue
        yield from _newly_required(path, old, new)
        if reasons := retyped(old[path], new[path]):
            yield Change(Bump.MAJOR, f"the value {show(path)} {', '.join(reasons)}", show(path))
        elif is_deprecated(new, path):
            if not is_deprecated(old, path):
                yield Change(Bump.MINOR, f"the value {show(path)} is deprecated")
        elif path in one_value and old[path].default != new[path].default:
            yield Change(Bump.MINOR, f"the value {show(path)} has another default")


def _newly_required(path: KeyPath, old: Values, new: Values) -> Iterator[Change]:
    """Yield the values below a path that have to be given now, and did not have to before."""
    for key in new[path].schema.get("required", []):
        child = (*path, key)
        had_to = key in old[path].schema.get("required", []) and not _has_default(old, child)
        if not had_to and not _has_default(new, child):
            yield Change(Bump.MAJOR, f"the value {show(child)} has to be given now", show(child))


def _has_default(values: Values, path: KeyPath) -> bool:
    """Return whether values.yaml gives a value that its schema takes as given: null is one only where it may be."""
    value = values.get(path, Value(ABSENT, {}))
    return value.default is not ABSENT and (value.default is not None or "null" in types(value.schema))


def _render_changes(old: Chart, new: Chart) -> Iterator[Change]:
    """Yield which objects are gone or cannot be upgraded, with the values files that both versions have."""
    for name in [name for name in old.renders if name in new.renders]:
        before, after = old.renders[name], new.renders[name]
        if isinstance(before, str):
            continue
        if isinstance(after, str):
            yield Change(Bump.MAJOR, f"with {name} the chart no longer renders: {after}")
        else:
            yield from _object_changes(_by_name(before), _by_name(after))


def _by_name(manifests: Iterable[Manifest]) -> Objects:
    """Return objects by kind, name and namespace; not Helm's hooks, which an upgrade makes anew."""
    named = {}
    for manifest in manifests:
        metadata = manifest.get("metadata") or {}
        if "helm.sh/hook" not in (metadata.get("annotations") or {}):
            namespace = metadata.get("namespace") or NAMESPACE
            named[str(manifest.get("kind")), str(metadata.get("name")), str(namespace)] = manifest
    return named


def _object_changes(old: Objects, new: Objects) -> Iterator[Change]:
    """Yield which objects are gone, or differ in a field that Kubernetes does not let change."""
    for (kind, name, namespace), before in old.items():
        after = new.get((kind, name, namespace))
        if after is None:
            where = "" if namespace == NAMESPACE else f" in the namespace {namespace}"
            yield Change(Bump.MAJOR, f"the {kind} {name} is no longer rendered{where}", kind)
            continue
        for path in IMMUTABLE.get(kind, ()):
            if _field(before, path) != _field(after, path):
                yield Change(Bump.MAJOR, f"the {kind} {name} has another {path}, which Kubernetes refuses", kind)


def _field(manifest: Json, path: str) -> Json:
    """Return a field of an object, None if it is not there."""
    for key in path.split("."):
        manifest = manifest.get(key) if isinstance(manifest, Mapping) else None
    return manifest
