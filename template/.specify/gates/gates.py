"""Runs the gates of this repository's constitution and keeps its documents in step with them.

    python .specify/gates/gates.py list            every gate and what proves it
    python .specify/gates/gates.py run             prove all, or `run QUAL-01`, `run security`
    python .specify/gates/gates.py check           do the documents and CI name these gates?
    python .specify/gates/gates.py plan FILE       is each gate ticked or justified in this plan?
    python .specify/gates/gates.py figures [NAME]  the numbers that the gates enforce

The exit status is 0 when all held, 1 when a MUST gate failed (or its tool is missing, or its waiver
ended), 2 when the definitions or the arguments are wrong.

The definitions are the `*.toml` files beside this one, in the order of their names. A later file is
laid over the earlier ones key by key; an empty text or list takes a value away. Your principles,
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
import contextlib
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
FIGURE = re.compile(r"(?<![{$])\{([a-z][a-z0-9_]*)\}")
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
Tables = dict[str, dict[str, dict[str, Any]]]
Lines = list[tuple[int, str]]
FILES_AT_ONCE = 100 if os.name == "nt" else 1000  # Windows has short command lines


class WrongInputError(Exception):
    """The definitions or the arguments are wrong: one sentence per problem, exit status 2."""


class CannotRunError(Exception):
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
        unknown = [name for name in names if name not in known]
        if unknown:
            raise WrongInputError(
                *(f"`{n}` is no gate or principle{near(n, known)}" for n in unknown)
            )
        return [g for g in self.gates if not names or g.id in names or g.principle in names]


def near(name: str, known: Iterable[str]) -> str:
    """End a sentence about the unknown `name` with what may have been meant."""
    ids = {item.lower(): f"`{item}`" for item in known}
    close = difflib.get_close_matches(name.lower(), ids, cutoff=0.5)
    return f"; did you mean {' or '.join(ids[item] for item in close)}?" if close else "."


def load(root: Path) -> Definitions:
    """Read, merge and verify the layers; raises WrongInputError with every problem found."""
    tables: Tables = {section: {} for section in KEYS}
    layers: dict[tuple[str, str], list[str]] = {}  # the files that speak of a table
    problems, unreadable = [], []
    for path in sorted((root / ".specify" / "gates").glob("*.toml")):
        try:
            data = tomllib.loads(path.read_text("utf-8-sig"))
        except ValueError as error:
            unreadable.append(f"{path.name} cannot be read as TOML: {error}.")
            continue
        if data.pop("schema", 1) != 1:
            problems.append(f"{path.name}: this gates.py supports schema = 1 only.")
        for section, content in data.items():
            content = {"": content} if section in ("documents", "figures") else content
            if section not in KEYS:
                problems.append(f"{path.name}: [{section}] is unknown{near(section, KEYS)}")
            elif not is_table(content) or not all(map(is_table, content.values())):
                problems.append(f"{path.name}: [{section}] must be made of tables.")
            else:
                for table_id, table in content.items():
                    if isinstance(table.get("run"), str):
                        table["run"] = [table["run"]] if table["run"] else []
                    tables[section].setdefault(table_id, {}).update(table)
                    layers.setdefault((section, table_id), []).append(path.name)
    if unreadable:  # what the other layers refer to may stand there
        raise WrongInputError(*unreadable, *problems)
    for (section, table_id), names in layers.items():
        place = f"{' + '.join(names)}: [{section}.{table_id}]".replace(".]", "]")
        problems += [f"{place} {problem}" for problem in table_problems(tables, section, table_id)]
    if not tables["gates"]:
        problems.append(f"No *.toml file in {root / '.specify' / 'gates'} defines a gate.")
    if problems:
        raise WrongInputError(*problems)
    try:
        return build(tables)
    except graphlib.CycleError as error:
        circle = error.args[1]
        place, advice = " + ".join(layers["tasks", circle[0]]), "these tasks need each other"
        problem = f"{place}: {advice}, so cut the circle: {' > '.join(circle)}."
        raise WrongInputError(problem) from error


def is_table(value: object) -> bool:
    """Tell a TOML table from other values."""
    return isinstance(value, dict)


def kind(value: object) -> str:
    """Say which kind of TOML value this is, in the words of KEYS."""
    if isinstance(value, list):
        return TEXTS if all(isinstance(item, str) for item in value) else "a list"
    names = {str: TEXT, bool: FLAG, int: NUMBER, float: NUMBER, datetime.date: DATE}
    return names.get(type(value), "something else")


def table_problems(tables: Tables, section: str, table_id: str) -> Iterator[str]:
    """Say what is wrong with one merged table, in itself and in what it refers to."""
    table, allowed = tables[section][table_id], KEYS[section]
    if section in IDS and not re.fullmatch(IDS[section], table_id):
        shape = "like QUAL-01" if IDS[section] == GATE_ID else "in lower case with dashes"
        yield f"has a bad id: write it {shape}."
    for key in allowed:
        if key in REQUIRED and not str(table.get(key, "")).strip():
            yield f"lacks `{key}`."
    for key, value in table.items():
        wanted = allowed.get(key, allowed.get("*"))
        if not wanted:
            yield f"has the unknown key `{key}`{near(key, allowed)}"
        elif kind(value) != wanted:
            yield f"must give `{key}` as {wanted}."
            return  # what follows relies on the kinds
    references = {
        "figures": FIGURE.findall(" ".join([table.get("statement", ""), *table.get("run", [])])),
        "tasks": [*table.get("needs", []), table.get("task")],
        "principles": [table.get("principle")],
        "gates": [table_id] if section == "waivers" else [],
    }
    for target, names in references.items():
        known = tables[target].get("", {}) if target == "figures" else tables[target]
        for name in names:
            if name and name not in known:
                yield f"names `{name}`, which is not in [{target}]{near(name, known)}"
    if table.get("level", "MUST") not in ("MUST", "SHOULD"):
        yield f"has the level `{table['level']}`: write MUST or SHOULD."
    if (table.get("run") or table.get("task")) and (table.get("require") or table.get("forbid")):
        yield f"has {'run' if table.get('run') else 'a task'} and require/forbid: keep one of them."
    if table.get("files") and not table.get("run"):
        yield "has files, but no run that could take them."
    for pattern in [p for key in ("files", "require", "forbid") for p in table.get(key, [])]:
        if never_matches(pattern):
            advice = "write a path from the root with `/`, and `**` only between slashes."
            yield f"has the bad pattern `{pattern}`: {advice}"


def build(tables: Tables) -> Definitions:
    """Turn verified tables into tasks and gates, with the figures filled in."""
    figures = tables["figures"].get("", {})

    def fill(text: str) -> str:
        return FIGURE.sub(lambda match: str(figures[match[1]]), text)

    def task(task_id: str, table: dict[str, Any]) -> Task:
        needed = tuple(tasks[name] for name in table.get("needs", ()))
        return Task(
            id=task_id,
            run=tuple(fill(command) for command in table.get("run", ())),
            files=tuple(table.get("files", ())),
            require=tuple(table.get("require", ())),
            forbid=tuple(table.get("forbid", ())),
            needs=needed,
            slow=table.get("slow", False) or any(need.slow for need in needed),
            ci=table.get("ci", False) or any(need.ci for need in needed),
        )

    tasks: dict[str, Task] = {}
    needs = {task_id: table.get("needs", ()) for task_id, table in tables["tasks"].items()}
    for task_id in graphlib.TopologicalSorter(needs).static_order():
        tasks[task_id] = task(task_id, tables["tasks"][task_id])
    titles = {name: table["title"] for name, table in tables["principles"].items()}
    gates = [
        Gate(
            id=gate_id,
            principle=table["principle"],
            title=titles[table["principle"]],
            level=table["level"],
            statement=fill(table["statement"]),
            figures={name: figures[name] for name in FIGURE.findall(table["statement"])},
            task=tasks.get(table.get("task", "")) or task(gate_id, table),
            waiver=tables["waivers"].get(gate_id, {}),
        )
        for gate_id, table in tables["gates"].items()
    ]
    gates.sort(key=lambda gate: list(titles).index(gate.principle))
    return Definitions(gates, titles, figures, tables["documents"].get("", {}))


def never_matches(pattern: str) -> bool:
    """Find a pattern that would silently match nothing, or not what was meant."""
    parts = pattern.split("/")
    mixed = any("**" in part and part != "**" for part in parts)
    return mixed or "\\" in pattern or not {"", ".", ".."}.isdisjoint(parts)


def matches(names: list[str], patterns: list[str]) -> bool:
    """Match a path with a pattern, both cut at the slashes; the docstring above gives the rules."""
    if not names or not patterns:
        return not names and not patterns
    if patterns[0] == "**":
        rest = patterns[1:]
        return not rest or any(matches(names[skip:], rest) for skip in range(len(names)))
    return fnmatchcase(names[0], patterns[0]) and matches(names[1:], patterns[1:])


def repository_files(root: Path, patterns: Iterable[str]) -> list[str]:
    """List the files below `root` that git tracks or would add and that match a pattern."""
    git = shutil.which("git")
    if not git:
        raise CannotRunError("`git` was not found, and it lists the files: install git.")
    listing = [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    found = subprocess.run(listing, cwd=root, capture_output=True, check=False)
    if found.returncode:
        reason = found.stderr.decode(errors="replace").strip()
        advice = "If this is no git repository yet, run `git init` first."
        raise CannotRunError(f"git cannot list the files of {root} ({reason}). {advice}")
    cut = [pattern.split("/") for pattern in patterns]
    names = sorted(set(os.fsdecode(found.stdout).split("\0")) - {""})
    present = [name for name in names if os.path.lexists(root / name)]
    return [name for name in present if any(matches(name.split("/"), parts) for parts in cut)]


def tail(output: str, limit: int = 20) -> str:
    """Keep the end of a command's output, without its colours."""
    lines = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", output).rstrip().splitlines()
    above = [f"({len(lines) - limit} lines above)"] if len(lines) > limit else []
    return "\n".join(above + lines[-limit:])


