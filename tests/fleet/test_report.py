"""The page that shows the gates of many repositories, principle x repository."""

import base64
import hashlib
import json
import re
import shutil
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, TreeBuilder

import pytest

from fleet.report import GROUPS, HEAD, STATES, STYLE, TAIL, main
from tests.conftest import CHROMIUM
from tests.fleet.made_up import USUAL, document, fleet, put
from tests.helpers import commit, gates, generate, run

BROWSER = next(filter(None, map(shutil.which, CHROMIUM)), "")
VOID = {"meta", "input", "br"}
OWN = {
    *("html", "head", "meta", "title", "style", "body", "main", "script", "header", "section", "div", "span", "p"),
    *("h1", "h2", "h3", "b", "i", "small", "ul", "ol", "li", "dl", "dt", "dd", "a", "time", "details", "summary"),
    *("form", "label", "input", "select", "option", "optgroup", "output", "article", "pre", "svg", "rect"),
    *("table", "caption", "thead", "tbody", "tr", "th", "td"),
}
"""Every element that the page is made of; what a report says adds none."""
HOSTILE = "</script></pre><script>alert(1)</script><img src=x onerror=alert(1)>\"'`&lt;&#x3c;{style}"
COMMIT = "3f2a91c0d4e5b6a79888776655443322110ffeed"
BASIS = {"constitution": "Acme Constitution", "version": "1.12.3", "commit": COMMIT}
"""What a report says beside its gates."""
GATES = {
    "fail": {"result": "fail", "detail": "`tidy .` exited with 1:\nmain.go:3: untidy"},
    "error": {"result": "error", "detail": "`tidy` is not installed."},
    "should": {"result": "fail", "level": "SHOULD", "detail": "`tidy .` exited with 1"},
    "waived": {"result": "waived", "detail": "until 2027-03-31: the importer goes first"},
    "skipped": {"result": "skipped", "detail": "slow, left out by --fast"},
    "open": {"result": "open", "detail": "a reviewer decides"},
    "held": {},
}
"""A gate for each state that one gate can bring its principle into."""


