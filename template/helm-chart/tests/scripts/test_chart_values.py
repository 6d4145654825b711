"""What the values of a chart are, and which of them a later version still takes."""

from typing import Any

import pytest

from scripts.chart_values import (
    ABSENT,
    OPAQUE,
    KeyPath,
    Value,
    declared,
    doubtful_values,
    expand,
    gone_values,
    is_accepted,
    json_type,
    leaves,
    narrowed,
    nest,
    retyped,
    samples,
    show,
    types,
)

FREE_MAP = {"type": "object"}
CLOSED: dict[str, Any] = {"type": "object", "additionalProperties": False}


def paths(values: dict[str, Any], schema: dict[str, Any]) -> set[str]:
    """Return the values that are declared, as people write them."""
    return {show(path) for path in leaves(declared(values, schema))}


def with_properties(**properties: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return the schema of a closed map."""
    return {**CLOSED, "properties": properties}


@pytest.mark.parametrize(
    ("path", "shown"),
    [(("image", "tag"), "image.tag"), (("refs", "[]", "name"), "refs[].name"), (("map", "*"), "map.*"), ((), "(root)")],
)
def test_a_path_is_shown_as_people_write_it(path: KeyPath, shown: str) -> None:
    assert show(path) == shown


def test_without_a_schema_the_values_are_those_of_values_yaml() -> None:
    assert paths({"image": {"tag": "1"}, "replicas": 1}, {}) == {"image.tag", "replicas"}


def test_a_value_that_only_the_schema_has_is_declared_without_a_default() -> None:
    values = declared({}, with_properties(tag={"type": "string"}))
    assert values[("tag",)] == Value(ABSENT, {"type": "string"})


def test_a_map_that_is_the_users_own_is_one_value() -> None:
    assert paths({"labels": {"team": "a"}}, with_properties(labels=FREE_MAP)) == {"labels"}


def test_items_and_keys_with_a_schema_are_declared() -> None:
    refs = {"type": "array", "items": with_properties(name={"type": "string"})}
    labels = {"type": "object", "additionalProperties": {"type": "string"}}
    assert paths({}, with_properties(refs=refs, labels=labels)) == {"refs[].name", "labels.*"}


def test_references_are_followed_and_keep_what_stands_beside_them() -> None:
    schema = {"$defs": {"port": {"type": "integer"}}, "items": [{"$ref": "#/$defs/port", "minimum": 1}]}
    assert expand(schema, schema) == {"items": [{"type": "integer", "minimum": 1}]}


def test_a_schema_that_refers_to_itself_ends() -> None:
    tree = with_properties(child={"$ref": "#/$defs/tree"})
    schema = {**with_properties(tree={"$ref": "#/$defs/tree"}), "$defs": {"tree": tree}}
    assert declared({}, schema)[("tree", "child")] == Value(ABSENT, {})


def test_references_to_elsewhere_are_left_alone() -> None:
    assert expand({"$ref": "https://example.org/schema"}, {}) == {}


def test_true_as_a_property_takes_anything() -> None:
    assert declared({}, with_properties(extra=True))[("extra",)] == Value(ABSENT, {})


@pytest.mark.parametrize(
    ("schema", "path", "accepted"),
    [
        (with_properties(tag={}), ("tag",), True),
        (with_properties(), ("tag",), False),
        (with_properties(labels=FREE_MAP), ("labels", "team"), True),
        (with_properties(labels=CLOSED), ("labels", "*"), True),
        (with_properties(image={"type": "string"}), ("image", "tag"), False),
        (with_properties(image=with_properties(name={})), ("image", "tag"), False),
        ({"type": "object"}, ("tag",), False),
    ],
)
def test_what_a_chart_accepts(schema: dict[str, Any], path: KeyPath, accepted: bool) -> None:
    assert is_accepted(declared({}, schema), path) is accepted


def test_doubtful_are_values_that_are_gone_or_deprecated_or_without_their_default() -> None:
    old = declared({"a": 1, "b": 1, "c": 1, "d": 1}, with_properties(a={}, b={}, c={}, d={}))
    new = declared({"d": 1}, with_properties(b={"deprecated": True}, c={}, d={}))
    assert doubtful_values(old, new) == [("a",), ("b",), ("c",)]


def test_gone_are_values_that_are_not_accepted_or_refused() -> None:
    old = declared({"a": 1, "b": 1, "c": 1}, {})
    new = declared({"c": 1}, with_properties(b={"deprecated": True}, c={}))
    assert gone_values(old, new, [("b",)]) == [("a",), ("b",)]


def test_one_path_stands_for_a_map_of_which_nothing_is_left() -> None:
    old = declared({"metrics": {"port": 1, "monitor": {"interval": 1}}}, {})
    assert gone_values(old, declared({}, CLOSED), []) == [("metrics",)]


def test_a_map_of_which_something_is_left_is_not_gone() -> None:
    old = declared({"metrics": {"port": 1, "path": 1}}, {})
    assert gone_values(old, declared({"metrics": {"port": 1}}, {}), []) == [("metrics", "path")]


STRING = {"type": "string"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"type": ["string", "null"]}, STRING),
        ({"type": "number"}, {"type": "integer"}),
        ({}, STRING),
        ({"enum": ["a", "b"]}, {"enum": ["a"]}),
        (STRING, {"type": "string", "const": "a"}),
        ({"minimum": 1}, {"minimum": 2}),
        ({}, {"minLength": 1}),
        ({"maximum": 9}, {"maximum": 8}),
        (STRING, {"type": "string", "pattern": "^a"}),
        ({"pattern": "^a"}, {"pattern": "^b"}),
        ({"anyOf": [STRING, {"type": "null"}]}, {"anyOf": [STRING]}),
        ({}, {"oneOf": [STRING]}),
        ({}, {"allOf": [STRING]}),
        ({}, {"additionalProperties": False}),
        ({}, {"additionalProperties": STRING}),
        ({"items": {}}, {"items": STRING}),
        ({"items": [STRING]}, {"items": [{"type": "null"}]}),
        ({"maxContains": 2}, {"maxContains": 1}),
        *(({}, {keyword: {"a": STRING}}) for keyword in OPAQUE),
        *(({keyword: {"a": STRING}}, {keyword: {"a": {"type": "null"}}}) for keyword in OPAQUE),
        ({"patternProperties": {"^x-": STRING}}, CLOSED),
        ({}, {"patternProperties": {"description": STRING}}),
        ({"anyOf": [{"properties": {"title": STRING}}]}, {"anyOf": [{"properties": {"title": {"type": "null"}}}]}),
    ],
)
def test_a_schema_that_takes_less_is_narrowed(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert list(narrowed(old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (STRING, {"type": ["string", "null"]}),
        ({"type": "integer"}, {"type": "number"}),
        ({"enum": ["a"]}, {"type": "string", "enum": ["a", "b"]}),
        ({"minimum": 2}, {"minimum": 1}),
        ({"maximum": 8}, {}),
        ({"pattern": "^a"}, {}),
        ({"anyOf": [STRING]}, {"anyOf": [STRING, {"type": "null"}]}),
        ({"allOf": [STRING]}, {}),
        ({"additionalProperties": False}, {"additionalProperties": STRING}),
        ({"additionalProperties": False}, {"additionalProperties": False}),
        ({"items": STRING}, {"items": {}}),
        *(({keyword: {"a": STRING}}, {}) for keyword in OPAQUE),
        ({"anyOf": [{**STRING, "description": "old"}]}, {"anyOf": [{**STRING, "description": "new"}]}),
        ({"additionalProperties": True}, {"additionalProperties": {"description": "any"}}),
    ],
)
def test_a_schema_that_takes_more_is_not_narrowed(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert not list(narrowed(old, new))


@pytest.mark.parametrize(("before", "after", "is_retyped"), [(1, "1", True), (1, 1.5, False), (None, "a", False)])
def test_a_default_of_another_type_is_retyped(before: object, after: object, is_retyped: bool) -> None:
    assert bool(retyped(Value(before, {}), Value(after, {}))) is is_retyped


def test_a_default_of_another_type_that_the_schema_names_is_not_retyped() -> None:
    schema = {"type": ["integer", "string"]}
    assert not retyped(Value(1, schema), Value("50%", schema))


@pytest.mark.parametrize(("value", "expected"), [(True, "boolean"), (None, "null"), (object(), "string")])
def test_the_json_type_of_what_yaml_holds(value: object, expected: str) -> None:
    assert json_type(value) == expected


def test_a_schema_without_a_type_admits_those_of_its_choices() -> None:
    assert types({"enum": [1, "a"]}) == {"integer", "string"}


@pytest.mark.parametrize(
    ("default", "schema", "expected"),
    [
        ("a", {"enum": ["a", "b"]}, ["b", "a"]),
        ("a", {"examples": ["c"]}, ["c", "a"]),
        (True, {}, [False, True]),
        (1, {}, [2, 1]),
        (["a"], {"items": STRING}, [["a", "x"], ["a"]]),
        ({}, {"additionalProperties": {"type": "integer"}}, [{"x": 1}, {}]),
        ({}, FREE_MAP, [{"x": "x"}, {}]),
        ("a", STRING, ["ax", "a"]),
        (None, {"type": ["integer", "null"]}, [1, None]),
        (ABSENT, {"type": "boolean"}, [True]),
        (ABSENT, {"type": "null"}, ["x"]),
        (ABSENT, {"type": "integer", "minimum": 30000}, [30000]),
    ],
)
def test_a_value_is_tried_with_something_else_than_its_default_first(
    default: object, schema: dict[str, Any], expected: list[Any]
) -> None:
    assert samples(Value(default, schema)) == expected


def test_a_path_is_set_alone() -> None:
    assert nest(("refs", "[]", "name"), 1) == {"refs": [{"name": 1}]}
