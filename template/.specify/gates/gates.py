#!/usr/bin/env python3
"""Runs the gates of this repository's constitution and keeps its documents in step with them.

    python .specify/gates/gates.py list            every gate and what proves it
    python .specify/gates/gates.py run             prove all, or some: `run QUAL-01`, `run security`
    python .specify/gates/gates.py check           do constitution, templates and CI name these gates?
    python .specify/gates/gates.py plan FILE       is each gate ticked or justified in this plan?
    python .specify/gates/gates.py figures [NAME]  the numbers that the gates enforce

The exit status is 0 when all held, 1 when a MUST gate failed (or its tool is missing, or its waiver
ended), 2 when the definitions or the arguments are wrong.

The definitions are the `*.toml` files beside this one, in the order of their names. A later file is
laid over the earlier ones key by key; an empty text or list takes a value away. Your own principles,
commands, figures and waivers belong in `90-local.toml`.

Commands run without a shell at the repository's root and stop at the first that fails. A program is
looked for beside the running Python first, then on PATH. A task is slow, or runs in CI only, when
that is said of it or of a task that it needs.

File patterns match whole paths from the root, among the files that git tracks or would add. `*` and
`?` stay within one name, and `**` between slashes stands for any number of folders, none included:
`*.pem` is a file at the root, `**/*.pem` one at any depth, `docs/**` everything below `docs`. Upper
and lower case differ, and a leading dot is not special.
"""

import argparse
import dataclasses
import datetime
import difflib
import graphlib
import io
import itertools
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import textwrap
import time
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

TEXT, TEXTS, NUMBER, FLAG, DATE = "a text", "a list of texts", "a number", "true/false", "a date"
PATTERNS = {"require": TEXTS, "forbid": TEXTS}
KEYS = {
    "documents": {"constitution": TEXT, "plan": TEXT, "tasks": TEXT, "ci": TEXTS},
    "figures": {"*": NUMBER},
    "tasks": {"run": TEXTS, "files": TEXTS, "needs": TEXTS, "slow": FLAG, "ci": FLAG} | PATTERNS,
    "principles": {"title": TEXT},
    "gates": {"principle": TEXT, "level": TEXT, "statement": TEXT, "task": TEXT} | PATTERNS,
    "waivers": {"reason": TEXT, "until": DATE},
}
REQUIRED = {"title", "principle", "level", "statement", "reason", "until"}
GATE_ID, WORD_ID = r"[A-Z]{2,6}-[0-9]{2}", r"[a-z][a-z0-9-]*"
IDS = {"tasks": WORD_ID, "principles": WORD_ID, "gates": GATE_ID, "waivers": GATE_ID}
FIGURE = re.compile(r"(?<![{$])\{([a-z][a-z0-9_]*)\}(?!\})")
DAY = r"\d{4}-\d\d-\d\d"
VERSION_LINE = (
    rf"\*\*Version\*\*: \d+\.\d+\.\d+ \| \*\*Ratified\*\*: {DAY} \| \*\*Last Amended\*\*: {DAY}"
)
REVIEWER, IN_CI, SLOW = "a reviewer decides", "runs in CI", "slow, left out by --fast"
# How the table shows a result: the words for it in the closing line, and the terminal's colour.
LABELS = {
    "pass": ("held", 32),
    "fail": ("failed", 31),
    "error": ("could not run", 31),
    "fail (SHOULD)": ("failed (SHOULD)", 33),
    "error (SHOULD)": ("could not run (SHOULD)", 33),
    "open": (f"open ({REVIEWER})", 36),
    "in CI": (IN_CI, 36),
    "skipped": ("skipped (slow)", 36),
    "waived": ("waived", 33),
}
FILES_AT_ONCE = 100 if os.name == "nt" else 1000  # Windows has short command lines


class WrongInput(Exception):
    """The definitions or the arguments are wrong: one sentence per problem, exit status 2."""


class CannotRun(Exception):
    """A proof could not be carried out, so nobody knows whether its gates hold."""


@dataclass(frozen=True)
class Outcome:
    """`result` is pass, fail, error, open, skipped or waived; `detail` says why."""

    result: str
    detail: str = ""
    seconds: float | None = None


