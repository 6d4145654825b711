"""Canaries of `python-service`: for each task a small violation.

It turns this task red, and no other task of the same constitution. `audit` asks a vulnerability service: run it in the
environment that `vulnerability_service` yields, planted or not.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

Canary = Callable[[Path, str], None]
"""Plants a violation; takes the project's folder and the name of its package."""


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    if text.count(old) != 1:
        raise AssertionError(f"{path} holds {old!r} {text.count(old)} times. It must hold it once: mend this canary.")
    path.write_text(text.replace(old, new), encoding="utf-8")


def _append(path: Path, text: str) -> None:
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def _source(project: Path, package: str, module: str) -> Path:
    return project / "src" / package / module


def plant_unused_import(project: Path, package: str) -> None:
    """An import that nothing uses."""
    _replace(_source(project, package, "lib/addresses.py"), "import re\n", "import os\nimport re\n")


def plant_wrong_type(project: Path, package: str) -> None:
    """A function whose hint promises another type than it returns."""
    _replace(_source(project, package, "lib/addresses.py"), "def random_slug() -> str:", "def random_slug() -> int:")


def plant_wrong_page(project: Path, package: str) -> None:
    """A page of links that begins with the last link of the page before."""
    _replace(_source(project, package, "services/links.py"), "Link.slug > after", "Link.slug >= after")


def plant_uncovered_branches(project: Path, package: str) -> None:
    """Many branches that no test reaches, in a module that has a unit test."""
    functions = (
        f'\n\ndef untested_{number}(value: int) -> int:\n    """Return one of two numbers."""\n'
        f"    if value > {number}:\n        return value\n    return {number}\n"
        for number in range(60)
    )
    _append(_source(project, package, "lib/addresses.py"), "".join(functions))


def plant_module_without_test(project: Path, package: str) -> None:
    """A module that no unit test belongs to."""
    code = '"""Words."""\n\n\ndef shout(word: str) -> str:\n    """Return it in capitals."""\n    return word.upper()\n'
    _source(project, package, "lib/words.py").write_text(code, encoding="utf-8")


def plant_undocumented_status(project: Path, package: str) -> None:
    """An operation that can answer 404, though its documentation does not say so."""
    routes = _source(project, package, "api/routes.py")
    _replace(routes, ", status_code=204, responses=documented(404))", ", status_code=204)")


def plant_error_without_remedy(project: Path, package: str) -> None:
    """A command line that says what is wrong but not what to do."""
    commands = _source(project, package, "cli/main.py")
    _replace(commands, '        typer.echo(f"Remedy: {problem.remedy}", err=True)\n', "")


def plant_delay(project: Path, package: str) -> None:
    """A visit that takes 300 ms."""
    service = _source(project, package, "services/links.py")
    _replace(service, "from collections.abc import Sequence\n", "import time\nfrom collections.abc import Sequence\n")
    counts = '        """Count a visit and return the address to lead to, or raise a 404 `ProblemError`."""\n'
    _replace(service, counts, f"{counts}        time.sleep(0.3)\n")


def plant_weak_randomness(project: Path, package: str) -> None:
    """Slugs from a generator whose next number can be foretold."""
    addresses = _source(project, package, "lib/addresses.py")
    _replace(addresses, "import re\nimport secrets\n", "import random\nimport re\n")
    _replace(addresses, "secrets.choice(", "random.choice(")


def plant_open_route(project: Path, package: str) -> None:
    """A route that shows all links to everybody."""
    route = '''

@public.get("/export")
def export(links: Links) -> LinkPage:
    """List the first links."""
    return LinkPage(links=[_view(link, links) for link in links.page(100)], next=None)
'''
    _append(_source(project, package, "api/routes.py"), route)


def plant_missing_header(project: Path, package: str) -> None:
    """Answers whose content type a browser may guess."""
    _replace(_source(project, package, "api/middleware.py"), '    "X-Content-Type-Options": "nosniff",\n', "")


def plant_vulnerable_dependency(project: Path, _package: str) -> None:
    """A dependency on a version with a known vulnerability; `vulnerability_service` knows it."""
    _replace(project / "pyproject.toml", "dependencies = [\n    ", 'dependencies = [\n    "h11==0.14.0",\n    ')