def live(text: str = "") -> None:
    """Show on the terminal's current line what runs now; without a text, wipe it."""
    if sys.stderr.isatty():
        width = shutil.get_terminal_size().columns - 1
        print(f"\r{text[:width].ljust(width)}\r", end="", file=sys.stderr, flush=True)


class Runner:
    """Proves gates below `root`, each task once."""

    def __init__(self, root: Path, fast: bool, ci: bool) -> None:
        self.root, self.fast, self.ci = root, fast, ci
        self.proved: dict[str, Outcome] = {}
        self.path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"

    def judge(self, gate: Gate) -> Gate:
        """Return the gate with its outcome."""
        if not gate.waiver:
            outcome = gate.task.left_out(self.fast, self.ci) or self.prove(gate.task)
        elif today() <= gate.waiver["until"]:
            outcome = Outcome("waived", f"until {gate.waiver['until']}: {gate.waiver['reason']}")
        else:
            ended = f"The waiver ({gate.waiver['reason']}) ended on {gate.waiver['until']}:"
            advice = f"meet the gate and remove [waivers.{gate.id}], or agree on a later date."
            outcome = Outcome("fail", f"{ended} {advice}")
        return dataclasses.replace(gate, outcome=outcome)

    def prove(self, task: Task) -> Outcome:
        """Run a task after those it needs, unless that was done before."""
        if task.id not in self.proved:
            needed = [(need.id, self.prove(need)) for need in task.needs]
            started = time.perf_counter()
            try:
                for name, outcome in needed:
                    if outcome.result == "error":  # a red one is another gate's matter
                        raise CannotRunError(f"It needs the task `{name}` first. {outcome.detail}")
                problem = self.run(task) if task.run else self.look(task)
                result = "fail" if problem else "pass"
            except CannotRunError as error:
                result, problem = "error", str(error)
            self.proved[task.id] = Outcome(result, problem, time.perf_counter() - started)
        return self.proved[task.id]

    def look(self, task: Task) -> str:
        """Compare the repository's files with `require` and `forbid`; returns what is wrong."""
        missing = [p for p in task.require if not repository_files(self.root, [p])]
        found = repository_files(self.root, task.forbid) if task.forbid else []
        wrong = [f"No file matches `{pattern}`: add one." for pattern in missing]
        return "\n".join(wrong + [f"`{name}` must not be in the repository." for name in found])

    def run(self, task: Task) -> str:
        """Run the commands; returns the first that fails with the end of its output, or ""."""
        batches: list[list[str]] = [[]]
        if task.files:
            names = repository_files(self.root, task.files)
            # A link may lead to a folder or nowhere, and a name may look like an option.
            names = [f"./{n}" if n[0] == "-" else n for n in names if (self.root / n).is_file()]
            starts = range(0, len(names), FILES_AT_ONCE)
            batches = [names[start : start + FILES_AT_ONCE] for start in starts]
        for command, batch in itertools.product(task.run, batches):
            shown = f"{command} <{len(batch)} files>" if batch else command
            status, output = self.execute(command, batch, shown)
            if status:
                return f"$ {shown}\n{tail(output)}\n(exit status {status})"
        return ""

    def execute(self, command: str, files: list[str], shown: str) -> tuple[int, str]:
        """Run one command to its end; returns its exit status and output."""
        started = time.perf_counter()
        try:
            name, *arguments = shlex.split(command)
            place = str(self.root / name) if "/" in name else name
            program = sys.executable if name == "python" else shutil.which(place, path=self.path)
            if not program:
                raise CannotRunError(
                    f"`{name}` was not found for `{shown}`: install the project's development"
                    " dependencies or activate its environment."
                )
            with subprocess.Popen(
                [program, *arguments, *files],
                cwd=self.root,
                env={**os.environ, "PATH": self.path},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                errors="replace",
            ) as process:
                while True:
                    live(f"{time.perf_counter() - started:5.1f} s  {shown}")
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        output = process.communicate(timeout=0.2)[0]
                        break
        except (OSError, ValueError) as error:
            raise CannotRunError(f"`{shown}` could not be started: {error}.") from error
        finally:
            live()
        if not 0 <= process.returncode <= 255:
            raise CannotRunError(f"`{shown}` was killed ({process.returncode}).\n{tail(output)}")
        return process.returncode, output