class Reader(HTMLParser):
    """Reads a page into a tree; an element that is not closed in its place is an error."""

    def __init__(self) -> None:
        super().__init__()
        self.builder = TreeBuilder()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.builder.start(tag, {name: value or "" for name, value in attrs})
        if tag in VOID:
            self.builder.end(tag)
        else:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.builder.start(tag, {name: value or "" for name, value in attrs})
        self.builder.end(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        self.builder.end(tag)

    def handle_data(self, data: str) -> None:
        if self.open:
            self.builder.data(data)


def parsed(page: str) -> Element:
    """The tree of a page."""
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert not reader.open
    return reader.builder.close()


def words(element: Element) -> str:
    """The text of an element, with single spaces."""
    return " ".join(" ".join(element.itertext()).split())


def report(tmp_path: Path, *arguments: str | Path, expect: int = 0) -> Element:
    """The page for these arguments."""
    target = tmp_path / "report.html"
    assert main([*map(str, arguments), "--html", str(target)]) == expect
    return parsed(target.read_text(encoding="utf-8"))


def columns(page: Element) -> list[str]:
    """The titles of the principles, from left to right."""
    heads = page.findall(".//table[@id='matrix']/thead/tr[1]/th")
    return [words(head) for head in heads[3:]]


def rows(page: Element) -> dict[str, dict[str, str]]:
    """The word of each cell by repository and principle, from above to below."""
    titles = columns(page)
    return {
        row[0].text or words(row[0][0]): dict(zip(titles, map(words, row[3:]), strict=True))
        if len(row) > 2
        else {"": words(row[1])}
        for row in page.findall(".//table[@id='matrix']/tbody/tr")
    }


def details_of(page: Element, name: str) -> str:
    """What the page tells of a repository below the table."""
    return next(words(one) for one in page.findall(".//details") if one.get("id") == f"r-{name}")


def test_the_reports_of_generated_projects_stand_side_by_side(template: Path, tmp_path: Path) -> None:
    for name, files in {"shop": ["README.md", "CHANGELOG.md"], "depot": ["README.md"]}.items():
        project = generate(template, tmp_path / name, project_type="existing-repo", constitution="essentials")
        for file in files:
            (project / file).write_text("# Words\n", encoding="utf-8")
        with (project / ".specify/gates/90-local.toml").open("a", encoding="utf-8") as stream:
            stream.write('\n[tasks.docs-files]\nrequire = ["README.md", "CHANGELOG.md"]\n')
            stream.write('[waivers.TST-01]\nreason = "no tests yet"\nuntil = 2999-12-31\n')
        commit(project, "Adopt a constitution")
        gates(project, "run", "--fast", "--json", "gates.json", expect=None)
    page = report(tmp_path, tmp_path / "shop", tmp_path / "depot")
    cells = rows(page)
    assert [cells[name]["Documentation"] for name in ("shop", "depot")] == ["held, rest open", "failed"]
    assert [cells[name]["Tested Changes"] for name in ("shop", "depot")] == ["waived", "waived"]
    assert "CHANGELOG.md" in details_of(page, "depot")
    assert "until 2999-12-31: no tests yet" in details_of(page, "shop")
    commits = {name: run(["git", "rev-parse", "HEAD"], tmp_path / name).stdout for name in ("shop", "depot")}
    assert stamps(page) == {name: f"version 1.0.0 · commit {commit[:7]}" for name, commit in commits.items()}


def stamps(page: Element) -> dict[str, str]:
    """What stands below the name of each repository that has it, in its row's head."""
    heads = page.findall(".//table[@id='matrix']/tbody/tr/th")
    return {head.get("abbr", ""): words(small) for head in heads for small in head.findall("small")}


def test_a_row_names_the_version_and_the_short_commit_and_the_rest_on_demand(tmp_path: Path) -> None:
    page = report(tmp_path, put(tmp_path, "shop", {"QUAL-01": GATES["fail"]}, **BASIS))
    assert stamps(page) == {"shop": "version 1.12.3 · commit 3f2a91c"}
    (head,) = page.findall(".//table[@id='matrix']/tbody/tr/th")
    whole = f"Acme Constitution, version 1.12.3, commit {COMMIT}"
    assert head.get("title") == f"shop: {whole}"
    assert whole in details_of(page, "shop")


@pytest.mark.parametrize(
    ("basis", "stamp", "title"),
    [
        ({}, {}, "shop"),
        (dict.fromkeys(BASIS), {}, "shop"),
        (BASIS | {"version": None}, {"shop": "commit 3f2a91c"}, f"shop: Acme Constitution, commit {COMMIT}"),
        ({"version": "1.12.3"}, {"shop": "version 1.12.3"}, "shop: version 1.12.3"),
    ],
)
def test_a_report_that_says_less_of_itself_is_read_as_well(
    tmp_path: Path, basis: dict[str, str | None], stamp: dict[str, str], title: str
) -> None:
    page = report(tmp_path, put(tmp_path, "shop", {"QUAL-01": GATES["fail"]}, **basis))
    assert rows(page) == {"shop": {"Code Quality": "failed"}}
    assert stamps(page) == stamp
    assert [one.get("title") for one in page.findall(".//tbody/tr/th[@abbr='shop']")] == [title]
    assert len(page.findall(".//p[@class='basis']")) == (1 if stamp else 0)


@pytest.mark.parametrize("state", GATES)
def test_each_result_has_its_word_and_its_sign(tmp_path: Path, state: str) -> None:
    page = report(tmp_path, put(tmp_path, "shop", {"QUAL-01": GATES[state]}))
    sign, word, _ = STATES[state]
    (cell,) = page.findall(f".//table[@id='matrix']/tbody/tr/td[@class='{state}']")
    assert words(cell) == word
    assert f'td.{state} a::before {{ content: "{sign}";' in STYLE


def test_a_gate_that_runs_in_ci_only_was_not_run_and_no_reviewer_decides_it(tmp_path: Path) -> None:
    page = report(tmp_path, put(tmp_path, "shop", {"QUAL-01": {"result": "open", "detail": "runs in CI"}}))
    assert rows(page)["shop"]["Code Quality"] == "not run"


@pytest.mark.parametrize(
    ("states", "word"),
    [
        (["held", "fail", "waived"], "failed"),
        (["held", "error", "should"], "could not run"),
        (["should", "waived"], "SHOULD failed"),
        (["waived", "skipped", "open"], "waived"),
        (["skipped", "open", "held"], "not run"),
        (["open", "held"], "held, rest open"),
        (["open", "open"], "open"),
    ],
)
def test_the_worst_gate_of_a_principle_decides_its_cell(tmp_path: Path, states: list[str], word: str) -> None:
    path = put(tmp_path, "shop", {f"QUAL-{n:02}": GATES[state] for n, state in enumerate(states)})
    assert rows(report(tmp_path, path)) == {"shop": {"Code Quality": word}}


def test_a_cell_names_its_gates_and_leads_to_the_worst(tmp_path: Path) -> None:
    path = put(tmp_path, "shop", {"QUAL-01": GATES["should"], "QUAL-02": GATES["error"], "QUAL-03": {}})
    page = report(tmp_path, path)
    (link,) = page.findall(".//td[@class='error']/a")
    assert link.get("title") == ("Code Quality: QUAL-01 failed (SHOULD), QUAL-02 could not run, QUAL-03 held")
    assert link.get("href") == "#r-shop.QUAL-02"
    (told,) = page.findall(".//article[@id='r-shop.QUAL-02']")
    assert words(told) == "could not run QUAL-02 Code Quality, shop The code is tidy `tidy` is not installed."


def test_a_principle_that_a_constitution_does_not_have_is_blank_and_not_held(tmp_path: Path) -> None:
    put(tmp_path, "shop", {"QUAL-01": {}})
    put(tmp_path, "depot", {"SEC-01": {"principle": "security", "title": "Security"}})
    assert rows(report(tmp_path, tmp_path))["shop"] == {"Code Quality": "held", "Security": "not asked for"}


def test_what_fails_most_stands_first(tmp_path: Path) -> None:
    security = {"principle": "security", "title": "Security"}
    put(tmp_path, "all-held", {"QUAL-01": {}, "SEC-01": security})
    put(tmp_path, "waived", {"QUAL-01": GATES["waived"], "SEC-01": security})
    put(tmp_path, "one-failed", {"QUAL-01": {}, "SEC-01": security | GATES["fail"]})
    put(tmp_path, "two-failed", {"QUAL-01": GATES["fail"], "SEC-01": security | GATES["error"]})
    put(tmp_path, "should-failed", {"QUAL-01": GATES["should"], "SEC-01": security})
    (tmp_path / "unknown").mkdir()
    page = report(tmp_path, tmp_path, expect=1)
    assert list(rows(page)) == ["two-failed", "one-failed", "unknown", "should-failed", "waived", "all-held"]
    assert columns(page) == ["Security", "Code Quality"]


def test_the_top_counts_repositories_and_failed_gates(tmp_path: Path) -> None:
    put(tmp_path, "red", {"QUAL-01": GATES["fail"], "QUAL-02": GATES["error"], "QUAL-03": GATES["should"]})
    put(tmp_path, "waived", {"QUAL-01": GATES["waived"]})
    put(tmp_path, "green", {"QUAL-01": {}, "QUAL-02": GATES["open"]})
    (tmp_path / "unknown").mkdir()
    page = report(tmp_path, tmp_path, expect=1)
    assert words(page.findall(".//h1")[0]) == "1 of 4 repositories fails a MUST gate. 1 has no report."
    counted = [words(one) for one in page.findall(".//ul[@class='groups']/li")]
    more = {"fail": " (2 gates)"}
    assert counted == [f"1 {text}{more.get(group, '')}" for group, text in GROUPS.items()]


def test_waivers_stand_in_the_order_in_which_they_end(tmp_path: Path) -> None:
    for name, day in {"a": "2027-12-01", "b": "2026-11-30", "c": "2027-01-02"}.items():
        put(tmp_path, name, {"QUAL-01": {"result": "waived", "detail": f"until {day}: it goes: later"}})
    page = report(tmp_path, tmp_path)
    table = next(one for one in page.findall(".//div[@aria-label='Waivers']/table"))
    assert [words(row) for row in table.findall("tbody/tr")] == [
        "2026-11-30 b QUAL-01 it goes: later",
        "2027-01-02 c QUAL-01 it goes: later",
        "2027-12-01 a QUAL-01 it goes: later",
    ]


def test_a_principle_counts_its_gates_over_all_repositories(tmp_path: Path) -> None:
    for name, figure, state in (("a", 80, "fail"), ("b", 90, "held"), ("c", 90, "waived")):
        put(tmp_path, name, {"TEST-01": GATES[state] | {"statement": f"Coverage is {figure} % at least"}})
    (row,) = report(tmp_path, tmp_path).findall(".//details[@id='p-quality']//tbody/tr")
    assert words(row[1]) == "MUST: Coverage is 90 % at least (1 more in other words or figures)"
    assert [words(cell) for cell in row[2:]] == ["1", "", "", "1", "", "", "1", "a"]


def test_two_principles_of_one_title_are_told_apart(tmp_path: Path) -> None:
    put(tmp_path, "shop", {"QUAL-01": {}, "OTHER-01": {"principle": "org-quality"}})
    assert columns(report(tmp_path, tmp_path)) == ["Code Quality (org-quality)", "Code Quality (quality)"]


def gate(**fields: object) -> str:
    """A report of one gate with these fields."""
    return json.dumps({"schema": 1, "gates": [{"id": "QUAL-01"} | USUAL | fields]})


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"{", "It is no JSON"),
        (b"\xff\xfe\x00\x01\x02", "It is no JSON"),
        (b"[" * 100_000, "It is no JSON"),
        (b'<?xml version="1.0"?><testsuites/>', "It is no JSON"),
        (b"[]", "It is no report of `gates.py`"),
        (b'{"passed": true}', "It is no report of `gates.py`"),
        (b'{"schema": 2}', "Its schema is 2, and this report.py reads 1"),
        (b'{"schema": 1, "gates": []}', "It names no gate"),
        (b'{"schema": 1, "gates": [7]}', "The `id` of its gate 1"),
        (gate(result="passed").encode(), "The `result` of its gate 1"),
        (gate(level="must").encode(), "The `level` of its gate 1"),
        (gate(title=None).encode(), "The `title` of its gate 1"),
        (json.dumps(document({"QUAL-01": {}}, version=7)).encode(), "Its `version` is wrong."),
        (json.dumps(document({"QUAL-01": {}}, version=0)).encode(), "Its `version` is wrong."),
        (json.dumps(document({"QUAL-01": {}}, version="\uff11.2.3")).encode(), "Its `version` is wrong."),
        (json.dumps(document({"QUAL-01": {}}, constitution=False)).encode(), "Its `constitution` is wrong."),
        (json.dumps(document({"QUAL-01": {}}, constitution=[])).encode(), "Its `constitution` is wrong."),
        (json.dumps(document({"QUAL-01": {}}, commit="main")).encode(), "Its `commit` is wrong."),
        (json.dumps(document({"QUAL-01": {}}, constitution=["Acme"])).encode(), "Its `constitution` is wrong."),
        (gate(id='"><script>').encode(), "The `id` of its gate 1"),
        (gate(principle="A B").encode(), "The `principle` of its gate 1"),
        (json.dumps({"schema": 1, "gates": document({"QUAL-01": {}})["gates"] * 2}).encode(), "The `id` of its gate 2"),
    ],
)
def test_a_report_that_cannot_be_read_hides_no_other_and_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, sentence: str
) -> None:
    good = put(tmp_path, "good", {"QUAL-01": {}})
    (bad := tmp_path / "bad.json").write_bytes(content)
    page = report(tmp_path, good, bad, expect=1)
    assert rows(page) == {"bad": {"": "no report"}, "good": {"Code Quality": "held"}}
    told = capsys.readouterr().err
    assert told.startswith(f"bad: no report. {bad} ")
    assert sentence in told
    assert told.count("\n") == 1
    (section,) = page.findall(".//section[@id='lost']")
    assert f"{bad} " in words(section)
    assert sentence in words(section)


