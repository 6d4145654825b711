"""What is built from the catalogue: what Copier reads of it, pages in `docs/catalogue/`, and `catalogue/schema/`."""

import json
from pathlib import Path

import yaml

from extensions.catalogue import KINDS, ROOT, Constitution, load
from extensions.jinja import environment


def built_files() -> dict[Path, str]:
    """Each file that is built from the catalogue, by its path below the repository, with its content."""
    return {Path("catalogue/built.yml"): computed_values(), **_pages(), **_schemas()}


def computed_values(root: Path = ROOT) -> str:
    """Write the catalogue of `root` as computed values of copier.yml, each one text in JSON.

    An update loads copier.yml five times, and its parser of YAML is much slower with many values than with one text.
    """
    text = "# Built from the other files of this folder by `python -m extensions build`.\n"
    for kind in KINDS:
        files = sorted((root / "catalogue" / kind).glob("*.yml"))
        entries = [json.dumps(yaml.safe_load(path.read_text(encoding="utf-8")), ensure_ascii=False) for path in files]
        lines = ["{% raw %}[", *(f"{entry}," for entry in entries[:-1]), entries[-1], "]{% endraw %}"]
        text += f"{kind.removesuffix('s')}_catalogue:\n  type: json\n  when: false\n  default: |-\n"
        text += "".join(f"    {line}\n" for line in lines)
    return text


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
    return {
        Path("catalogue/schema") / f"{kind}.json": json.dumps(model.model_json_schema(), indent=2) + "\n"
        for kind, model in KINDS.items()
    }