def today() -> datetime.date:
    """Return the day by which waivers are judged."""
    return datetime.date.today()


def closing(gates: list[Gate]) -> str:
    """Count the results in one line: "12 held, 1 failed, 3 open (a reviewer decides)"."""
    counts = Counter(gate.label for gate in gates)
    shown = [label for label in LABELS if counts[label] or label == "pass"]
    line = ", ".join(f"{counts[label]} {LABELS[label][0]}" for label in shown)
    return line if counts["in CI"] == 1 else line.replace(IN_CI, "run in CI")


def as_table(gates: list[Gate]) -> str:
    """Lay out the results for a terminal, then what failed and how to run it alone."""
    able = sys.stdout.isatty() and (os.name != "nt" or "WT_SESSION" in os.environ)
    coloured = able and not os.environ.get("NO_COLOR")
    width = max((len(gate.label) for gate in gates), default=0)
    room = max(30, shutil.get_terminal_size((100, 24)).columns - width - 25)
    lines = []
    for title, group in itertools.groupby(gates, lambda gate: gate.title):
        lines.append(f"\n{title}")
        for gate in group:
            label = gate.label.ljust(width)
            if coloured:
                label = f"\x1b[{LABELS[gate.label][1]}m{label}\x1b[0m"
            statement = textwrap.shorten(gate.statement, room, placeholder="...")
            lines.append(f"  {gate.id:9}  {label}  {gate.seconds:>8}  {statement}")
            if gate.outcome.result == "waived":
                lines.append(f"{'':{width + 25}}{gate.outcome.detail}")
    failed = [gate for gate in gates if gate.failed]
    for outcome, group in itertools.groupby(failed, lambda gate: gate.outcome):
        alike = list(group)  # what one task proves is shown once
        lines += ["", *(f"{gate.id} {gate.label}: {gate.statement}" for gate in alike)]
        lines.append(textwrap.indent(outcome.detail, "  "))
        lines.append(f"  Run it alone: python .specify/gates/gates.py run {alike[0].id}")
    return "\n".join([*lines, "", closing(gates)])


