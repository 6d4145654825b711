"""What users do to a generated project, each an edit of its folder.

An edit reads from the project itself where principles, gates and figures stand, so it fits a project of every release.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pathspec
import yaml

from extensions.catalogue import ROOT
from tests.helpers import CATALOGUE, write
from tests.updates.changes import (
    AGENTS,
    BASE,
    CONSTITUTION,
    DOCUMENTS,
    LOCAL,
    PLAN,
    RUNNER,
    Combination,
    Step,
    figure_step,
    replace,
    retired_gate,
)

Traces = Mapping[str, list[str] | None]
"""What the user wrote, by file; None where he deleted the file."""


@dataclass(frozen=True)
class Edit:
    """What a user does, and which changes of the template reach the same lines."""

    name: str
    says: str
    apply: Callable[[Path], Traces]
    """Edits the project's folder."""
    meets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The files that conflict, by the name of the change."""
    loses: Mapping[str, str] = field(default_factory=dict)
    """The file that is gone after the update and that git still holds, by the name of the change."""
    applies: Callable[[Combination], bool] = lambda _combination: True
    data: Callable[[Path], dict[str, object]] = lambda _project: {}
    """The answers that are given to the update."""
    breaks: bool = False
    """Whether gates fail after it, update or not, until the user does more."""

    @property
    def apart(self) -> bool:
        """Whether it meets no change at all."""
        return not self.meets and not self.loses


# Where things are in a project


def text_of(path: Path) -> str:
    """A file's text, its line ends as they are."""
    return path.read_bytes().decode()


def rewrite(path: Path, edit: Callable[[str], str]) -> None:
    """Change a file's text; it must become another."""
    before = text_of(path)
    after = edit(before)
    assert after != before, f"The edit does not change {path}."
    path.write_bytes(after.encode())


def append(path: Path, text: str) -> None:
    rewrite(path, lambda before: before + text)


def base(project: Path) -> dict[str, Any]:
    """The definitions of the gates, as the template wrote them."""
    return tomllib.loads(text_of(project / BASE))


def gates_by_principle(project: Path) -> list[tuple[str, list[dict[str, Any]]]]:
    """Each principle's title, and its gates, in order."""
    tables = base(project)
    return [
        (
            principle["title"],
            [{"id": gate_id} | gate for gate_id, gate in tables["gates"].items() if gate["principle"] == name],
        )
        for name, principle in tables["principles"].items()
    ]


def documents(project: Path) -> list[str]:
    """The documents that name each gate."""
    return [name for name in DOCUMENTS if (project / name).exists()]


def headings(text: str) -> list[str]:
    """The lines that begin a principle in the constitution."""
    return re.findall(r"(?m)^### .*\n", text)


def rules(text: str) -> list[list[str]]:
    """The lines of each principle's rules."""
    parts = re.split(r"(?m)^### .*\n", text.partition("\n## Stack Constraints")[0])[1:]
    return [re.findall(r"(?m)^- .*\n", part.partition("**Rationale**")[0]) for part in parts]


def line_of(text: str, gate: str) -> str:
    """The line that names a gate."""
    return next(line for line in text.splitlines(keepends=True) if f"`{gate}`" in line)


def step_by_hand(project: Path) -> Step | None:
    """The figure that the template may tighten by one step, and the value two steps on."""
    tables = base(project)
    statements = " ".join(gate["statement"] for gate in tables["gates"].values())
    bound = {
        name for figure in CATALOGUE.figures.values() if figure.product_of for name in [figure.id, *figure.product_of]
    }
    for name, value in sorted(tables["figures"].items()):
        figure = CATALOGUE.figures[name]
        new = value + (2 if figure.stricter == "higher" else -2)
        if name not in bound and f"{{{name}}}" in statements and figure.min <= new <= figure.max:
            return Step(name, value, new)
    return None


