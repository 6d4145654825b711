"""What is built from the catalogue: what Copier reads of it, pages in `docs/catalogue/`, and `catalogue/schema/`."""

import json
from pathlib import Path
from textwrap import indent
from typing import Any

import yaml

from extensions.catalogue import KINDS, MOVES, ROOT, Constitution, load
from extensions.jinja import environment


def built_files() -> dict[Path, str]:
    """Each file that is built from the catalogue, by its path below the repository, with its content."""
    return {Path("catalogue/built.yml"): computed_values(), **_pages(), **_schemas()}


def computed_values(root: Path = ROOT) -> str:
    """Write the catalogue of `root` as computed values of copier.yml, each one text in JSON.

    An update loads copier.yml five times, and its parser of YAML is much slower with many values than with one text.
    """
    kinds = {kind: sorted((root / "catalogue" / kind).glob("*.yml")) for kind in KINDS}
    entries: dict[str, Any] = {kind: [_read(path) for path in paths] for kind, paths in kinds.items()}
    entries["moves"] = _read(root / "catalogue/moves.yml")
    text = "# Built from the other files of this folder by `python -m extensions build`.\n"
    for kind, listed in entries.items():
        lines = ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in listed)
        text += f"{kind.removesuffix('s')}_catalogue:\n  type: json\n  when: false\n  default: |-\n"
        text += indent(f"{{% raw %}}[\n{lines}\n]{{% endraw %}}\n", "    ")
    return text


def _read(path: Path) -> object:
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
    schemas = {kind: model.model_json_schema() for kind, model in KINDS.items()} | {"moves": MOVES.json_schema()}
    return {Path(f"catalogue/schema/{kind}.json"): json.dumps(text, indent=2) + "\n" for kind, text in schemas.items()}