def passed(gates: list[Gate]) -> bool:
    """No MUST gate failed."""
    return not any(gate.failed and gate.level == "MUST" for gate in gates)


def as_json(gates: list[Gate]) -> str:
    """Report for programs."""
    results = Counter(gate.outcome.result for gate in gates)
    names = ("pass", "fail", "error", "open", "skipped", "waived")
    keys = ("id", "principle", "title", "level", "statement")
    rows = [
        {key: getattr(gate, key) for key in keys}
        | {"proof": str(gate.task)}
        | dataclasses.asdict(gate.outcome)
        for gate in gates
    ]
    counts = {name: results[name] for name in names}
    report = {"schema": 1, "passed": passed(gates), "counts": counts, "gates": rows}
    return json.dumps(report, indent=2)


def as_markdown(gates: list[Gate]) -> str:
    """Report for a job summary or a merge request."""

    def row(*cells: str) -> str:
        flat = (" ".join(cell.split()).replace("|", "\\|").replace("<", "&lt;") for cell in cells)
        return f"| {' | '.join(flat)} |"

    lines = ["## Constitution gates", "", closing(gates), ""]
    lines += [row("Principle", "Gate", "Level", "Result", "Seconds"), "|---|---|---|---|---|"]
    for gate in gates:
        waived = f" {gate.outcome.detail}" if gate.outcome.result == "waived" else ""
        name, result = f"`{gate.id}` {gate.statement}", gate.label + waived
        lines.append(row(gate.title, name, gate.level, result, gate.seconds))
    for gate in (gate for gate in gates if gate.failed):
        longest = max(map(len, re.findall("`+", gate.outcome.detail)), default=0)
        fence = "`" * max(3, longest + 1)
        lines += ["", f"### `{gate.id}` {gate.label}", "", fence, gate.outcome.detail, fence]
    return "\n".join(lines)


