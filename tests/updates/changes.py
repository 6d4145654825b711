"""Next versions of the template that its authors may well make, each an edit of the template's folder.

The catalogue of the version that is changed says where: the first principle's rule is reworded, the second gets a gate,
the third loses one, the fourth is renamed. So a change fits every constitution, and meets an edit only where both are
meant to be at the same place.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

CONSTITUTION = ".specify/memory/constitution.md"
PLAN = ".specify/templates/overrides/plan-template.md"
TASKS = ".specify/templates/overrides/tasks-template.md"
BASE = ".specify/gates/00-base.toml"
LOCAL = ".specify/gates/90-local.toml"
RUNNER = ".specify/gates/gates.py"
AGENTS = "AGENTS.md"
DOCUMENTS = (CONSTITUTION, PLAN, TASKS)


class Combination(NamedTuple):
    """A project type with a constitution, by their ids."""

    project_type: str
    constitution: str


class Step(NamedTuple):
    """A figure, its value in a version of the template, and the next stricter one."""

    figure: str
    old: int
    new: int


@dataclass(frozen=True)
class Change:
    """What a next version of the template changes."""

    name: str
    says: str
    apply: Callable[[Path, Combination], None]
    """Edits the template's folder."""
    touches: tuple[str, ...]
    """The files of a project that may differ after the update."""
    marks: Mapping[str, str] = field(default_factory=dict)
    """What a project holds after the update, by file."""
    applies: Callable[[Path, Combination], bool] = lambda _template, _combination: True
    answers: Mapping[str, str] = field(default_factory=dict)
    """The new name of each question that is renamed."""


def replace(path: Path, old: str, new: str) -> None:
    """Put `new` in place of the first `old`, which must be there."""
    text = path.read_bytes().decode()
    assert old in text, f"{path} does not hold {old!r}: the laboratory must learn where its place is now."
    path.write_bytes(text.replace(old, new, 1).encode())


def edit_yaml(path: Path, edit: Callable[[dict[str, Any]], object]) -> None:
    """Change the data that a file of the catalogue holds."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    edit(data)
    text = yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=10**6)
    path.write_text(text, encoding="utf-8", newline="\n")


def read(template: Path, kind: str, name: str) -> dict[str, Any]:
    """An entry of a template's catalogue; every version's, so without the models of this one."""
    path = template / f"catalogue/{kind}/{name}.yml"
    return parsed(path.read_text(encoding="utf-8"))


@cache
def parsed(text: str) -> dict[str, Any]:
    """The data of a file, which nobody changes: the same files are read again and again."""
    data: dict[str, Any] = yaml.safe_load(text)
    return data


def principles(template: Path, combination: Combination) -> list[dict[str, Any]]:
    """The principles that stand in a combination's constitution, in order."""
    if chosen := read(template, "constitutions", combination.constitution).get("principles"):
        return [read(template, "principles", name) for name in chosen]
    # Copier stores what is chosen in the order of the choices, which are sorted by title.
    proposed = read(template, "project_types", combination.project_type)["principles"]
    return sorted((read(template, "principles", name) for name in proposed), key=lambda item: item["title"].lower())


def edit_principle(
    template: Path, combination: Combination, index: int, edit: Callable[[dict[str, Any]], object]
) -> None:
    """Change the principle at `index` of a combination's constitution."""
    name = principles(template, combination)[index]["id"]
    edit_yaml(template / f"catalogue/principles/{name}.yml", edit)


def skeleton(template: Path, combination: Combination) -> bool:
    """Whether the type brings a source tree, CI and settings of tools."""
    return bool(read(template, "project_types", combination.project_type)["skeleton"])


# What changes


def reword_rule(template: Path, combination: Combination) -> None:
    def edit(principle: dict[str, Any]) -> None:
        principle["rules"][0] = principle["rules"][0].rstrip(".") + ", from the first draft on."

    edit_principle(template, combination, 0, edit)