def test_a_folder_without_a_report_is_shown_and_not_passed_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(tmp_path / "reports", "good", {"QUAL-01": {}})
    (tmp_path / "reports" / "lost").mkdir()
    (tmp_path / "reports" / ".cache").mkdir()
    (tmp_path / "reports" / "notes.txt").write_text("none of these is a repository", encoding="utf-8")
    expected = {"lost": {"": "no report"}, "good": {"Code Quality": "held"}}
    assert rows(report(tmp_path, tmp_path / "reports", expect=1)) == expected
    folders = [tmp_path / "reports" / "good", tmp_path / "reports" / "lost"]
    assert rows(report(tmp_path, *folders, expect=1)) == expected
    assert f"{Path('reports', 'lost', 'gates.json')} does not exist." in capsys.readouterr().err


def test_where_nothing_can_be_read_no_page_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "shop.json").write_text("{", encoding="utf-8")
    target = tmp_path / "report.html"
    assert main([str(tmp_path / "shop.json"), str(tmp_path / "nowhere"), "--html", str(target)]) == 2
    assert "No report could be read, so no page is written." in capsys.readouterr().err
    assert not target.exists()


def test_a_page_that_cannot_be_written_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = put(tmp_path, "shop", {"QUAL-01": {}})
    assert main([str(path), "--html", str(tmp_path / "nowhere" / "report.html")]) == 2
    assert capsys.readouterr().err.startswith("--html: ")


