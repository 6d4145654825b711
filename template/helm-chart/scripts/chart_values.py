"""The values of a chart, and whether a later version of it still takes them.

A chart's values are what its values.yaml gives a default for, and the properties that its values.schema.json declares.
A map whose keys the schema leaves to the user, such as `nodeSelector`, is one value.

Nothing here reads a file or runs a program: scripts/compat.py does.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

KeyPath = tuple[str, ...]
"""Where a value stands: ("image", "tag"). The root is ()."""

Json = Any
"""What YAML or JSON holds."""

Schema = Mapping[str, Json]
"""A JSON Schema, or a part of one."""

ANY_ITEM, ANY_KEY = "[]", "*"  # in a path: every item of a list, every key of a map
ABSENT = object()  # there is no default, which is not the default null

JSON_TYPES = {
    type(None): "null",
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}
LOWER_BOUNDS = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "minContains")
UPPER_BOUNDS = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "maxContains")
# No program can tell whether another pattern takes less, so another one counts as if it did. Dropping one does not.
OPAQUE = (
    *("pattern", "format", "multipleOf", "not", "if", "then", "else"),
    *("contains", "uniqueItems", "prefixItems", "additionalItems", "unevaluatedItems"),
    *("propertyNames", "patternProperties", "unevaluatedProperties"),
    *("dependencies", "dependentRequired", "dependentSchemas"),
)
ANNOTATIONS = ("title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly", "$comment")
BY_NAME = ("properties", "patternProperties", "dependencies", "dependentSchemas")  # these hold schemas by name


@dataclass(frozen=True)
class Value:
    """A value of a chart: its default or ABSENT, and what values.schema.json says about it."""

    default: Json
    schema: Schema


Values = Mapping[KeyPath, Value]
"""Every value of a chart, and every map that holds some."""


def show(path: KeyPath) -> str:
    """Return a path as people write it: `image.tag`, `httpRoute.parentRefs[].name`."""
    return ".".join(path).replace(f".{ANY_ITEM}", ANY_ITEM) or "(root)"


def holders(path: KeyPath) -> list[KeyPath]:
    """Return the paths of the maps and lists that hold a value, from the root inwards."""
    return [path[:length] for length in range(len(path))]


def declared(values: Mapping[str, Json], schema: Schema) -> dict[KeyPath, Value]:
    """Return every value of a chart, from its values.yaml and its values.schema.json."""
    return dict(_declared((), values, expand(schema, schema)))


def _declared(path: KeyPath, default: Json, schema: Schema) -> Iterator[tuple[KeyPath, Value]]:
    """Yield a value and those below it."""
    yield path, Value(default, schema)
    properties = schema.get("properties", {})
    is_one_value = path and schema and not properties
    defaults = default if isinstance(default, Mapping) and not is_one_value else {}
    for key in {**properties, **defaults}:
        yield from _declared((*path, str(key)), defaults.get(key, ABSENT), properties.get(key, {}))
    for keyword, segment in (("items", ANY_ITEM), ("additionalProperties", ANY_KEY)):
        if isinstance(schema.get(keyword), Mapping):
            yield from _declared((*path, segment), ABSENT, schema[keyword])


def expand(schema: Json, root: Schema, seen: tuple[str, ...] = ()) -> Json:
    """Return a schema with what its `$ref`s refer to in their place. What refers to itself takes anything."""
    if isinstance(schema, list):
        return [expand(item, root, seen) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    expanded = {key: expand(item, root, seen) for key, item in schema.items() if key not in ("$defs", "definitions")}
    if "properties" in expanded:
        expanded["properties"] = {key: {} if it is True else it for key, it in expanded["properties"].items()}
    reference = str(expanded.pop("$ref", ""))
    if not reference.startswith("#/") or reference in seen:
        return expanded
    target: Json = root
    for segment in reference.removeprefix("#/").split("/"):
        target = target.get(segment, {})
    return {**expand(target, root, (*seen, reference)), **expanded}


def leaves(values: Values) -> list[KeyPath]:
    """Return the values that hold no others."""
    inner = {path[:-1] for path in values if path}
    return [path for path in values if path not in inner]


def is_deprecated(values: Values, path: KeyPath) -> bool:
    """Return whether the schema marks a value, or what holds it, as deprecated."""
    return any(it in values and values[it].schema.get("deprecated") is True for it in (*holders(path), path))


def is_accepted(values: Values, path: KeyPath) -> bool:
    """Return whether a chart takes a value: it has it, or leaves the keys of the map that holds it to the user."""
    if path in values:
        return True
    holder = [it for it in holders(path) if it in values][-1]
    if path[len(holder)] in (ANY_ITEM, ANY_KEY):
        return True  # what the items have to be is not said any more
    schema = values[holder].schema
    return bool(holder and schema) and "properties" not in schema and "object" in types(schema)


def doubtful_values(old: Values, new: Values) -> list[KeyPath]:
    """Return the old values that have to be tried: the new chart lacks them, or its templates may refuse them."""
    return [
        path
        for path in leaves(old)
        if not is_accepted(new, path)
        or is_deprecated(new, path)
        or (path in new and new[path].default is ABSENT and old[path].default is not ABSENT)
    ]


def gone_values(old: Values, new: Values, refused: Iterable[KeyPath]) -> list[KeyPath]:
    """Return the old values that no longer work; one path stands for a map of which nothing is left.

    refused: the values that the new schema takes and the new templates do not.
    """
    every = leaves(old)
    gone = {*refused, *(path for path in every if not is_accepted(new, path))}
    tops = set()
    for path in gone:
        left = (it for it in holders(path)[1:] if it not in new or is_deprecated(new, it))
        whole = (it for it in left if gone.issuperset(leaf for leaf in every if leaf[: len(it)] == it))
        tops.add(next(whole, path))
    return sorted(tops)


def retyped(old: Value, new: Value) -> list[str]:
    """Return what makes a value take less than before, or something else; the values below it are not looked at."""
    return [*narrowed(old.schema, new.schema), *_retyped_default(old, new)]


def _retyped_default(old: Value, new: Value) -> Iterator[str]:
    """Yield that a default has another type, unless the schema names both.

    Null has none: it is how values.yaml says that nothing is set.
    """
    kinds = {json_type(value.default) for value in (old, new) if value.default not in (ABSENT, None)}
    takes_both = "type" in new.schema and kinds <= types(new.schema)
    if len(kinds) == 2 and kinds != {"integer", "number"} and not takes_both:
        yield f"had a default of type {json_type(old.default)} and has one of type {json_type(new.default)}"


def json_type(value: Json) -> str:
    """Return the JSON type of what YAML holds; a date is a string."""
    return JSON_TYPES.get(type(value), "string")


def types(schema: Schema) -> set[str]:
    """Return the JSON types that a schema admits."""
    choices = _choices(schema)
    stated = schema.get("type") or [json_type(it) for it in choices or []] or JSON_TYPES.values()
    admitted = {stated} if isinstance(stated, str) else set(stated)
    return admitted | {"integer"} if "number" in admitted else admitted


def narrowed(old: Schema, new: Schema) -> Iterator[str]:
    """Yield what makes a schema take less than before; properties and items have paths of their own."""
    old, new = _bare(old), _bare(new)
    if not types(old) <= types(new):
        yield f"takes only {' or '.join(sorted(types(new)))} now"
    before, choices = _choices(old), _choices(new)
    if choices is not None and (before is None or any(it not in choices for it in before)):
        yield f"takes only {', '.join(map(str, choices))} now"
    for keywords, sign in ((LOWER_BOUNDS, 1), (UPPER_BOUNDS, -1)):
        for keyword in keywords:
            if keyword in new and (keyword not in old or sign * new[keyword] > sign * old[keyword]):
                yield f"has {keyword} {new[keyword]} now"
    for keyword in OPAQUE:
        if keyword in new and old.get(keyword) != new[keyword]:
            yield f"has another {keyword} now"
    yield from _narrowed_alternatives(old, new)
    yield from _narrowed_content(old, new)


def _bare(schema: Json) -> Json:
    """Return a schema without what only describes it; a property may be called `description` all the same."""
    if isinstance(schema, list):
        return [_bare(item) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    return {
        key: {name: _bare(it) for name, it in item.items()}
        if key in BY_NAME and isinstance(item, Mapping)
        else _bare(item)
        for key, item in schema.items()
        if key not in ANNOTATIONS
    }


def _narrowed_alternatives(old: Schema, new: Schema) -> Iterator[str]:
    """Yield that an alternative is gone, or that one more schema has to be met."""
    for keyword in ("anyOf", "oneOf"):
        if keyword in new and any(it not in new[keyword] for it in old.get(keyword, [ABSENT])):
            yield f"has another {keyword} now"
    if any(it not in old.get("allOf", []) for it in new.get("allOf", [])):
        yield "has another allOf now"


def _narrowed_content(old: Schema, new: Schema) -> Iterator[str]:
    """Yield that items or keys which were the user's own are not any more."""
    for keyword, content in (("items", "items"), ("additionalProperties", "keys of the user's own")):
        before, after = (schema.get(keyword, True) for schema in (old, new))
        if after is False and before is not False:
            yield f"takes no {content} now"
        elif before in (True, {}) and after not in (True, {}):
            yield f"takes not all {content} now"
        elif isinstance(after, list) and after != before:
            yield f"has another {keyword} now"
    if "patternProperties" in old and "patternProperties" not in new and new.get("additionalProperties") is False:
        yield "takes no keys of patternProperties now"


