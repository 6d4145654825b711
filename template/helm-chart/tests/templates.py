"""What the chart's templates say, before Helm renders them: their actions, and the values that they read.

An action is what stands in `{{ }}`. Helm tells of neither a mistyped path in one, which renders empty, nor a value that
no template reads; so this reads the templates itself, as far as that needs: it follows `with`, `range`, `index`, `get`,
`dig` and variables.
"""

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.manifests import CHART

Path = tuple[str, ...]
"""Names from the context that Helm passes: `("Values", "image", "tag")`; `*` is any element of a list or map."""

ACTION = re.compile(
    r"""\{\{-?\s*(?P<text>/\*.*?\*/|(?:"(?:\\.|[^"\\])*"|`[^`]*`|'(?:\\.|[^'\\])*'|[^"'`}]|\}(?!\}))*?)\s*-?\}\}""",
    re.DOTALL,
)
TOKEN = re.compile(
    r"""(?P<text>"(?:\\.|[^"\\])*"|`[^`]*`)|(?P<number>\d[\w.]*)|(?P<chain>\$\w*(?:\.\w+)*|(?:\.\w+)+|\.)"""
    r"""|(?P<sign>:=|[()|,=])|(?P<word>\w+)"""
)
NESTING = ("if", "range", "with")
OPENING = (*NESTING, "define", "block")


@dataclass(frozen=True)
class Action:
    """One `{{ ... }}` of a template, without its trim marks."""

    file: str  # inside the chart: templates/service.yaml
    line: int
    text: str
    depth: int  # how many if, range and with it stands in, itself among them

    @property
    def place(self) -> str:
        """Return how messages name it: `templates/service.yaml:7`."""
        return f"{self.file}:{self.line}"

    @property
    def words(self) -> list[str]:
        """Return the functions and keywords in it."""
        return [token["word"] for token in TOKEN.finditer(self.text) if token["word"]]

    @property
    def keyword(self) -> str:
        """Return what opens a part or ends it: if, range, with, define, block, else, end; or ""."""
        first = re.split(r"\W", self.text, maxsplit=1)[0]
        return first if first in (*OPENING, "else", "end") else ""


@dataclass(frozen=True)
class Reference:
    """A value that a template reads."""

    place: str
    path: Path  # below `.Values`
    whole: bool  # everything below it is read too, as `toYaml` does


@dataclass
class _Scope:
    """What `.` and the variables stand for at one place of a template; None for what cannot be known."""

    dot: Path | None = ()
    variables: dict[str, Path | None] = field(default_factory=dict)

    def resolve(self, chain: str) -> Path | None:
        """Return where a chain of names leads, `.Values.image` or `$image.tag`."""
        start, *rest = chain.split(".")
        names = tuple(name for name in rest if name)
        base = self.dot if not start else () if start == "$" else self.variables.get(start)
        if base is None:  # a helper may be given a dictionary with the values somewhere in it
            return names[names.index("Values") :] if "Values" in names else None
        return base + names


@functools.cache
def files() -> dict[str, str]:
    """Return each file below templates/ that Helm reads, and its text."""
    paths = sorted(path for path in CHART.glob("templates/**/*") if path.suffix in {".yaml", ".yml", ".tpl", ".txt"})
    return {path.relative_to(CHART).as_posix(): path.read_text(encoding="utf-8") for path in paths}


@functools.cache
def actions(file: str) -> tuple[Action, ...]:
    """Return the actions of a template in their order, comments left out."""
    found, depth, opened, text = [], 0, [], files()[file]
    for match in ACTION.finditer(text):
        action = Action(file, text.count("\n", 0, match.start()) + 1, match["text"], depth)
        if match["text"].startswith("/*"):
            continue
        if action.keyword in OPENING:
            opened.append(action.keyword)
            depth = _depth(opened)
            action = Action(file, action.line, action.text, depth)
        found.append(action)
        if action.keyword == "end" and opened:
            opened.pop()
            depth = _depth(opened)
    return tuple(found)


