"""What is built from the catalogue: what Copier reads of it, pages in `docs/catalogue/`, and `catalogue/schema/`."""

import json
from pathlib import Path
from typing import Any

import yaml

from extensions.catalogue import KINDS, LISTS, ROOT, Constitution, ProjectFile, load
from extensions.jinja import environment, environment_of_macros


def built_files() -> dict[Path, str]:
    """Each file that is built from the catalogue, by its path below the repository, with its content."""
    return {Path("catalogue/built.jinja"): catalogue_text(), **_pages(), **_schemas()}


def catalogue_text(root: Path = ROOT) -> str:
    """Write the catalogue of `root` as one text in JSON that Jinja leaves as it is.

    An update loads copier.yml five times, and in there PyYAML would need more time for the catalogue than for all else.
    """
    files = {kind: sorted((root / "catalogue" / kind).glob("*.yml")) for kind in KINDS}
    entries: dict[str, Any] = {kind: [_read(path) for path in paths] for kind, paths in files.items()}
    _prove([task for project_type in entries["project_types"] for task in project_type["tasks"].values()])
    _prove([gate for principle in entries["principles"] for gate in principle["gates"] if "task" not in gate])
    moves, shared = (_read(root / "catalogue" / f"{name}.yml") for name in LISTS)
    entries["moves"] = [{"path": move.pop("from"), **move} for move in moves]
    entries["files"] = [{"source": ProjectFile.model_validate(file).renderer, **file} for file in shared]
    kinds = [
        f"{json.dumps(kind)}: [\n" + ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in listed) + "\n]"
        for kind, listed in entries.items()
    ]
    defaults = {figure["id"]: figure["default"] for figure in entries["figures"]}
    kinds.append(f'"defaults": {json.dumps(defaults)}')
    about = "{# Built from the other files of this folder by `python -m extensions build`. #}\n"
    return about + "{% raw %}{\n" + ",\n".join(kinds) + "\n}{% endraw %}\n"


def _prove(sources: list[dict[str, Any]]) -> None:
    """Say what proves each of these tasks or gates, where a machine does."""
    proof: Any = environment_of_macros().get_template("includes/proof.jinja").module
    for source in sources:
        if words := proof.proof(source):
            source["proof"] = words


def _read(path: Path) -> Any:  # noqa: ANN401  # what YAML holds
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def _pages() -> dict[Path, str]:
    jinja = environment()
    catalogue = load()
    defaults = {figure.id: figure.default for figure in catalogue.figures.values()}
    pages = {Path("docs/catalogue/README.md"): jinja.get_template("extensions/templates/index.md.jinja").render()}
    for kind in ("project_types", "constitutions", "principles"):
        template = jinja.get_template(f"extensions/templates/{kind}.md.jinja")
        for name, entry in getattr(catalogue, kind).items():
            own = entry.figures if isinstance(entry, Constitution) else {}
            pages[Path("docs/catalogue") / kind / f"{name}.md"] = template.render(entry=entry, figures=defaults | own)
    return pages


def _schemas() -> dict[Path, str]:
    schemas = {kind: model.model_json_schema() for kind, model in KINDS.items()} | {
        name: model.json_schema() for name, model in LISTS.items()
    }
    return {Path(f"catalogue/schema/{kind}.json"): json.dumps(text, indent=2) + "\n" for kind, text in schemas.items()}