def has_figure(combination: Combination) -> bool:
    """Whether a gate of this combination names a figure that stands by itself."""
    return figure_step(ROOT, combination) is not None


def has_skeleton(combination: Combination) -> bool:
    """Whether the project has a source tree, CI and settings of tools."""
    return CATALOGUE.project_types[combination.project_type].skeleton


def samples(project: Path) -> list[Path]:
    """The files that updates leave alone, in order."""
    answers = yaml.safe_load(text_of(project / ".copier-answers.yml"))
    patterns = CATALOGUE.project_types[answers["project_type"]].examples
    matcher = pathspec.GitIgnoreSpec.from_lines(patterns)
    return sorted(project / name for name in matcher.match_tree_files(project))


# Edits of the constitution


def amend_rule(project: Path) -> Traces:
    """Reword a rule far from every figure, of the last principle that has one."""

    def edit(text: str) -> str:
        for lines in [*rules(text)[:3:-1], *rules(text)[1:4]]:
            for above, line, below in zip(["", *lines], lines, [*lines[1:], ""], strict=False):
                if not re.search(r"\d", above + line + below):
                    return text.replace(line, line.rstrip(".\n") + ", on Fridays twice.\n", 1)
        raise AssertionError("Every rule names a figure.")

    rewrite(project / CONSTITUTION, edit)
    return {CONSTITUTION: [", on Fridays twice."]}


def amend_first_rule(project: Path) -> Traces:
    rewrite(
        project / CONSTITUTION,
        lambda text: text.replace(rules(text)[0][0], rules(text)[0][0].rstrip(".\n") + ", as Jo said.\n", 1),
    )
    return {CONSTITUTION: [", as Jo said."]}


def retitle_fourth_principle(project: Path) -> Traces:
    title, _ = gates_by_principle(project)[3]
    name = list(base(project)["principles"])[3]
    replace(project / CONSTITUTION, f". {title}\n", f". {title} for All\n")
    append(project / LOCAL, f'\n[principles.{name}]\ntitle = "{title} for All"\n')
    return {CONSTITUTION: [f"{title} for All"], LOCAL: [f'"{title} for All"']}


def reword_retired_gate(project: Path) -> Traces:
    """Explain the gate that the template is about to retire."""
    gates = base_gates_with_parents(project)
    gate = gates[retired_gate(gates)]["id"]
    rewrite(
        project / CONSTITUTION,
        lambda text: text.replace(line_of(text, gate), line_of(text, gate).rstrip("\n") + " Ask Kim.\n", 1),
    )
    return {CONSTITUTION: ["Ask Kim."]}


def base_gates_with_parents(project: Path) -> list[dict[str, Any]]:
    """The third principle's gates, each with the gate that it is part of."""
    parents = {
        gate.id: gate.part_of for principle in CATALOGUE.principles.values() for gate in principle.gates if gate.part_of
    }
    return [
        gate | ({"part_of": parents[gate["id"]]} if gate["id"] in parents else {})
        for gate in gates_by_principle(project)[2][1]
    ]


def add_principle(project: Path, index: int, title: str, gate: str, statement: str, proof: str) -> Traces:
    """Add a principle with one gate before the one at `index`, to each document and the local layer."""
    before = gates_by_principle(project)[:index][-1][1]
    name = title.lower().replace(" ", "-")
    section = (
        f"### {title}\n\n- The team MUST keep this: {title}.\n\n**Rationale**: We learnt it.\n\n**Gates**:\n\n"
        f"- `{gate}` (MUST): {statement}.\n\n"
    )
    heading = [*headings(text_of(project / CONSTITUTION)), "## Stack Constraints\n"]
    place = heading[index] if index < len(heading) - 1 else heading[-1]
    replace(project / CONSTITUTION, place, section + place)
    for document in documents(project)[1:]:
        text = text_of(project / document)
        line = line_of(text, before[-1]["id"])
        first = line_of(text, before[0]["id"])
        start = re.match(r" *- \[ \] (TXXX )?", first)
        assert start, f"{document} has no list of gates."
        replace(project / document, line, f"{line}{start[0]}`{gate}` (MUST): {statement} (we decide)\n")
    table = f'\n[principles.{name}]\ntitle = "{title}"\n\n[gates.{gate}]\nprinciple = "{name}"\nlevel = "MUST"\n'
    append(project / LOCAL, f'{table}statement = "{statement}"\n{proof}')
    return {name: [f"`{gate}`"] for name in documents(project)} | {LOCAL: [f"[gates.{gate}]"]}


