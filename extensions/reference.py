"""What is built from the catalogue: reference pages in `docs/catalogue/` and JSON Schemas in `catalogue/schema/`."""

import json
from pathlib import Path

from extensions.catalogue import KINDS, MOVES, Constitution, load
from extensions.jinja import environment


def built_files() -> dict[Path, str]:
    """Each file that is built from the catalogue, by its path below the repository, with its content."""
    return {**_pages(), **_schemas()}


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
    schemas = {kind: model.model_json_schema() for kind, model in KINDS.items()} | {"moves": MOVES.json_schema()}
    return {Path(f"catalogue/schema/{kind}.json"): json.dumps(text, indent=2) + "\n" for kind, text in schemas.items()}