def test_a_repository_is_called_like_its_folder_or_its_file(tmp_path: Path) -> None:
    put(tmp_path, "shop", {"QUAL-01": {}})
    shutil.copy(tmp_path / "shop/gates.json", tmp_path / "depot.v2.json")
    assert set(rows(report(tmp_path, tmp_path / "shop/gates.json", tmp_path / "depot.v2.json"))) == {"shop", "depot.v2"}


def test_repositories_of_one_name_are_told_apart_by_the_folders_above(tmp_path: Path) -> None:
    for name in ("acme/api", "umbrella/api", "acme/web"):
        put(tmp_path, name, {"QUAL-01": {}})
    page = report(tmp_path, tmp_path / "acme", tmp_path / "umbrella")
    assert set(rows(page)) == {"acme/api", "umbrella/api", "web"}


def test_a_report_given_twice_is_shown_once(tmp_path: Path) -> None:
    path = put(tmp_path, "shop", {"QUAL-01": {}})
    assert len(report(tmp_path, path, path.parent, path).findall(".//tbody/tr[@data-group]")) == 1


def test_a_report_in_the_working_folder_has_the_folders_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "shop", {"QUAL-01": {}})
    (tmp_path / "shop" / "src").mkdir()
    for folder, argument in (("shop", "gates.json"), ("shop", "."), ("shop/src", "..")):
        monkeypatch.chdir(tmp_path / folder)
        assert set(rows(report(tmp_path, argument))) == {"shop"}


