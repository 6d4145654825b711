"""Canaries of `python-service`: for each task a small violation.

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
    source,
    uncovered_branches,
)


def plant_unused_import(project: Path, package: str) -> None:
    """An import that nothing uses."""
    replace(source(project, package, "lib/addresses.py"), "import re\n", "import os\nimport re\n")


def plant_wrong_type(project: Path, package: str) -> None:
    """A function whose hint promises another type than it returns."""
    replace(source(project, package, "lib/addresses.py"), "def random_slug() -> str:", "def random_slug() -> int:")


def plant_wrong_page(project: Path, package: str) -> None:
    """A page of links that begins with the last link of the page before."""
    replace(source(project, package, "services/links.py"), "Link.slug > after", "Link.slug >= after")


def plant_undocumented_status(project: Path, package: str) -> None:
    """An operation that can answer 404, though its documentation does not say so."""
    routes = source(project, package, "api/routes.py")
    replace(routes, ", status_code=204, responses=documented(404))", ", status_code=204)")


def plant_error_without_remedy(project: Path, package: str) -> None:
    """A command line that says what is wrong but not what to do."""
    commands = source(project, package, "cli/main.py")
    replace(commands, '        typer.echo(f"Remedy: {problem.remedy}", err=True)\n', "")


def plant_delay(project: Path, package: str) -> None:
    """A visit that takes 300 ms where there is such a link; the many that other tests make up are answered at once."""
    service = source(project, package, "services/links.py")
    replace(service, "from collections.abc import Sequence\n", "import time\nfrom collections.abc import Sequence\n")
    replace(service, "        return url\n", "        time.sleep(0.3)\n        return url\n")


def plant_weak_randomness(project: Path, package: str) -> None:
    """Slugs from a generator whose next number can be foretold."""
    addresses = source(project, package, "lib/addresses.py")
    replace(addresses, "import re\nimport secrets\n", "import random\nimport re\n")
    replace(addresses, "secrets.choice(", "random.choice(")


def plant_open_route(project: Path, package: str) -> None:
    """A route that shows all links to everybody."""
    route = '''

@public.get("/export")
def export(links: Links) -> LinkPage:
    """List the first links."""
    return LinkPage(links=[_view(link, links) for link in links.page(100)], next=None)
'''
    append(source(project, package, "api/routes.py"), route)


def plant_missing_header(project: Path, package: str) -> None:
    """Answers whose content type a browser may guess."""
    replace(source(project, package, "api/middleware.py"), '    "X-Content-Type-Options": "nosniff",\n', "")


def plant_import_of_a_higher_layer(project: Path, package: str) -> None:
    """A helper that reaches up into the services."""
    helper = '''

def is_taken(slug: str) -> bool:
    """Tell whether a slug is taken."""
    from ..services.database import open_database
    from ..services.links import LinkService

    return bool(LinkService(open_database("sqlite:///links.db"), "").visit(slug))
'''
    append(source(project, package, "lib/addresses.py"), helper)


def plant_query_in_logs(project: Path, package: str) -> None:
    """Log lines with the query string, where clients put secrets."""
    middleware = source(project, package, "api/middleware.py")
    replace(middleware, '"path": scope["path"],', '"path": scope["path"] + "?" + scope["query_string"].decode(),')


def plant_missing_docstring(project: Path, package: str) -> None:
    """A public function without a docstring."""
    replace(
        source(project, package, "lib/addresses.py"),
        '    """Return a slug that cannot be guessed from others: 8 of 32 characters, 40 bits."""\n',
        "",
    )


CANARIES: dict[str, Canary] = {
    "lint": plant_unused_import,
    "types": plant_wrong_type,
    "test": plant_wrong_page,
    "coverage": uncovered_branches("src/{package}/lib/addresses.py"),
    "test-map": module_without_test("src/{package}/lib/words.py"),
    "api-contract": plant_undocumented_status,
    "cli-contract": plant_error_without_remedy,
    "loadtest": plant_delay,
    "security-lint": plant_weak_randomness,
    "access": plant_open_route,
    "hardening": plant_missing_header,
    "audit": plant_vulnerable_dependency,
    "boundaries": plant_import_of_a_higher_layer,
    "complexity": complex_function("tests/integration/test_flows.py"),
    "secrets": plant_secret,
    "private-files": plant_private_file,
    "logs": plant_query_in_logs,
    "docs-files": plant_missing_changelog,
    "docstrings": plant_missing_docstring,
}