def plant_import_of_a_higher_layer(project: Path, package: str) -> None:
    """A helper that reaches up into the services."""
    helper = '''

def is_taken(slug: str) -> bool:
    """Tell whether a slug is taken."""
    from ..services.database import open_database
    from ..services.links import LinkService

    return bool(LinkService(open_database("sqlite:///links.db"), "").visit(slug))
'''
    _append(_source(project, package, "lib/addresses.py"), helper)


def plant_complex_function(project: Path, package: str) -> None:
    """A function with 16 ways through it."""
    branches = "".join(f"    if value == {number}:\n        return {number + 1}\n" for number in range(15))
    _append(
        _source(project, package, "lib/addresses.py"),
        f'\n\ndef step(value: int) -> int:\n    """Return the next number."""\n{branches}    return value\n',
    )


def plant_secret(project: Path, _package: str) -> None:
    """A file with a cloud key, made up here so that this file holds none."""
    key = "AKIA" + "7Q2ZC5XWKD3M9TBR"
    (project / "deploy.ini").write_text(f"[cloud]\naccess = {key}\n", encoding="utf-8")


def plant_private_file(project: Path, _package: str) -> None:
    """A file of a kind that holds private keys, though this one holds none."""
    (project / "server.pem").write_text("A certificate would stand here.\n", encoding="utf-8")


def plant_query_in_logs(project: Path, package: str) -> None:
    """Log lines with the query string, where clients put secrets."""
    middleware = _source(project, package, "api/middleware.py")
    _replace(middleware, '"path": scope["path"],', '"path": scope["path"] + "?" + scope["query_string"].decode(),')


def plant_missing_changelog(project: Path, _package: str) -> None:
    """No changelog."""
    (project / "CHANGELOG.md").unlink()


def plant_missing_docstring(project: Path, package: str) -> None:
    """A public function without a docstring."""
    _replace(
        _source(project, package, "lib/addresses.py"),
        '    """Return a slug that cannot be guessed from others: 8 of 32 characters, 40 bits."""\n',
        "",
    )


CANARIES: dict[str, Canary] = {
    "lint": plant_unused_import,
    "types": plant_wrong_type,
    "test": plant_wrong_page,
    "coverage": plant_uncovered_branches,
    "test-map": plant_module_without_test,
    "api-contract": plant_undocumented_status,
    "cli-contract": plant_error_without_remedy,
    "loadtest": plant_delay,
    "security-lint": plant_weak_randomness,
    "access": plant_open_route,
    "hardening": plant_missing_header,
    "audit": plant_vulnerable_dependency,
    "boundaries": plant_import_of_a_higher_layer,
    "complexity": plant_complex_function,
    "secrets": plant_secret,
    "private-files": plant_private_file,
    "logs": plant_query_in_logs,
    "docs-files": plant_missing_changelog,
    "docstrings": plant_missing_docstring,
}


class _OsvHandler(BaseHTTPRequestHandler):
    """Answers `POST /v1/query` as https://google.github.io/osv.dev/post-v1-query/ describes it.

    The request is `{"package": {"name": ..., "ecosystem": "PyPI"}, "version": ...}`; the answer is `{}` for a version
    without a known vulnerability.
    """

    def do_POST(self) -> None:
        """Answer one query."""
        query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        vulnerable = (query["package"]["name"], query["version"]) == ("h11", "0.14.0")
        answer = json.dumps({"vulns": [self._vulnerability()]} if vulnerable else {}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Say nothing: the test tells what went wrong."""

    @staticmethod
    def _vulnerability() -> dict[str, object]:
        return {
            "schema_version": "1.7.3",
            "id": "CANARY-0001",
            "summary": "A vulnerability that only this test knows.",
            "affected": [
                {
                    "package": {"name": "h11", "ecosystem": "PyPI"},
                    "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "0.16.0"}]}],
                }
            ],
        }


@contextmanager
def vulnerability_service() -> Iterator[dict[str, str]]:
    """Serve vulnerabilities on this machine and yield the environment variables that lead `pip-audit` there."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _OsvHandler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield {
            "PIP_AUDIT_VULNERABILITY_SERVICE": "osv",
            "PIP_AUDIT_OSV_URL": f"http://127.0.0.1:{server.server_port}/v1/query",
        }
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
