#!/usr/bin/env python3
"""Writes one HTML page, principle x repository, from what the gates of many repositories said.

    python report.py reports --html report.html

Each REPORT is the JSON that `gates.py run --json FILE` wrote, or a folder that holds it as `gates.json`,
or a folder of such folders, one for each repository. A repository is called like its folder, or like its
file where that is not `gates.json`. One whose report is missing or cannot be read is shown as "no report".

The exit status is 0 when the page is written, 1 when it is written and shows a repository without a
report, 2 when nothing is written: no report could be read, or an argument is wrong.

One file, standard library only, Python 3.11 or later. The page loads nothing and holds no date: the same
reports give the same bytes.
"""

import argparse
import base64
import hashlib
import html
import json
import os
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

SCHEMA = 1
FILE = "gates.json"
STATES = {
    "fail": ("✕", "failed", "a MUST gate failed"),
    "error": ("!", "could not run", "a MUST gate could not be judged: its tool is missing or did not start"),
    "should": ("△", "SHOULD failed", "a SHOULD gate failed or could not run"),
    "waived": ("W", "waived", "a gate is excused until a date, and none failed"),
    "skipped": ("\u2013", "not run", "a gate was left out of this run: it is slow, or runs in CI only"),
    "open": ("○", "open", "a reviewer decides; no machine judges any of its gates"),
    "part": ("◐", "held, rest open", "what a machine judges held; a reviewer decides the rest"),
    "held": ("✓", "held", "every gate held"),
    "none": ("", "not asked for", "no gate of that repository's constitution belongs to the principle"),
}
"""What became of a principle in a repository, the worst first: its sign, its word, and what it means."""
GROUPS = {
    "fail": "fail a MUST gate",
    "lost": "no report",
    "excused": "a waiver, a SHOULD that failed, or a gate not run",
    "held": "all held that a machine judges",
}
"""What became of a repository, in words for the page's own counts and filter."""
RED = ("fail", "error")
RESULTS = {"pass": "held", "fail": "fail", "error": "error", "waived": "waived", "skipped": "skipped", "open": "open"}
AGAIN = "Write it again with `gates.py run --json FILE`."
IN_CI = "runs in CI"  # how gates.py explains an open gate that no reviewer decides
SHORT = 7  # digits of a commit, as git itself shortens it
FEW = 20  # waivers, which are shown at once; more are folded
HEAD, TAIL = 1000, 2000  # of a long detail, in characters: a linter's first findings, a test run's summary
UNSEEN = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")


@dataclass(frozen=True)
class Gate:
    """One gate of a report, with the fields of `gates.py`'s JSON that the page shows."""

    id: str
    principle: str
    title: str  # of the principle
    level: str
    statement: str
    result: str
    detail: str

    @property
    def state(self) -> str:
        """Its key in STATES."""
        if self.result in RED and self.level == "SHOULD":
            return "should"
        return "skipped" if self.detail == IN_CI and self.result == "open" else RESULTS[self.result]

    @property
    def label(self) -> str:
        """The result in words."""
        should = " (SHOULD)" if self.state == "should" else ""
        return STATES[RESULTS[self.result] if should else self.state][1] + should


@dataclass(frozen=True)
class Repository:
    """What is known of one repository: its gates, or why there is no report."""

    name: str
    gates: tuple[Gate, ...] = ()
    problem: str = ""
    constitution: str = ""  # its title; this and the next two are empty where the report does not say
    version: str = ""  # of the constitution
    commit: str = ""

    @property
    def basis(self) -> str:
        """What its gates were judged by, in words: "Acme Constitution, version 1.2.0, commit 3f2a91c..."."""
        version, commit = self.version and f"version {self.version}", self.commit and f"commit {self.commit}"
        return ", ".join(filter(None, (self.constitution, version, commit)))

    @property
    def group(self) -> str:
        """Its key in GROUPS."""
        states = {gate.state for gate in self.gates}
        if self.problem:
            return "lost"
        if states & set(RED):
            return "fail"
        return "excused" if states & {"should", "waived", "skipped"} else "held"

    def count(self, *states: str) -> int:
        """Count its gates in these states."""
        return sum(gate.state in states for gate in self.gates)

    def cell(self, principle: str) -> tuple[Gate, ...]:
        """Give the gates of one principle."""
        return tuple(gate for gate in self.gates if gate.principle == principle)


@dataclass(frozen=True)
class Principle:
    """One principle as the repositories have it, and what became of it in each, by the repository's name."""

    id: str
    title: str
    cells: dict[str, str]

    def count(self, *states: str) -> int:
        """Count the repositories where it came to one of these states."""
        return sum(state in states for state in self.cells.values())


def worst(gates: Sequence[Gate]) -> str:
    """Tell what became of a principle with these gates, as a key of STATES."""
    found = {gate.state for gate in gates}
    if {"held", "open"} <= found:
        found.add("part")
        found -= {"held", "open"}
    return next((state for state in STATES if state in found), "none")


# Reading


def find(paths: Iterable[Path]) -> list[Path]:
    """List the report of each repository that these files and folders stand for, be it there or not."""
    found: list[Path] = []
    for path in paths:
        inside = [folder / FILE for folder in folders(path)]
        if not is_folder(path):
            found.append(path)
        elif (path / FILE).exists() or not any(report.exists() for report in inside):
            found.append(path / FILE)
        else:
            found += inside
    return list({absolute(path): path for path in found}.values())