@dataclass(frozen=True)
class Task:
    """Commands or file patterns that prove something; with neither, a reviewer decides."""

    id: str
    run: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    require: tuple[str, ...] = ()
    forbid: tuple[str, ...] = ()
    needs: tuple["Task", ...] = ()
    slow: bool = False
    ci: bool = False

    def __str__(self) -> str:
        commands = " then ".join(f"`{command}`" for command in self.run)
        commands += f" over files: {', '.join(self.files)}" if self.files else ""
        patterns = ", ".join([*self.require, *(f"no {pattern}" for pattern in self.forbid)])
        proof = commands or (f"files: {patterns}" if patterns else REVIEWER)
        return proof + (f" ({IN_CI})" if self.ci else "") + (" (slow)" if self.slow else "")

    def left_out(self, fast: bool, ci: bool) -> Outcome | None:
        """Say why `run` with these options does not prove this, or None when it does."""
        if not (self.run or self.require or self.forbid):
            return Outcome("open", REVIEWER)
        if self.ci and not ci:
            return Outcome("open", IN_CI)
        return Outcome("skipped", SLOW) if self.slow and fast else None


@dataclass(frozen=True)
class Gate:
    """One checkable statement, and how it fared in this run."""

    id: str
    principle: str
    title: str  # of the principle
    level: str
    statement: str  # with its figures filled in
    figures: dict[str, float]  # those that the statement names
    task: Task
    waiver: dict[str, Any]  # `reason` and `until`, or empty
    outcome: Outcome = Outcome("open", REVIEWER)

    @property
    def failed(self) -> bool:
        """It was not met, or nobody could tell."""
        return self.outcome.result in ("fail", "error")

    @property
    def label(self) -> str:
        """The result, as a key of LABELS."""
        if self.failed and self.level == "SHOULD":
            return f"{self.outcome.result} (SHOULD)"
        return "in CI" if self.outcome.detail == IN_CI else self.outcome.result

    @property
    def seconds(self) -> str:
        """How long the proof took, for people."""
        return "" if self.outcome.seconds is None else f"{self.outcome.seconds:.1f} s"


@dataclass(frozen=True)
class Definitions:
    """All layers in one; gates stand in the order of their principles."""

    gates: list[Gate]
    titles: dict[str, str]  # of the principles
    figures: dict[str, float]
    documents: dict[str, Any]

    def select(self, names: list[str]) -> list[Gate]:
        """Find the gates with these ids or of these principles; no names means all."""
        known = {gate.id for gate in self.gates} | set(self.titles)
        unknown = [f"`{n}` is no gate or principle{near(n, known)}" for n in names if n not in known]
        if unknown:
            raise WrongInput(*unknown)
        return [g for g in self.gates if not names or g.id in names or g.principle in names]


def near(name: str, known: Iterable[str]) -> str:
    """End a sentence about the unknown `name` with what may have been meant."""
    ids = {item.lower(): f"`{item}`" for item in known}
    close = difflib.get_close_matches(name.lower(), ids, cutoff=0.5)
    return f"; did you mean {' or '.join(ids[item] for item in close)}?" if close else "."


def load(root: Path) -> Definitions:
    """Read, merge and verify the layers; raises WrongInput with every problem found."""
    tables: dict[str, dict[str, dict[str, Any]]] = {section: {} for section in KEYS}
    layers: dict[tuple[str, str], list[str]] = {}  # the files that speak of a table
    problems = []
    for path in sorted((root / ".specify" / "gates").glob("*.toml")):
        try:
            data = tomllib.loads(path.read_text("utf-8-sig"))
        except ValueError as error:
            raise WrongInput(f"{path.name} cannot be read as TOML: {error}.") from error
        if data.pop("schema", 1) != 1:
            problems.append(f"{path.name}: this gates.py supports schema = 1 only.")
        for section, content in data.items():
            content = {"": content} if section in ("documents", "figures") else content
            if section not in KEYS:
                problems.append(f"{path.name}: [{section}] is unknown{near(section, KEYS)}")
            elif not all(isinstance(t, dict) for t in (content, *dict(content).values())):
                problems.append(f"{path.name}: [{section}] must be made of tables.")
            else:
                for table_id, table in content.items():
                    tables[section].setdefault(table_id, {}).update(table)
                    layers.setdefault((section, table_id), []).append(path.name)
    for (section, table_id), names in layers.items():
        place = f"{' + '.join(names)}: [{section}.{table_id}]".replace(".]", "]")
        problems += [f"{place} {problem}" for problem in table_problems(tables, section, table_id)]
    if not tables["gates"]:
        problems.append(f"No *.toml file in {root / '.specify' / 'gates'} defines a gate.")
    if problems:
        raise WrongInput(*problems)
    return build(tables)