def add_gate(template: Path, combination: Combination) -> None:
    def edit(principle: dict[str, Any]) -> None:
        prefix = principle["gates"][0]["id"].partition("-")[0]
        statement = "The change is small enough to be read in one sitting"
        principle["gates"].append({"id": f"{prefix}-90", "level": "SHOULD", "statement": statement})

    edit_principle(template, combination, 1, edit)


def retired_gate(gates: list[dict[str, Any]]) -> int:
    """The index of the gate that is retired: the last without a gate below it, if possible one without a figure."""
    parents = {gate.get("part_of") for gate in gates}
    single = [number for number, gate in enumerate(gates) if gate["id"] not in parents]
    return max([number for number in single if "{" not in gates[number]["statement"]] or single)


def retire_gate(template: Path, combination: Combination) -> None:
    edit_principle(template, combination, 2, lambda principle: principle["gates"].pop(retired_gate(principle["gates"])))


def rename_principle(template: Path, combination: Combination) -> None:
    edit_principle(template, combination, 3, lambda principle: principle.update(title=principle["title"] + " and Care"))


def figure_step(template: Path, combination: Combination) -> Step | None:
    """The first figure that a gate names and that can be tightened by itself, twice."""
    statements = " ".join(
        gate["statement"] for principle in principles(template, combination) for gate in principle["gates"]
    )
    own = read(template, "constitutions", combination.constitution).get("figures", {})
    figures = [read(template, "figures", path.stem) for path in sorted((template / "catalogue/figures").glob("*.yml"))]
    bound = {
        name
        for figure in figures
        for name in [*figure.get("product_of", ()), *({figure["id"]} if "product_of" in figure else ())]
    }
    for figure in figures:
        old = own.get(figure["id"], figure["default"])
        step = 1 if figure["stricter"] == "higher" else -1
        fits = figure["min"] <= old + 2 * step <= figure["max"]
        if figure["id"] not in bound and f"{{{figure['id']}}}" in statements and fits:
            return Step(figure["id"], old, old + step)
    return None


def tighten_figure(template: Path, combination: Combination) -> None:
    step = figure_step(template, combination)
    assert step
    edit_yaml(
        template / f"catalogue/constitutions/{combination.constitution}.yml",
        lambda constitution: constitution.update(figures=constitution.get("figures", {}) | {step.figure: step.new}),
    )


def add_question(template: Path, _combination: Combination) -> None:
    question = "\nteam:\n  type: str\n  help: Which team answers for it?\n  default: nobody yet\n\nci:\n  type: str\n"
    replace(template / "copier.yml", "\nci:\n  type: str\n", question)
    replace(template / "includes/forms.jinja", " license ci adjust ", " license team ci adjust ")
    replace(
        template / "template/common/AGENTS.md.jinja", "\n## Rules\n", "\nWho answers for it: {{ team }}.\n\n## Rules\n"
    )


def reword_command(template: Path, _combination: Combination) -> None:
    replace(template / "template/common/AGENTS.md.jinja", "| Only the fast gates |", "| The fast gates alone |")


def rename_question(template: Path, _combination: Combination) -> None:
    for path in [
        template / "copier.yml",
        *(template / "includes").rglob("*.jinja"),
        *(template / "template").rglob("*.jinja"),
    ]:
        text = path.read_bytes().decode()
        path.write_bytes(re.sub(r"(?<!constitution )\bratified\b(?! is )", "ratified_on", text).encode())
    copier = template / "copier.yml"
    names = template / "includes/forms.jinja"
    replace(names, " extra_principles ratified_on\n", " extra_principles ratified ratified_on\n")
    replace(
        copier,
        "default: \"{{ '%Y-%m-%d' | strftime }}\"",
        "default: \"{{ ratified | default('%Y-%m-%d' | strftime) }}\"",
    )