def folders(path: Path) -> list[Path]:
    """List the folders in a folder, less the hidden ones."""
    inside = sorted(path.iterdir()) if is_folder(path) else []
    return [entry for entry in inside if is_folder(entry) and not entry.name.startswith(".")]


def is_folder(path: Path) -> bool:
    """Tell whether a folder is there; what cannot even be asked for is none."""
    try:
        return path.is_dir()
    except OSError:
        return False


def absolute(path: Path) -> Path:
    """Give the path from the root on, without following links: a clone is called like its link."""
    return Path(os.path.abspath(path))  # noqa: PTH100


def names(paths: Sequence[Path]) -> dict[Path, str]:
    """Name each repository by the end of its path, as short as tells them apart."""
    places = {path: absolute(path) for path in paths}
    parts = {path: (at.parent if at.name == FILE else at.with_suffix("")).parts for path, at in places.items()}
    found = {}
    for path, own in parts.items():
        others = [other for place, other in parts.items() if place != path]
        lengths = range(1, len(own) + 1)
        length = next((n for n in lengths if all(own[-n:] != other[-n:] for other in others)), None)
        found[path] = "/".join(own[-length:]) if length else path.as_posix()
    return found


def read(path: Path, name: str) -> Repository:
    """Read one repository's report; a problem with it becomes a sentence that says what to do."""
    try:
        if not path.exists():
            advice = "Look whether its CI came to `gates.py run --json`, and whether the file was fetched."
            return Repository(name, problem=f"{path} does not exist. {advice}")
        data = path.read_bytes()
        if not data.strip():
            return Repository(name, problem=f"{path} is empty: look at the log of the run that wrote it.")
        document = json.loads(data)
        return Repository(name, gates=tuple(parse(document)), **basis_of(document))
    except (OSError, ValueError, RecursionError) as error:
        reason = str(error) if isinstance(error, MisfitError | OSError) else f"It is no JSON ({error})."
        return Repository(name, problem=f"{path} cannot be read. {reason}")


class MisfitError(ValueError):
    """How a document departs from what `gates.py run --json` writes, in a sentence."""


def parse(document: object) -> Iterator[Gate]:
    """Yield the gates of a JSON document; raises MisfitError when it is not what `gates.py run --json` writes."""
    if not isinstance(document, dict) or "schema" not in document:
        raise MisfitError(f"It is no report of `gates.py`, which has a `schema`. {AGAIN}")
    if document["schema"] != SCHEMA:
        other = f"{document['schema']!r:.40}"
        raise MisfitError(f"Its schema is {other}, and this report.py reads {SCHEMA}: fetch the report.py that fits.")
    rows = document.get("gates")
    if not isinstance(rows, list) or not rows:
        raise MisfitError(f"It names no gate, so nothing was proved. {AGAIN}")
    seen: set[str] = set()
    for number, row in enumerate(rows, 1):
        fields = {name: row.get(name) if isinstance(row, dict) else None for name in Gate.__annotations__}
        wrong = next((name for name, value in fields.items() if not fits(name, value)), "")
        if wrong or fields["id"] in seen:
            raise MisfitError(f"The `{wrong or 'id'}` of its gate {number} is missing, wrong or there twice. {AGAIN}")
        gate = Gate(**{name: str(value) for name, value in fields.items()})
        seen.add(gate.id)
        yield gate


def basis_of(document: dict[str, object]) -> dict[str, str]:
    """Give what a report says beside its gates; reports of an older `gates.py` lack it, and null stands for nothing."""
    found = {name: document.get(name) for name in ("constitution", "version", "commit")}
    for name, value in found.items():
        if value is not None and not fits(name, value):
            raise MisfitError(f"Its `{name}` is wrong. {AGAIN}")
    return {name: "" if value is None else str(value) for name, value in found.items()}


def fits(name: str, value: object) -> bool:
    """Tell whether a field of a report or of a gate may have this value."""
    forms = {
        "version": r"[0-9]+\.[0-9]+\.[0-9]+",
        "commit": "[0-9a-f]{40}|[0-9a-f]{64}",
        "id": r"[A-Z]{2,6}-[0-9]{2}",
        "principle": r"[a-z][a-z0-9-]*",
        "level": "MUST|SHOULD",
        "result": "|".join(RESULTS),
    }
    return isinstance(value, str) and bool(re.fullmatch(forms.get(name, r"(?s).*"), value))


def principles_of(repositories: Sequence[Repository]) -> list[Principle]:
    """List the principles that the reports name, the one that most repositories fail first."""
    titles: dict[str, Counter[str]] = defaultdict(Counter)
    gates: dict[str, dict[str, list[Gate]]] = defaultdict(lambda: defaultdict(list))
    for repository in repositories:
        for gate in repository.gates:
            titles[gate.principle][gate.title] += 1
            gates[gate.principle][repository.name].append(gate)
    found = []
    for principle, counts in titles.items():
        title = min(counts, key=lambda text: (-counts[text], text))  # what most of them call it
        found.append(Principle(principle, title, {name: worst(own) for name, own in gates[principle].items()}))
    shared = Counter(one.title for one in found)
    found = [replace(one, title=f"{one.title} ({one.id})") if shared[one.title] > 1 else one for one in found]

    def order(one: Principle) -> tuple[object, ...]:
        held = [-one.count(*RED), -one.count("should"), -one.count("waived"), -len(one.cells)]
        return (*held, one.title.casefold(), one.id)

    return sorted(found, key=order)


