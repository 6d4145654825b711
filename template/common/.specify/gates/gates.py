#!/usr/bin/env python3
"""Runs the gates of this repository's constitution and keeps its documents in step with them.

    python .specify/gates/gates.py list            every gate and what proves it
    python .specify/gates/gates.py run             prove all, or `run QUAL-01`, `run security`
    python .specify/gates/gates.py check           do the documents and CI name these gates?
    python .specify/gates/gates.py check --since REF  and does the version tell what changed since?
    python .specify/gates/gates.py plan FILE       is each gate ticked or justified in this plan?
    python .specify/gates/gates.py figures [NAME]  the numbers that the gates enforce

The exit status is 0 when all held, 1 when a MUST gate failed (or its tool is missing, or its waiver
ended), 2 when the definitions or the arguments are wrong.

The definitions are the `*.toml` files beside this one, in the order of their names. A later file is
laid over the earlier ones key by key; an empty text or list takes a value away. Your principles,
commands, figures and waivers belong in `90-local.toml`.

Commands run without a shell at the repository's root and stop at the first that fails. A program is
looked for beside the running Python first, then on PATH. File patterns are git's: `*` stays within
one name, `**/` stands for any number of folders, and `docs/**` is everything below `docs`.
"""

import argparse
import contextlib
import datetime
import graphlib
import io
import itertools
import json
import math
import os
import re
import shlex
import shutil
import subprocess
import sys
import textwrap
import threading
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from xml.etree import ElementTree

TEXT, TEXTS, NUMBER, FLAG, DATE = "a text", "a list of texts", "a number", "true/false", "a date"
KINDS = {str: TEXT, int: NUMBER, float: NUMBER, bool: FLAG, datetime.date: DATE}
PATTERNS = {"require": TEXTS, "forbid": TEXTS}
KEYS = {
    "documents": {"constitution": TEXT, "plan": TEXT, "tasks": TEXT, "ci": TEXTS},
    "figures": {"*": NUMBER},
    "tasks": {"run": TEXTS, "files": TEXTS, "needs": TEXTS, "slow": FLAG, "ci": FLAG} | PATTERNS,
    "principles": {"title": TEXT},
    "gates": {"principle": TEXT, "level": TEXT, "statement": TEXT, "task": TEXT} | PATTERNS,
    "waivers": {"reason": TEXT, "until": DATE},
    "stricter": {"*": TEXT},
}
REQUIRED = {"title", "principle", "level", "statement", "reason", "until"}
LAYERS = ".specify/gates"
USUAL_CI = (".github/workflows/ci.yml", ".gitlab-ci.yml")  # where the template writes it
GATE_ID, WORD_ID = r"[A-Z]{2,6}-[0-9]{2}", r"[a-z][a-z0-9-]*"
FIGURE = re.compile(r"(?<![{$])\{([a-z][a-z0-9_]*)\}(?!\})")
TENS = (*("X" * n for n in range(4)), "XL", *("L" + "X" * n for n in range(4)), "XC")
UNITS = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")
NUMERALS = [tens + units for tens in TENS for units in UNITS][1:]
NUMBERED = re.compile(rf"### (?:Principle )?({'|'.join(NUMERALS)})[.:)] ")
ITEM = r"(?:[ \t]*(?:[-*+]|\d+[.)])[ \t]+)*"  # of a list, and of lists in it
FENCED = rf"^{ITEM}[ \t]*(?:(```+)[^`\n]*|(~~~+)[^\n]*)$.*?(?:^[ \t]*(?:\1`*|\2~*)[ \t\r]*$|\Z)"
UNREAD = re.compile(f"(?ms)<!--.*?-->|{FENCED}")  # what holds no heading and no gate
CONFLICT = re.compile(r"(?m)^(<{7}|>{7}) ")  # a line with which git and Copier mark one
VERSION_LINE = "**Version**: 1.0.0 | **Ratified**: 2027-01-31 | **Last Amended**: 2027-01-31"
VERSION = re.compile(re.sub(r"\d+", r"(\\d+)", re.escape(VERSION_LINE)))
BUMPS = ("MAJOR", "MINOR", "PATCH", "")  # what a change asks of the version; "" asks nothing
FAILED = ("fail", "error")
REPORTS = ("json", "markdown", "junit")
REVIEWER, IN_CI, SLOW = "a reviewer decides", "runs in CI", "slow, left out by --fast"
WORDS = {"pass": "held", "fail": "failed", "error": "could not run", "open": f"open ({REVIEWER})"}
COLOURS = {"pass": 32, "fail": 31, "error": 31, "open": 36, "in CI": 36, "skipped": 36}
FILES_AT_ONCE = 100 if os.name == "nt" else 1000  # Windows has short command lines
Table = dict[str, Any]
Tables = dict[str, Table]  # by section, the tables of the layers laid over each other
Named = tuple[str, str]  # a section, and an id in it or a sentence on it
Change = tuple[str, str]  # the bump that it asks for, and a sentence
Outcome = tuple[str, str, float | None]  # result, why, seconds
Show = Callable[[str], None]  # takes what runs now, and "" after it


class GatesError(Exception):
    """What is wrong, in sentences: with the definitions or arguments, or with running a proof."""


@dataclass
class Gate:
    """One checkable statement, the task that proves it, and how it fared in this run."""

    id: str
    principle: str
    title: str  # of the principle
    level: str
    statement: str  # with its figures filled in
    figures: Table  # those that the statement names
    task: Table
    waiver: Table  # `reason` and `until`, or empty
    result: str = "open"  # or pass, fail, error, skipped, waived
    detail: str = REVIEWER
    seconds: float | None = None

    @property
    def label(self) -> str:
        """The result for people; plain "fail" and "error" fail the run."""
        should = " (SHOULD)" if self.level == "SHOULD" and self.result in FAILED else ""
        return "in CI" if self.detail == IN_CI else self.result + should

    @property
    def proof(self) -> str:
        """What proves this, for people."""
        task = self.task
        text = proof_text(task) or REVIEWER
        return text + (f" ({IN_CI})" if task["ci"] else "") + (" (slow)" if task["slow"] else "")


def read_layers(root: Path) -> dict[str, bytes]:
    """Read the files that define the gates, by name."""
    return {path.name: path.read_bytes() for path in (root / LAYERS).glob("*.toml")}


