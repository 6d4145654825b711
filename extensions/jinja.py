"""A Jinja2 extension that puts the catalogue into an environment, and the environment that maintainers render with."""

import json

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.ext import Extension

from extensions.catalogue import ROOT, load


class CatalogueExtension(Extension):
    """Adds the global `catalogue` (`extensions.catalogue.Catalogue`) and the filters `dump` and `to_json`.

    `dump` turns a model into the plain data that the macros of `includes/` take, as Copier would hand it to them;
    `to_json` is there because those macros expect Copier's filter of this name.
    """

    def __init__(self, environment: Environment) -> None:
        """Load the catalogue into `environment`."""
        super().__init__(environment)
        environment.globals["catalogue"] = load()
        environment.filters["to_json"] = json.dumps
        environment.filters["dump"] = lambda entry: entry.model_dump(exclude_none=True)


def environment() -> Environment:
    """Return an environment with the catalogue, the macros of `includes/` and Copier's own way of rendering."""
    found = environment_of_macros()
    found.add_extension(CatalogueExtension)
    return found


def environment_of_macros() -> Environment:
    """Return the same without the catalogue."""
    return Environment(
        loader=FileSystemLoader(ROOT),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # noqa: S701  # it renders Markdown
    )
