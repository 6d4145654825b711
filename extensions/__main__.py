"""`python -m extensions lint`, and `python -m extensions build`: the catalogue's own commands."""

import sys

import typer

from extensions.catalogue import ROOT, load
from extensions.lint import lint as find_misfits
from extensions.reference import built_files

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.command()
def lint() -> None:
    """Check that the files of the catalogue fit together; exit with 1 when they do not."""
    try:
        misfits = find_misfits(load())
    except ValueError as error:
        misfits = [str(error)]
    for misfit in misfits:
        typer.echo(misfit, err=True)
    sys.exit(1 if misfits else 0)


@app.command()
def build() -> None:
    """Write what is built from the catalogue: catalogue/built.jinja, catalogue/schema/ and docs/catalogue/."""
    for path, content in built_files().items():
        (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / path).write_text(content, encoding="utf-8", newline="\n")
        typer.echo(path)


if __name__ == "__main__":
    app()