def principle_at_end(project: Path) -> Traces:
    proof = f'require = ["{AGENTS}"]\n'
    count = len(gates_by_principle(project))
    return add_principle(project, count, "Fair Play", "FAIR-01", "Newcomers find the agents' page", proof)


def principle_in_the_middle(project: Path) -> Traces:
    return add_principle(project, 1, "Quiet Hours", "HUSH-01", "Nobody is paged for this at night", "")


def bump_version(project: Path) -> Traces:
    rewrite(project / CONSTITUTION, lambda text: re.sub(r"\*\*Version\*\*: 1\.0\.0", "**Version**: 1.1.0", text))
    return {CONSTITUTION: ["**Version**: 1.1.0"]}


def tighten_by_hand(project: Path) -> Traces:
    """Tighten a figure in the local layer, and carry it into the prose of constitution and templates."""
    step = step_by_hand(project)
    assert step
    number = re.compile(rf"(?<![\w.-]){step.old}(?!\w|\.\d)")
    texts = [
        text for principle in CATALOGUE.principles.values() for text in principle.texts if f"{{{step.figure}}}" in text
    ]
    known = [
        re.compile(re.sub(r"\\\{\w+\\\}", r".+", re.escape(text.replace(f"{{{step.figure}}}", str(step.old)))))
        for text in texts
    ]
    traces: dict[str, list[str] | None] = {LOCAL: [f"{step.figure} = {step.new}"]}
    for document in documents(project):
        lines = text_of(project / document).splitlines(keepends=True)
        new = [
            number.sub(str(step.new), line) if any(pattern.search(line) for pattern in known) else line
            for line in lines
        ]
        (project / document).write_bytes("".join(new).encode())
        traces[document] = [line.strip() for line, old in zip(new, lines, strict=True) if line != old]
    append(project / LOCAL, f"\n[figures]\n{step.figure} = {step.new}\n")
    return traces


def figures_answer(project: Path) -> dict[str, object]:
    step = step_by_hand(project)
    return {"figures": {step.figure: step.new}} if step else {}


# Edits of the team's own files


def waive(project: Path) -> Traces:
    gate = gates_by_principle(project)[0][1][-1]["id"]
    year = date.today().year + 1
    append(project / LOCAL, f'\n[waivers.{gate}]\nreason = "the old module goes first"\nuntil = {year}-12-31\n')
    return {LOCAL: [f"[waivers.{gate}]"]}


def local_gate(project: Path) -> Traces:
    """A gate of the team's own, below the first principle, by a task of its own."""
    name = next(iter(base(project)["principles"]))
    gates = gates_by_principle(project)[0][1]
    statement = "The agents' page is there"
    for document in documents(project):
        first = line_of(text_of(project / document), gates[0]["id"])
        start = re.match(r" *- (\[ \] (TXXX )?)?", first)
        assert start
        replace(project / document, first, f"{start[0]}`OURS-01` (SHOULD): {statement}.\n{first}")
    append(
        project / LOCAL,
        f'\n[tasks.our-pages]\nrequire = ["{AGENTS}"]\n\n[gates.OURS-01]\nprinciple = "{name}"\nlevel = "SHOULD"\n'
        f'statement = "{statement}"\ntask = "our-pages"\n',
    )
    return {name: ["`OURS-01`"] for name in documents(project)} | {LOCAL: ["[tasks.our-pages]"]}