def worst_first(repository: Repository) -> tuple[object, ...]:
    """Sort repositories by failed MUST gates, then no report, SHOULD, waivers, and then the name."""
    groups = list(GROUPS).index(repository.group) if repository.group in ("fail", "lost") else len(GROUPS)
    counts = [-repository.count(*states) for states in (RED, ("should",), ("waived",), ("skipped",))]
    return (groups, *counts, repository.name.casefold(), repository.name)


# Writing


def text(raw: str) -> str:
    """Turn any text into HTML that shows it, without markup, a terminal's colours or hidden characters."""
    plain = re.sub(r"\x1b\[[0-9;?]*[ -/]*[@-~]", "", raw)
    plain = re.sub(r"\r\n?", "\n", plain.encode("utf-8", "backslashreplace").decode())
    return html.escape(UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", plain))


def shortened(detail: str) -> str:
    """Keep the head and the tail of a long detail, with a line between them that says so."""
    if len(detail) <= HEAD + TAIL + 200:
        return detail
    gap = f"[{len(detail) - HEAD - TAIL:,} characters are left out here; the run's own log has them]"
    return f"{detail[:HEAD]}\n\n{gap}\n\n{detail[-TAIL:]}"


def anchors(repositories: Sequence[Repository]) -> dict[str, str]:
    """Give each repository's place in the page an id, by its name, so that links last from week to week."""
    found: dict[str, str] = {}
    for name in sorted(repository.name for repository in repositories):
        slug = re.sub(r"[^A-Za-z0-9._-]", "-", name)
        taken = set(found.values())
        tries = (f"r-{slug}{f'~{number}' if number else ''}" for number in range(len(taken) + 1))
        found[name] = next(place for place in tries if place not in taken)
    return found


def count_of(number: int, one: str, many: str = "") -> str:
    """Write a number with its noun: "1 gate", "2 gates"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def bar(parts: Iterable[tuple[str, int]]) -> str:
    """Draw a stacked bar; its numbers stand beside it in words."""
    shown = [(state, number) for state, number in parts if number]
    whole, drawn, rects = sum(number for _, number in shown) or 1, 0.0, []
    for state, number in shown:
        width = 100 * number / whole
        rects.append(f'<rect class="{state}" x="{drawn:.2f}" width="{width:.2f}" height="6"/>')
        drawn += width
    return f'<svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">{"".join(rects)}</svg>'


@dataclass(frozen=True)
class Page:
    """All that the page is made of."""

    title: str
    link: str  # where a repository is, with {repository}; or empty
    repositories: Sequence[Repository]  # the worst first
    principles: Sequence[Principle]  # the worst first
    anchors: dict[str, str]  # by the repository's name

    def called(self, name: str) -> str:
        """Write a repository's name, which leads to the repository where that is known."""
        if not self.link:
            return text(name)
        url = self.link.replace("{repository}", quote(name.encode("utf-8", "replace")))
        return f'<a href="{text(url)}">{text(name)}</a>'

    def to(self, repository: Repository, gate: Gate | None = None) -> str:
        """Give the address of a repository's place below, or of one of its gates."""
        return f"#{self.anchors[repository.name]}{f'.{gate.id}' if gate else ''}"


def told(repository: Repository) -> list[Gate]:
    """Choose the gates that the page tells of one by one, the worst first."""
    states = list(STATES)
    found = [gate for gate in repository.gates if gate.state in (*RED, "should", "waived")]
    return sorted(found, key=lambda gate: (states.index(gate.state), gate.id))


def waivers(page: Page) -> list[tuple[str, Repository, Gate]]:
    """List the waivers in force with their last days, the next to end first."""
    found = []
    for repository in page.repositories:
        for gate in repository.gates:
            if gate.state == "waived":
                until = re.match(r"until (\d{4}-\d\d-\d\d): ", gate.detail)
                found.append((until[1] if until else "", repository, gate))
    return sorted(found, key=lambda one: (one[0] or "~", one[1].name, one[2].id))


def headline(page: Page) -> str:
    """Say in a sentence or two how the fleet is."""
    groups = Counter(repository.group for repository in page.repositories)
    whole = len(page.repositories)
    first = f"No MUST gate failed in {count_of(whole - groups['lost'], 'repository', 'repositories')}."
    if groups["fail"]:
        fails = "fail" if groups["fail"] > 1 else "fails"
        first = f"{groups['fail']:,} of {count_of(whole, 'repository', 'repositories')} {fails} a MUST gate."
    lost = groups["lost"]
    return first + (f" {lost:,} {'have' if lost > 1 else 'has'} no report." if lost else "")


def overview(page: Page) -> Iterator[str]:
    """Write the top: counts, the principles that fail most, the waivers that end next, what has no report."""
    groups = Counter(repository.group for repository in page.repositories)
    red = sum(repository.count(*RED) for repository in page.repositories)
    yield f'<header><p class="over">{text(page.title)}</p><h1>{headline(page)}</h1>'
    yield bar((group, groups[group]) for group in GROUPS) + '<ul class="groups">'
    for group, words in GROUPS.items():
        more = f" ({count_of(red, 'gate')})" if group == "fail" and red else ""
        yield f'<li class="{group}"><b>{groups[group]:,}</b> <span>{words}{more}</span></li>'
    yield "</ul></header>"
    yield '<div class="cards"><section><h2>Principles that fail most</h2>'
    failing = [principle for principle in page.principles if principle.count(*RED)]
    rows = [
        f'<li><a href="#p-{principle.id}">{text(principle.title)}</a> '
        f"<span>{principle.count(*RED):,} of {len(principle.cells):,}</span>{principle_bar(principle)}</li>"
        for principle in failing[:5]
    ]
    yield f"<ol>{''.join(rows)}</ol>" if rows else "<p>None: no MUST gate failed.</p>"
    yield "</section><section><h2>Waivers that end next</h2>"
    rows = [
        f'<li><time>{until or "no date"}</time> <a href="{page.to(repository, gate)}">'
        f"{text(repository.name)} {gate.id}</a></li>"
        for until, repository, gate in waivers(page)[:5]
    ]
    yield f"<ul>{''.join(rows)}</ul>" if rows else "<p>No waiver is in force.</p>"
    yield "</section><section><h2>No report</h2>"
    lost = [repository for repository in page.repositories if repository.problem]
    rows = [f"<li>{text(repository.name)}</li>" for repository in lost[:5]]
    more = f'<p><a href="#lost">Why, and what to do</a>{f": {len(lost):,} in all" if len(lost) > 5 else ""}</p>'
    yield f"<ul>{''.join(rows)}</ul>{more}" if rows else "<p>None: each repository has one.</p>"
    yield "</section></div>"


def principle_bar(principle: Principle) -> str:
    """Draw how a principle fares over the repositories that have it."""
    return bar((state, principle.count(state)) for state in STATES)


def legend() -> str:
    """Explain each sign."""
    rows = (
        f'<div><dt class="{state}">{sign}</dt><dd><b>{word}</b>: {meaning}</dd></div>'
        for state, (sign, word, meaning) in STATES.items()
    )
    return f"<details class='legend'><summary>What the signs mean</summary><dl>{''.join(rows)}</dl></details>"


def controls(page: Page) -> str:
    """Write the form above the table; the script shows it and makes it work."""
    shown = "".join(f'<option value="{group}">{words}</option>' for group, words in GROUPS.items())
    titled = sorted(page.principles, key=lambda one: (one.title.casefold(), one.id))
    columns = {principle.id: number for number, principle in enumerate(page.principles, 3)}
    worst_at = "".join(f'<option value="{columns[one.id]}">{text(one.title)}</option>' for one in titled)
    return (
        '<form id="controls" hidden><label>Find a repository <input type="search" autocomplete="off"></label>'
        f'<label>Show <select name="show"><option value="">all</option>{shown}</select></label>'
        '<label>Order <select name="order"><option value="">worst first</option><option value="name">by name</option>'
        f'<optgroup label="worst at a principle first">{worst_at}</optgroup></select></label>'
        '<output aria-live="polite"></output></form>'
    )


def matrix(page: Page) -> Iterator[str]:
    """Write the table, principle x repository."""
    yield '<section><h2 id="table">Principle by repository</h2>'
    yield controls(page) + legend()
    yield '<div class="scroll" role="region" aria-labelledby="table" tabindex="0"><table id="matrix"><caption>'
    yield "Each row is a repository and each column a principle; both begin with what failed most.</caption>"
    yield '<thead><tr><th scope="col">Repository</th><th scope="col" class="turned"><span>Failed MUST gates</span></th>'
    yield '<th scope="col" class="turned"><span>Waived gates</span></th>'
    for principle in page.principles:
        title = text(principle.title)
        yield f'<th scope="col" class="turned"><a href="#p-{principle.id}" title="{title}">'
        yield f"<span>{title}</span></a></th>"
    yield '</tr><tr class="sums"><th scope="row">Repositories that fail</th>'
    red, waived = (sum(bool(one.count(*states)) for one in page.repositories) for states in (RED, ("waived",)))
    for number in [red, waived, *(principle.count(*RED) for principle in page.principles)]:
        yield f"<td>{number or ''}</td>"
    yield "</tr></thead><tbody>"
    for repository in page.repositories:
        yield row_of(page, repository)
    yield "</tbody></table></div></section>"


def row_of(page: Page, repository: Repository) -> str:
    """Write one repository's row."""
    name, basis = text(repository.name), text(repository.basis)
    title = f"{name}: {basis}" if basis else name
    head = f'<tr data-group="{repository.group}"><th scope="row" abbr="{name}" title="{title}">'
    if repository.problem:
        width = len(page.principles) + 2
        return f'{head}<a href="#lost">{name}</a></th><td class="lost" colspan="{width}">no report</td></tr>'
    known = f'<a href="{page.to(repository)}">{name}</a>' if told(repository) else name
    counts = (repository.count(*RED), repository.count("waived"))
    sums = "".join(f'<td class="sum">{number or ""}</td>' for number in counts)
    cells = (cell_of(page, repository, principle) for principle in page.principles)
    return f"{head}{known}{stamp(repository)}</th>{sums}{''.join(cells)}</tr>"


def stamp(repository: Repository) -> str:
    """Write the version and the short commit below a repository's name; a reader of screens hears what they are."""
    facts = {"version": repository.version, "commit": repository.commit[:SHORT]}
    parts = [f"<i>{word} </i>{text(fact)}" for word, fact in facts.items() if fact]
    return f"<small>{' · '.join(parts)}</small>" if parts else ""


def cell_of(page: Page, repository: Repository, principle: Principle) -> str:
    """Write one cell: a word, for which the style shows its sign, and which leads to what is to be told."""
    gates = repository.cell(principle.id)
    state = worst(gates)
    word = f"<i>{STATES[state][1]}</i>"
    if not gates:
        return f'<td class="none">{word}</td>'
    title = f"{text(principle.title)}: {', '.join(f'{gate.id} {gate.label}' for gate in gates)}"
    if subjects := [gate for gate in told(repository) if gate in gates]:
        return f'<td class="{state}"><a href="{page.to(repository, subjects[0])}" title="{title}">{word}</a></td>'
    return f'<td class="{state}" title="{title}">{word}</td>'


def lost_section(page: Page) -> Iterator[str]:
    """List the repositories of which nothing is known, and why."""
    if lost := [repository for repository in page.repositories if repository.problem]:
        yield f'<section id="lost"><h2>No report ({len(lost):,})</h2><dl class="lost-list">'
        for repository in lost:
            yield f"<dt>{page.called(repository.name)}</dt><dd>{text(repository.problem)}</dd>"
        yield "</dl></section>"


def principles_section(page: Page) -> Iterator[str]:
    """Write each principle with its gates over all repositories."""
    yield "<section><h2>Principles, and how many of their repositories fail them</h2>"
    for principle in page.principles:
        having = [one for one in page.repositories if one.name in principle.cells]
        words = f"{principle.count(*RED) or 'none'} of {len(having):,}"
        title = text(principle.title)
        yield f'<details id="p-{principle.id}"><summary><span class="line"><b>{title}</b> {principle_bar(principle)} '
        yield f'<span>{words}</span></span></summary><div class="wide" role="region" aria-label="{title}" tabindex="0">'
        yield '<table><thead><tr><th scope="col">Gate</th>'
        yield '<th scope="col">Statement</th>' + "".join(
            f'<th scope="col" class="number">{word}</th>' for key, (_, word, _) in STATES.items() if key in COUNTED
        )
        yield '<th scope="col">Failed in</th></tr></thead><tbody>'
        by_id: dict[str, list[tuple[Repository, Gate]]] = defaultdict(list)
        for repository in having:
            for gate in repository.cell(principle.id):
                by_id[gate.id].append((repository, gate))
        for found in sorted(by_id):
            yield gate_row(page, by_id[found])
        yield "</tbody></table></div></details>"
    yield "</section>"


COUNTED = ("fail", "error", "should", "waived", "skipped", "open", "held")


def gate_row(page: Page, found: Sequence[tuple[Repository, Gate]]) -> str:
    """Write one gate over all repositories; where its statement differs, what most of them have."""
    statements = Counter(f"{gate.level}: {gate.statement}" for _, gate in found)
    statement = min(statements, key=lambda one: (-statements[one], one))
    others = f" <small>({len(statements) - 1:,} more in other words or figures)</small>" if len(statements) > 1 else ""
    states = Counter(gate.state for _, gate in found)
    numbers = "".join(f'<td class="number">{states[state] or ""}</td>' for state in COUNTED)
    bad = [(repository, gate) for repository, gate in found if gate.state in (*RED, "should")]
    links = ", ".join(f'<a href="{page.to(repository, gate)}">{text(repository.name)}</a>' for repository, gate in bad)
    return f'<tr><th scope="row">{found[0][1].id}</th><td>{text(statement)}{others}</td>{numbers}<td>{links}</td></tr>'


def waivers_section(page: Page) -> Iterator[str]:
    """Write the waivers in force, the next to end first."""
    if not (rows := waivers(page)):
        return
    yield f"<section><details{' open' if len(rows) <= FEW else ''}><summary><h2>Waivers ({len(rows):,})</h2></summary>"
    yield '<div class="wide" role="region" aria-label="Waivers" tabindex="0"><table><thead><tr>'
    yield '<th scope="col">Last day</th>'
    yield '<th scope="col">Repository</th><th scope="col">Gate</th><th scope="col">Reason</th></tr></thead><tbody>'
    for until, repository, gate in rows:
        reason = gate.detail.removeprefix(f"until {until}: ")
        yield f'<tr><td><time>{until}</time></td><td>{text(repository.name)}</td><th scope="row">'
        yield f'<a href="{page.to(repository, gate)}">{gate.id}</a></th><td>{text(shortened(reason))}</td></tr>'
    yield "</tbody></table></div></details></section>"


def repositories_section(page: Page) -> Iterator[str]:
    """Write what failed and what is waived in each repository, with the details."""
    yield "<section><h2>Repositories</h2>"
    for repository in [one for one in page.repositories if told(one)]:
        states = Counter(gate.state for gate in repository.gates)
        words = ", ".join(f"{states[key]} {word}" for key, (_, word, _) in STATES.items() if states[key])
        yield f'<details id="{page.anchors[repository.name]}"><summary><b>{text(repository.name)}</b> '
        yield f"<span>{words}</span></summary>"
        if page.link:
            yield f"<p>{page.called(repository.name)}</p>"
        if repository.basis:
            yield f'<p class="basis">{text(repository.basis)}</p>'
        for gate in told(repository):
            yield f'<article id="{page.to(repository, gate)[1:]}"><h3><span class="tag {gate.state}">'
            yield f"{gate.label}</span> {gate.id} <small>{text(gate.title)}, {text(repository.name)}</small></h3>"
            yield f"<p>{text(gate.statement)}</p><pre>{text(shortened(gate.detail))}</pre></article>"
        yield "</details>"
    if quiet := sorted(one.name for one in page.repositories if one.gates and not told(one)):
        yield f"<p>Nothing failed and nothing is waived in {', '.join(map(page.called, quiet))}.</p>"
    yield "</section>"


def as_html(repositories: Iterable[Repository], title: str, link: str) -> str:
    """Write the page."""
    ordered = sorted(repositories, key=worst_first)
    page = Page(title, link, ordered, principles_of(ordered), anchors(ordered))
    sections = (overview, matrix, lost_section, waivers_section, principles_section, repositories_section)
    body = "\n".join(line for section in sections for line in section(page))
    hashes = (base64.b64encode(hashlib.sha256(part.encode()).digest()).decode() for part in (STYLE, SCRIPT))
    style, script = (f"'sha256-{digest}'" for digest in hashes)
    policy = f"default-src 'none'; style-src {style}; script-src {script}; base-uri 'none'; form-action 'none'"
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<title>{text(title)}</title>
<style>{STYLE}</style></head>
<body>
<main>
{body}
</main>
<script>{SCRIPT}</script>
</body></html>
"""


STYLE = """
:root {
  --page: #fbfbf9; --raised: #fff; --ink: #1d2126; --soft: #5b626c; --line: #e2e3df; --hover: #f1f1ec;
  --link: #1d4f91;
  --fail: #b3261e; --on-fail: #fff; --error: #fbe9e7; --on-error: #9a1b14; --should: #fbeecb; --on-should: #6b4b00;
  --waived: #dfe9fb; --on-waived: #1f4a8c; --skipped: #ececea; --on-skipped: #565b63;
  --open: #f5f5f3; --on-open: #626973; --part: #f1f7f2; --on-part: #3a7a54; --held: #eaf4ed; --on-held: #24703f;
  --bar-fail: #b3261e; --bar-error: #d9857f; --bar-should: #e3b341; --bar-waived: #7ea6e0; --bar-skipped: #b9bcc0;
  --bar-open: #d9dcd8; --bar-part: #a9d2b8; --bar-held: #6db588; --bar-lost: #4a4f57;
  color-scheme: light dark;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --page: #15171a; --raised: #1b1e22; --ink: #e4e6e8; --soft: #a0a7b0; --line: #2e3238; --hover: #23272c;
    --link: #8fb8f0;
    --fail: #f28b82; --on-fail: #2b0603; --error: #4a1f1c; --on-error: #ffb4ab; --should: #453607;
    --on-should: #f2d27a;
    --waived: #1f3355; --on-waived: #b0cdfb; --skipped: #2b2f34; --on-skipped: #b3b9c1;
    --open: #212529; --on-open: #9098a2; --part: #1d2822; --on-part: #7cc79a; --held: #1e2d24; --on-held: #74cf98;
    --bar-fail: #f28b82; --bar-error: #a2544d; --bar-should: #c99d2e; --bar-waived: #5b86c7; --bar-skipped: #565c64;
    --bar-open: #3a3f45; --bar-part: #3c6b4e; --bar-held: #4f9a6c; --bar-lost: #c9cdd2;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 100rem; margin: 0 auto; padding: 2rem clamp(1rem, 3vw, 3rem) 4rem; }
h1 { font-size: clamp(1.5rem, 3.2vw, 2.1rem); line-height: 1.2; letter-spacing: -.015em; margin: 0 0 1.1rem;
  font-weight: 650; }
h2 { font-size: 1rem; margin: 0 0 .6rem; font-weight: 650; }
h3 { font-size: .95rem; margin: 0 0 .2rem; }
section { margin-top: 2.5rem; }
a { color: var(--link); text-decoration-thickness: 1px; text-underline-offset: 2px; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 1px; border-radius: 3px; }
small, .over, summary span, .groups span, time { color: var(--soft); }
.over { margin: 0 0 .3rem; font-size: .85rem; }
time, .number, td, .groups b { font-variant-numeric: tabular-nums; }
.bar { display: block; width: 100%; height: 6px; border-radius: 3px; }
header > .bar { height: 10px; border-radius: 5px; }
.groups { list-style: none; display: flex; flex-wrap: wrap; gap: .4rem 2rem; margin: .8rem 0 0; padding: 0; }
.groups b { font-size: 1.15rem; }
.groups li::before { content: ""; display: inline-block; width: .7em; height: .7em; border-radius: 2px;
  margin-right: .45em; }
.fail::before { --dot: var(--bar-fail); } .lost::before { --dot: var(--bar-lost); }
.excused::before { --dot: var(--bar-should); } .held::before { --dot: var(--bar-held); }
.groups li::before { background: var(--dot); }
rect.fail { fill: var(--bar-fail); } rect.error { fill: var(--bar-error); } rect.lost { fill: var(--bar-lost); }
rect.should, rect.excused { fill: var(--bar-should); } rect.waived { fill: var(--bar-waived); }
rect.skipped { fill: var(--bar-skipped); } rect.open { fill: var(--bar-open); } rect.part { fill: var(--bar-part); }
rect.held { fill: var(--bar-held); }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 19rem), 1fr)); gap: 1rem;
  margin-top: 2rem; }