def test_a_path_that_no_system_takes_hides_no_other(tmp_path: Path) -> None:
    good = put(tmp_path, "good", {"QUAL-01": {}})
    assert list(rows(report(tmp_path, good, "x" * 5000, "with\0zero", expect=1)).values()).count({"": "no report"}) == 2


def test_no_text_of_a_report_becomes_markup(tmp_path: Path) -> None:
    texts = {"title": HOSTILE + "title", "statement": HOSTILE + "statement"}
    put(tmp_path, "shop & co", {"QUAL-01": GATES["fail"] | texts | {"detail": HOSTILE}}, constitution=HOSTILE)
    put(tmp_path, "depot", {"QUAL-01": texts | {"result": "waived", "detail": f"until 2027-01-01: {HOSTILE}"}})
    target = tmp_path / "report.html"
    assert main([str(tmp_path), "--html", str(target), "--title", HOSTILE]) == 0
    page = parsed(target.read_text(encoding="utf-8"))
    assert {one.tag for one in page.iter()} <= OWN
    assert len(page.findall(".//script")) == 1
    assert not [name for one in page.iter() for name in one.attrib if name.startswith("on")]
    assert columns(page) == [HOSTILE + "title"]
    assert {words(one) for one in page.findall(".//pre")} == {HOSTILE, f"until 2027-01-01: {HOSTILE}"}
    assert words(page.findall(".//title")[0]) == HOSTILE
    assert words(page.findall(".//p[@class='basis']")[0]) == HOSTILE
    (title,) = [one.get("title") for one in page.findall(".//tbody/tr/th[@abbr='shop & co']")]
    assert title == f"shop & co: {HOSTILE}"


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("a\0b\x07c\x9b", r"a\u0000b\u0007c\u009b"),
        ("\udcff", r"\udcff"),
        ("\u202eexe.txt", r"\u202eexe.txt"),
        ("one\r\ntwo", "one two"),
        ("größer ✓ 你好", "größer ✓ 你好"),
    ],
)
def test_what_a_browser_would_hide_is_shown(tmp_path: Path, raw: str, shown: str) -> None:
    page = report(tmp_path, put(tmp_path, "shop", {"QUAL-01": GATES["fail"] | {"detail": raw}}))
    assert words(page.findall(".//pre")[0]) == shown