def rename_task(project: Path) -> Traces:
    """Prove the first gate by a task of another name, and say so in the documents."""
    gate = gates_by_principle(project)[0][1][0]
    for document in documents(project):
        line = line_of(text_of(project / document), gate["id"])
        new = line.rstrip("\n").rpartition(" Proof: ")[0] + " Proof: task `ours`.\n"
        if document != CONSTITUTION:
            new = line[: line.index(gate["statement"]) + len(gate["statement"])] + " (`make ours`)\n"
        replace(project / document, line, new)
    append(project / LOCAL, f'\n[tasks.ours]\nrun = "make ours"\n\n[gates.{gate["id"]}]\ntask = "ours"\n')
    return {name: ["ours`"] for name in documents(project)} | {LOCAL: ["[tasks.ours]"]}


def tick_plan(project: Path) -> Traces:
    plan = text_of(project / PLAN).replace("[ ]", "[x]").replace("[FEATURE]", "Refunds").replace("[DATE]", "2026-03-31")
    write(project, {"specs/001-refunds/plan.md": plan})
    return {"specs/001-refunds/plan.md": ["[x]", "Plan: Refunds"]}


# Edits of code, documents and settings


def replace_sample(project: Path) -> Traces:
    """Write other code into the first sample files, and a file of one's own beside them."""
    chosen = [path for path in samples(project) if path.suffix in (".py", ".ts", ".tsx", ".yaml")][:3]
    for path in chosen:
        path.write_text("# Ours: all of it is new.\n", encoding="utf-8", newline="\n")
    own = chosen[0].parent / "billing.py"
    own.write_text('"""Bills."""\n', encoding="utf-8", newline="\n")
    names = [path.relative_to(project).as_posix() for path in chosen]
    return {name: ["# Ours"] for name in names} | {own.relative_to(project).as_posix(): ["Bills."]}


def delete_samples(project: Path) -> Traces:
    """Delete the last sample files."""
    gone = [path for path in samples(project) if path.suffix in (".py", ".ts", ".tsx")][-3:]
    for path in gone:
        path.unlink()
    return {path.relative_to(project).as_posix(): None for path in gone}


def delete_licence(project: Path) -> Traces:
    (project / "LICENSE").unlink()
    return {"LICENSE": None}


def requirements(project: Path) -> Path:
    """The file that names ruff."""
    found = (project / name for name in ("requirements-dev.txt", "pyproject.toml"))
    return next(path for path in found if path.exists() and "ruff>=" in text_of(path))


def add_dependency(project: Path) -> Traces:
    path = requirements(project)
    if path.name == "pyproject.toml":
        replace(path, "dependencies = [\n", 'dependencies = [\n    "rich>=15", # tables for people\n')
    else:
        replace(path, "detect-secrets", "rich>=15   # tables for people\ndetect-secrets")
    return {path.name: ["rich>=15"]}


def pin_ruff(project: Path) -> Traces:
    path = requirements(project)
    rewrite(path, lambda text: re.sub(r"ruff>=[0-9.]+,<[0-9.]+", "ruff==0.17.9", text))
    return {path.name: ["ruff==0.17.9"]}


def edit_readme(project: Path) -> Traces:
    path = project / "README.md"
    text = text_of(path) if path.exists() else "# Ours\n"
    write(project, {"README.md": text + "\n## Our office hours\n\nWednesdays at ten.\n"})
    return {"README.md": ["Wednesdays at ten."]}


def edit_ci(project: Path) -> Traces:
    path = project / ".github/workflows/ci.yml"
    text = re.sub(r"(?m)^(  pull_request:)$", r"\1\n  merge_group:", text_of(path), count=1)
    path.write_bytes((text + "      - run: echo done by ours\n").encode())
    return {".github/workflows/ci.yml": ["merge_group:", "done by ours"]}