def as_junit(gates: list[Gate]) -> str:
    """Report for the test views of CI systems."""
    tags = {"pass": "", "fail": "failure", "error": "error"}
    suites = ElementTree.Element("testsuites")
    suite = ElementTree.SubElement(suites, "testsuite", name="constitution gates")
    counts = Counter(tests=len(gates), failures=0, errors=0, skipped=0)
    for gate in gates:
        case = ElementTree.SubElement(suite, "testcase", name=f"{gate.id} {gate.statement}")
        case.attrib |= {"classname": gate.principle, "time": f"{gate.outcome.seconds or 0:.3f}"}
        tag = tags.get(gate.outcome.result, "skipped")
        if tag:
            counts[tag if tag == "skipped" else f"{tag}s"] += 1
            reason = gate.statement if gate.failed else gate.outcome.detail
            element = ElementTree.SubElement(case, tag, message=f"{gate.label}: {reason}")
            element.text = gate.outcome.detail
    suite.attrib |= {key: str(count) for key, count in counts.items()}
    forbidden = r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"  # by XML 1.0
    text = re.sub(forbidden, "", ElementTree.tostring(suites, "unicode"))
    return '<?xml version="1.0"?>\n' + text.encode("ascii", "xmlcharrefreplace").decode()


REPORTS = {"json": as_json, "markdown": as_markdown, "junit": as_junit}


