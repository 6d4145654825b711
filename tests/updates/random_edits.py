"""Edits that nobody thought of: lines inserted, replaced and deleted anywhere, and files deleted."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from hypothesis import strategies

from tests.updates.changes import AGENTS, LOCAL
from tests.updates.laboratory import ANSWERS

Kind = Literal["insert", "replace", "delete line", "append", "delete file"]
KINDS: tuple[Kind, ...] = ("insert", "replace", "delete line", "append", "delete file")


class Stroke(NamedTuple):
    """One edit; file and line are counted around the number of files and of the file's lines."""

    kind: Kind
    file: int
    line: int


STROKES = strategies.lists(
    strategies.builds(
        Stroke, strategies.sampled_from(KINDS), strategies.integers(0, 10**6), strategies.integers(0, 10**6)
    ),
    min_size=1,
    max_size=12,
)


def text_files(project: Path) -> list[str]:
    """The files that a person may edit, without those that Copier or git keeps."""
    paths = (path for path in project.rglob("*") if path.is_file() and not path.is_symlink())
    names = (path.relative_to(project) for path in paths)
    return sorted(name.as_posix() for name in names if name.parts[0] != ".git" and name.as_posix() != ANSWERS)


def scribble(project: Path, strokes: Sequence[Stroke]) -> dict[str, list[str] | None]:
    """Make these edits; returns what is there in the end of all that was written, and None for each deleted file."""
    written: dict[str, list[str] | None] = {}
    for number, stroke in enumerate(strokes):
        names = text_files(project)
        name = names[stroke.file % len(names)]
        path = project / name
        if stroke.kind == "delete file":
            # Copier writes a file of `_skip_if_exists` again when it is not there.
            if name not in (LOCAL, AGENTS):
                path.unlink()
                written[name] = None
            continue
        texts = written.setdefault(name, [])
        assert texts is not None
        lines = path.read_bytes().decode().splitlines(keepends=True)
        place = len(lines) if stroke.kind == "append" else stroke.line % (len(lines) + 1)
        ours = f"Written by hand, {number}."
        kept = place if stroke.kind in ("insert", "append") else place + 1
        new = [] if stroke.kind == "delete line" else [f"{ours}\n"]
        if place and new and not lines[place - 1].endswith("\n"):
            new.insert(0, "\n")
        path.write_bytes("".join([*lines[:place], *new, *lines[kept:]]).encode())
        if new:
            texts.append(ours)
    return {
        name: None if texts is None else [text for text in texts if text in (project / name).read_bytes().decode()]
        for name, texts in written.items()
    }