def edit_overlay(project: Path) -> Traces:
    """Change a platform's values, add a template beside the chart's, and drop one."""
    (chart,) = (project / "charts").iterdir()
    replace(chart / "platforms/eks.yaml", "internet-facing", "internal")
    write(chart, {"templates/role.yaml": "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\n"})
    (chart / "templates/hpa.yaml").unlink()
    at = chart.relative_to(project).as_posix()
    return {
        f"{at}/platforms/eks.yaml": ["scheme: internal"],
        f"{at}/templates/role.yaml": ["kind: Role"],
        f"{at}/templates/hpa.yaml": None,
    }


def edit_agents(project: Path) -> Traces:
    replace(project / AGENTS, "\n## Layout\n", "\nAsk Jo before you touch billing.\n\n## Layout\n")
    return {AGENTS: ["Ask Jo before you touch billing."]}


def edit_agents_at_the_question(project: Path) -> Traces:
    replace(project / AGENTS, "\n## Rules\n", "\nThe billing team answers for it.\n\n## Rules\n")
    return {AGENTS: ["The billing team answers for it."]}


def aligned(text: str) -> str:
    """Markdown with the cells of its tables padded to the same width, as Prettier and editors do."""

    def table(match: re.Match[str]) -> str:
        rows = [
            [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))] for line in match[0].splitlines()
        ]
        widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
        lines = [
            "| "
            + " | ".join(
                cell.ljust(width, "-" if set(cell) == {"-"} else " ") for cell, width in zip(row, widths, strict=True)
            )
            + " |"
            for row in rows
        ]
        return "\n".join(lines) + "\n"

    return re.sub(r"(?m)(?:^\|.*\n)+", table, text)


def format_agents(project: Path) -> Traces:
    """Align the tables of AGENTS.md, and write `*` for a list, as some formatters do."""
    rewrite(project / AGENTS, aligned)
    lines = text_of(project / AGENTS).splitlines()
    return {AGENTS: [line for line in lines if line.startswith("| One gate ")]}


def format_own(project: Path) -> Traces:
    """Align the tables of a README, and end the lines of local settings without spaces."""
    table = "| Who | When |\n|---|---|\n| Jo | mornings |\n"
    path = project / "README.md"
    text = text_of(path) if path.exists() else "# Ours\n"
    write(project, {"README.md": aligned(f"{text}\n{table}")})
    return {"README.md": ["| Jo  | mornings |"]}


def crlf(path: Path) -> None:
    rewrite(path, lambda text: re.sub(r"\r?\n", "\r\n", text))


def crlf_own(project: Path) -> Traces:
    """An editor of Windows saves what the template does not change."""
    edit_readme(project)
    crlf(project / "README.md")
    plan = project / "specs/002-exports/plan.md"
    write(project, {"specs/002-exports/plan.md": text_of(project / PLAN)})
    crlf(plan)
    return {
        "README.md": ["Wednesdays at ten.\r\n"],
        "specs/002-exports/plan.md": ["# Implementation Plan: [FEATURE]\r\n"],
    }


def crlf_constitution(project: Path) -> Traces:
    crlf(project / CONSTITUTION)
    return {CONSTITUTION: ["## Governance\r\n"]}


def edit_moved(project: Path) -> Traces:
    replace(project / "renovate.json", '"config:recommended"', '"config:recommended", ":preserveSemverRanges"')
    return {"renovate.json": [":preserveSemverRanges"]}


def edit_dropped(project: Path) -> Traces:
    append(project / ".editorconfig", "\n[*.cs]\nindent_size = 8\n")
    return {".editorconfig": ["[*.cs]"]}


def edit_runner(project: Path) -> Traces:
    replace(project / RUNNER, '"""Runs the gates', '"""Runs our gates')
    return {RUNNER: ['"""Runs our gates']}


