"""The catalogue as typed data: the one schema of `catalogue/`, for tests, lint, documentation and editors."""

import math
import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

ROOT = Path(__file__).parent.parent
"""The template's repository."""

Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$")]
FigureId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$")]
GateId = Annotated[str, Field(pattern=r"^[A-Z]{2,6}-[0-9]{2}$")]
Line = Annotated[str, Field(min_length=1, pattern=r"^\S[^\n]*$")]
Level = Literal["MUST", "SHOULD"]
CheckStyle = Literal["checklist", "grouped", "numbered", "table"]
Patterns = Annotated[list[Line], Field(min_length=1)]
Fact = Literal["skeleton", "tests", "license", "github", "gitlab", "windows", "eks", "gke", "aks", "openshift", "local"]
ProjectPath = Annotated[str, Field(pattern=r"^[^/\\\s]+(/[^/\\\s]+)*$")]

TECHNICAL_CONTEXT = (
    "Language/Version",
    "Primary Dependencies",
    "Storage",
    "Testing",
    "Target Platform",
    "Project Type",
    "Performance Goals",
    "Constraints",
    "Scale/Scope",
)
"""The fields of a plan's Technical Context, in spec-kit's order and spelling (spec-kit 1.2, `plan-template.md`)."""

NAMED_ANSWERS = {"package_name", "chart_name", "gpu_environment"}
"""The answers that a text or a command may name in braces, as it names figures."""

NAMED_IN_FILES = NAMED_ANSWERS | {"answers_file", "license", "ci"}
"""The answers that `catalogue/files.yml` may name in braces."""

PLACEHOLDER = re.compile(r"\{(\w+)\}")
"""`{coverage_min}` in a text stands for the figure's value."""


class Entry(BaseModel):
    """A piece of the catalogue: frozen, and without keys that nobody knows."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Figure(Entry):
    """A number in a rule that code enforces too."""

    id: FigureId
    title: Line
    about: Line = Field(description="What the number bounds, as the end of a sentence.")
    unit: Line
    default: int
    min: int
    max: int
    stricter: Literal["higher", "lower"] = Field(description="The direction in which it is tightened.")
    product_of: Annotated[list[FigureId], Field(min_length=1)] | None = Field(
        None, description="Figures that belong together: this one is their product, divided by `divided_by`."
    )
    divided_by: Annotated[int, Field(ge=1)] = 1

    @model_validator(mode="after")
    def _default_is_within_bounds(self) -> Self:
        if not self.min <= self.default <= self.max:
            raise ValueError(f"default {self.default} is not between min {self.min} and max {self.max}")
        return self

    def fits(self, values: Mapping[str, int]) -> bool:
        """Whether this figure is the product that it must be, by the values of all figures."""
        factors = [values[name] for name in self.product_of or []]
        return not factors or math.prod(factors) == values[self.id] * self.divided_by


class Proof(Entry):
    """What a machine can check: nothing, a command, or patterns of files."""

    require: Patterns | None = Field(None, description="Each pattern matches at least one file.")
    forbid: Patterns | None = Field(None, description="No file matches any of these patterns.")


class Task(Proof):
    """A command, or patterns of files, by which a project type proves something."""

    run: Line | Patterns | None = Field(None, description="Commands without a shell; all must exit with 0.")
    needs: list[Id] = Field([], description="Tasks whose results this one reads.")
    files: Patterns | None = Field(None, description="Files that are appended to the command.")
    slow: bool = Field(False, description="Left out by `gates.py run --fast`.")
    ci: bool = Field(False, description="Runs only with `gates.py run --ci`.")

    @model_validator(mode="after")
    def _has_one_kind_of_proof(self) -> Self:
        if (self.run is not None) == (self.require is not None or self.forbid is not None):
            raise ValueError("a task has either `run`, or `require` and `forbid`")
        return self

    @property
    def commands(self) -> list[str]:
        """The commands in order; empty for patterns of files."""
        return [self.run] if isinstance(self.run, str) else self.run or []


class Gate(Proof):
    """One checkable statement with an id that is never used for another."""

    id: GateId
    level: Level
    statement: Line
    task: Id | None = Field(None, description="The task that proves it; without one a reviewer decides.")
    part_of: GateId | None = Field(None, description="The gate that it stands right below, one step deeper.")


class Conflict(Entry):
    """Another principle that cannot stand in the same constitution."""

    principle: Id
    reason: Line = Field(description="The end of the sentence 'these two cannot be combined, because ...'.")


class Principle(Entry):
    """Rules, why they are there, and the gates that hold them."""

    id: Id
    title: Line
    summary: Line = Field(description="The principle in one sentence with MUST or SHOULD.")
    rules: Patterns
    rationale: Line
    gates: Annotated[list[Gate], Field(min_length=1)]
    demands_tests: bool = Field(False, description="The tasks template then makes tests and gates into tasks.")
    conflicts: list[Conflict] = []
    project_types: list[Id] | None = Field(None, description="The types that it applies to; all, when left out.")
    retired: bool = Field(False, description="Offered only to those who chose it before.")

    @property
    def texts(self) -> list[str]:
        """Every text in which a figure may be named."""
        return [self.summary, *self.rules, self.rationale, *(gate.statement for gate in self.gates)]


class Constitution(Entry):
    """A named, ordered list of principles with figures, governance and the form of its Constitution Check."""

    id: Id
    title: Line
    summary: Line
    check_style: CheckStyle
    principles: list[Id]
    figures: dict[FigureId, int] = {}
    governance: Patterns
    project_types: list[Id] | None = Field(None, description="The types that it suits; all, when left out.")


class Complexity(Entry):
    """An example row of Complexity Tracking."""

    violation: Line
    needed: Line
    rejected: Line


class Environment(Entry):
    """A tool that keeps the project's environments and runs commands in them, in place of pip in an active one."""

    name: Line
    install: Line
    run: Line = Field(description="What stands before a command, `pixi run` for example.")
    github: list[dict[str, Any]] = Field(description="Steps of a GitHub job that install the tool and the project.")