.cards section { margin: 0; padding: 1rem 1.2rem; background: var(--raised); border: 1px solid var(--line);
  border-radius: 8px; }
.cards ol, .cards ul { list-style: none; margin: 0; padding: 0; }
.cards p { margin: 0; color: var(--soft); }
.cards li { display: flex; flex-wrap: wrap; justify-content: space-between; column-gap: 1rem; padding: .15rem 0;
  overflow-wrap: anywhere; }
.cards ul li { justify-content: flex-start; }
.cards li span { color: var(--soft); font-variant-numeric: tabular-nums; }
#controls { display: flex; flex-wrap: wrap; gap: .6rem 1.2rem; align-items: end; margin-bottom: .7rem; }
#controls[hidden] { display: none; }
label { font-size: .85rem; color: var(--soft); display: grid; gap: .15rem; }
input, select { font: inherit; font-size: .9rem; color: var(--ink); background: var(--raised);
  border: 1px solid var(--soft); border-radius: 5px; padding: 0 .45rem; height: 2rem; width: 100%; max-width: 16rem; }
output { font-size: .85rem; color: var(--soft); padding-bottom: .3rem; }
.legend { margin-bottom: .7rem; font-size: .9rem; }
.legend dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 24rem), 1fr));
  gap: .35rem 1.5rem; margin: .6rem 0 0; }
