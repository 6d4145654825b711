"""Which files the template may write into a project, by their paths there."""

import re
from collections.abc import Iterable
from pathlib import Path

from extensions.catalogue import ROOT

ROOM = r"\{\{ project\.room\.\w+ \}\}/"
"""A folder that is written at the project's root, or skipped."""


def template_files(root: Path = ROOT) -> list[str]:
    """Every file and link below `root/template`, as a path from there with slashes, sorted."""
    folder = root / "template"
    paths = [path for path in folder.rglob("*") if path.is_symlink() or path.is_file()]
    return sorted(path.relative_to(folder).as_posix() for path in paths if path.suffix not in (".pyc", ".pyo"))


def optional_files(files: Iterable[str]) -> list[str]:
    """Those of `template_files` that come and go with an answer and are of one type alone."""
    return [file for file in files if re.search(r"\{\{ project\.(room\.git|overlay\.)", file)]


def fact_of(file: str) -> str:
    """Tell what must hold of a project's answers, so that it gets one of the `optional_files`; `eks` for example."""
    found: list[str] = re.findall(r"project\.(?:room|overlay)\.(\w+)", file)
    return found[-1]


def generated_paths(files: Iterable[str], project_types: Iterable[str]) -> dict[str, set[str]]:
    """Each path that a project may have, with the types that may have it.

    `files` are paths below `template/`. An answer in a path stands in braces, as in texts of the catalogue:
    `python-service/src/{{ package_name }}/app.py.jinja` is `src/{package_name}/app.py` of one type, and what stands in
    `common/` belongs to all. Two files of the template may lead to one path, of which a project gets one.
    """
    types = set(project_types)
    found: dict[str, set[str]] = {}
    for file in files:
        folder, _, path = file.partition("/")
        if path.startswith("{% yield"):  # it writes the common files
            continue
        path = re.sub(f"^({ROOM})+", "", path).removesuffix(".jinja")
        path = ".copier-answers.yml" if file == "common/answers.yml.jinja" else path
        path = re.sub(r"\{\{ project\.overlay\.(\w+) \}\}", r"\1.yaml", path)
        path = re.sub(r"\{\{ (\w+) \}\}", r"{\1}", path)
        found.setdefault(path, set()).update(types if folder == "common" else {folder})
    return found