def test_a_long_detail_keeps_its_head_and_its_tail(tmp_path: Path) -> None:
    detail = f"first{'x' * 1_000_000}last"
    path = put(tmp_path, "shop", {"QUAL-01": GATES["fail"] | {"detail": detail}})
    shown = words(report(tmp_path, path).findall(".//pre")[0])
    assert shown.startswith("firstxxx")
    assert shown.endswith("xxxlast")
    assert f"[{len(detail) - HEAD - TAIL:,} characters are left out here; the run's own log has them]" in shown
    assert len(shown) < HEAD + TAIL + 200


@pytest.fixture(scope="session")
def many(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The reports of 200 made-up repositories, seven of them without one, and their page."""
    folder = fleet(tmp_path_factory.mktemp("many") / "reports", 200)
    target = folder.with_name("report.html")
    assert main([str(folder), "--html", str(target)]) == 1
    return folder, target.read_text(encoding="utf-8")


def test_two_hundred_repositories_are_one_page_below_a_megabyte(many: tuple[Path, str]) -> None:
    _, page = many
    found = rows(parsed(page))
    assert len(found) == 200
    assert list(found.values()).count({"": "no report"}) == 7
    assert len(page.encode()) < 1_000_000


def test_each_link_within_the_page_leads_somewhere(many: tuple[Path, str]) -> None:
    page = parsed(many[1])
    places = [one.get("id") for one in page.iter() if one.get("id")]
    assert len(places) == len(set(places))
    links = {link.get("href", "") for link in page.iter("a")}
    assert links
    assert {link[1:] for link in links} <= set(places)
    assert {link[:1] for link in links} == {"#"}


def test_the_same_reports_give_the_same_bytes(
    many: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied = shutil.copytree(many[0], tmp_path / "reports")
    pages = []
    monkeypatch.chdir(tmp_path)
    for arguments in (["reports"], [f"reports/{path.name}" for path in sorted(copied.iterdir(), reverse=True)]):
        assert main([*arguments, "--html", "report.html"]) == 1
        pages.append(Path("report.html").read_bytes())
    assert pages[0] == pages[1]


def test_the_page_loads_nothing_and_runs_its_own_script_alone(many: tuple[Path, str]) -> None:
    page = parsed(many[1])
    assert not [one for one in page.iter() if {"src", "style", "srcset"} & set(one.attrib)]
    assert not page.findall(".//link")
    assert "url(" not in STYLE
    assert "@import" not in STYLE
    (policy,) = [one.get("content", "") for one in page.iter("meta") if one.get("http-equiv")]
    assert policy.startswith("default-src 'none';")
    for tag in ("style", "script"):
        (inline,) = page.findall(f".//{tag}")
        digest = base64.b64encode(hashlib.sha256((inline.text or "").encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy


def test_a_reader_of_screens_gets_a_table_with_heads_and_a_word_in_each_cell(many: tuple[Path, str]) -> None:
    page = parsed(many[1])
    assert page.get("lang") == "en"
    assert words(page.findall(".//table[@id='matrix']/caption")[0])
    assert {one.get("scope") for one in page.iter("th")} == {"row", "col"}
    states = {word for _, word, _ in STATES.values()} | {"no report"}
    assert {word for cells in rows(page).values() for word in cells.values()} <= states
    (scroll,) = page.findall(".//div[@class='scroll']")
    assert scroll.get("tabindex") == "0"
    assert all(words(label) for label in page.iter("label"))


def luminance(colour: str) -> float:
    """The relative luminance of a colour #rgb or #rrggbb, from 0 to 1, as WCAG 2.2 defines it."""
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, from 1 to 21."""
    lighter, darker = sorted([luminance(one), luminance(other)], reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_its_ground(scheme: str) -> None:
    light, dark = re.findall(r"(?s):root \{(.*?)\}", STYLE)[:2]
    colours: dict[str, str] = {}
    for block in [light] if scheme == "light" else [light, dark]:
        colours |= dict(re.findall(r"--([a-z-]+): (#[0-9a-f]+)", block))
    pairs = [(text, ground) for text in ("ink", "soft", "link") for ground in ("page", "raised", "hover")]
    pairs += [("soft", "skipped")]  # where there is no report
    pairs += [(name, name.removeprefix("on-")) for name in colours if name.startswith("on-")]
    assert len(pairs) == 10 + len(STATES) - 1
    too_faint = [pair for pair in pairs if contrast(colours[pair[0]], colours[pair[1]]) < 4.5]
    assert not too_faint


def test_names_lead_to_the_repositories_where_their_address_is_given(tmp_path: Path) -> None:
    put(tmp_path / "reports", "shop & co", {"QUAL-01": GATES["fail"]})
    put(tmp_path / "reports", "depot", {"QUAL-01": {}})
    target = tmp_path / "report.html"
    link = "https://git.example.com/acme/{repository}"
    assert main([str(tmp_path / "reports"), "--html", str(target), "--link", link]) == 0
    links = {one.get("href") for one in parsed(target.read_text(encoding="utf-8")).iter("a")}
    assert {"https://git.example.com/acme/depot", "https://git.example.com/acme/shop%20%26%20co"} <= links


@pytest.mark.parametrize("link", ["javascript:alert('{repository}')", "https://git.example.com/acme"])
def test_an_address_that_leads_nowhere_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], link: str
) -> None:
    with pytest.raises(SystemExit) as left:
        main([str(tmp_path), "--html", "-", "--link", link])
    assert left.value.code == 2
    assert "holds {repository}" in capsys.readouterr().err


def test_the_file_runs_alone_without_any_package(tmp_path: Path) -> None:
    put(tmp_path / "reports", "größer", {"QUAL-01": GATES["fail"]})
    alone = Path(shutil.copy(Path(sys.modules["fleet.report"].__file__ or ""), tmp_path))
    done = run([sys.executable, "-I", "-S", alone.name, "reports", "--html", "-"], tmp_path, PYTHONUTF8="0")
    assert set(rows(parsed(done.stdout))) == {"größer"}
    assert "--title" in run([sys.executable, "-I", "-S", alone.name, "--help"], tmp_path).stdout


@pytest.fixture
def browsed(tmp_path: Path) -> Callable[[str, str], Element]:
    """A function that opens a page of three repositories at an address in it, does something, and reads it again."""
    if not BROWSER:
        pytest.skip(
            "This test uses the page in a browser, and neither Chromium nor Chrome is on PATH: install one, as .ci/run"
            " does with `apt-get install chromium`."
        )
    security: dict[str, Any] = {"principle": "security", "title": "Security"}
    put(tmp_path / "reports", "b-shop", {"QUAL-01": GATES["fail"], "QUAL-02": GATES["fail"], "SEC-01": security})
    put(tmp_path / "reports", "c-shop", {"QUAL-01": {}, "SEC-01": security | GATES["fail"]}, **BASIS)
    put(tmp_path / "reports", "a-depot", {"QUAL-01": {}, "SEC-01": security})

    def browse(address: str, done: str) -> Element:
        target = tmp_path / "report.html"
        assert main([str(tmp_path / "reports"), "--html", str(target)]) == 0
        if done:  # the page itself forbids any script but its own
            page = re.sub(r"<meta http-equiv[^>]*>", "", target.read_text(encoding="utf-8"))
            change = "form.dispatchEvent(new Event('input'))"
            script = f"<script>const form = document.getElementById('controls'); {done}; {change}</script>"
            target.write_text(page.replace("</body>", f"{script}</body>"), encoding="utf-8")
        options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}"]
        shown = run([BROWSER, *options, "--dump-dom", f"{target.as_uri()}{address}"], tmp_path).stdout
        return parsed(shown)

    return browse


@pytest.mark.slow
@pytest.mark.parametrize("address", ["#r-c-shop", "#r-c-shop.SEC-01"])
def test_the_address_of_a_repository_or_gate_opens_it(browsed: Callable[[str, str], Element], address: str) -> None:
    page = browsed(address, "")
    assert [one.get("id") for one in page.iter("details") if "open" in one.attrib] == ["r-c-shop"]
    assert "hidden" not in page.findall(".//form")[0].attrib


@pytest.mark.slow
@pytest.mark.parametrize(
    ("done", "left"),
    [
        ("form.elements[0].value = 'SHOP'", ["b-shop", "c-shop"]),
        ("form.elements[0].value = 'o'", ["b-shop", "c-shop", "a-depot"]),
        ("form.elements[0].value = 'commit'", []),
        ("form.elements.show.value = 'fail'", ["b-shop", "c-shop"]),
        ("form.elements.show.value = 'held'", ["a-depot"]),
        ("form.elements.order.value = 'name'", ["a-depot", "b-shop", "c-shop"]),
        ("form.elements.order.selectedIndex = 3", ["c-shop", "b-shop", "a-depot"]),
    ],
)
def test_the_table_can_be_searched_and_sorted(
    browsed: Callable[[str, str], Element], done: str, left: list[str]
) -> None:
    page = browsed("", done)
    assert list(rows(page)) == left
    assert words(page.findall(".//output")[0]) == f"{len(left)} of 3 shown"


DOCS = (Path(__file__).parents[2] / "docs" / "fleet-report.md").read_text(encoding="utf-8")
posix = pytest.mark.skipif(
    sys.platform == "win32",
    reason="The commands in docs/fleet-report.md are for a POSIX shell, which Windows lacks: run this test in WSL.",
)


def shell(after: str) -> str:
    """The first block of commands in the docs after these words."""
    found = re.search(r"```sh\n(.*?)```", DOCS[DOCS.index(after) :], re.DOTALL)
    assert found
    return found[1]


def test_the_docs_explain_each_sign_as_the_page_does() -> None:
    for sign, word, meaning in STATES.values():
        assert f"| {sign} | {word} | {meaning} |".replace("|  |", "| |") in DOCS


@posix
def test_the_docs_collect_reports_from_github_and_show_who_has_none(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "gates.json").write_text(gate(), encoding="utf-8")
    gh = tmp_path / "bin" / "gh"
    answers = [
        '"repo list") printf "shop\\ndepot\\n";;',
        '"run list") test "$4" = acme/shop && echo 7;;',
        f'"run download") test "$3" = 7 && cp "{tmp_path}/gates.json" "${{9}}/";;',
    ]
    gh.write_text("\n".join(["#!/bin/sh", 'case "$1 $2" in', *answers, "esac", ""]), encoding="utf-8")
    gh.chmod(0o755)
    script = f'PATH="{gh.parent}:$PATH"\n' + shell("From GitHub")
    run(["bash", "-c", script], tmp_path, expect=None)
    assert rows(report(tmp_path, tmp_path / "reports", expect=1)) == {
        "depot": {"": "no report"},
        "shop": {"Code Quality": "held"},
    }


@posix
@pytest.mark.skipif(
    not shutil.which("jq"),
    reason="The commands in docs/fleet-report.md run jq, which is not on PATH: install it from your system's packages,"
    " as .ci/run does with `apt-get install jq`.",
)
def test_the_docs_collect_red_reports_from_gitlab_and_show_who_has_none(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "gates.json").write_text(gate(result="fail"), encoding="utf-8")
    jobs = [{"id": 9, "name": "tests", "ref": "main"}, {"id": 8, "name": "gates", "ref": "topic"}]
    shop = [*jobs, {"id": 7, "name": "gates", "ref": "main"}, {"id": 6, "name": "gates", "ref": "main"}]
    answers = [
        '*\'&page=1\') echo \'[{"path": "shop"}, {"path": "depot"}]\';;',
        "*'&page='*) echo '[]';;",
        f"*/projects/acme%2Fshop/jobs'?'*) echo '{json.dumps(shop)}';;",
        f"*/projects/acme%2Fdepot/jobs'?'*) echo '{json.dumps(jobs)}';;",
        f'*/projects/acme%2Fshop/jobs/7/artifacts/gates.json) cp "{tmp_path}/gates.json" "$output";;',
        "*) exit 22;;",
    ]
    curl = tmp_path / "bin" / "curl"
    begin = ['output=; for address; do test "$last" = --output && output="$address"; last="$address"; done']
    curl.write_text("\n".join(["#!/bin/sh", *begin, 'case "$last" in', *answers, "esac", ""]), encoding="utf-8")
    curl.chmod(0o755)
    script = f'PATH="{curl.parent}:$PATH"\nTOKEN=secret\n' + shell("From GitLab")
    run(["bash", "-c", script], tmp_path, expect=None)
    assert rows(report(tmp_path, tmp_path / "reports", expect=1)) == {
        "shop": {"Code Quality": "failed"},
        "depot": {"": "no report"},
    }


@posix
def test_the_docs_collect_reports_from_clones(template: Path, tmp_path: Path) -> None:
    project = generate(template, tmp_path / "clones/shop", project_type="existing-repo", constitution="essentials")
    commit(project, "Adopt a constitution")
    shutil.copy(Path(sys.modules["fleet.report"].__file__ or ""), tmp_path)
    run(["bash", "-c", shell("From clones")], tmp_path)
    assert list(rows(parsed((tmp_path / "report.html").read_text(encoding="utf-8")))) == ["shop"]
