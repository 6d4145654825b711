"""The default install is small; more comes by switches, and each says in a sentence what it needs."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests import values
from tests.manifests import (
    DEFAULTS,
    Manifest,
    kinds,
    label,
    read_yaml,
    render,
    render_error,
    rendered_text,
    template,
    title,
    values_files,
)
from tests.values import defaults, dotted, is_foreign, leaves, schemas_at, types_at

PLACEHOLDER = "changeme"


def switches() -> dict[values.Path, object]:
    """Return each value called `enabled`, with its default; those of subcharts are for Helm and for them."""
    return {path: value for path, value in leaves(defaults()) if path[-1] == "enabled" and not is_foreign(path)}


def is_test(manifest: Manifest) -> bool:
    """Tell whether an object is made by `helm test` only."""
    return "test" in str(manifest["metadata"].get("annotations", {}).get("helm.sh/hook", ""))


def turned_on(switch: values.Path) -> Iterator[tuple[Path, ...]]:
    """Give the values files with which a switch is on, those with most in them first, and none for the defaults."""
    default = switches()[switch]
    given = {path: dict(leaves(read_yaml(path))) for path in values_files()}
    for path in sorted(given, key=lambda path: -len(given[path])):
        if given[path].get(switch, default) is True and template(path)[0]:
            yield (path,)
    if default is True:
        yield ()


def names_another_value(text: str, switch: values.Path) -> bool:
    """Tell whether a text names a value of values.yaml, other than a switch."""
    words = set(re.findall(r"[\w.]*\w", text))
    return any(dotted(path) in words for path, _ in leaves(defaults()) if path != switch)


def effect_of_turning_off(switch: values.Path) -> str:
    """Say what is wrong with a switch that is turned off, or ""."""
    name, off = dotted(switch), {dotted(switch): False}
    unseen = f"No values file turns {name} on, so no test sees it. Do so in ci/."
    for files in turned_on(switch):
        succeeded, said = template(*files, set=off)
        where = ", ".join(map(label, files)) or DEFAULTS
        if not succeeded:
            return "" if names_another_value(said, switch) else f"Turning {name} off breaks {where}: {said}"
        if said != rendered_text(*files):
            more = sorted(set(map(title, render(*files, set=off))) - set(map(title, render(*files))))
            return f"Turning {name} off makes {', '.join(more)} with {where}. Let it take away." if more else ""
        unseen = f"{name} changes nothing. Let it turn something on, or take it away."
    return unseen


def effect_of_turning_on(switch: values.Path) -> str:
    """Say what is wrong with a switch that is turned on alone, or ""."""
    succeeded, said = template(set={dotted(switch): True})
    if succeeded or names_another_value(said, switch):
        return ""
    return f"Turning {dotted(switch)} on alone fails without the name of the value that it needs: {said}"


def problems_of_switches(check: Callable[[values.Path], str], wanted: list[values.Path]) -> list[str]:
    """Run a check over switches, a few at a time, and return what it finds."""
    with ThreadPoolExecutor() as pool:
        return [problem for problem in pool.map(check, wanted) if problem]


def takes_the_placeholder(path: values.Path) -> bool:
    """Tell whether the schema lets a text of the user's own through, so that a template must judge it."""
    if is_foreign(path):
        return False
    parts = schemas_at(path)
    fixed = any(word in part for part in parts for word in ("enum", "const", "format"))
    patterns = [part["pattern"] for part in parts if "pattern" in part]
    return not fixed and all(re.search(pattern, PLACEHOLDER) for pattern in patterns)


def test_the_default_install_has_few_kinds(default_kinds_max: int) -> None:
    found = sorted(kinds([manifest for manifest in render() if not is_test(manifest)]))
    advice = f"At most {default_kinds_max} are allowed: let `enabled` be false in values.yaml for the rest."
    assert len(found) <= default_kinds_max, f"The default install renders {', '.join(found)}. {advice}"


def test_each_switch_is_a_boolean() -> None:
    wrong = [path for path in switches() if types_at(path) != {"boolean"}]
    assert not wrong, "\n".join(
        f'{dotted(path)} is no switch: give it "type": "boolean" in the schema.' for path in wrong
    )


def test_what_is_off_renders_nothing() -> None:
    problems = problems_of_switches(effect_of_turning_off, list(switches()))
    assert not problems, "\n".join(problems)


def test_turning_something_on_works_or_names_the_value_that_it_needs() -> None:
    problems = problems_of_switches(
        effect_of_turning_on, [path for path, value in switches().items() if value is False]
    )
    assert not problems, "\n".join(problems)


def test_a_placeholder_fails_the_render_with_its_name() -> None:
    texts = [path for path, value in leaves(defaults()) if isinstance(value, str) and takes_the_placeholder(path)]
    said = render_error(set={dotted(path): PLACEHOLDER for path in texts})
    unnamed = [path for path in texts if not re.search(rf"(?<![\w.]){re.escape(dotted(path))}(?!\.?\w)", said)]
    advice = f"Fail with a sentence that names it and {PLACEHOLDER}"
    assert PLACEHOLDER in said, f"The render does not say that {PLACEHOLDER} is a placeholder: {said}"
    assert not unnamed, "\n".join(f"{dotted(path)} may stay a placeholder. {advice}." for path in unnamed)