class Cluster(Entry):
    """The versions of what makes a Kubernetes cluster in CI on GitLab; GitHub's machines have both already."""

    kind: Line
    kubectl: Line


class ProjectType(Entry):
    """The stack and its source tree."""

    id: Id
    title: Line
    summary: Line
    skeleton: bool = Field(description="Whether the type brings a source tree, README, CI and licence of its own.")
    constitution: Id = Field(description="The constitution that is proposed.")
    principles: Annotated[list[Id], Field(min_length=1, description="Proposed for a custom constitution.")]
    technical_context: dict[str, Line] = Field(description="The hint for each field of the plan's Technical Context.")
    source_tree: str = Field(description="Drawn as in the plan template, with a comment for each folder.")
    complexity: Annotated[list[Complexity], Field(min_length=1)]
    constraints: Patterns
    workflow: Patterns
    setup: list[Line] = Field(description="Commands that install the project for development.")
    environment: Environment | None = None
    ci_setup: list[Line] = Field([], description="Commands that a CI job runs after `setup`, on a machine of its own.")
    python_versions: list[Line] = Field([], description="What CI tests with; the gates run on the last.")
    node_versions: list[Line] = Field([], description="The same for Node.js, where the type needs it.")
    helm_versions: list[Line] = Field([], description="The same for Helm.")
    cluster: Cluster | None = Field(None, description="For a task of CI that deploys into a Kubernetes cluster.")
    history: bool = Field(False, description="Whether a gate compares with the last release, so that CI fetches tags.")
    releases: bool = Field(
        False, description="Whether a tag starts a release, which the type's .gitlab/release.yml describes for GitLab."
    )
    test: list[Line] = Field([], description="Commands that together run every test.")
    figures: list[FigureId] = Field([], description="Figures that the project's code reads at run time.")
    tasks: dict[Id, Task]
    ignore: list[Line] = Field(description="Lines of .gitignore.")
    examples: list[Line] = Field(description="Folders that are written at copy and left alone by updates.")
    local_examples: dict[Line, dict[Id, Task]] = Field({}, description="Commented tasks for gates/90-local.toml.")

    @cached_property
    def paths(self) -> list[tuple[str, str]]:
        """Each path of the source tree with its comment, `src/{package_name}/api/` for example."""
        found: list[tuple[str, str]] = []
        parents: list[str] = []
        for line in filter(str.strip, self.source_tree.splitlines()):
            match = re.fullmatch(r"((?:[│ ]   )*(?:[├└]── )?)(\S+)(?:\s+# (.+))?", line)
            if match is None:
                raise ValueError(f"{self.id}: cannot read the source tree's line {line!r}")
            indent, name, comment = match.groups()
            parents[len(indent) // 4 :] = [name]
            found.append(("".join(parents), comment or ""))
        return found


class Move(Entry):
    """A file of generated projects that the template moved or dropped; answers stand in it in braces."""

    old: ProjectPath = Field(alias="from")
    new: ProjectPath | None = Field(None, alias="to", description="Where it is now; left out when it was dropped.")
    why: Line = Field(description="The end of the sentence 'it is there now, because ...'.")
    project_types: Annotated[list[Id], Field(min_length=1)] | None = Field(
        None, description="The types that had it; all, when left out."
    )


MOVES: TypeAdapter[list[Move]] = TypeAdapter(list[Move])
"""What `catalogue/moves.yml` holds."""


class ProjectFile(Entry):
    """A file that projects of all types share, or one of some types that comes and goes with an answer."""

    path: ProjectPath = Field(description="Where it is in a project; answers stand in it in braces.")
    source: ProjectPath | None = Field(None, description="What renders it, if not template/common/{path}.jinja.")
    needs: list[Fact] = Field([], description="What must hold of a project's answers, so that it has the file.")
    why: Line | None = Field(None, description="The end of 'it is dropped, because ...' where not all hold.")
    project_types: Annotated[list[Id], Field(min_length=1)] | None = Field(
        None, description="The types whose own folders hold it; left out when all types share it."
    )

    @property
    def renderer(self) -> str:
        """What renders it where all types share it, as a path from the root."""
        return self.source or f"template/common/{self.path}.jinja"


FILES: TypeAdapter[list[ProjectFile]] = TypeAdapter(list[ProjectFile])
"""What `catalogue/files.yml` holds."""


class Catalogue(Entry):
    """Everything that can be chosen, by id, each in the order of its ids; and lists of files, in their own order."""

    figures: Mapping[str, Figure]
    principles: Mapping[str, Principle]
    constitutions: Mapping[str, Constitution]
    project_types: Mapping[str, ProjectType]
    moves: list[Move] = []
    files: list[ProjectFile] = []


KINDS: dict[str, type[Figure | Principle | Constitution | ProjectType]] = {
    "figures": Figure,
    "principles": Principle,
    "constitutions": Constitution,
    "project_types": ProjectType,
}
"""The folders of `catalogue/`, and what a file in each of them holds."""

LISTS: dict[str, TypeAdapter[Any]] = {"moves": MOVES, "files": FILES}
"""The files of `catalogue/` that hold a list, by their names without a suffix."""


def load(root: Path = ROOT) -> Catalogue:
    """Read `root/catalogue`.

    Raises:
        ValueError: a file does not fit its model, or is not named after its id; the message names the file.

    """
    kinds = {kind: _load_kind(root / "catalogue" / kind, kind) for kind in KINDS}
    lists = {name: _load_list(root / "catalogue" / f"{name}.yml", model) for name, model in LISTS.items()}
    return Catalogue.model_validate({**kinds, **lists})


def _load_list(path: Path, model: TypeAdapter[Any]) -> object:
    try:
        found: object = model.validate_python(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (ValueError, yaml.YAMLError) as error:
        raise ValueError(f"catalogue/{path.name}: {error}") from error
    return found


def _load_kind(folder: Path, kind: str) -> dict[str, Any]:
    entries = {}
    for path in sorted(folder.glob("*.yml")):
        try:
            entry = KINDS[kind].model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
        except (ValueError, yaml.YAMLError) as error:
            raise ValueError(f"catalogue/{kind}/{path.name}: {error}") from error
        if entry.id != path.stem:
            raise ValueError(
                f"catalogue/{kind}/{path.name}: its id is {entry.id!r}, so it must be named {entry.id}.yml"
            )
        entries[entry.id] = entry
    return entries