def _depth(opened: list[str]) -> int:
    return sum(keyword in NESTING for keyword in opened)


def all_actions() -> list[Action]:
    """Return the actions of all templates."""
    return [action for file in files() for action in actions(file)]


@functools.cache
def references() -> tuple[Reference, ...]:
    """Return each value that a template reads."""
    return tuple(reference for file in files() for reference in _references_in(file))


def _references_in(file: str) -> Iterator[Reference]:
    """Follow one template from its beginning to its end."""
    scope = _Scope()
    outside: list[Path | None] = []  # what `.` is around each part that is open
    for action in actions(file):
        if action.keyword == "end":
            scope.dot = outside.pop() if outside else ()
            continue
        if action.keyword == "else" and outside:
            scope.dot = outside[-1]
        yield from _read(action, scope)
        around, scope.dot = scope.dot, _dot_inside(action, scope)
        if action.keyword in OPENING:
            outside.append(around)


def _subject(action: Action) -> tuple[str, list[str], str]:
    """Split an action: its keyword (`else with` is `with`), the variables that it sets, and the pipeline."""
    rest = re.sub(r"^else\b\s*", "", action.text)
    keyword = next((word for word in OPENING if re.match(rf"{word}\b", rest)), "")
    rest = rest.removeprefix(keyword).strip()
    setting = re.match(r"((?:\$\w+[,\s]*)+):?=\s*", rest)
    return keyword, re.findall(r"\$\w+", setting[1]) if setting else [], rest[setting.end() :] if setting else rest


def _dot_inside(action: Action, scope: _Scope) -> Path | None:
    """Return what `.` stands for after an action, and give the variables that it sets their meaning."""
    keyword, variables, pipeline = _subject(action)
    if keyword in ("define", "block"):
        scope.variables.clear()
        return ()
    chain = re.fullmatch(r"\(*\s*([$.][\w.]*)\s*\)*", pipeline)
    target = scope.resolve(chain[1]) if chain else None
    if keyword == "range" and target is not None:
        target = (*target, "*")
    scope.variables.update(dict.fromkeys(variables[:-1]))
    scope.variables.update(dict.fromkeys(variables[-1:], target))
    return target if keyword in ("with", "range") else scope.dot


def _read(action: Action, scope: _Scope) -> Iterator[Reference]:
    """Give the values that one action reads."""
    keyword, variables, text = _subject(action)
    while (shorter := re.sub(r"\(\s*([$.][\w.]*)\s*\)(?=\.\w)", r"\1", text)) != text:  # ((.Values.a).b).c
        text = shorter
    tokens = [match for match in TOKEN.finditer(text) if match.start() == 0 or text[match.start() - 1] != ")"]
    named_only = len(tokens) == 1 and (keyword == "with" or bool(variables))  # what is read of it, a later action says
    for number, token in enumerate(tokens):
        path = scope.resolve(token["chain"]) if token["chain"] else None
        if path and "Values" in path:
            below = (*path, *_keys(tokens, number))[path.index("Values") + 1 :]
            asked_only = keyword == "if" or (number > 0 and tokens[number - 1]["word"] == "hasKey")
            if below:
                yield Reference(action.place, below, whole=not named_only and not asked_only)


def _keys(tokens: list[re.Match[str]], number: int) -> list[str]:
    """Return the keys that `index`, `get`, `hasKey` and `dig` look up in the map that a token names."""
    before = tokens[number - 1]["word"] if number else None
    if before in ("index", "get", "hasKey"):
        end = next((i for i in range(number + 1, len(tokens)) if not tokens[i]["text"]), len(tokens))
        return [token["text"][1:-1] for token in tokens[number + 1 : end]]
    start = next((i for i in range(number - 1, -1, -1) if tokens[i]["word"] == "dig"), None)
    between = tokens[start + 1 : number - 1] if start is not None else []
    return [token["text"][1:-1] for token in between] if between and all(token["text"] for token in between) else []
