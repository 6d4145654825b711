"""What the contract tests need to know of the Pixi manifest in pyproject.toml."""

import tomllib
from pathlib import Path
from typing import Any, TypeAlias

REPOSITORY = Path(__file__).resolve().parents[2]

Table: TypeAlias = dict[str, Any]


def read() -> Table:
    """Return pyproject.toml."""
    return tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))


def environments(pyproject: Table) -> dict[str, Table]:
    """Return the environments by name; `default` exists even where it is not written."""
    written = {"default": {}} | pyproject["tool"]["pixi"].get("environments", {})
    return {
        name: {"features": entry} if isinstance(entry, list) else entry
        for name, entry in written.items()
    }


def features(pyproject: Table) -> dict[str, Table]:
    """Return the features by name; Pixi makes one of each extra and each dependency group."""
    extras = pyproject.get("project", {}).get("optional-dependencies", {})
    groups = pyproject.get("dependency-groups", {})
    tables: dict[str, Table] = pyproject["tool"]["pixi"].get("feature", {})
    return {name: {} for name in [*extras, *groups]} | tables


def parts(pyproject: Table, environment: Table) -> list[Table]:
    """Return the tables that make up an environment; unknown features are left out."""
    default = [] if environment.get("no-default-feature") else [pyproject["tool"]["pixi"]]
    known = features(pyproject)
    named = [known[name] for name in environment.get("features", []) if name in known]
    return [*default, *named, environment]


def visible_tasks(pyproject: Table, environment: Table) -> Table:
    """Return the tasks of an environment by name, those for single platforms included."""
    tasks: Table = {}
    for part in parts(pyproject, environment):
        for table in [part, *part.get("target", {}).values()]:
            tasks |= table.get("tasks", {})
    return tasks
