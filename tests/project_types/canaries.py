"""What canaries of several project types share.

`audit` asks a vulnerability service: run it in the environment that `vulnerability_service` yields, planted or not.
"""

import gzip
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

VULNERABLE_REACT = "19.0.0"
"""The version of a package of npm that `vulnerability_service` knows to be vulnerable."""

Canary = Callable[[Path, str], None]
"""Plants a violation; takes the project's folder and the name of its package."""


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    if text.count(old) != 1:
        raise AssertionError(f"{path} holds {old!r} {text.count(old)} times. It must hold it once: mend this canary.")
    path.write_text(text.replace(old, new), encoding="utf-8")


def append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as stream:
        stream.write(text)


def source(project: Path, package: str, module: str) -> Path:
    return project / "src" / package / module


def uncovered_branches(module: str) -> Canary:
    """Many branches that no test reaches, in a module that has a unit test, `src/{package}/x.py` for example."""
    functions = (
        f'\n\ndef untested_{number}(value: int) -> int:\n    """Return one of two numbers."""\n'
        f"    if value > {number}:\n        return value\n    return {number}\n"
        for number in range(60)
    )
    text = "".join(functions)
    return lambda project, package: append(project / module.format(package=package), text)


def complex_function(test_file: str) -> Canary:
    """A function with 16 ways through it, among the tests: there it costs no coverage."""
    branches = "".join(f"    if value == {number}:\n        return {number + 1}\n" for number in range(15))
    text = f'\n\ndef step(value: int) -> int:\n    """Return the next number."""\n{branches}    return value\n'
    return lambda project, _package: append(project / test_file, text)


def module_without_test(module: str) -> Canary:
    """A module that no unit test belongs to, `src/{package}/x.py` for example."""
    code = '"""Words."""\n\n\ndef shout(word: str) -> str:\n    """Return it in capitals."""\n    return word.upper()\n'
    return lambda project, package: append(project / module.format(package=package), code)


def plant_vulnerable_dependency(project: Path, _package: str) -> None:
    """A dependency on a version with a known vulnerability; `vulnerability_service` knows it."""
    replace(project / "pyproject.toml", "dependencies = [\n    ", 'dependencies = [\n    "h11==0.14.0",\n    ')


def plant_secret(project: Path, _package: str) -> None:
    """A file with a cloud key, made up here so that this file holds none."""
    key = "AKIA" + "7Q2ZC5XWKD3M9TBR"
    (project / "deploy.ini").write_text(f"[cloud]\naccess = {key}\n", encoding="utf-8")


def plant_private_file(project: Path, _package: str) -> None:
    """A file of a kind that holds private keys, though this one holds none."""
    (project / "server.pem").write_text("A certificate would stand here.\n", encoding="utf-8")


def plant_missing_changelog(project: Path, _package: str) -> None:
    """No changelog."""
    (project / "CHANGELOG.md").unlink()


class _AdvisoryHandler(BaseHTTPRequestHandler):
    """Answers what `pip-audit` asks of OSV, and what `npm audit` asks of a registry.

    `POST /v1/query` is described in https://google.github.io/osv.dev/post-v1-query/: the request is
    `{"package": {"name": ..., "ecosystem": "PyPI"}, "version": ...}`, and the answer `{}` for a version without a known
    vulnerability. npm sends `{name: [version, ...]}`, compressed, and gets the advisories of each name.
    """

    def do_POST(self) -> None:
        """Answer one query."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        answer = (self._of_npm if "advisories" in self.path else self._of_pypi)(json.loads(body))
        self._send(200, json.dumps(answer).encode())

    def do_GET(self) -> None:
        """Know no package: npm looks for a version that mends what was found."""
        self._send(404, b"{}")

    def _send(self, status: int, answer: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    @staticmethod
    def _of_npm(query: dict[str, list[str]]) -> dict[str, object]:
        if VULNERABLE_REACT not in query.get("react", []):
            return {}
        told = {"id": 1, "title": "A vulnerability that only this test knows.", "severity": "high"}
        score = {"score": 0, "vectorString": None}
        found = {"url": "https://example.com/1", "vulnerable_versions": VULNERABLE_REACT, "cwe": [], "cvss": score}
        return {"react": [told | found]}

    def _of_pypi(self, query: dict[str, Any]) -> dict[str, object]:
        vulnerable = (query["package"]["name"], query["version"]) == ("h11", "0.14.0")
        return {"vulns": [self._vulnerability()]} if vulnerable else {}

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
    """Serve vulnerabilities on this machine and yield the environment variables that lead `pip-audit` and npm there."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _AdvisoryHandler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield {
            "PIP_AUDIT_VULNERABILITY_SERVICE": "osv",
            "PIP_AUDIT_OSV_URL": f"http://127.0.0.1:{server.server_port}/v1/query",
            "npm_config_registry": f"http://127.0.0.1:{server.server_port}/",
        }
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