def merge(layers: dict[str, bytes]) -> tuple[Tables, dict[Named, str], set[str], list[Named]]:
    """Lay the files over each other in the order of their names; raises GatesError for no TOML.

    Returns the tables; the place that speaks last of a table, by section and id; the tasks and
    figures of the first file; and what is not merged: sections, each with a sentence.
    """
    tables: Tables = {section: {} for section in KEYS}
    places: dict[Named, str] = {}
    base: set[str] = set()
    problems: list[Named] = []
    for name, layer in sorted(layers.items()):
        try:
            data = tomllib.loads(io.TextIOWrapper(io.BytesIO(layer), "utf-8-sig").read())
        except ValueError as error:
            raise GatesError(f"{name} cannot be read as TOML: {error}.") from error
        if data.pop("schema", 1) != 1:
            problems.append(("schema", f"{name}: this gates.py supports schema = 1 only."))
        for section, content in data.items():
            single = section in ("documents", "figures", "stricter")
            content = {"": content} if single else content
            parts = list(content.values()) if isinstance(content, dict) else [content]
            if section not in KEYS or not all(isinstance(part, dict) for part in parts):
                sentence = f"{name}: [{section}] is unknown or no table; use {', '.join(KEYS)}."
                problems.append((section, sentence))
                continue
            for table_id, table in content.items():
                if isinstance(table.get("run"), str):
                    table["run"] = [table["run"]] if table["run"] else []
                merged = tables[section] if single else tables[section].setdefault(table_id, {})
                merged.update(table)
                places[section, table_id] = f"{name}: [{section}.{table_id}]".replace(".]", "]")
        base = base or {*tables["tasks"], *tables["figures"]}
    return tables, places, base, problems


def load(layers: dict[str, bytes]) -> tuple[list[Gate], Tables, list[str]]:
    """Merge and verify the layers; raises GatesError with every problem found.

    Returns the gates, the tables, and a sentence for each table that is left of what is gone.
    """
    tables, places, base, unmerged = merge(layers)
    left = gone_gates(tables)
    problems = [sentence for _, sentence in unmerged]
    for (section, table_id), place in places.items():
        if not table_id or table_id in tables[section]:
            found = table_problems(tables, section, table_id)
            problems += [f"{place} {problem}" for problem in found]
    if problems or not tables["gates"]:
        raise GatesError("\n".join(problems) or "No *.toml file in .specify/gates defines a gate.")
    left += unused(tables, base)
    sentences = [f"Nothing uses [{name}] any more, or it is misspelt: remove it." for name in left]
    try:
        return build(tables), tables, sentences
    except graphlib.CycleError as error:
        layer = places["tasks", error.args[1][0]].rpartition(": [")[0]
        circle = " > ".join(error.args[1])
        raise GatesError(f"{layer}: these tasks need each other: {circle}.") from error


def named_figures(table: Table) -> list[str]:
    """Find the figures that a gate's statement or a task's commands name."""
    return FIGURE.findall(" ".join([table.get("statement", ""), *table.get("run", [])]))


def gone_gates(tables: Tables) -> list[str]:
    """Take out, and name, what later layers say of gates and figures that are there no more."""
    gates = [
        name
        for name, table in tables["gates"].items()
        if "principle" not in table and not {"level", "statement"} <= table.keys()
    ]
    left = [("gates", name) for name in gates]
    left += [("waivers", name) for name in tables["waivers"] if name not in tables["gates"]]
    left += [("waivers", name) for name in gates if name in tables["waivers"]]
    left += [("stricter", name) for name in tables["stricter"] if name not in tables["figures"]]
    for section, name in left:
        del tables[section][name]
    return [".".join(named) for named in left]


def unused(tables: Tables, base: set[str]) -> list[str]:
    """Find the tasks and figures that later layers add and that no gate and no task names."""
    proofs = [*tables["gates"].values(), *tables["tasks"].values()]
    used = {name for table in proofs for name in [table.get("task"), *table.get("needs", [])]}
    used |= base.union(*map(named_figures, proofs))
    names = [(section, name) for section in ("tasks", "figures") for name in tables[section]]
    return [".".join(named) for named in names if named[1] not in used]


def kind_problems(section: str, table: Table) -> Iterator[str]:
    """Say which values of a table are not of the kind that their keys ask for."""
    for key, value in table.items():
        texts = isinstance(value, list) and all(isinstance(item, str) for item in value)
        wanted = KEYS[section].get(key, KEYS[section].get("*"))
        endless = isinstance(value, float) and not math.isfinite(value)
        if wanted and (endless or wanted != (TEXTS if texts else KINDS.get(type(value)))):
            yield f"must give `{key}` as {wanted}."


def table_problems(tables: Tables, section: str, table_id: str) -> Iterator[str]:
    """Say what is wrong with one merged table, in itself and in what it refers to."""
    table = tables[section][table_id] if table_id else tables[section]
    allowed = KEYS[section]
    shape, example = (GATE_ID, "QUAL-01") if section == "gates" else (WORD_ID, "code-quality")
    if section in ("gates", "tasks", "principles") and not re.fullmatch(shape, table_id):
        yield f"has a bad id: write it like {example}."
    for key in allowed:
        if key in REQUIRED and not str(table.get(key, "")).strip():
            yield f"lacks `{key}`."
    for key in [key for key in table if key not in allowed and "*" not in allowed]:
        yield f"has the unknown key `{key}`; use {', '.join(allowed)}."
    if wrong := list(kind_problems(section, table)):
        yield from wrong
        return  # what follows relies on the kinds
    references = {
        "figures": list(table) if section == "stricter" else named_figures(table),
        "tasks": [*table.get("needs", []), table.get("task")],
        "principles": [table.get("principle")],
        "gates": [table_id] if section == "waivers" else [],
    }
    for target, names in references.items():
        for name in names:
            if name and name not in tables[target]:
                yield f"names `{name}`, which is not in [{target}]."
    for pattern in [p for key in ("files", "require", "forbid") for p in table.get(key, [])]:
        parts = pattern.split("/")
        odd = re.search(r"[\\{}]|[^/]\*\*|\*\*[^/]", pattern)
        if odd or not {"", ".", ".."}.isdisjoint(parts):
            advice = "write a path from the root with `/`, and `**` only between slashes"
            yield f"has the bad pattern `{pattern}`: {advice}."
    for command in table.get("run", []):
        words = re.sub(r"'[^']*'|\"[^\"]*\"", "", command).split()
        if operators := {"&&", "||", "|", ";", ">", "<"}.intersection(words):
            advice = "no shell runs it, so write a list of commands"
            yield f"uses {operators.pop()} in `{command}`: {advice}."
    for name, way in table.items() if section == "stricter" else []:
        if way not in ("higher", "lower", ""):
            yield f"has `{name}` as `{way}`: write higher or lower."
    if table.get("level", "MUST") not in ("MUST", "SHOULD"):
        yield f"has the level `{table['level']}`: write MUST or SHOULD."
    if (table.get("run") or table.get("task")) and (table.get("require") or table.get("forbid")):
        yield f"has {'run' if table.get('run') else 'a task'} and require/forbid: keep one of them."
    if table.get("files") and not table.get("run"):
        yield "has files, but no run that could take them."


