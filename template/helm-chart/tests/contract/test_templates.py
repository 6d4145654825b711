"""Templates are simple: one kind a file, named for it, without deep nesting; helpers stand in files of their own."""

import re
from collections import defaultdict

from tests import templates
from tests.manifests import is_own, renders_by_template


def rendered_kinds() -> dict[str, set[str]]:
    """Return the kinds that each of the chart's own templates renders, over the defaults and every values file."""
    found: dict[str, set[str]] = defaultdict(set)
    for objects in renders_by_template().values():
        for template, manifest in objects:
            if is_own(template):
                found[template].add(manifest["kind"])
    return found


def names_of(kind: str) -> set[str]:
    """Return what a file of a kind may be called: deployment, or hpa for HorizontalPodAutoscaler."""
    return {kind.lower(), "".join(re.findall("[A-Z]", kind)).lower()}


def test_no_template_nests_deeply(nesting_max: int) -> None:
    deep = [
        action
        for action in templates.all_actions()
        if action.keyword in templates.NESTING and action.depth > nesting_max
    ]
    advice = f"The limit is {nesting_max}: move the inner part into a helper."
    assert not deep, "\n".join(f"{one.place} nests {one.depth} deep (`{one.text}`). {advice}" for one in deep)


def test_each_template_holds_one_kind() -> None:
    found = {
        file: re.findall(r"^kind:\s*(.+?)\s*$", text, re.MULTILINE)
        for file, text in templates.files().items()
        if file.endswith((".yaml", ".yml"))
    }
    wrong = [
        f"{file} declares {len(kinds)} kinds ({', '.join(kinds)})" for file, kinds in found.items() if len(kinds) != 1
    ]
    wrong += [
        f"{file} renders {', '.join(sorted(kinds))}" for file, kinds in rendered_kinds().items() if len(kinds) != 1
    ]
    assert not wrong, "\n".join(f"{problem}. Give each kind a file of its own." for problem in wrong)


def test_each_template_is_named_for_its_kind() -> None:
    wrong = []
    for file, kinds in rendered_kinds().items():
        stem = file.rpartition("/")[2].partition(".")[0]
        words = {*stem.split("-"), stem.replace("-", "")}
        if not file.startswith("templates/tests/") and words.isdisjoint(set().union(*map(names_of, kinds))):
            wrong.append(f"{file} renders {', '.join(sorted(kinds))}. Name it for the kind: {min(kinds).lower()}.yaml.")
    assert not wrong, "\n".join(wrong)


def test_helpers_stand_in_files_of_their_own() -> None:
    defined = [action for action in templates.all_actions() if action.keyword in ("define", "block")]
    wrong = [action for action in defined if not action.file.rpartition("/")[2].startswith("_")]
    assert not wrong, "\n".join(f"{one.place} defines a helper. Move it into a _*.tpl file." for one in wrong)
