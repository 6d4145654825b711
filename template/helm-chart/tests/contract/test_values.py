"""Every value is documented, typed by a closed schema and used; what is no value is refused."""

import re
from collections.abc import Iterator

from tests import templates
from tests.manifests import render_error, template
from tests.values import (
    TEXT,
    Path,
    Schema,
    applied,
    defaults,
    dotted,
    has_default,
    is_foreign,
    is_map,
    is_open,
    leaves,
    maps,
    properties,
    schema,
    schemas_at,
    types_at,
)

COMMENT = re.compile(
    r"^\s*## @(?P<tag>param|extra|skip)\s+(?P<path>\S+)[ \t]*(?:\[[^\]]*\])?[ \t]*(?P<words>.*)$", re.MULTILINE
)
LITERAL = re.compile(r"^\s*(?:- )?(?P<key>[A-Za-z]\w*):\s+(?P<value>[^\s{#][^{#]*?)\s*(?:#.*)?$")
NUMBER = r"\d+(\.\d+)?(m|[kKMGTPE]i?|%)?"
HOST = r"[a-z0-9*-]+(\.[a-z0-9-]+)+"
SETTING = re.compile(r"(?i)(replicas|port|cpu|memory|storage|sizelimit|seconds|threshold|percentage|utilization)$")
MISSPELT = "misspeltKey"
OF_A_PARENT = ("enabled",)  # an umbrella chart sets it for Helm


def documented(*tags: str) -> dict[Path, str]:
    """Return the paths that comments of values.yaml document with one of these tags, and what they say."""
    comments = (match for match in COMMENT.finditer(TEXT) if match["tag"] in tags)
    return {tuple(re.sub(r"\[.*", "", match["path"]).split(".")): match["words"] for match in comments}


def alike(left: Path, right: Path) -> bool:
    """Tell whether two paths are the same as far as both go; `*` is like any name."""
    return all("*" in pair or pair[0] == pair[1] for pair in zip(left, right, strict=False))


def reads(reference: templates.Reference, value: Path) -> bool:
    """Tell whether a template that reads one path reads this value with it."""
    return alike(reference.path, value) and (reference.whole or len(reference.path) >= len(value))


def is_used(value: Path) -> bool:
    """Tell whether a template reads a value, or Helm or a subchart does."""
    return is_foreign(value) or any(reads(reference, value) for reference in templates.references())


def open_maps(part: Schema | bool, path: Path) -> Iterator[Path]:
    """Give the path of each map below a part of the schema that takes keys that nobody described."""
    if not isinstance(part, dict) or is_foreign(path):
        return
    if is_open(part) or ("properties" in part and not is_map(part)):
        yield path
    for layer in applied(part):
        if layer is not part and is_open(layer):
            yield path
        for name, child in layer.get("properties", {}).items():
            yield from open_maps(child, (*path, name))
        others = (layer.get("items"), layer.get("additionalProperties"), *layer.get("patternProperties", {}).values())
        for child in others:
            yield from open_maps(child or False, (*path, "*"))


def takes_any_key(path: Path) -> bool:
    """Tell whether a map is one whose keys are the user's, such as annotations, or a subchart's."""
    return is_foreign(path) or any(part.get("additionalProperties") for part in schemas_at(path))


def test_every_value_is_documented() -> None:
    named = documented("param", "skip")
    missing = [path for path, _ in leaves(defaults()) if not any(path[: len(name)] == name for name in named)]
    wordless = [path for path, words in documented("param", "extra").items() if not words]
    advice = "Say in values.yaml what it is for: ## @param"
    assert not missing + wordless, "\n".join(f"{advice} {dotted(path)} <description>" for path in missing + wordless)


def test_every_documented_value_exists() -> None:
    wrong = [path for path in documented("param", "skip") if not has_default(path)]
    wrong += [path for path in documented("extra") if not schemas_at(path)]
    advice = "has a comment in values.yaml, but no default there. Add it, or take the comment away"
    assert not wrong, "\n".join(f"{dotted(path)} {advice}." for path in wrong)


def test_every_value_is_used() -> None:
    unused = [path for path, _ in leaves(defaults()) if not is_used(path)]
    assert not unused, "\n".join(
        f"No template reads .Values.{dotted(path)}. Use it, or take it away." for path in unused
    )


def test_every_value_that_a_template_reads_exists() -> None:
    unknown = [
        reference
        for reference in templates.references()
        if not has_default(reference.path) and not schemas_at(reference.path)
    ]
    advice = "which neither values.yaml nor its schema has, so it renders empty. Is it misspelt?"
    assert not unknown, "\n".join(f"{one.place} reads .Values.{dotted(one.path)}, {advice}" for one in unknown)


def test_the_schema_types_every_value() -> None:
    untyped = [path for path, _ in leaves(defaults()) if not types_at(path) and not is_foreign(path)]
    advice = "Give it a type, an enum or a const in values.schema.json"
    assert not untyped, "\n".join(f"{dotted(path)} has no type. {advice}." for path in untyped)


def test_the_schema_has_no_value_that_nothing_knows() -> None:
    named = {path for path in properties(schema()) if path != OF_A_PARENT}
    unknown = sorted(path for path in named if not has_default(path) and not is_used(path))
    advice = 'which no template reads and values.yaml lacks. Is it misspelt? Mark one that is gone "deprecated": true'
    assert not unknown, "\n".join(f"values.schema.json takes {dotted(path)}, {advice}." for path in unknown)


def test_the_schema_is_closed() -> None:
    found = sorted({dotted(path) or "the root" for path in open_maps(schema(), ())})
    advice = 'set "additionalProperties" to false, or to the schema of its values where the keys are the user\'s'
    assert not found, "\n".join(f"values.schema.json takes any key in {name}: {advice}." for name in found)


def test_a_misspelt_key_fails_the_render() -> None:
    closed = [path for path in maps(defaults()) if not takes_any_key(path)]
    said = render_error(set={dotted((*path, MISSPELT)): 1 for path in closed})
    places = re.findall(rf"'([^'\n]*)': .*{MISSPELT}", said)
    silent = [path for path in closed if "/".join(("", *path)) not in places]
    assert not silent, "\n".join(f"A misspelt key in {dotted(path) or 'the root'} is not refused." for path in silent)


def test_an_umbrella_chart_can_hand_over_its_values() -> None:
    succeeded, said = template(set={"global.anything": {"at": "all"}, "enabled": True})
    assert succeeded, f"The schema's root must allow `global` and `enabled`, which a parent chart sets: {said}"


def is_a_setting(file: str, line: str) -> bool:
    """Tell whether a line of a template fixes what users set: an image, a host, or a number such as a port."""
    literal = LITERAL.match(line)
    if not literal:
        return False
    key, value = literal["key"], literal["value"].strip("\"'")
    if key in ("host", "hostname"):
        return bool(re.fullmatch(HOST, value))
    number = SETTING.search(key) and re.fullmatch(NUMBER, value) and not file.startswith("templates/tests/")
    return key == "image" or bool(number)


def test_templates_hold_no_image_host_or_size_of_their_own() -> None:
    found = [
        f"{file}:{number} holds `{line.strip()}`. Put it into values.yaml and read it from there."
        for file, text in templates.files().items()
        for number, line in enumerate(text.splitlines(), 1)
        if not file.endswith(".txt") and is_a_setting(file, line)
    ]
    assert not found, "\n".join(found)