.legend div { display: flex; gap: .6rem; } .legend dd { margin: 0; }
dt.fail, dt.error, dt.should, dt.waived, dt.skipped, dt.open, dt.part, dt.held, dt.none { flex: none;
  width: 1.7rem; height: 1.5rem; border-radius: 4px; text-align: center; font-weight: 650; }
dt.none { border: 1px dashed var(--line); }
.scroll { overflow: auto; max-height: 88vh; border: 1px solid var(--line); border-radius: 8px;
  background: var(--raised); width: fit-content; max-width: 100%; }
table { border-spacing: 0; font-size: .875rem; }
#matrix { border-spacing: 1px; }
caption { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; white-space: nowrap; }
#matrix th { background: var(--raised); text-align: left; font-weight: 500; }
#matrix th[scope=row] {
  position: sticky; left: 0; z-index: 1; padding: .1rem .8rem; min-width: 8.5rem; max-width: 17rem;
  white-space: nowrap; overflow: hidden; text-overflow: ellipsis; line-height: 1.25;
}
#matrix th[scope=row] small { display: block; font-size: .7rem; line-height: 1.1; font-variant-numeric: tabular-nums; }
#matrix th[scope=row] a { color: inherit; text-decoration-color: var(--line); }
#matrix thead { position: sticky; top: 0; z-index: 2; }
#matrix thead th, #matrix thead td { box-shadow: 0 0 0 1px var(--raised); }
#matrix thead th:first-child { position: sticky; left: 0; z-index: 3; vertical-align: bottom; padding: .5rem .8rem;
  color: var(--soft); }
