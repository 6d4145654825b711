"""The Pixi manifest makes sense beyond its schema, which validate-pyproject checks."""

import tomllib
from collections.abc import Callable
from itertools import chain

import pytest
from tests.contract.manifest import Table, environments, features, parts, read, visible_tasks

FAMILIES = {"linux": {"linux", "unix"}, "osx": {"osx", "macos", "unix"}, "win": {"win"}}


def platforms(pyproject: Table) -> dict[str, set[str]]:
    """Return the workspace's platforms, each with the words that select it: name and subdir."""
    entries = pyproject["tool"]["pixi"]["workspace"]["platforms"]
    tables = [{"platform": entry} if isinstance(entry, str) else entry for entry in entries]
    words = [[table[key] for key in ("name", "platform") if key in table] for table in tables]
    return {found[0]: set(found) for found in words}


def installable(pyproject: Table, environment: Table) -> set[str]:
    """Return the platforms that every part of an environment allows."""
    known = platforms(pyproject)
    allowed = set(known)
    for part in parts(pyproject, environment):
        if "platforms" in part:
            allowed = {name for name in allowed if known[name] & set(part["platforms"])}
    return allowed


def unknown_features(pyproject: Table) -> list[str]:
    known = {"default", *features(pyproject)}
    return [
        f"The environment {name} names the feature {feature}, which does not exist."
        for name, environment in environments(pyproject).items()
        for feature in environment.get("features", [])
        if feature not in known
    ]


def holders(pyproject: Table) -> dict[str, Table]:
    """Return each table that may name platforms, by the words that name it in a sentence."""
    return (
        {"The workspace": pyproject["tool"]["pixi"]}
        | {f"The feature {name}": table for name, table in features(pyproject).items()}
        | {f"The environment {name}": table for name, table in environments(pyproject).items()}
    )


def unknown_platforms(pyproject: Table) -> list[str]:
    words = set(chain.from_iterable(platforms(pyproject).values()))
    families = set(
        chain.from_iterable(FAMILIES.get(word.partition("-")[0], set()) for word in words)
    )
    return [
        f"{holder} names the {kind.removesuffix('s')} {word}, which the workspace lacks."
        for holder, table in holders(pyproject).items()
        for kind, known in (("platforms", words), ("target", words | families))
        for word in table.get(kind, [])
        if word not in known
    ]


def unknown_dependencies(pyproject: Table) -> list[str]:
    tasks = {
        name: visible_tasks(pyproject, environment)
        for name, environment in environments(pyproject).items()
    }
    return [
        f"The task {task} depends on {wanted}, which is no task of the environment {where}."
        for environment in tasks
        for task, entry in tasks[environment].items()
        for wanted, where in dependencies(entry, environment)
        if wanted not in tasks.get(where, {})
    ]


def dependencies(task: str | list[Table] | Table, environment: str) -> list[tuple[str, str]]:
    """Return the tasks that a task depends on, each with the environment that it runs in."""
    if isinstance(task, str):
        return []
    entries = task if isinstance(task, list) else task.get("depends-on", [])
    if not isinstance(entries, list):
        entries = [entries]
    tables = [{"task": entry} if isinstance(entry, str) else entry for entry in entries]
    return [(table["task"], table.get("environment", environment)) for table in tables]


def homeless_environments(pyproject: Table) -> list[str]:
    return [
        f"The environment {name} can be installed nowhere: its features share no platform."
        for name, environment in environments(pyproject).items()
        if not installable(pyproject, environment)
    ]


def lonely_group_members(pyproject: Table) -> list[str]:
    known = environments(pyproject)
    places = {name: installable(pyproject, table) for name, table in known.items()}
    sentences = []
    for name, table in known.items():
        group = table.get("solve-group")
        mates = [other for other in known if known[other].get("solve-group") == group]
        mates.remove(name)
        if group and mates and not any(places[name] & places[mate] for mate in mates):
            sentences.append(
                f"The environment {name} is in the solve-group {group} "
                f"and shares no platform with {', '.join(mates)}."
            )
    return sentences


def missing_pixi_version(pyproject: Table) -> list[str]:
    if pyproject["tool"]["pixi"]["workspace"].get("requires-pixi"):
        return []
    return ["The workspace does not say in requires-pixi which version of Pixi it needs."]


CHECKS = [
    unknown_features,
    unknown_platforms,
    unknown_dependencies,
    homeless_environments,
    lonely_group_members,
    missing_pixi_version,
]
Check = Callable[[Table], list[str]]


@pytest.mark.parametrize("check", CHECKS)
def test_the_manifest_has_no_misfit(check: Check) -> None:
    assert not (misfits := check(read())), "\n".join(misfits)


GOOD = """
[project.optional-dependencies]
dev = []
[dependency-groups]
docs = []
[tool.pixi.workspace]
requires-pixi = ">=0.71"
platforms = [{ name = "gpu", platform = "linux-64", cuda = "12" }, "osx-arm64"]
[tool.pixi.environments]
default = { features = ["a", "dev"], solve-group = "one" }
other = ["docs"]
third = { features = ["b"], solve-group = "one" }
[tool.pixi.tasks]
first = "true"
both = { depends-on = ["first", { task = "second", environment = "third" }] }
alias = [{ task = "first" }]
[tool.pixi.target.unix.tasks]
here = { cmd = "true", depends-on = "first" }
[tool.pixi.feature.a]
platforms = ["osx-arm64", "gpu"]
[tool.pixi.feature.b]
platforms = ["linux-64"]
[tool.pixi.feature.b.target.gpu.tasks]
second = { depends-on = ["first", "here"] }
"""


@pytest.mark.parametrize("check", CHECKS)
def test_a_manifest_that_makes_sense_passes(check: Check) -> None:
    assert check(tomllib.loads(GOOD)) == []


@pytest.mark.parametrize(
    ("check", "good", "bad", "named"),
    [
        (unknown_features, '["docs"]', '["dosc"]', "dosc"),
        (unknown_platforms, '["osx-arm64", "gpu"]', '["osx-arm64", "cpu"]', "platform cpu"),
        (unknown_platforms, "target.gpu", "target.win-64", "target win-64"),
        (unknown_platforms, "target.unix", "target.win", "target win,"),
        (unknown_dependencies, '"first", "here"', '"frist", "here"', "frist"),
        (unknown_dependencies, 'depends-on = "first"', 'depends-on = "second"', "default"),
        (unknown_dependencies, 'environment = "third"', 'environment = "thrid"', "thrid"),
        (unknown_dependencies, '[{ task = "first" }]', '[{ task = "frist" }]', "frist"),
        (homeless_environments, 'platforms = ["linux-64"]', "platforms = []", "third"),
        (lonely_group_members, '["osx-arm64", "gpu"]', '["osx-arm64"]', "third"),
        (missing_pixi_version, 'requires-pixi = ">=0.71"', "", "requires-pixi"),
    ],
)
def test_a_manifest_that_makes_no_sense_is_found(
    check: Check, good: str, bad: str, named: str
) -> None:
    manifest = GOOD.replace(good, bad)
    assert manifest != GOOD
    assert any(named in sentence for sentence in check(tomllib.loads(manifest)))