def command_run(definitions: Definitions, root: Path, arguments: argparse.Namespace) -> int:
    """Prove the selected gates, print the table, and write the reports asked for."""
    gates = definitions.select(arguments.selection)
    wanted = {name: vars(arguments)[name] for name in REPORTS if vars(arguments)[name]}
    for name, file in wanted.items():
        if file != "-" and (Path(file).is_dir() or not Path(file).parent.is_dir()):
            raise WrongInputError(f"--{name}: `{file}` must be a file in a folder that exists.")
    if list(wanted.values()).count("-") > 1:
        raise WrongInputError("Only one report can go to standard output (`-`).")
    runner = Runner(root, arguments.fast, arguments.ci)
    judged = []
    for gate in gates:
        judged.append(runner.judge(gate))
        if judged[-1].seconds and not sys.stderr.isatty():
            print(f"{gate.id} {judged[-1].label} ({judged[-1].seconds})", file=sys.stderr)
    if "-" not in wanted.values():
        print(as_table(judged))
    for name, file in wanted.items():
        report = REPORTS[name](judged) + "\n"
        if file == "-":
            print(report, end="")
        else:
            Path(file).write_text(report, "utf-8", "backslashreplace", "\n")
    return 0 if passed(judged) else 1


def command_list(definitions: Definitions, root: Path, arguments: argparse.Namespace) -> int:
    """Print every gate with its level, statement and proof."""
    for name, group in itertools.groupby(definitions.gates, lambda gate: gate.principle):
        print(f"{definitions.titles[name]} ({name})")
        for gate in group:
            print(f"  {gate.id:9}  {gate.level:6}  {gate.statement}\n{'':21}{gate.task}")
    return 0


def command_figures(definitions: Definitions, root: Path, arguments: argparse.Namespace) -> int:
    """Print all figures, or the bare value of one."""
    figures, name = definitions.figures, arguments.name
    if name is None:
        print("\n".join(f"{figure} = {value}" for figure, value in figures.items()))
        return 0
    if name not in figures:
        raise WrongInputError(f"`{name}` is no figure{near(name, figures)}")
    print(figures[name])
    return 0


def numbered(path: Path) -> Lines:
    """Read a document's lines, numbered from 1."""
    return list(enumerate(path.read_text("utf-8", "replace").splitlines(), 1))


def mentions(lines: Lines) -> dict[str, Lines]:
    """Find the lines that name a gate in backticks, by its id."""
    found: dict[str, Lines] = {}
    for number, line in lines:
        for gate_id in re.findall(rf"`({GATE_ID})`", line):
            found.setdefault(gate_id, []).append((number, line))
    return found


def unknown_gates(file: str, named: dict[str, Lines], gates: list[Gate]) -> Iterator[str]:
    """Report the ids that a document names and no layer defines."""
    known = [gate.id for gate in gates]
    for gate_id, lines in named.items():
        if gate_id not in known:
            number = lines[0][0]
            yield f"{file} line {number}: no layer defines `{gate_id}`{near(gate_id, known)}"


def gate_problem(gate: Gate, line: str) -> str:
    """Say how a line that names a gate departs from its level or figures, or ""."""
    if not re.search(rf"\b{gate.level}\b", line):
        return f"{gate.id} is a {gate.level}, and the line does not say so."
    prose = re.sub(rf"{GATE_ID}|^\s*\d+\.", " ", line)
    numbers = re.findall(r"(?<![\w.])\d+(?:\.\d+)?", prose)
    for name, value in gate.figures.items():
        if str(value).removeprefix("-") not in numbers:
            return f"{gate.id} says {', '.join(numbers) or 'no number'}, but {name} is {value}."
    return ""