#matrix .turned { height: 11.5rem; width: 1.9rem; min-width: 1.9rem; padding: 0; vertical-align: bottom; }
#matrix .turned span { writing-mode: vertical-rl; transform: rotate(180deg); max-height: 11rem; max-width: 1.9rem;
  overflow: hidden; line-height: .92rem; font-size: .8rem; padding: .35rem 0; margin: 0 auto; display: block; }
#matrix .turned a { color: inherit; text-decoration: none; display: block; }
#matrix .turned a:hover { text-decoration: underline; }
#matrix .on { background: var(--hover); }
#matrix .sums td, #matrix .sums th { background: var(--raised); color: var(--soft);
  border-bottom: 1px solid var(--line); padding-bottom: .2rem; }
#matrix td { text-align: center; height: 1.6rem; padding: 0; border-radius: 4px; }
#matrix td.sum { color: var(--ink); }
#matrix tbody tr:hover th, #matrix tbody tr:hover td.sum { background: var(--hover); }
#matrix td a { display: block; line-height: 1.6rem; color: inherit; text-decoration: none; }
#matrix i { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden;
  white-space: nowrap; }
#matrix tr { position: relative; }
td.fail, dt.fail, .tag.fail { background: var(--fail); color: var(--on-fail); font-weight: 700; }
td.error, dt.error, .tag.error { background: var(--error); color: var(--on-error); font-weight: 800; }
td.error, dt.error { box-shadow: inset 0 0 0 1.5px var(--on-error); }
td.should, dt.should, .tag.should { background: var(--should); color: var(--on-should); }
td.waived, dt.waived, .tag.waived { background: var(--waived); color: var(--on-waived); font-weight: 600; }
td.skipped, dt.skipped { background: var(--skipped); color: var(--on-skipped); }
td.open, dt.open { background: var(--open); color: var(--on-open); }
td.part, dt.part { background: var(--part); color: var(--on-part); }
td.held, dt.held { background: var(--held); color: var(--on-held); }
SIGNS
#matrix td.lost { text-align: left; padding: 0 .6rem; color: var(--soft); font-style: italic;
  background: var(--skipped); }
