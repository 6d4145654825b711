"""What values.yaml holds, and what values.schema.json says of it."""

import functools
import json
import re
from collections.abc import Iterator
from typing import Any

from tests.manifests import CHART, read_yaml

Path = tuple[str, ...]
"""The names that lead to a value; `*` is any element of a list or map."""

Schema = dict[str, Any]
TEXT = (CHART / "values.yaml").read_text(encoding="utf-8")
SCHEMA_FILE = CHART / "values.schema.json"


def dotted(path: Path) -> str:
    """Return how messages and Helm name a value: `image.tag`."""
    return ".".join(path)


@functools.cache
def schema() -> Schema:
    """Return the schema; fails the test with the reason if it cannot be read."""
    loaded: Schema = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    return loaded


@functools.cache
def defaults() -> dict[str, Any]:
    """Return what values.yaml holds."""
    return read_yaml(CHART / "values.yaml")


def leaves(node: object, path: Path = ()) -> Iterator[tuple[Path, object]]:
    """Give each value that is no map with something in it, and its path; a list counts as one value."""
    if isinstance(node, dict) and node:
        for key, child in node.items():
            yield from leaves(child, (*path, str(key)))
    else:
        yield path, node


def maps(node: object, path: Path = ()) -> Iterator[Path]:
    """Give the path of each map with something in it, the root's among them."""
    if isinstance(node, dict) and node:
        yield path
        for key, child in node.items():
            yield from maps(child, (*path, str(key)))


@functools.cache
def _of_dependencies() -> tuple[Path, ...]:
    """Return the paths that belong to Helm and to subcharts: names, aliases, conditions and tags of Chart.yaml."""
    dependencies = read_yaml(CHART / "Chart.yaml").get("dependencies") or []
    names = [one.get("alias") or one["name"] for one in dependencies]
    conditions = [condition.strip() for one in dependencies for condition in one.get("condition", "").split(",")]
    tags = ["tags"] if any(one.get("tags") for one in dependencies) else []
    return tuple(tuple(path.split(".")) for path in ("global", *names, *conditions, *tags) if path)


def is_foreign(path: Path) -> bool:
    """Tell whether not this chart's templates read a value, but Helm or a subchart; `global` is one too."""
    return any(path[: len(foreign)] == foreign for foreign in _of_dependencies())


def has_default(path: Path) -> bool:
    """Tell whether values.yaml has this path."""
    node: object = defaults()
    for name in path:
        if not isinstance(node, dict) or name not in node:
            return False
        node = node[name]
    return True


def schemas_at(path: Path) -> list[Schema]:
    """Return every part of the schema that speaks of a path; none if the schema does not know it."""
    found = [schema()]
    for name in path:
        found = [child for parent in found for child in _children(parent, name)]
    return [part for parent in found for part in applied(parent)]


def applied(part: Schema | bool) -> Iterator[Schema]:
    """Give a part of the schema, and all that it refers to for the same value."""
    if not isinstance(part, dict):
        return
    yield part
    if "$ref" in part:
        yield from applied(_target(part["$ref"]))
    for word in ("allOf", "anyOf", "oneOf"):
        for branch in part.get(word, []):
            yield from applied(branch)
    for word in ("then", "else"):
        yield from applied(part.get(word, False))


def _target(reference: str) -> Schema:
    """Return what a `$ref` inside the file names."""
    node: Any = schema()
    for name in reference.removeprefix("#").split("/")[1:]:
        node = node[name.replace("~1", "/").replace("~0", "~")]
    found: Schema = node
    return found


def _children(parent: Schema, name: str) -> Iterator[Schema]:
    """Give what the schema says of one key of a map, or of the elements of a list."""
    for part in applied(parent):
        others = part.get("additionalProperties")
        listed = [part.get("properties", {}).get(name)]
        listed += [child for pattern, child in part.get("patternProperties", {}).items() if re.search(pattern, name)]
        listed = [child for child in listed if child is not None]
        if name == "*":
            listed += [*part.get("properties", {}).values(), part.get("items"), others]
            listed = [child for child in listed if isinstance(child, dict)]
        elif not listed and isinstance(others, dict):
            listed = [others]
        elif not listed and is_open(part):
            listed = [{}]
        yield from (child if isinstance(child, dict) else {} for child in listed)


def is_map(part: Schema) -> bool:
    """Tell whether a part of the schema describes a map by itself."""
    kinds = part.get("type", [])
    return "object" in ([kinds] if isinstance(kinds, str) else kinds)


def is_open(part: Schema) -> bool:
    """Tell whether a map takes keys that nobody described."""
    others = part.get("additionalProperties", part.get("unevaluatedProperties", True))
    return is_map(part) and others in (True, {})


def properties(part: Schema | bool, path: Path = ()) -> Iterator[Path]:
    """Give the path of each property that a part of the schema names, deprecated ones and all in them left out."""
    for layer in applied(part):
        for name, child in layer.get("properties", {}).items():
            if not any(one.get("deprecated") for one in applied(child)):
                yield (*path, name)
                yield from properties(child, (*path, name))
        for child in (
            layer.get("items"),
            layer.get("additionalProperties"),
            *layer.get("patternProperties", {}).values(),
        ):
            yield from properties(child or False, (*path, "*"))


def types_at(path: Path) -> set[str]:
    """Return the types that the schema allows for a value; empty if it names none."""
    found: set[str] = set()
    for part in schemas_at(path):
        kinds = part.get("type", [])
        found.update([kinds] if isinstance(kinds, str) else kinds)
        if "enum" in part or "const" in part:
            found.update(_type_name(value) for value in part.get("enum", [part.get("const")]))
    return found


def _type_name(value: object) -> str:
    names = {bool: "boolean", str: "string", int: "integer", float: "number", list: "array", dict: "object"}
    return names.get(type(value), "null")
