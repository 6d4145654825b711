"""Nothing secret reaches the browser, and what a person enters there goes nowhere else."""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import pytest
from detect_secrets.core.scan import scan_file
from detect_secrets.settings import default_settings

ROOT: Final = Path(__file__).parents[3]

# What Vite itself defines; any other variable is copied from the builder's environment.
VITE_OWN: Final = {"BASE_URL", "DEV", "MODE", "PROD", "SSR"}

# In minified code these find words and hashes, and no secrets.
GUESSES: Final = {"Base64 High Entropy String", "Hex High Entropy String", "Secret Keyword"}

# What a browser can keep, and the one module that may use it: another one, or a helper between
# them, could keep a key for longer than the tab. e2e/keys.spec.ts looks at what is kept.
STORES: Final = r"\b(localStorage|sessionStorage|indexedDB|cookieStore|document\.cookie|caches)\b"
ALLOWED: Final = {
    ("localStorage", "src/app/utils/theme.ts"),
    ("sessionStorage", "src/app/utils/keys.ts"),
}

STRING: Final = r"'(?:\\.|[^'\\\n])*'|\"(?:\\.|[^\"\\\n])*\"|`(?:\\.|[^`\\])*`"


def read(path: Path) -> str:
    """Return a file's text."""
    return path.read_text(encoding="utf-8")


def code(path: Path) -> str:
    """Return a file's text without the comments, which may speak of anything."""
    comment = r"(?<!:)//[^\n]*|/\*.*?\*/"
    return re.sub(rf"({STRING})|{comment}", lambda each: each[1] or "", read(path), flags=re.DOTALL)


def sources() -> Iterator[Path]:
    """Return the files that the page is built from."""
    yield from (ROOT / name for name in ("index.html", "vite.config.ts", "src/main.tsx"))
    for path in (ROOT / "src" / "app").rglob("*.ts*"):
        if not re.search(r"\.(gen|test)\.tsx?$", path.name):
            yield path


def built() -> list[Path]:
    """Return the files of the built page that hold text."""
    files = [path for path in (ROOT / "dist").rglob("*") if path.suffix in {".css", ".html", ".js"}]
    if not files:
        pytest.fail("There is no built page in dist/. Run `npm run build` first.")
    return files


def found(pattern: str, paths: Iterable[Path]) -> list[str]:
    """Return where a pattern matches: file and text."""
    return [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in paths
        for match in re.finditer(pattern, read(path), re.IGNORECASE)
    ]


def test_no_variable_that_vite_publishes_is_called_a_secret() -> None:
    environments = [path for path in ROOT.glob(".env*") if path.is_file()]
    secret = r"\bVITE_\w*(KEY|SECRET|TOKEN|PASSWORD|CREDENTIAL)\w*"
    assert found(secret, [*sources(), *environments]) == []


def test_nothing_of_the_builders_environment_is_built_in() -> None:
    names = "|".join(VITE_OWN)
    assert found(rf"import\.meta\.env(?!\.({names})\b)" + ".{0,30}", sources()) == []
    assert found(r"\b(envPrefix|loadEnv|process\.env)\b", [ROOT / "vite.config.ts"]) == []


def test_the_built_page_holds_no_secret() -> None:
    with default_settings():
        secrets = [
            f"{path.name}, line {secret.line_number}: {secret.type}"
            for path in built()
            for secret in scan_file(str(path))
            if secret.type not in GUESSES
        ]
    assert secrets == []


def test_the_built_page_holds_no_hash_of_a_key() -> None:
    assert found(r"\b[0-9a-f]{64}\b", built()) == []


def test_no_address_holds_a_key() -> None:
    in_query = r"[?&][\w-]*(key|token|secret)=|searchParams\.\w+\(\s*[\"'`][\w-]*(key|token|secret)"
    assert found(in_query, sources()) == []
    document = json.loads(read(ROOT / "openapi.json"))
    parameters = [
        parameter["name"]
        for path in document["paths"].values()
        for operation in path.values()
        for parameter in operation.get("parameters", [])
        if parameter["in"] in {"path", "query"}
    ]
    assert parameters
    assert [name for name in parameters if re.search("key|token|secret", name, re.IGNORECASE)] == []


def test_only_the_router_changes_the_address() -> None:
    change = (
        r"\b(push|replace)State\b|\blocation\.(assign|replace)\b"
        r"|\blocation(\.(hash|href|pathname|search))?\s*=(?!=)"
    )
    assert [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in sources()
        for match in re.finditer(change, code(path))
    ] == []


def test_only_the_theme_outlives_the_tab_and_only_keys_are_kept_in_it() -> None:
    uses = {
        (store, str(path.relative_to(ROOT)))
        for path in sources()
        for store in re.findall(STORES, code(path))
    }
    assert uses == ALLOWED