def document_findings(file: str, lines: Lines, gates: list[Gate]) -> Iterator[str]:
    """Each gate is named, with its level and figures on that line; no other id is named."""
    named = mentions(lines)
    for gate in gates:
        if gate.id not in named:
            yield f"{file} does not name `{gate.id}` ({gate.level}: {gate.statement})."
        problems = [(number, gate_problem(gate, line)) for number, line in named.get(gate.id, [])]
        if problems and all(problem for _, problem in problems):
            yield f"{file} line {problems[0][0]}: {problems[0][1]}"
    yield from unknown_gates(file, named, gates)


def constitution_findings(file: str, lines: Lines, titles: dict[str, str]) -> Iterator[str]:
    """Each principle has its heading, no placeholder is left, and the version comes last."""
    headings = [line for _, line in lines if line.startswith("### ")]
    for principle, title in titles.items():
        if not any(title in heading for heading in headings):
            yield f"{file}: no `### ` heading holds `{title}`, the title of {principle}."
    for number, line in lines:
        for placeholder in re.findall(r"\[[A-Z][A-Z0-9_ ]*[A-Z0-9]\](?![(\[:])", line):
            yield f"{file} line {number}: the placeholder {placeholder} is not filled in."
    filled = [line.strip() for _, line in lines if line.strip()]
    if not filled or not re.fullmatch(VERSION_LINE, filled[-1]):
        form = "**Version**: x.y.z | **Ratified**: YYYY-MM-DD | **Last Amended**: YYYY-MM-DD"
        yield f"{file}: the last line must be `{form}`."


def ci_findings(root: Path, definitions: Definitions) -> Iterator[str]:
    """Between them, the `gates.py run` commands of CI prove each gate that a machine can."""
    files = definitions.documents.get("ci", [])
    proved: set[str] = set()
    for file in files:
        text = (root / file).read_text("utf-8", "replace").replace("\\\n", " ")
        commands = re.sub(r"(?m)(^|\s)#.*", "", text)  # a comment runs nothing
        for found in re.findall(r"gates\.py[ \t]+run(?![\w-])([^|&;>\n]*)", commands):
            unquoted = re.sub(r"[\"'`]", " ", found)
            words = re.sub(r"--(json|markdown|junit)[ =]+\S+", "", unquoted).split()
            names = [word for word in words if not word.startswith("-")]
            try:
                gates = definitions.select(names)
            except WrongInputError as error:
                yield from (f"{file}: {sentence}" for sentence in error.args)
                continue
            options = "--fast" in words, "--ci" in words
            proved |= {gate.id for gate in gates if not gate.task.left_out(*options)}
    for gate in definitions.gates if files else []:
        if gate.id not in proved and not gate.task.left_out(fast=False, ci=True):
            hint = " (it needs --ci)" if gate.task.ci else ""
            yield f"No `gates.py run` in {', '.join(files)} proves `{gate.id}`{hint}."


def command_check(definitions: Definitions, root: Path, arguments: argparse.Namespace) -> int:
    """Compare the documents and CI with the definitions."""
    documents = definitions.documents
    ci = documents.get("ci", [])
    gone = [file for file in ci if not (root / file).is_file()]
    if gone:
        raise WrongInputError(*(f"[documents] ci names `{f}`, which does not exist." for f in gone))
    findings = []
    names = ["constitution", "plan", *(["tasks"] if documents.get("tasks") else [])]
    for name in names:
        file = documents.get(name, "")
        if not (root / file).is_file():
            findings.append(f"The {name} document `{file}` does not exist, or is a broken link.")
            continue
        lines = numbered(root / file)
        findings += document_findings(file, lines, definitions.gates)
        if name == "constitution":
            findings += constitution_findings(file, lines, definitions.titles)
    findings += ci_findings(root, definitions)
    counts = f"{len(definitions.gates)} gates, {len(names) + len(ci)} documents"
    return tell(findings, f"Constitution, templates and CI agree: {counts}.")