def fill(text: str, figures: Table) -> str:
    """Put figures in the place of their names; a name that is none stays."""
    return FIGURE.sub(lambda match: str(figures.get(match[1], match[0])), text)


def proof_text(task: Table) -> str:
    """Say for people which commands or patterns of files prove something; "" is none."""
    text = " then ".join(f"`{command}`" for command in task.get("run", []))
    text += f" over files: {', '.join(task['files'])}" if task.get("files") else ""
    forbidden = [f"no {pattern}" for pattern in task.get("forbid", [])]
    patterns = ", ".join([*task.get("require", []), *forbidden])
    return text or (f"files: {patterns}" if patterns else "")


def build(tables: Tables) -> list[Gate]:
    """Complete the verified tasks, and make gates in the order of their principles."""
    tasks, figures, principles = tables["tasks"], tables["figures"], tables["principles"]
    empty: Table = {key: [] for key in KEYS["tasks"]} | {"needs": {}, "slow": False, "ci": False}

    needs = {name: task.get("needs", []) for name, task in tasks.items()}
    for name in graphlib.TopologicalSorter(needs).static_order():
        task = tasks[name] = empty | tasks[name]
        task["run"] = [fill(command, figures) for command in task["run"]]
        task["needs"] = {need: tasks[need] for need in task["needs"]}
        for flag in ("slow", "ci"):  # what needs a slow task is slow
            task[flag] |= any(need[flag] for need in task["needs"].values())
    gates = []
    for gate_id, table in tables["gates"].items():
        title, statement = principles[table["principle"]]["title"], table["statement"]
        named = {figure: figures[figure] for figure in FIGURE.findall(statement)}
        own = {key: table[key] for key in PATTERNS if key in table}
        task = tasks[table["task"]] if table.get("task") else empty | own
        waiver = tables["waivers"].get(gate_id, {})
        texts = table["principle"], title, table["level"], fill(statement, figures)
        gates.append(Gate(gate_id, *texts, named, task, waiver))
    return sorted(gates, key=lambda gate: list(principles).index(gate.principle))


def select(gates: list[Gate], names: list[str]) -> tuple[list[Gate], list[str]]:
    """Find the gates with these ids or principles (no names: all), and say what is unknown."""
    known = {name for gate in gates for name in (gate.id, gate.principle)}
    unknown = [f"`{name}` is no gate or principle." for name in names if name not in known]
    return [g for g in gates if not names or g.id in names or g.principle in names], unknown


def git(root: Path, *arguments: str, wrong: str, advice: str) -> bytes:
    """Return what git prints; raises GatesError, with what is wrong then, when it fails."""
    program = shutil.which("git")
    if not program:
        raise GatesError("`git` was not found, and it knows the repository's files: install git.")
    found = subprocess.run([program, *arguments], cwd=root, capture_output=True, check=False)
    if found.returncode:
        reason = found.stderr.decode(errors="replace").strip()
        raise GatesError(f"{wrong}{f' ({reason})' if reason else ''}. {advice}")
    return found.stdout


def commit_of(root: Path, ref: str) -> str:
    """Return the full hash of a commit; raises GatesError when git knows none of this name."""
    shallow = "Is it misspelt, or not fetched? A shallow clone, as CI makes it, lacks old commits."
    wrong = {"wrong": f"git knows no commit `{ref}`", "advice": shallow}
    found = git(root, "rev-parse", "--verify", "--quiet", ref + "^{commit}", **wrong)
    commit = found.decode().strip()
    if not commit:  # an option of git
        raise GatesError(f"`{ref}` is no commit.")
    return commit


def repository_files(root: Path, patterns: list[str]) -> list[str]:
    """List the files below `root` that git tracks or would add and that match a pattern."""
    listing = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--"]
    listing += [f":(glob){pattern}" for pattern in patterns]
    advice = "If this is no git repository yet, run `git init` first."
    found = git(root, *listing, wrong=f"git cannot list the files of {root}", advice=advice)
    names = sorted(set(os.fsdecode(found).split("\0")) - {""})
    return [name for name in names if os.path.lexists(root / name)]


def live(text: str) -> None:
    """Show on the terminal's current line what runs now; an empty text wipes it."""
    if sys.stderr.isatty():
        width = shutil.get_terminal_size().columns - 1
        print(f"\r{text[:width].ljust(width)}\r", end="", file=sys.stderr, flush=True)


