"""Carries the organisation's principles into this repository's documents, as blocks between two comments.

    python .specify/gates/50-org-acme.py           writes the blocks, or renews them
    python .specify/gates/50-org-acme.py --check   names the documents with other words; exits with 1 if there are any

The prose is that of 50-org-acme.md. The gates' lines are what `gates.py list` says, with the team's own figures and
commands. Where `gates.py` cannot read the definitions, its sentences are shown, and the exit status is 2. So it is where
this script cannot read or write a file, or where 50-org-acme.md has a heading that is no principle's title.
"""

import errno
import re
import subprocess
import sys
import tomllib
from pathlib import Path

LAYERS = Path(__file__).resolve().parent
ROOT = LAYERS.parents[1]
OURS = Path(__file__).with_suffix(".toml")
BEGIN = f"<!-- {OURS.stem}: changes down to the next comment are lost, see .specify/gates/{OURS.stem}.py -->"
END = f"<!-- {OURS.stem}: end -->"
SECTIONS = {"constitution": "## Core Principles", "plan": "## Constitution Check", "tasks": "## Phase N: Gates"}
GATE = re.compile(r"(?m)^([A-Z]+-\d\d) +(MUST|SHOULD) +([a-z0-9-]+): (.*)\n +(.*)$")


def read(path: Path, encoding: str = "utf-8") -> str:
    """Give a file's text with its own line ends; raises OSError, which names the file, also where it is no text."""
    try:
        return path.read_bytes().decode(encoding)
    except UnicodeDecodeError as error:
        raise OSError(errno.EILSEQ, f"it is no UTF-8 from byte {error.start} on", str(path)) from error


def list_gates() -> list[tuple[str, ...]]:
    """List id, level, principle, statement and proof of each gate; leave with what `gates.py` says if it fails."""
    command = [sys.executable, LAYERS / "gates.py", "list"]
    listed = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    if listed.returncode:
        print(listed.stderr, end="", file=sys.stderr)
        sys.exit(2)
    return GATE.findall(listed.stdout)


def definitions() -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """Read the documents and the figures in force, and the ids of our principles by their titles.

    `gates.py` has read the same files before, so they are known to be well formed.
    """
    documents, figures = {}, {}
    for path in sorted(LAYERS.glob("*.toml")):
        layer = tomllib.loads(read(path, "utf-8-sig"))
        documents |= layer.get("documents", {})
        figures |= {name: str(value) for name, value in layer.get("figures", {}).items()}
    principles = tomllib.loads(read(OURS, "utf-8-sig")).get("principles", {})
    return documents, figures, {table["title"]: name for name, table in principles.items()}


def blocks(listed: list[tuple[str, ...]], figures: dict[str, str], ids: dict[str, str]) -> dict[str, str]:
    """Compose what each kind of document shall hold; leave where the prose has a principle that is not defined."""
    gates = [gate for gate in listed if gate[2] in ids.values()]
    prose = read(OURS.with_suffix(".md")).replace("\r\n", "\n")
    for name, value in figures.items():
        prose = prose.replace(f"{{{name}}}", value)
    sections = []
    for section in re.split(r"(?m)^(?=### )", prose)[1:]:
        title = section.partition("\n")[0].removeprefix("### ").strip()
        if not (principle := ids.get(title)):
            known = ", ".join(f"`{name}`" for name in ids) or "none"
            print(
                f"{OURS.stem}.md: `### {title}` is the title of no principle in {OURS.name}, which has {known}:"
                " write the same title in both.",
                file=sys.stderr,
            )
            sys.exit(2)
        lines = [f"- `{g[0]}` ({g[1]}): {g[3]}. Proof: {g[4]}." for g in gates if g[2] == principle]
        sections.append(f"{section.strip()}\n\n**Gates**:\n\n" + "\n".join(lines))
    return {
        "constitution": "\n\n".join(sections),
        "plan": "\n".join(f"- [ ] `{g[0]}` ({g[1]}): {g[3]} ({g[4]})" for g in gates),
        "tasks": "\n".join(f"- [ ] TXXX `{g[0]}` ({g[1]}) {g[3]} ({g[4]})" for g in gates),
    }


def carried(text: str, block: str, heading: str) -> str:
    """Put the block in the place of an older one, else at the end of the section under the heading."""
    block = f"{BEGIN}\n\n{block}\n\n{END}"
    before, begin, rest = text.partition(BEGIN)
    if begin and END in rest:
        return before + block + rest.partition(END)[2]
    section = re.search(rf"(?ms)^{re.escape(heading)}.*?(?=^## |\Z)", text)
    if not section:
        sys.exit(f"No section `{heading}`. Put these two lines where the principles shall stand:\n{BEGIN}\n{END}")
    return f"{text[: section.end()].rstrip()}\n\n{block}\n\n{text[section.end() :]}"


def carry() -> int:
    """Write or check the blocks; returns the exit status, and raises OSError for a file that cannot be used."""
    listed = list_gates()
    documents, figures, ids = definitions()
    check, behind = sys.argv[1:] == ["--check"], {}
    for kind, block in blocks(listed, figures, ids).items():
        if not documents.get(kind):
            continue
        path = ROOT / documents[kind]
        old = read(path)
        ends = "\r\n" if "\r\n" in old else "\n"
        new = carried(old.replace("\r\n", "\n"), block, SECTIONS[kind]).replace("\n", ends)
        if new != old:
            behind[documents[kind]] = new
    if not check:  # and not before each document was read
        for name, new in behind.items():
            (ROOT / name).write_bytes(new.encode("utf-8"))
    advice = f"lacks the organisation's words: run `python .specify/gates/{OURS.stem}.py`" if check else "is renewed"
    print("\n".join(f"{name} {advice}." for name in behind) or "Every document holds the organisation's principles.")
    return 1 if behind and check else 0


def main() -> int:
    """Run, and say which file is missing or wrong; returns the exit status."""
    try:
        return carry()
    except OSError as error:
        print(f"{error.filename} cannot be read or written: {error.strerror}. Restore or mend it.", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