def move_file(template: Path, _combination: Combination) -> None:
    folder = template / "template/common"
    (folder / "renovate.json").rename(folder / ".github/renovate.json")
    old = "- path: renovate.json\n  source: template/common/renovate.json\n"
    replace(template / "catalogue/files.yml", old, old.replace("renovate.json", ".github/renovate.json"))


def drop_file(template: Path, _combination: Combination) -> None:
    entry = "- path: .editorconfig\n  source: template/common/.editorconfig\n  needs: [skeleton]\n"
    replace(template / "catalogue/files.yml", entry, "")
    (template / "template/common/.editorconfig").unlink()


def requirements(template: Path, combination: Combination) -> Path:
    """The file of a type that names ruff among what its tests need."""
    folder = template / "template" / combination.project_type
    found = [*folder.glob("requirements-dev.txt*"), *folder.glob("pyproject.toml*")]
    return next(path for path in found if "ruff>=" in path.read_text(encoding="utf-8"))


def raise_dependency(template: Path, combination: Combination) -> None:
    path = requirements(template, combination)
    (version,) = re.findall(r"ruff>=([0-9.]+),", path.read_text(encoding="utf-8"))
    replace(path, f"ruff>={version},", f"ruff>={version}.1,")


def change_runner(template: Path, _combination: Combination) -> None:
    path = template / f"template/common/{RUNNER}"
    replace(path, '"""Runs the gates', '"""Proves the gates')
    replace(
        path, '\nif __name__ == "__main__":', '\n# The exit status is the whole answer.\nif __name__ == "__main__":'
    )


COPIES = ".specify/templates/*"  # where there are no links, as on Windows, documents stand here twice
GATES = (CONSTITUTION, COPIES, BASE)
CHANGES = (
    Change(
        "rule reworded",
        "A rule of the first principle is reworded.",
        reword_rule,
        (CONSTITUTION, COPIES),
        {CONSTITUTION: "from the first draft on"},
    ),
    Change(
        "gate added",
        "The second principle gets a gate.",
        add_gate,
        GATES,
        {CONSTITUTION: "-90`", PLAN: "-90`", BASE: "-90]"},
    ),
    Change("gate retired", "The third principle loses a gate, whose id is not used again.", retire_gate, GATES),
    Change(
        "principle renamed",
        "The fourth principle gets another title.",
        rename_principle,
        GATES,
        {CONSTITUTION: " and Care\n", BASE: ' and Care"\n'},
    ),
    Change(
        "figure tightened",
        "The constitution asks for more.",
        tighten_figure,
        (*GATES, "*"),
        applies=lambda template, combination: figure_step(template, combination) is not None,
    ),
    Change("question added", "A question is added, and AGENTS.md has its answer.", add_question, (AGENTS,)),
    Change(
        "command reworded",
        "AGENTS.md says in other words what a command is for.",
        reword_command,
        (AGENTS,),
        {AGENTS: "| The fast gates alone |"},
    ),
    Change(
        "question renamed",
        "A question gets another name, and reads the answer to the old one in its default.",
        rename_question,
        (),
        {".copier-answers.yml": "ratified_on: "},
        answers={"ratified": "ratified_on"},
    ),
    Change(
        "file moved",
        "renovate.json moves into .github.",
        move_file,
        ("renovate.json", ".github/renovate.json"),
        {".github/renovate.json": "copier"},
        skeleton,
    ),
    Change("file dropped", ".editorconfig is dropped.", drop_file, (".editorconfig",), applies=skeleton),
    Change(
        "dependency raised",
        "ruff is raised.",
        raise_dependency,
        ("pyproject.toml", "requirements-dev.txt"),
        applies=skeleton,
    ),
    Change(
        "runner changed",
        "gates.py is changed at its beginning and its end.",
        change_runner,
        (RUNNER,),
        {RUNNER: "the whole answer"},
    ),
)
"""Every change, in the order in which all of them together are made."""
