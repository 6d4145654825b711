"""Canaries of `modal-web`: for each task a small violation.

It turns this task red, and no other task of the same constitution.
"""

from pathlib import Path

from tests.project_types.canaries import (
    Canary,
    append,
    complex_function,
    module_without_test,
    plant_missing_changelog,
    plant_private_file,
    plant_secret,
    plant_vulnerable_dependency,
    replace,
    uncovered_branches,
)


def plant(path: str, old: str, new: str) -> Canary:
    """Replace one line, or a part of it."""
    return lambda project, _package: replace(project / path, old, new)


def plant_unused_import(project: Path, _package: str) -> None:
    """An import that nothing uses."""
    replace(project / "backend/models/reaction_diffusion.py", "import io\n", "import io\nimport os\n")
