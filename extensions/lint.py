"""What the models cannot see in one file alone: whether the files of the catalogue fit together."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatch

from extensions.catalogue import (
    NAMED_ANSWERS,
    NAMED_IN_FILES,
    PLACEHOLDER,
    ROOT,
    TECHNICAL_CONTEXT,
    Catalogue,
    Figure,
    Move,
    Principle,
    ProjectType,
    Task,
)
from extensions.paths import fact_of, generated_paths, optional_files, template_files

LICENSES = [f"includes/licenses/{path.name}" for path in sorted((ROOT / "includes/licenses").iterdir())]
"""What renders licences, as paths from the root."""

OF_THE_TYPE_OR_MACHINE = {"skeleton", "windows"}
"""What no other answer of a project changes."""


def lint(catalogue: Catalogue) -> list[str]:
    """Every misfit as a sentence that names the file; empty when the catalogue is sound."""
    return [
        *_gates(catalogue),
        *_parts(catalogue),
        *_rules(catalogue),
        *_figures(catalogue),
        *_products(catalogue),
        *_conflicts(catalogue),
        *_constitutions(catalogue),
        *_project_types(catalogue),
        *_moves(catalogue, generated_paths(template_files(), catalogue.project_types)),
        *_files(catalogue, template_files()),
    ]


def _gates(catalogue: Catalogue) -> Iterator[str]:
    owners: dict[str, str] = {}
    tasks = {name for project_type in catalogue.project_types.values() for name, _ in _tasks(project_type)}
    for principle in catalogue.principles.values():
        where = f"principles/{principle.id}.yml"
        if len({gate.id[:-3] for gate in principle.gates}) > 1:
            yield f"{where}: its gates must share one prefix."
        for gate in principle.gates:
            if gate.id in owners:
                yield f"{where}: gate {gate.id} is used by {owners[gate.id]} already; a gate's id is its own for ever."
            owners[gate.id] = f"principles/{principle.id}.yml"
            if gate.task is not None and gate.task not in tasks:
                yield f"{where}: gate {gate.id} names the task {gate.task!r}, which no project type defines."
            if gate.task is not None and (gate.require or gate.forbid):
                yield f"{where}: gate {gate.id} has a task and a pattern of files; one of them must go."


def _parts(catalogue: Catalogue) -> Iterator[str]:
    for principle in catalogue.principles.values():
        whole = None  # the gate that the next one may be part of
        for gate in principle.gates:
            if gate.part_of is None:
                whole = gate.id
            elif gate.part_of != whole:
                where = f"principles/{principle.id}.yml: gate {gate.id} is part of {gate.part_of}"
                yield f"{where}; it must stand right below that gate or its parts, and that gate be part of none."


def _rules(catalogue: Catalogue) -> Iterator[str]:
    for principle in catalogue.principles.values():
        for rule in [principle.summary, *principle.rules]:
            if not re.search(r"\b(MUST|SHOULD)\b", rule):
                yield f"principles/{principle.id}.yml: {rule!r} must say MUST or SHOULD."
    for constitution in catalogue.constitutions.values():
        if not any("MUST" in sentence for sentence in constitution.governance):
            yield f"constitutions/{constitution.id}.yml: its governance must say what MUST happen."


def _figures(catalogue: Catalogue) -> Iterator[str]:
    used: set[str] = set()
    for principle in catalogue.principles.values():
        names = _placeholders(principle.texts)
        used |= names
        for name in sorted(names - catalogue.figures.keys() - NAMED_ANSWERS):
            yield f"principles/{principle.id}.yml: {{{name}}} is no figure of the catalogue."
    for project_type in catalogue.project_types.values():
        names = _placeholders(_commands(project_type)) | set(project_type.figures)
        used |= names
        for name in sorted(names - catalogue.figures.keys() - NAMED_ANSWERS):
            yield f"project_types/{project_type.id}.yml: {name} is no figure of the catalogue."
    for name in sorted(catalogue.figures.keys() - used):
        yield f"figures/{name}.yml: no rule, gate or command uses it."
    for constitution in catalogue.constitutions.values():
        for name, value in constitution.figures.items():
            figure = catalogue.figures.get(name)
            if figure is None:
                yield f"constitutions/{constitution.id}.yml: {name} is no figure of the catalogue."
            elif not figure.min <= value <= figure.max:
                bounds = f"from {figure.min} to {figure.max}"
                yield f"constitutions/{constitution.id}.yml: {name} is {value}; it must be {bounds}."


def _products(catalogue: Catalogue) -> Iterator[str]:
    defaults = {figure.id: figure.default for figure in catalogue.figures.values()}
    for figure in catalogue.figures.values():
        unknown = set(figure.product_of or []) - catalogue.figures.keys()
        for name in sorted(unknown):
            yield f"figures/{figure.id}.yml: it is a product of {name}, which is no figure of the catalogue."
        if unknown:
            continue
        if not figure.fits(defaults):
            yield f"figures/{figure.id}.yml: the defaults do not fit: {_product(figure, defaults)}."
        for constitution in catalogue.constitutions.values():
            values = defaults | constitution.figures
            if constitution.figures and not figure.fits(values):
                yield f"constitutions/{constitution.id}.yml: its figures do not fit: {_product(figure, values)}."


def _product(figure: Figure, values: Mapping[str, int]) -> str:
    factors = " * ".join(f"{name} {values[name]}" for name in figure.product_of or [])
    return f"{figure.id} is {values[figure.id]}, and must be {factors} / {figure.divided_by}"


def _conflicts(catalogue: Catalogue) -> Iterator[str]:
    for principle in catalogue.principles.values():
        for conflict in principle.conflicts:
            other = catalogue.principles.get(conflict.principle)
            if other is None:
                yield f"principles/{principle.id}.yml: it conflicts with {conflict.principle!r}, which does not exist."
            elif principle.id not in {back.principle for back in other.conflicts}:
                yield f"principles/{other.id}.yml: {principle.id} conflicts with it, so it must say the same."


def _constitutions(catalogue: Catalogue) -> Iterator[str]:
    for constitution in catalogue.constitutions.values():
        where = f"constitutions/{constitution.id}.yml"
        if not constitution.principles and constitution.id != "custom":
            yield f"{where}: it has no principle; only `custom` leaves the choice to the user."
        yield from _selection(catalogue, where, constitution.principles)
        for project_type in constitution.project_types or catalogue.project_types:
            if project_type not in catalogue.project_types:
                yield f"{where}: the project type {project_type!r} does not exist."
            for principle in _known(catalogue, constitution.principles):
                if project_type not in (principle.project_types or catalogue.project_types):
                    yield f"{where}: it suits {project_type}, but its principle {principle.id} does not apply there."


def _project_types(catalogue: Catalogue) -> Iterator[str]:
    for project_type in catalogue.project_types.values():
        where = f"project_types/{project_type.id}.yml"
        yield from _selection(catalogue, where, project_type.principles)
        constitution = catalogue.constitutions.get(project_type.constitution)
        if constitution is None or project_type.id not in (constitution.project_types or catalogue.project_types):
            yield f"{where}: it proposes the constitution {project_type.constitution!r}, which does not suit it."
        if tuple(project_type.technical_context) != TECHNICAL_CONTEXT:
            yield f"{where}: technical_context must have the fields {', '.join(TECHNICAL_CONTEXT)}, in this order."
        for path, comment in project_type.paths:
            if not comment and path.count("/") > 1:
                yield f"{where}: the source tree's {path} needs a comment."
        for name, task in project_type.tasks.items():
            for needed in task.needs:
                if needed not in project_type.tasks:
                    yield f"{where}: task {name} needs {needed!r}, which the type does not have."
        if project_type.skeleton and not project_type.test:
            yield f"{where}: a type with a skeleton must say which commands run its tests."
        if project_type.skeleton and not project_type.python_versions:
            yield f"{where}: a type with a skeleton must say which Python its CI runs gates.py on."


def _moves(catalogue: Catalogue, paths: Mapping[str, set[str]]) -> Iterator[str]:
    """`paths` are those of `extensions.paths.generated_paths`."""
    gone: set[tuple[str, str]] = set()
    for move in catalogue.moves:
        where = f"moves.yml: {move.old}"
        types = set(move.project_types or catalogue.project_types)
        for name in sorted(types - catalogue.project_types.keys()):
            yield f"{where} names the project type {name!r}, which does not exist."
        for name in sorted(_placeholders(_ends(move)) - NAMED_ANSWERS):
            yield f"{where}: {{{name}}} is no answer that a path may name."
        if still := sorted(types & paths.get(move.old, set())):
            yield f"{where} is still a file of {', '.join(still)}; only what is gone from there belongs into this list."
        if move.new and (without := sorted((types & catalogue.project_types.keys()) - paths.get(move.new, set()))):
            advice = "write where it is now, or name the types that have it"
            yield f"{where} is said to be {move.new} now, which is no file of {', '.join(without)}: {advice}."
        if twice := sorted(name for name in types if (move.old, name) in gone):
            yield f"{where} stands there twice for {', '.join(twice)}."
        gone |= {(move.old, name) for name in types}


def _files(catalogue: Catalogue, there: Iterable[str]) -> Iterator[str]:
    """`there` are those of `extensions.paths.template_files`."""
    there = list(there)
    renderers = [*(f"template/{name}" for name in there if name.startswith("common/")), *LICENSES]
    patterns = [PLACEHOLDER.sub("*", file.renderer) for file in catalogue.files if file.project_types is None]
    for name in renderers:
        if not any(fnmatch(name, pattern) for pattern in patterns):
            yield f"files.yml does not name {name}, so no project gets it."
    optional = generated_paths(optional_files(there), catalogue.project_types)
    facts = {
        path: fact_of(name)
        for name in optional_files(there)
        for path in generated_paths([name], catalogue.project_types)
    }
    for path in sorted(optional.keys() - {file.path for file in catalogue.files}):
        yield f"files.yml does not say when {path} of {', '.join(sorted(optional[path]))} is there, and why not."
    for path, count in Counter(file.path for file in catalogue.files).items():
        if count > 1:
            yield f"files.yml: {path} stands there {count} times."
    for file in catalogue.files:
        where = f"files.yml: {file.path}"
        if ".." in [*file.path.split("/"), *file.renderer.split("/")]:
            yield f"{where} and its source must be paths without `..`."
        for name in sorted(_placeholders([file.path, file.renderer, file.why or ""]) - NAMED_IN_FILES):
            yield f"{where}: {{{name}}} is no answer that a file may name."
        if bool(set(file.needs) - OF_THE_TYPE_OR_MACHINE) != (file.why is not None):
            yield f"{where} needs `why` where an answer can take it away, and nowhere else."
        if file.project_types is None:
            if not any(fnmatch(name, PLACEHOLDER.sub("*", file.renderer)) for name in renderers):
                yield f"{where} is rendered from {file.renderer}, which is not there."
        elif set(file.project_types) != optional.get(file.path):
            yield f"{where} is no file of {', '.join(file.project_types)} alone that comes and goes with an answer."
        elif file.needs != [facts[file.path]]:
            yield f"{where} needs {', '.join(file.needs)}, but the template writes it where {facts[file.path]} holds."


def _ends(move: Move) -> list[str]:
    return [move.old, *([move.new] if move.new else [])]


def _selection(catalogue: Catalogue, where: str, chosen: list[str]) -> Iterator[str]:
    """Principles that are to stand in one constitution."""
    for name, count in Counter(chosen).items():
        if name not in catalogue.principles:
            yield f"{where}: the principle {name!r} does not exist."
        if count > 1:
            yield f"{where}: the principle {name!r} stands there {count} times."
    proofs: dict[str, str] = {}
    for principle in _known(catalogue, chosen):
        for conflict in principle.conflicts:
            if conflict.principle in chosen:
                yield f"{where}: {principle.id} and {conflict.principle} conflict: {conflict.reason}."
        for gate in principle.gates:
            if gate.task is not None and proofs.setdefault(gate.task, gate.id) != gate.id:
                both = f"{proofs[gate.task]} and {gate.id}"
                yield f"{where}: task {gate.task} proves both {both}, so no canary can turn just one red."


def _known(catalogue: Catalogue, chosen: list[str]) -> list[Principle]:
    return [catalogue.principles[name] for name in chosen if name in catalogue.principles]


def _commands(project_type: ProjectType) -> list[str]:
    texts = [*project_type.technical_context.values(), *project_type.constraints, *project_type.workflow]
    return [command for _, task in _tasks(project_type) for command in task.commands] + texts


def _tasks(project_type: ProjectType) -> list[tuple[str, Task]]:
    """Name and task of each that the type has, or that its users can map by an example."""
    tables = [project_type.tasks, *project_type.local_examples.values()]
    return [item for table in tables for item in table.items()]


def _placeholders(texts: list[str]) -> set[str]:
    return {name for text in texts for name in PLACEHOLDER.findall(text)}