.lost-list { display: grid; grid-template-columns: minmax(8rem, max-content) 1fr; gap: .3rem 1.2rem; margin: 0;
  font-size: .9rem; }
.lost-list dt { font-weight: 600; } .lost-list dd { margin: 0; color: var(--soft); overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
.wide th, .wide td { text-align: left; vertical-align: top; padding: .3rem .9rem .3rem 0;
  border-bottom: 1px solid var(--line); }
.wide thead th { color: var(--soft); font-weight: 500; font-size: .8rem; vertical-align: bottom; }
.wide .number { text-align: right; } .wide tbody th { white-space: nowrap; font-weight: 600; }
main > section > details:not(.legend) { border-top: 1px solid var(--line); padding: .45rem 0; }
main > section > details > :not(summary) { margin-left: 1.1rem; }
summary { cursor: pointer; } summary b { font-weight: 600; overflow-wrap: anywhere; }
summary h2 { display: inline; }
.line, .line b { color: var(--ink); }
.line { display: inline-flex; flex-wrap: wrap; align-items: center; gap: .1rem 1.2rem; width: calc(100% - 1.2rem); }
.line b { flex: 0 0 19rem; } .line .bar { flex: 0 1 18rem; }
.basis { margin-block: .4rem 0; font-size: .85rem; color: var(--soft); overflow-wrap: anywhere; }
article { margin: .9rem 0; } article p { margin: 0 0 .3rem; } article, details { scroll-margin-top: 1rem; }
article:target { outline: 2px solid var(--line); outline-offset: .5rem; border-radius: 4px; }
.tag { display: inline-block; font-size: .78rem; border-radius: 4px; padding: 0 .45rem; margin-right: .3rem; }
pre { margin: 0; padding: .6rem .8rem; background: var(--hover); border-radius: 6px;
  font: 12.5px/1.45 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: isolate; }
@media (max-width: 40rem) {
  main { padding-top: 1.2rem; }
  #matrix th[scope=row], #matrix thead th:first-child { max-width: 8.5rem; padding-inline: .5rem; font-size: .8rem;
    white-space: normal; overflow-wrap: anywhere; }
  label { width: calc(50% - .6rem); } label:first-child { width: 100%; } input { max-width: none; }
  .line b { flex-basis: 100%; } .line .bar { flex-basis: 9rem; }
  .lost-list { grid-template-columns: 1fr; } .lost-list dd { margin-bottom: .5rem; }
}
@media print {
  :root { color-scheme: light; font-size: 10px; }
  @page { size: A4 landscape; margin: 12mm; }
  body { font-size: 10px; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  main { padding: 0; max-width: none; }
  #controls, #controls[hidden] { display: none; }
  .scroll, .wide { max-width: none; max-height: none; overflow: visible; border: 0; }
  #matrix thead, #matrix th[scope=row], #matrix thead th:first-child { position: static; }
  tr, article { break-inside: avoid; }
}
"""
"""The page's own style; SIGNS stands for one rule for each sign."""

SCRIPT = """
(() => {
  const table = document.getElementById("matrix"), body = table.tBodies[0], rows = [...body.rows];
  const form = document.getElementById("controls"), [find, show, order] = form.elements;
  const states = STATES, first = new Map(rows.map((row, number) => [row, number]));
  const name = row => row.cells[0].abbr;
  const rank = (row, column) => row.cells[column] ? states.indexOf(row.cells[column].className) : states.length;
  const draw = () => {
    const sought = find.value.trim().toLowerCase(), column = Number(order.value);
    const kept = rows.filter(row => name(row).toLowerCase().includes(sought)
      && (!show.value || row.dataset.group === show.value));
    kept.sort((a, b) => order.value === "name"
      ? name(a).localeCompare(name(b), "en", {numeric: true})
      : (column ? rank(a, column) - rank(b, column) : 0) || first.get(a) - first.get(b));
    body.replaceChildren(...kept);
    form.querySelector("output").textContent = kept.length + " of " + rows.length + " shown";
  };
  form.hidden = false;
  form.addEventListener("input", draw);
  form.addEventListener("submit", event => event.preventDefault());
  draw();
  const heads = table.tHead.rows[0].cells;
  let lit = null;
  table.addEventListener("pointerover", event => {
    const cell = event.target.closest("td, th");
    lit?.classList.remove("on");
    lit = cell && cell.colSpan === 1 && cell.cellIndex > 0 ? heads[cell.cellIndex] : null;
    lit?.classList.add("on");
  });
  const open = hash => {
    const place = hash.length > 1 && document.getElementById(decodeURIComponent(hash.slice(1)));
    const details = place && place.closest("details");
    if (details) { details.open = true; place.scrollIntoView(); }
  };
  document.addEventListener("click", event => {
    const link = event.target.closest("a");
    if (link && link.getAttribute("href").startsWith("#")) open(link.hash);
  });
  addEventListener("hashchange", () => open(location.hash));
  open(location.hash);
})();
""".replace("STATES", json.dumps(list(STATES)))

STYLE = STYLE.replace(
    "SIGNS",
    "\n".join(
        f'td.{key}:not(:has(a))::before, td.{key} a::before {{ content: "{sign}"; content: "{sign}" / ""; }}'
        for key, (sign, _, _) in STATES.items()
        if sign
    ),
)


def main(argv: Sequence[str] | None = None) -> int:
    """Read the reports and write the page; returns the exit status."""
    summary, _, rest = (__doc__ or "").partition("\n")
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=summary, epilog=rest, formatter_class=raw, allow_abbrev=False)
    parser.add_argument("reports", nargs="+", type=Path, metavar="REPORT", help="JSON of `gates.py run`, or a folder")
    parser.add_argument("--html", required=True, metavar="FILE", help="where the page goes; `-`: standard output")
    parser.add_argument("--title", default="Constitution gates", help="what stands on top, such as the week")
    parser.add_argument("--link", default="", metavar="URL", help="leads to a repository: https://.../{repository}")
    options = parser.parse_args(argv)
    if options.link and not re.match(r"https?://.*\{repository\}", options.link):
        parser.error("--link: give an address that begins with https:// and holds {repository}")
    named = names(find(options.reports))
    repositories = [read(path, name) for path, name in named.items()]
    for repository in repositories:
        if repository.problem:
            print(f"{repository.name}: no report. {repository.problem}", file=sys.stderr)
    if all(repository.problem for repository in repositories):
        print("No report could be read, so no page is written.", file=sys.stderr)
        return 2
    page = as_html(repositories, options.title, options.link).encode()
    try:
        if options.html == "-":
            sys.stdout.buffer.write(page)
        else:
            Path(options.html).write_bytes(page)
    except OSError as error:
        print(f"--html: {error}", file=sys.stderr)
        return 2
    return 1 if any(repository.problem for repository in repositories) else 0


if __name__ == "__main__":
    sys.exit(main())
