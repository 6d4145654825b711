"""The built page in dist/ holds to what its Content-Security-Policy and its caching promise."""

import gzip
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

import pytest

DIST: Final = Path(__file__).parents[3] / "dist"

# What a person on a slow phone waits for; see "The page" in README.md before raising it.
JAVASCRIPT_KB: Final = 120


class Page(HTMLParser):
    """What a page would load, and what it says in line that only files may say."""

    def __init__(self) -> None:
        """Start with nothing read."""
        super().__init__()
        self.addresses: list[str] = []
        self.in_line: list[str] = []
        self._element = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the addresses and the code in an element's attributes."""
        self._element = tag
        for name, value in attrs:
            if name in {"src", "href"}:
                self.addresses.append(value or "")
            if name == "style" or name.startswith("on") or (value or "").startswith("javascript:"):
                self.in_line.append(f"<{tag} {name}>")

    def handle_endtag(self, tag: str) -> None:
        """Leave an element."""
        self._element = ""

    def handle_data(self, data: str) -> None:
        """Note code that stands in the page."""
        if self._element in {"script", "style"} and data.strip():
            self.in_line.append(f"<{self._element}>")


@pytest.fixture(scope="module")
def files() -> list[Path]:
    """Return every file of the built page."""
    found = [path for path in DIST.rglob("*") if path.is_file()]
    if DIST / "index.html" not in found:
        pytest.fail("There is no built page in dist/. Run `npm run build` first.")
    return found


@pytest.fixture(scope="module")
def page(files: list[Path]) -> Page:
    """Return what index.html holds."""
    reader = Page()
    reader.feed((DIST / "index.html").read_text(encoding="utf-8"))
    return reader


def test_the_page_has_no_code_in_line(page: Page) -> None:
    assert page.in_line == []


def test_the_page_loads_only_its_own_files(page: Page) -> None:
    strange = [each for each in page.addresses if not (DIST / each.lstrip("/")).is_file()]
    assert page.addresses
    assert strange == []


def test_the_styles_load_only_their_own_files(files: list[Path]) -> None:
    styles = [path.read_text(encoding="utf-8") for path in files if path.suffix == ".css"]
    addresses = [url for style in styles for url in re.findall(r"url\(\s*[\"']?([^)\"']*)", style)]
    assert styles
    assert [url for url in addresses if re.match(r"[a-z]+:|//", url)] == []
    assert not any("@import" in style for style in styles)


def test_each_asset_has_its_hash_in_its_name(files: list[Path]) -> None:
    names = [path.name for path in files if path.parent == DIST / "assets"]
    assert names
    assert [name for name in names if not re.search(r"-[\w-]{8}(\.\w+)+$", name)] == []


def test_no_source_map_is_shipped(files: list[Path]) -> None:
    code = [path for path in files if path.suffix in {".css", ".js"}]
    assert [path.name for path in files if path.suffix == ".map"] == []
    assert [path.name for path in code if "sourceMappingURL=" in path.read_text("utf-8")] == []


def test_the_javascript_is_small(files: list[Path]) -> None:
    scripts = [path for path in files if path.suffix == ".js"]
    size = sum(len(gzip.compress(path.read_bytes())) for path in scripts)
    assert scripts
    assert size <= JAVASCRIPT_KB * 1000