def _choices(schema: Schema) -> list[Json] | None:
    """Return the only values that a schema takes, None if it does not list them."""
    return [schema["const"]] if "const" in schema else schema.get("enum")


def samples(value: Value) -> list[Json]:
    """Return what to try a value with: something else than its default first, since that shows whether it is used."""
    other = _other_than(value.default, value.schema)
    return [other] if value.default is ABSENT else [other, value.default]


def _other_than(default: Json, schema: Schema) -> Json:
    """Return what a value might be set to, other than its default."""
    listed = [it for it in [*schema.get("examples", []), *(_choices(schema) or [])] if it != default]
    if listed:
        return listed[0]
    if default in (ABSENT, None):
        if "minimum" in schema:
            return schema["minimum"]
        empty: tuple[Json, ...] = ("", 0, False, {}, [])
        default = next((it for it in empty if json_type(it) in types(schema)), "")
    if isinstance(default, bool):
        return not default
    if isinstance(default, int | float):
        return default + 1
    if isinstance(default, list):
        return [*default, _other_than(ABSENT, schema.get("items", {}))]
    if isinstance(default, Mapping):
        content = schema.get("additionalProperties")
        return {**default, "x": _other_than(ABSENT, content if isinstance(content, Mapping) else {})}
    return f"{default or ''}x"


def nest(path: KeyPath, value: Json) -> Json:
    """Return values that set one path and nothing else."""
    for segment in reversed(path):
        value = [value] if segment == ANY_ITEM else {segment: value}
    return value