TOUCH_CONSTITUTION = ("rule reworded", "gate added", "gate retired", "principle renamed", "figure tightened")
EDITS = (
    Edit("amend a rule", "a rule of a later principle says more", amend_rule),
    Edit("principle at the end", "an own principle with a gate, after the last", principle_at_end),
    Edit("principle in the middle", "an own principle with a gate, after the first", principle_in_the_middle),
    Edit("tick a plan", "a plan from the template, filled in and ticked", tick_plan),
    Edit("bump the version", "the constitution's version line", bump_version),
    Edit(
        "tighten by answer",
        "`copier update --data figures=...`",
        lambda _project: {},
        data=figures_answer,
        applies=has_figure,
    ),
    Edit("waiver", "a gate excused in 90-local.toml", waive),
    Edit("local gate", "an own gate and task below the first principle", local_gate),
    Edit("rename a task", "another task proves the first gate", rename_task, breaks=True),
    Edit(
        "replace the sample code",
        "other code in the sample's files, and a new file",
        replace_sample,
        applies=has_skeleton,
        breaks=True,
    ),
    Edit(
        "delete sample files",
        "some of the sample's files are deleted",
        delete_samples,
        applies=has_skeleton,
        breaks=True,
    ),
    Edit("delete a file", "LICENSE is deleted", delete_licence, applies=has_skeleton),
    Edit("add a dependency", "a package among the requirements", add_dependency, applies=has_skeleton),
    Edit("edit README", "a section at its end", edit_readme),
    Edit("edit CI", "a trigger and a step", edit_ci, applies=has_skeleton),
    Edit(
        "edit a chart",
        "a platform's values, a template more and a template less",
        edit_overlay,
        applies=lambda combination: combination.project_type == "helm-chart",
        breaks=True,
    ),
    Edit("edit AGENTS.md", "a sentence above the layout", edit_agents),
    Edit("format own files", "tables of README are aligned", format_own),
    Edit("CRLF", "README and a plan get Windows' line ends", crlf_own),
    Edit(
        "amend the same rule",
        "the first rule, which the template rewords",
        amend_first_rule,
        {"rule reworded": (CONSTITUTION,)},
    ),
    Edit(
        "retitle a principle",
        "the fourth, which the template renames",
        retitle_fourth_principle,
        {"principle renamed": (CONSTITUTION,)},
    ),
    Edit(
        "explain a gate", "the gate that the template retires", reword_retired_gate, {"gate retired": (CONSTITUTION,)}
    ),
    Edit(
        "tighten by hand",
        "a figure in 90-local.toml and in the prose",
        tighten_by_hand,
        {"figure tightened": DOCUMENTS},
        applies=has_figure,
    ),
    Edit(
        "pin a dependency",
        "ruff, which the template raises",
        pin_ruff,
        {"dependency raised": ("pyproject.toml", "requirements-dev.txt")},
        applies=has_skeleton,
    ),
    Edit(
        "write where the question writes",
        "a sentence above the rules in AGENTS.md",
        edit_agents_at_the_question,
        {"question added": (AGENTS,)},
        applies=has_skeleton,
    ),
    Edit(
        "format AGENTS.md",
        "its tables are aligned",
        format_agents,
        {"command reworded": (AGENTS,)},
        applies=has_skeleton,
    ),
    Edit(
        "CRLF in the constitution",
        "all of its lines",
        crlf_constitution,
        dict.fromkeys(TOUCH_CONSTITUTION, (CONSTITUTION,)),
    ),
    Edit("patch the runner", "gates.py at its beginning", edit_runner, {"runner changed": (RUNNER,)}),
    Edit(
        "edit a moved file",
        "renovate.json, which the template moves",
        edit_moved,
        loses={"file moved": "renovate.json"},
        applies=has_skeleton,
    ),
    Edit(
        "edit a dropped file",
        ".editorconfig, which the template drops",
        edit_dropped,
        loses={"file dropped": ".editorconfig"},
        applies=has_skeleton,
    ),
)
"""Every edit, in the order in which those that meet nothing are made together."""
