"""Which files the template may write into a project, by their paths there."""

import re
from collections.abc import Iterable
from pathlib import Path

from extensions.catalogue import ROOT

ROOM = r"\{\{ room\.(\w+) \}\}/"
"""A folder that is written at the project's root, or skipped."""


def template_files(root: Path = ROOT) -> list[str]:
    """Every file and link below `root/template`, as a path from there with slashes, sorted."""
    folder = root / "template"
    paths = [path for path in folder.rglob("*") if path.is_symlink() or path.is_file()]
    return sorted(path.relative_to(folder).as_posix() for path in paths if path.suffix not in (".pyc", ".pyo"))


def generated_paths(files: Iterable[str], project_types: Iterable[str]) -> dict[str, set[str]]:
    """Each path that a project may have, with the types that may have it.

    `files` are paths below `template/`. An answer in a path stands in braces, as in texts of the catalogue:
    `{{ room.python_service }}/src/{{ package_name }}/app.py.jinja` is `src/{package_name}/app.py` of one type. Two
    files of the template may lead to one path, of which a project gets one.
    """
    types = list(project_types)
    found: dict[str, set[str]] = {}
    for file in files:
        rooms = re.findall(ROOM, file)
        owners = [name for name in types if name.replace("-", "_") in rooms] or types
        path = re.sub(f"({ROOM})+", "", file).removesuffix(".jinja")
        path = path.replace("{{ _copier_conf.answers_file }}", ".copier-answers.yml")
        path = re.sub(r"\{\{ overlay\.(\w+) \}\}", r"\1.yaml", path)
        found.setdefault(re.sub(r"\{\{ (\w+) \}\}", r"{\1}", path), set()).update(owners)
    return found