def execute(root: Path, command: str, files: list[str], show: Show) -> str:
    """Run one command to its end; returns "", or the end of its output when it fails."""
    shown = f"{command} <{len(files)} files>" if files else command
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    started, output = time.perf_counter(), None
    try:
        name, *arguments = shlex.split(command)
        program = shutil.which(str(root / name) if "/" in name else name, path=path)
        program = sys.executable if name == "python" else program
        if not program:
            advice = "install the project's development dependencies or activate its environment"
            raise GatesError(f"`{name}` was not found for `{shown}`: {advice}.")
        with subprocess.Popen(
            [program, *arguments, *files],
            cwd=root,
            env={**os.environ, "PATH": path},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as process:
            while output is None:
                show(f"{time.perf_counter() - started:5.1f} s  {shown}")
                with contextlib.suppress(subprocess.TimeoutExpired):
                    output = process.communicate(timeout=0.2)[0].decode(errors="replace")
    except (OSError, ValueError) as error:
        raise GatesError(f"`{shown}` could not be started: {error}.") from error
    finally:
        show("")
    status, plain = process.returncode, re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", output).rstrip()
    tail = "\n".join([f"$ {shown}", *plain.splitlines()[-20:], f"(exit status {status})"])
    if not 0 <= status <= 255:
        raise GatesError(f"It was killed.\n{tail}")
    return tail if status else ""


def shortfall(root: Path, task: Table, show: Show) -> str:
    """Run a task's commands, or look for the files that its patterns name; "" is success."""
    if not task["run"]:
        missing = [p for p in task["require"] if not repository_files(root, [p])]
        found = repository_files(root, task["forbid"]) if task["forbid"] else []
        wrong = [f"No file matches `{pattern}`: add one." for pattern in missing]
        return "\n".join(wrong + [f"`{name}` must not be in the repository." for name in found])
    names = repository_files(root, task["files"]) if task["files"] else []
    if task["files"] and not names:
        raise GatesError(f"No file matches {', '.join(task['files'])}, so nothing was checked.")
    # A link may lead to a folder or nowhere, and a name may look like an option.
    names = [f"./{n}" if n[0] == "-" else n for n in names if (root / n).is_file()]
    starts = range(0, len(names), FILES_AT_ONCE)
    batches = [names[n : n + FILES_AT_ONCE] for n in starts] if task["files"] else [[]]
    results = (execute(root, command, files, show) for command in task["run"] for files in batches)
    return next(filter(None, results), "")  # stops at the first that fails


def prove(root: Path, task: Table, show: Show = live) -> Outcome:
    """Prove a task after those it needs, each once; returns result, detail and seconds."""
    if "outcome" not in task:
        needed = {name: prove(root, need, show) for name, need in task["needs"].items()}
        started = time.perf_counter()
        try:
            for name, (result, detail, _) in needed.items():
                if result == "error":  # a red one is another gate's matter
                    raise GatesError(f"It needs the task `{name}` first. {detail}")
            detail = shortfall(root, task, show)
            result = "fail" if detail else "pass"
        except GatesError as error:
            result, detail = "error", str(error)
        task["outcome"] = result, detail, time.perf_counter() - started
    return cast(Outcome, task["outcome"])


def needs_first(task: Table) -> Iterator[Table]:
    """Yield what a task needs, each after its own needs, and then the task."""
    for need in task["needs"].values():
        yield from needs_first(need)
    yield task


def prove_together(root: Path, tasks: list[Table], jobs: int) -> None:
    """Prove what is not slow of these tasks and of those they need, up to `jobs` at a time."""
    every = itertools.chain.from_iterable(map(needs_first, tasks))
    waiting = {id(task): task for task in every if not task["slow"]}
    running: set[Future[Outcome]] = set()
    shown: dict[int, str] = {}  # by thread; this one alone writes, so that no lines mix
    leaving = threading.Event()

    def show(text: str) -> None:
        if leaving.is_set():
            raise KeyboardInterrupt  # with which a thread leaves its command, as without threads
        shown[threading.get_ident()] = text

    with ThreadPoolExecutor(jobs) as pool:
        try:
            while waiting or running:
                for key, task in list(waiting.items()):
                    ready = all("outcome" in need for need in task["needs"].values())
                    if ready and len(running) < jobs:
                        running.add(pool.submit(prove, root, waiting.pop(key), show))
                live(" | ".join(filter(None, list(shown.values()))))
                done, running = wait(running, timeout=0.2, return_when=FIRST_COMPLETED)
                for future in done:
                    future.result()  # raises what no outcome tells
        finally:
            leaving.set()
            live("")


def left_out(task: Table, fast: bool, ci: bool) -> Outcome | None:
    """Return the outcome of a task that `run` with these options does not prove."""
    if not (task["run"] or task["require"] or task["forbid"]):
        return "open", REVIEWER, None
    if task["ci"] and not ci:
        return "open", IN_CI, None
    return ("skipped", SLOW, None) if task["slow"] and fast else None


def judge(root: Path, gate: Gate, fast: bool, ci: bool) -> Outcome:
    """Tell how a gate fares, which a waiver decides before its proof."""
    if not gate.waiver:
        return left_out(gate.task, fast, ci) or prove(root, gate.task)
    until, reason = gate.waiver["until"], gate.waiver["reason"]
    if until >= datetime.date.today():
        return "waived", f"until {until}: {reason}", None
    advice = f"meet the gate and remove [waivers.{gate.id}], or agree on a later date."
    return "fail", f"The waiver ({reason}) ended on {until}: {advice}", None


def identity(root: Path, tables: Tables) -> Table:
    """Tell the constitution's title, its version and the commit; None is what is not there."""
    file, commit = root / tables["documents"].get("constitution", ""), None
    content = file.read_bytes() if file.is_file() else b""
    title = re.search(r"(?m)^# +(.*\S)", without_examples(content.decode("utf-8-sig", "replace")))
    numbers = constitution(content)[1]
    with contextlib.suppress(GatesError):  # which says that there is none, or no git
        commit = commit_of(root, "HEAD")
    version = dotted(numbers) if numbers else None
    return {"constitution": title and title[1], "version": version, "commit": commit}


def run(root: Path, gates: list[Gate], tables: Tables, options: argparse.Namespace) -> int:
    """Prove the selected gates, write reports and print the table; returns the exit status."""
    gates, unknown = select(gates, options.names)
    if unknown:
        raise GatesError("\n".join(unknown))
    wanted = {name: file for name in REPORTS if (file := vars(options)[name])}
    for name, file in wanted.items():
        if not Path(file).parent.is_dir():
            raise GatesError(f"--{name}: the folder of `{file}` does not exist.")
    if not re.fullmatch("[1-9][0-9]*", options.jobs):
        raise GatesError(f"--jobs: `{options.jobs}` is no whole number from 1 up.")
    known = identity(root, tables) if "json" in wanted else {}  # before a commit can come
    if int(options.jobs) > 1:
        unwaived = [gate.task for gate in gates if not gate.waiver]
        tasks = [task for task in unwaived if not left_out(task, options.fast, options.ci)]
        prove_together(root, tasks, int(options.jobs))
    for gate in gates:
        gate.result, gate.detail, gate.seconds = judge(root, gate, options.fast, options.ci)
        if gate.seconds and not sys.stderr.isatty():
            print(f"{gate.id} {gate.label} ({gate.seconds:.1f} s)", file=sys.stderr)
    writers = {
        "json": lambda: as_json(gates, known),
        "markdown": lambda: as_markdown(gates),
        "junit": lambda: as_junit(gates),
    }
    reports = [(file, writers[name]() + "\n") for name, file in wanted.items()]
    shown = [report for file, report in reports if file == "-"] or [as_table(gates) + "\n"]
    try:
        for file, report in reports:
            if file != "-":
                Path(file).write_text(report, "utf-8", "backslashreplace", "\n")
    finally:  # printed last, since nobody may read it any more, as under `head`
        print("".join(shown), end="")
    return 1 if any(gate.label in FAILED for gate in gates) else 0


def closing(gates: list[Gate]) -> str:
    """Count the results in one line: "12 held, 3 open (a reviewer decides), 1 failed"."""
    counts = Counter({WORDS["pass"]: 0})  # comes first, even when none held
    counts.update(g.label.replace(g.result, WORDS.get(g.result, g.result)) for g in gates)
    return ", ".join(f"{count} {word}" for word, count in counts.items())


def as_table(gates: list[Gate]) -> str:
    """Lay out the results for a terminal, then what failed and how to run it alone."""
    coloured = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    width = max((len(gate.label) for gate in gates), default=0)
    room = max(30, shutil.get_terminal_size((100, 24)).columns - width - 25)
    lines = []
    for title, group in itertools.groupby(gates, lambda gate: gate.title):
        lines.append(f"\n{title}")
        for gate in group:
            label = gate.label.ljust(width)
            if coloured:
                label = f"\x1b[{COLOURS.get(gate.label, 33)}m{label}\x1b[0m"
            seconds = f"{gate.seconds:.1f} s" if gate.seconds else ""
            statement = textwrap.shorten(gate.statement, room, placeholder="...")
            lines.append(f"  {gate.id:9}  {label}  {seconds:>8}  {statement}")
            if gate.result == "waived":
                lines.append(f"{'':{width + 25}}{gate.detail}")
    for gate in [gate for gate in gates if gate.result in FAILED]:
        lines += ["", f"{gate.id} {gate.label}: {gate.statement}"]
        lines.append(textwrap.indent(gate.detail, "  "))
        lines.append(f"  Run it alone: python .specify/gates/gates.py run {gate.id}")
    return "\n".join([*lines, "", closing(gates)])


def as_json(gates: list[Gate], known: Table) -> str:
    """Report for programs; what is known of the constitution as a whole goes first."""
    counts = dict.fromkeys(("pass", "fail", "error", "open", "skipped", "waived"), 0)
    counts |= Counter(gate.result for gate in gates)
    inner = {"figures", "task", "waiver"}
    rows = [{k: getattr(g, k) for k in {**vars(g), "proof": ""} if k not in inner} for g in gates]
    passed = not any(gate.label in FAILED for gate in gates)
    results = {"passed": passed, "counts": counts, "gates": rows}
    return json.dumps({"schema": 1} | known | results, indent=2)


def as_markdown(gates: list[Gate]) -> str:
    """Report for a job summary or a merge request."""
    rows = [("Principle", "Gate", "Level", "Result", "Seconds"), ("---",) * 5]
    for gate in gates:
        result = f"{gate.label} {gate.detail}" if gate.result == "waived" else gate.label
        name = f"`{gate.id}` {gate.statement}"
        seconds = f"{gate.seconds:.1f}" if gate.seconds else ""
        rows.append((gate.title, name, gate.level, result, seconds))
    lines = ["## Constitution gates", "", closing(gates), ""]
    for row in rows:
        cells = [" ".join(c.split()).replace("|", "\\|").replace("<", "&lt;") for c in row]
        lines.append(f"| {' | '.join(cells)} |")
    for gate in [gate for gate in gates if gate.result in FAILED]:
        lines += ["", f"### `{gate.id}` {gate.label}", "", textwrap.indent(gate.detail, "    ")]
    return "\n".join(lines)


def as_junit(gates: list[Gate]) -> str:
    """Report for the test views of CI systems."""
    tags = {"pass": "", "fail": "failure", "error": "error"}
    counts = Counter(tags.get(gate.result, "skipped") for gate in gates)
    sums = {"failures": counts["failure"], "errors": counts["error"], "skipped": counts["skipped"]}
    suites = ElementTree.Element("testsuites")
    suite = ElementTree.SubElement(suites, "testsuite", name="gates", tests=str(len(gates)))
    suite.attrib |= {key: str(value) for key, value in sums.items()}
    for gate in gates:
        case = ElementTree.SubElement(suite, "testcase", name=f"{gate.id} {gate.statement}")
        case.attrib |= {"classname": gate.principle, "time": f"{gate.seconds or 0:.3f}"}
        if tag := tags.get(gate.result, "skipped"):
            reason = gate.detail if tag == "skipped" else gate.statement
            element = ElementTree.SubElement(case, tag, message=f"{gate.label}: {reason}")
            element.text = gate.detail
    forbidden = r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"  # by XML 1.0
    text = re.sub(forbidden, "", ElementTree.tostring(suites, "unicode"))
    return '<?xml version="1.0"?>\n' + text.encode("ascii", "xmlcharrefreplace").decode()


def without_comments(text: str) -> str:
    """Take out what stands in comments and says nothing; the numbers of the lines stay."""
    return re.sub(r"(?s)<!--.*?-->", lambda comment: "\n" * comment[0].count("\n"), text)


def without_examples(text: str) -> str:
    """Take out comments and fenced blocks; the numbers of the lines stay."""
    return UNREAD.sub(lambda found: "\n" * found[0].count("\n"), text)


def compare(
    path: str, text: str, gates: list[Gate], judged: Callable[[Gate, str], str]
) -> Iterator[str]:
    """Each gate has a line that names it and is judged well (""); no other id is named."""
    for number, line in enumerate(without_comments(text).splitlines(), 1):
        if CONFLICT.match(line):
            yield f"{path} line {number}: a conflict of an update is not resolved."
    lines = list(enumerate(without_examples(text).splitlines(), 1))
    for gate in gates:
        named = [(number, judged(gate, line)) for number, line in lines if f"`{gate.id}`" in line]
        if not named:
            yield f"{path} does not name `{gate.id}` ({gate.level}: {gate.statement})."
        elif all(problem for _, problem in named):
            yield f"{path} line {named[0][0]}: {named[0][1]}"
    for number, line in lines:
        for name in set(re.findall(f"`({GATE_ID})`", line)) - {gate.id for gate in gates}:
            yield f"{path} line {number}: no layer defines `{name}`."


def line_problem(gate: Gate, line: str) -> str:
    """Say how a line that names a gate departs from its level or figures, or ""."""
    if not re.search(rf"\b{gate.level}\b", line):
        return f"{gate.id} is a {gate.level}, and the line does not say so."
    prose = re.sub(rf"{GATE_ID}|^\s*\d+\.", " ", line)
    numbers = re.findall(r"(?<![\w.])\d+(?:\.\d+)?", prose)
    for name, value in gate.figures.items():
        if str(value).removeprefix("-") not in numbers:
            return f"{gate.id} says {', '.join(numbers) or 'no number'}, but {name} is {value}."
    return ""


def proof_problem(gate: Gate, line: str) -> str:
    """Say how a template's line departs from its gate, the commands that prove it included."""
    for command in gate.task["run"]:
        if f"`{command}`" not in line.replace("\\|", "|"):  # a table escapes its bars
            proved = f"{gate.id} is proved by `{command}`, and the line does not say so."
            return line_problem(gate, line) or proved
    return line_problem(gate, line)


def check(root: Path, gates: list[Gate], tables: Tables) -> Iterator[str]:
    """Find where the constitution, the templates and CI depart from the definitions."""
    documents: Table = {"constitution": "", "plan": "", "ci": []} | tables["documents"]
    texts: dict[str, str] = {}
    for name in ("constitution", "plan", *(["tasks"] if documents.get("tasks") else [])):
        file = documents[name]
        if (root / file).is_file():
            texts[name] = (root / file).read_text("utf-8", "replace")
            judged = line_problem if name == "constitution" else proof_problem
            yield from compare(file, texts[name], gates, judged)
        else:
            yield f"The {name} document `{file}` does not exist, or is a broken link."
    yield from ci_problems(root, documents["ci"], gates)
    yield from waiver_problems(gates)
    if "constitution" not in texts:
        return
    file, text = documents["constitution"], texts["constitution"]
    read = without_examples(text)
    for title in [table["title"] for table in tables["principles"].values()]:
        if not re.search(rf"(?m)^### .*{re.escape(title)}", read):
            yield f"{file}: no `### ` heading holds the principle's title `{title}`."
    if not CONFLICT.search(text):  # else a heading may well be there twice
        yield from numeral_problems(file, read)
    for placeholder in re.findall(r"\[[A-Z][A-Z0-9_ ]*[A-Z0-9]\](?![(\[:])", read):
        yield f"{file}: the placeholder {placeholder} is not filled in."
    if not VERSION.fullmatch(text.rstrip().rpartition("\n")[2]):
        yield f"{file}: the last line must look like `{VERSION_LINE}`."


def numeral_problems(file: str, text: str) -> Iterator[str]:
    """Find the principles that have the numeral of an earlier one in their section.

    `text` is a constitution without examples.
    """
    lines = text.splitlines()
    taken = {heading[1] for heading in map(NUMBERED.match, lines) if heading}
    earlier: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        heading = NUMBERED.match(line)
        if line.startswith("## "):
            earlier.clear()
        elif heading and heading[1] in earlier:
            later = NUMERALS[NUMERALS.index(heading[1]) :]
            free = next((numeral for numeral in later if numeral not in taken), "C")
            taken.add(free)
            right = f"{line[: heading.start(1)]}{free}{line[heading.end(1) :]}".rstrip()
            clash = f"`{line.rstrip()}` has the numeral of `{earlier[heading[1]]}`"
            advice = f"write `{right}`, and {free} where the templates name it"
            yield f"{file} line {number}: {clash}: {advice}."
        elif heading:
            earlier[heading[1]] = line.rstrip()


def ci_runs(
    root: Path, file: str, gates: list[Gate], path: str = ""
) -> Iterator[tuple[list[Gate], list[str], list[str]]]:
    """Find each `gates.py run` of a file of CI, with `path` before it.

    Yields the gates that it chooses, sentences on names that are unknown, and all of its words.
    """
    text = (root / file).read_text("utf-8", "replace").replace("\\\n", " ")
    commands = re.sub(r"(?m)(^|\s)#.*", "", text)  # a comment runs nothing
    for found in re.findall(path + r"gates\.py[ \t]+run(?![\w-])([^|&;>\n]*)", commands):
        unquoted = re.sub(r"[\"'`]", " ", found)
        words = re.sub(r"--(json|markdown|junit|jobs)[ =]+\S+", "", unquoted).split()
        chosen, unknown = select(gates, [word for word in words if word[0] != "-"])
        yield chosen, [f"{file}: {sentence}" for sentence in unknown], words


def ci_problems(root: Path, files: list[str], gates: list[Gate]) -> Iterator[str]:
    """Between them, the `gates.py run` commands of CI prove each gate that a machine can.

    A file that is there without being chosen may prove fewer, but names none that is gone.
    """
    proved: set[str] = set()
    for file in files:
        if not (root / file).is_file():
            yield f"The CI file `{file}` does not exist."
            continue
        for chosen, unknown, words in ci_runs(root, file, gates):
            yield from unknown
            options = "--fast" in words, "--ci" in words
            proved |= {gate.id for gate in chosen if not left_out(gate.task, *options)}
    for gate in gates if files else []:
        if gate.id not in proved and not left_out(gate.task, fast=False, ci=True):
            hint = " (it needs --ci)" if gate.task["ci"] else ""
            yield f"No `gates.py run` in {', '.join(files)} proves `{gate.id}`{hint}."
    for file in [name for name in USUAL_CI if name not in files and (root / name).is_file()]:
        ours = rf"(?<![\w/.-])(?:\./)?{re.escape(LAYERS)}/"  # and not those of a folder below
        for _, unknown, _ in ci_runs(root, file, gates, ours):
            yield from unknown


def waiver_problems(gates: list[Gate]) -> Iterator[str]:
    """Find the waivers that run on beyond the end of next year: they must be agreed on anew."""
    last = datetime.date(datetime.date.today().year + 1, 12, 31)
    for gate in gates:
        if gate.waiver and gate.waiver["until"] > last:
            runs = f"[waivers.{gate.id}] runs until {gate.waiver['until']}, and a waiver must end"
            yield f"{runs}: write {last} or an earlier day, and agree on a later one then."


def proof_of(tables: Tables, gate: Table) -> Table:
    """Find the table that proves a gate: its task's, or its own, which may have patterns."""
    return cast(Table, tables["tasks"].get(gate["task"], {})) if gate.get("task") else gate


def bounds(tables: Tables, gate: Table) -> list[str]:
    """Say what binds a gate besides its words: "names the figure `coverage_min`"."""
    proof = proof_of(tables, gate)
    enforced = named_figures({"run": proof.get("run", [])})
    verbs = {"files": "covers", "require": "requires", "forbid": "forbids"}
    found = [
        *(f"names the figure `{name}`" for name in named_figures(gate)),
        *(f"names the figure `{name}` in its proof" for name in enforced),
        *(f"{verb} `{name}`" for key, verb in verbs.items() for name in proof.get(key, [])),
    ]
    return list(dict.fromkeys(found))


def reach(task: Table) -> str:
    """Say what a command is run over, which only `files` restrict."""
    names = [f"`{name}`" for name in dict.fromkeys(task.get("files", []))]
    return f"only {', '.join(names)}" if names else "all that its command looks at"


def gate_changes(old: Tables, new: Tables, gate_id: str) -> Iterator[Change]:
    """Say how a gate differs between two states of the definitions."""
    was, now = old["gates"].get(gate_id), new["gates"].get(gate_id)
    said, says = (
        fill(gate.get("statement", ""), side["figures"]) if gate else ""
        for gate, side in ((was, old), (now, new))
    )
    lost = "MAJOR" if was and was.get("level") == "MUST" else "MINOR"  # a SHOULD obliges nobody
    if not was or not now:
        yield ("MINOR", f"is new: {says}") if now else (lost, f"is removed: {said}")
        return
    if was.get("level") != now["level"]:
        yield lost, f"is a {now['level']}, was a {was.get('level')}"
    before, after = proof_of(old, was), proof_of(new, now)
    proved, proves = proof_text(before), proof_text(after)
    if proved and not proves:
        yield lost, f"is left to a reviewer, was proved by {proved}"
    elif proves and not proved:
        yield "MINOR", f"is proved by {proves}, was left to a reviewer"
    elif before.get("run", []) != after.get("run", []):
        yield "PATCH", f"is proved by {proves}, was by {proved}"
    if other := [key for key in ("needs", "slow", "ci") if before.get(key) != after.get(key)]:
        yield "PATCH", f"is proved under other conditions: its task's {', '.join(other)}"
    held, holds = bounds(old, was), bounds(new, now)
    commands = before.get("run") and after.get("run")
    if commands and bool(before.get("files")) != bool(after.get("files")):
        bump = lost if after.get("files") else "MINOR"
        yield bump, f"now covers {reach(after)}, was {reach(before)}"
        held, holds = ([b for b in side if not b.startswith("covers ")] for side in (held, holds))
    if proves or not proved:
        yield from ((lost, f"no longer {bound}") for bound in held if bound not in holds)
    if proved or not proves:
        yield from (("MINOR", f"now {bound}") for bound in holds if bound not in held)
    if was.get("principle") != now["principle"]:
        yield "PATCH", f"belonged to `{was.get('principle')}`"
    if was.get("statement") != now["statement"]:
        yield "PATCH", f"says: {says} (was: {said})"


def figure_changes(old: Tables, new: Tables) -> Iterator[tuple[list[str], Change]]:
    """Say how figures differ between two states, each with the gates that name it."""
    for name, value in new["figures"].items():
        named = {f"names the figure `{name}`", f"names the figure `{name}` in its proof"}
        gates = [g for g, t in new["gates"].items() if not named.isdisjoint(bounds(new, t))]
        was, way = old["figures"].get(name, value), new["stricter"].get(name)
        judge = old["stricter"].get(name) or way  # a change does not choose its own judge
        if judge in ("higher", "lower") and way != judge:
            turned = f"{name} is tightened to {way} values, was to {judge} ones"
            silent = f"[stricter] no longer says that {name} is tightened to {judge} values"
            yield gates, ("MAJOR", turned if way else silent)
        if value == was:
            continue
        tightened = (value > was) == (judge == "higher")
        how = "tightened" if tightened else "loosened"
        if judge not in ("higher", "lower"):
            either, tightened = f'`{name} = "higher"` or `"lower"`', False
            how = f"counts as loosened: say {either} in [stricter] of the layer that sets it"
        yield gates, ("MINOR" if tightened else "MAJOR", f"{name} is {value}, was {was} ({how})")


def document_changes(old: Tables, new: Tables) -> Iterator[Change]:
    """Say whether other files of CI have to run the gates; a document may move freely."""
    was, now = (", ".join(side["documents"].get("ci", [])) or "nothing" for side in (old, new))
    if was != now:
        yield "PATCH", f"CI in [documents] is {now}, was {was}"


def waiver_changes(old: Tables, new: Tables) -> Iterator[Change]:
    """Say which waivers came, went or end on another day; they ask for no bump."""
    for gate_id in {**new["waivers"], **old["waivers"]}:
        was, now = old["waivers"].get(gate_id, {}), new["waivers"].get(gate_id)
        if not now:
            yield "", f"{gate_id} is no longer waived"
        elif was.get("until") != now["until"]:
            before = f", was until {was['until']}" if was.get("until") else ""
            yield "", f"{gate_id} is waived until {now['until']}{before}: {now['reason']}"


def principle_changes(old: Tables, new: Tables, name: str) -> Iterator[Change]:
    """Say how a principle itself differs between two states of the definitions."""
    was, now = old["principles"].get(name), new["principles"].get(name)
    if was is None or now is None:
        yield ("MINOR", "The principle is new") if now else ("MAJOR", "The principle is removed")
    elif was.get("title") != now["title"]:
        yield "PATCH", f"The principle was called {was.get('title')}"


def changes(old: Tables, new: Tables) -> dict[str, list[Change]]:
    """Find what differs between two states of the definitions, by the title of a principle."""
    principles, gates = (
        {**new[section], **old[section]} | new[section] for section in ("principles", "gates")
    )
    titles = {name: table.get("title", name) for name, table in principles.items()}
    found: dict[str, list[Change]] = {title: [] for title in titles.values()}

    def note(principle: str, bump: str, sentence: str) -> None:
        found.setdefault(titles.get(principle, principle), []).append((bump, sentence))

    for name in titles:
        for change in principle_changes(old, new, name):
            note(name, *change)
    for named, (bump, text) in figure_changes(old, new):
        if named:
            note(gates[named[0]]["principle"], bump, f"{', '.join(named)}: {text}")
        else:
            note("Figures", bump, text)
    for gate_id, gate in gates.items():
        for bump, text in gate_changes(old, new, gate_id):
            note(gate.get("principle", ""), bump, f"{gate_id} {text}")
    for change in document_changes(old, new):
        note("Documents", *change)
    for change in waiver_changes(old, new):
        note("Waivers", *change)
    return {title: listed for title, listed in found.items() if listed}


def definitions_at(root: Path, commit: str) -> Tables:
    """Read the definitions of a commit; only what a comparison relies on is verified."""
    wrong = {"wrong": "git cannot read the gates of that commit", "advice": "Fetch it as a whole."}
    listing = git(root, "ls-tree", "-z", "--name-only", commit, f"{LAYERS}/", **wrong)
    names = [name for name in os.fsdecode(listing).split("\0") if name.endswith(".toml")]
    blobs = [git(root, "cat-file", "blob", f"{commit}:./{name}", **wrong) for name in names]
    layers = {Path(name).name: blob for name, blob in zip(names, blobs, strict=True)}
    tables, places, _, unmerged = merge(layers)
    problems = [sentence for section, sentence in unmerged if section == "schema"]
    for (section, table_id), place in places.items():
        table = tables[section][table_id] if table_id else tables[section]
        problems += [f"{place} {problem}" for problem in kind_problems(section, table)]
    if problems:
        raise GatesError("\n".join(problems))
    gone_gates(tables)
    return tables


def constitution(content: bytes) -> tuple[list[str], list[int]]:
    """Split a constitution into its words and the numbers of its version line, or []."""
    text = content.decode("utf-8-sig", "replace").rstrip()
    body, _, last = text.rpartition("\n")
    found = VERSION.fullmatch(last)
    return (body if found else text).split(), [int(n) for n in found.groups()] if found else []


def dotted(numbers: list[int]) -> str:
    """Write the version of a version line's numbers, such as 1.0.0."""
    return ".".join(map(str, numbers[:3]))


def version_problems(
    ref: str, bump: str, was: list[int], now: list[int], day: list[int]
) -> Iterator[str]:
    """Find what a version line lacks; `was` is that of `ref`, which was committed on `day`."""
    part = BUMPS.index(bump)
    least = [*was[:part], was[part] + 1, 0, 0][:3] if bump else was[:3]
    version, old, lowest = map(dotted, (now, was, least))
    amended, before = ("{:04}-{:02}-{:02}".format(*numbers[6:]) for numbers in (now, was))
    if now[:3] < least:
        changed = f"Since {ref} the constitution changed by {bump}: **Version** is {version} and"
        back = f"**Version** is {version}, was {old} at {ref}, and"
        yield f"{changed if bump else back} must be {lowest} or later."
    if now[6:] < was[6:]:
        yield f"**Last Amended** is {amended}, was {before} at {ref}, and must not go back."
    elif version != old and now[6:] == was[6:] < day:
        advice = "write the day of this amendment"
        yield f"**Version** changed since {ref}, and **Last Amended** still is {amended}: {advice}."


def since(root: Path, ref: str, new: Tables) -> tuple[str, list[str]]:
    """Report what changed since a commit, and find what the version line fails to tell of it."""
    commit = commit_of(root, ref)
    wrong = {"wrong": f"git cannot read `{ref}`", "advice": "Fetch it as a whole."}
    try:
        old = definitions_at(root, commit)
    except GatesError as error:
        raise GatesError(f"Nothing can be compared with {ref}:\n{error}") from error
    if not old["gates"]:
        return f"{ref} has no gates yet, so nothing is compared.", []
    past, file = (side["documents"].get("constitution", "") for side in (old, new))
    before = after = b""
    with contextlib.suppress(GatesError):  # which says that there was none
        before = git(root, "cat-file", "blob", f"{commit}:./{Path(past).as_posix()}", **wrong)
    if (root / file).is_file():
        after = (root / file).read_bytes()
    (words, was), (said, now) = constitution(before), constitution(after)
    found = changes(old, new)
    if before and after and words != said:
        found.setdefault("Text", []).append(("PATCH", f"The words of `{file}` changed"))
    bump = min((c[0] for listed in found.values() for c in listed), key=BUMPS.index, default="")
    heading = f"the constitution changed by {bump}:" if bump else "only waivers changed:"
    lines = [f"Since {ref} {heading if found else 'no gate and no word changed.'}"]
    for title, listed in found.items():
        lines += ["", title, *(f"  {asks:5}  {text}" for asks, text in listed)]
    if not was:
        lines += ["", f"At {ref} the constitution has no version line to compare with."]
    if not was or not now:  # `check` wants one now
        return "\n".join(lines), []
    shown = git(root, "rev-list", "--max-count=1", "--format=%cs", commit, **wrong).decode()
    day = [int(number) for number in shown.split()[-1].split("-")]
    return "\n".join(lines), list(version_problems(ref, bump, was, now, day))


def plan(path: Path, gates: list[Gate]) -> Iterator[str]:
    """Find the gates that a plan neither ticks nor justifies in Complexity Tracking."""
    if not path.is_file():
        yield f"{path} does not exist: give a plan, or a feature's folder with one."
        return
    text, sections = without_examples(path.read_text("utf-8", "replace")), {}
    for found in re.finditer(r"(?ms)^(## .*?)\s*$.*?(?=^## |\Z)", text):
        above = text.count("\n", 0, found.start())
        sections[found[1]] = "\n" * above + found[0]  # keeps the numbers of the lines
    if "## Constitution Check" not in sections:
        yield f"{path} has no section `## Constitution Check`."
        return
    justified = ""
    for row in sections.get("## Complexity Tracking", "").splitlines():
        first, *others = re.split(r"(?<!\\)\|", row.strip().strip("|"))
        if others and all(re.match(r"(?!\s*\[.*\]\s*$).*\w", cell) for cell in others):
            justified += f" {first}"

    def problem(gate: Gate, line: str) -> str:
        if departure := line_problem(gate, line):
            return departure
        ticked = re.search(r"^\s*([-*]|\d+\.) \[[xX]\]|\| *\[[xX]\] *\|?\s*$", line)
        if ticked or re.search(rf"\b{gate.id}\b", justified):
            return ""
        return f"tick `{gate.id}`, or justify it in Complexity Tracking."

    yield from compare(str(path), sections["## Constitution Check"], gates, problem)


def parse(argv: list[str] | None) -> argparse.Namespace:
    """Read the command line; argparse exits with 2 when it is wrong."""
    style = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=style)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list")
    run = commands.add_parser("run", allow_abbrev=False)
    run.add_argument("names", nargs="*", metavar="GATE_OR_PRINCIPLE")
    run.add_argument("--fast", action="store_true", help="leave out slow tasks")
    run.add_argument("--ci", action="store_true", help="run the tasks meant for CI too")
    jobs = "run N tasks at a time, and then the slow ones, each alone"
    run.add_argument("--jobs", metavar="N", default="1", help=jobs)
    for report in REPORTS:
        run.add_argument(f"--{report}", metavar="FILE", help="`-`: standard output")
    since = "compare with this commit, too, and hold the version to what changed"
    commands.add_parser("check").add_argument("--since", metavar="REF", help=since)
    commands.add_parser("plan").add_argument("file", help="a plan, or the folder of a feature")
    commands.add_parser("figures").add_argument("name", nargs="?")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None, root: Path | None = None) -> int:
    """Run one command on the repository at `root`; returns the exit status."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # consoles that lack a character
    arguments = parse(argv)
    root = root or Path(__file__).resolve().parents[2]
    try:
        gates, tables, left = load(read_layers(root))
        if arguments.command != "check":
            print("".join(f"{sentence}\n" for sentence in left), end="", file=sys.stderr)
        if arguments.command == "run":
            return run(root, gates, tables, arguments)
        findings: list[str] = []
        if arguments.command == "list":
            form = "{0.id:9} {0.level:6} {0.principle}: {0.statement}\n{1:17}{0.proof}"
            success = "\n".join(form.format(gate, "") for gate in gates)
        elif arguments.command == "figures":
            name, figures = arguments.name, tables["figures"]
            if name and name not in figures:
                raise GatesError(f"`{name}` is no figure.")
            lines = [f"{figure} = {value}" for figure, value in figures.items()]
            success = str(figures[name]) if name else "\n".join(lines)
        elif arguments.command == "check":
            if arguments.since is not None:
                now = merge(read_layers(root))[0]  # `tables` have their figures filled in
                gone_gates(now)
                report, findings = since(root, arguments.since, now)
                print(report + "\n")
            findings += [*left, *check(root, gates, tables)]
            names = ", ".join(name for name, value in tables["documents"].items() if value)
            success = f"These agree on {len(gates)} gates: {names}."
        else:
            file = Path(arguments.file)
            file = file / "plan.md" if file.is_dir() else file
            findings = list(plan(file, gates))
            success = f"{file} answers all {len(gates)} gates."
    except BrokenPipeError:
        raise
    except (GatesError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    print("\n".join(findings) or success)
    return 1 if findings else 0


if __name__ == "__main__":
    for name in ("stdout", "stderr"):  # None where it was closed before, as by `>&-`
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", -1, "utf-8", "backslashreplace"))
    try:
        status = main()
        sys.stdout.flush()
    except BrokenPipeError:  # who reads, `head` for example, has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 141  # as of a program that SIGPIPE ends
    sys.exit(status)