def tell(findings: list[str], success: str) -> int:
    """Print what was found, or that all is well; returns the exit status."""
    print("\n".join(findings) or success)
    return 1 if findings else 0


def section(lines: Lines, heading: str) -> Lines:
    """Cut out a `## ` section with its heading; empty when there is none."""
    start = itertools.dropwhile(lambda line: line[1].strip() != heading, lines)
    found = list(itertools.islice(start, 1))
    return found + list(itertools.takewhile(lambda line: not line[1].startswith("## "), start))


def justified(gate_id: str, row: str) -> bool:
    """Tell whether a row of Complexity Tracking names the gate first and fills its other cells."""
    first, *others = [cell.strip() for cell in re.split(r"(?<!\\)\|", row.strip().strip("|"))]
    filled = [re.search(r"\w", c) and not re.fullmatch(r"\[.*\]", c) for c in others]
    return bool(re.search(rf"\b{gate_id}\b", first) and others and all(filled))


def command_plan(definitions: Definitions, root: Path, arguments: argparse.Namespace) -> int:
    """Each gate is ticked in a plan's Constitution Check or justified in Complexity Tracking."""
    path = Path(arguments.file)
    path = path / "plan.md" if path.is_dir() else path
    if not path.is_file():
        return tell([f"{path} does not exist: give a plan, or a feature's folder with one."], "")
    lines = numbered(path)
    checks = section(lines, "## Constitution Check")
    if not checks:
        return tell([f"{path} has no section `## Constitution Check`."], "")
    named, findings = mentions(checks), []
    rows = [line for _, line in section(lines, "## Complexity Tracking")]
    for gate in definitions.gates:
        ticked = [re.search(r"\[[xX]\]", line) for _, line in named.get(gate.id, [])]
        if gate.id not in named:
            findings.append(f"{path} does not name `{gate.id}` ({gate.level}: {gate.statement}).")
        elif not any(ticked) and not any(justified(gate.id, row) for row in rows):
            place = f"{path} line {named[gate.id][0][0]}"
            findings.append(f"{place}: tick `{gate.id}`, or justify it in Complexity Tracking.")
    findings += unknown_gates(str(path), named, definitions.gates)
    return tell(findings, f"{path} answers all {len(definitions.gates)} gates.")


def parse(argv: list[str] | None) -> argparse.Namespace:
    """Read the command line; argparse exits with 2 when it is wrong."""
    parser = argparse.ArgumentParser(description="Runs and checks the gates of this repository.")
    commands = parser.add_subparsers(required=True)
    for function, about in {
        command_list: "every gate and what proves it",
        command_run: "prove the gates",
        command_check: "do the documents and CI name these gates?",
        command_plan: "is each gate ticked or justified in a feature's plan?",
        command_figures: "the numbers that the gates enforce",
    }.items():
        name = function.__name__.removeprefix("command_")
        command = commands.add_parser(name, help=about, allow_abbrev=False)
        command.set_defaults(function=function)
        if function is command_run:
            command.add_argument("selection", nargs="*", metavar="GATE_OR_PRINCIPLE")
            command.add_argument("--fast", action="store_true", help="leave out slow tasks")
            command.add_argument("--ci", action="store_true", help="run the tasks meant for CI too")
            for report in REPORTS:
                command.add_argument(f"--{report}", metavar="FILE", help="`-`: standard output")
        elif function is command_plan:
            command.add_argument("file", help="a plan, or the folder of a feature")
        elif function is command_figures:
            command.add_argument("name", nargs="?")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None, root: Path | None = None) -> int:
    """Run one command on the repository at `root`; returns the exit status."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # consoles that lack a character
    arguments = parse(argv)
    root = root or Path(__file__).resolve().parents[2]
    try:
        return int(arguments.function(load(root), root, arguments))
    except WrongInputError as error:
        print("\n".join(error.args), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130  # as shells have it


if __name__ == "__main__":
    sys.exit(main())
