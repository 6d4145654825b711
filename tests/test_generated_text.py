"""Whatever is chosen, the generated text is whole, clean, and agrees with itself."""

import re
import tomllib
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
import yaml
from pymarkdown.api import PyMarkdownApi

from extensions.catalogue import NAMED_ANSWERS
from tests.helpers import CATALOGUE, CHECK_STYLES, COMBINATIONS, commit, gates, generate, run, suits
from tests.test_copier_yml import QUESTIONS


def combinations() -> list[tuple[str, str, str]]:
    """Each type with each constitution in one style of the Constitution Check, all styles in turn for each type.

    The type without a source tree, whose projects are the smallest, has each constitution in every style.
    """
    turns = {name: cycle(CHECK_STYLES) for name in CATALOGUE.project_types}
    return [
        (project_type, constitution, style)
        for project_type, constitution in COMBINATIONS
        for style in (CHECK_STYLES if project_type == "existing-repo" else [next(turns[project_type])])
    ]


EXTRA_GATE = {"level": "MUST", "statement": "The game is fair"}
EXTRA_PRINCIPLE = {
    "id": "fair-play",
    "title": "Fair Play",
    "summary": "Players MUST be treated alike.",
    "rules": ["Players MUST be treated alike.", "A match SHOULD end within {p95_ms} ms."],
    "rationale": "Nobody plays a rigged game twice.",
    "gates": [
        {
            "id": "FAIR-01",
            "level": "MUST",
            "statement": "The terms of use are part of the repository",
            "require": ["TERMS.md"],
        },
        {"id": "FAIR-02", "level": "SHOULD", "statement": "A match ends within {p95_ms} ms"},
    ],
}


@pytest.fixture(scope="module", params=combinations(), ids="-".join)
def project(request: pytest.FixtureRequest, files: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    project_type, constitution, style = request.param
    destination = tmp_path_factory.mktemp("generated") / "acme"
    answers = {"extra_principles": [EXTRA_PRINCIPLE]} if style == "table" else {}
    generate(files, destination, project_type=project_type, constitution=constitution, check_style=style, **answers)
    commit(destination, "Start")
    return destination


def texts(project: Path) -> dict[str, str]:
    return {
        path.relative_to(project).as_posix(): path.read_text(encoding="utf-8")
        for path in project.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(project).parts
    }


def test_gates_check_holds(project: Path) -> None:
    gates(project, "check")


def test_no_file_is_blank_or_holds_leftovers(project: Path) -> None:
    for name, text in texts(project).items():
        if not name.endswith(("__init__.py", "py.typed")):
            assert text.strip(), f"{name} is blank"
            assert text.endswith("\n"), f"{name} does not end with a newline"
            assert not text.endswith("\n\n"), f"{name} ends with a blank line"
        assert not re.search(r"[ \t]+$", text, re.MULTILINE), f"{name} has trailing white space"
        assert "\r" not in text, f"{name} has carriage returns"
        leftovers = re.findall(rf"\{{%.*?%\}}|{expression(name)}|\{{#.*?#\}}|\bUndefined\b|<CHARTNAME>", text)
        assert not leftovers, f"{name} holds {leftovers}"


JINJA_NAMES = "|".join([r"_copier\w+", *sorted(QUESTIONS)])
"""What an expression of our templates may begin with: whatever copier.yml asks or computes."""


def expression(name: str) -> str:
    """A pattern for an expression of Jinja in the file of this name, which may have braces of its own."""
    if is_template_of_helm(name) or re.match(r"tests/.*\.py$", name):
        # Go's `{{ .Values.x }}` and `{{- include "x" . }}`, which a chart's tests write, too. None of its functions has
        # a name of ours.
        return rf"\{{\{{[-+]?\s*(?:{JINJA_NAMES})\b.*?\}}\}}"
    if name.endswith(".tsx"):  # JSX has `x={{ }}`.
        return r"(?<!\$)(?<!=)\{\{.*?\}\}"
    # Workflows have `${{ }}`; alerts and dashboards have `{{ $labels.x }}`, `{{ $value }}` and `{{label}}`.
    return r"(?<!\$)\{\{(?! ?\$)(?!\w+\}\}).*?\}\}"


def is_template_of_helm(name: str) -> bool:
    return re.match(r"charts/[^/]+/templates/", name) is not None


def test_an_expression_that_was_left_is_told_from_those_of_helm() -> None:
    pattern = expression("charts/acme/templates/service.yaml")
    assert re.search(pattern, "name: {{ chart_name }}")
    assert re.search(pattern, "{{- platforms | first -}}")
    assert not re.search(pattern, 'name: {{ include "acme.name" . }}{{- toYaml .Values.platforms | nindent 4 }}')
    assert re.search(expression("charts/acme/values.yaml"), "{{ .Values.name }}")


def test_no_figure_is_left_unfilled_in_prose(project: Path) -> None:
    for name, text in texts(project).items():
        if name.endswith(".md"):
            assert not set(re.findall(r"\{(\w+)\}", text)) & {*CATALOGUE.figures, *NAMED_ANSWERS}, name


def test_markdown_lint_finds_nothing(project: Path) -> None:
    lint = PyMarkdownApi().disable_rule_by_identifier("line-length")
    # spec-kit's own form: principles of a grouped check are bold lines.
    lint = lint.disable_rule_by_identifier("no-emphasis-as-heading").enable_extension_by_identifier("front-matter")
    # The tasks template's sections repeat for each story, as spec-kit's do.
    lint = lint.set_boolean_property("plugins.md024.siblings_only", True)
    for path in project.rglob("*.md"):
        found = lint.scan_path(str(path)).scan_failures
        assert not found, "\n".join(
            f"{path}:{item.line_number} {item.rule_id} {item.rule_description}" for item in found
        )


def test_yaml_and_toml_files_are_well_formed(project: Path) -> None:
    for path in project.rglob("*.toml"):
        tomllib.loads(path.read_text(encoding="utf-8"))
    for path in [*project.rglob("*.yml"), *project.rglob("*.yaml")]:
        if not is_template_of_helm(path.relative_to(project).as_posix()):
            yaml.safe_load(path.read_text(encoding="utf-8"))


def test_every_path_of_the_source_tree_exists(project: Path) -> None:
    answers = yaml.safe_load((project / ".copier-answers.yml").read_text(encoding="utf-8"))
    project_type = CATALOGUE.project_types[answers["project_type"]]
    later = {"specs/", "tmp/"}  # spec-kit makes the one, the first run the other
    for path in {path for path, _ in project_type.paths} - later:
        assert (project / path.format_map(answers)).exists(), path


def test_the_plan_template_keeps_spec_kits_form(project: Path) -> None:
    plan = (project / ".specify/templates/plan-template.md").read_text(encoding="utf-8")
    headings = [line for line in plan.splitlines() if re.match(r"#{1,3} ", line)]
    assert headings == [
        "# Implementation Plan: [FEATURE]",
        "## Summary",
        "## Technical Context",
        "## Constitution Check",
        "## Project Structure",
        "### Documentation (this feature)",
        "### Source Code (repository root)",
        "## Complexity Tracking",
    ]
    fields = re.findall(r"^\*\*([^*]+)\*\*: \[e\.g\., .+, or NEEDS CLARIFICATION\]$", plan, re.MULTILINE)
    assert tuple(fields) == tuple(CATALOGUE.project_types["existing-repo"].technical_context)
    assert "*GATE: Must pass before Phase 0 research. Re-check after Phase 1 design.*" in plan
    assert "**Structure Decision**: [" in plan
    assert "| Violation | Why Needed | Simpler Alternative Rejected Because |" in plan
    assert "commands/plan.md" not in plan


def test_the_constitution_keeps_spec_kits_form(project: Path) -> None:
    constitution = (project / ".specify/memory/constitution.md").read_text(encoding="utf-8")
    assert re.match(r"# .+ Constitution\n\n## Core Principles\n\n### I\. ", constitution)
    sections = re.findall(r"^## (.+)$", constitution, re.MULTILINE)
    assert sections == ["Core Principles", "Stack Constraints", "Development Workflow", "Governance"]
    last_line = constitution.splitlines()[-1]
    assert re.fullmatch(
        r"\*\*Version\*\*: 1\.0\.0 \| \*\*Ratified\*\*: (\d{4}-\d\d-\d\d) \| \*\*Last Amended\*\*: \1", last_line
    )
    assert not re.search(r"\[[A-Z][A-Z_]+\]", constitution)


def test_plan_template_and_constitution_template_are_the_overrides(project: Path) -> None:
    templates = project / ".specify/templates"
    assert (templates / "plan-template.md").resolve() == (templates / "overrides/plan-template.md").resolve()
    constitution = templates / "overrides/constitution-template.md"
    assert constitution.resolve() == (project / ".specify/memory/constitution.md").resolve()


def test_an_untouched_plan_is_refused_and_a_ticked_one_accepted(project: Path, tmp_path: Path) -> None:
    template = (project / ".specify/templates/plan-template.md").read_text(encoding="utf-8")
    (plan := tmp_path / "plan.md").write_text(template, encoding="utf-8")
    assert "tick `" in gates(project, "plan", plan, expect=1)
    plan.write_text(template.replace("[ ]", "[x]"), encoding="utf-8")
    gates(project, "plan", plan)


def test_principles_are_numbered_as_the_romans_did(files: Path, tmp_path: Path) -> None:
    chosen = [name for name, item in CATALOGUE.principles.items() if not item.conflicts and item.project_types is None]
    extra = [EXTRA_PRINCIPLE | {"id": f"own-{n}", "gates": [{**EXTRA_GATE, "id": f"OWN-{n:02}"}]} for n in range(10)]
    project = generate(files, tmp_path / "acme", constitution="custom", principles=chosen, extra_principles=extra)
    constitution = (project / ".specify/memory/constitution.md").read_text(encoding="utf-8")
    numerals = re.findall(r"^### ([IVXL]+)\. ", constitution, re.MULTILINE)
    expected = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII", "XIV", "XV", "XVI"]
    assert numerals[: len(expected)] == expected
    assert len(numerals) == len(chosen) + 10


STEPS = {"checklist": ("", "  "), "grouped": ("", "  "), "numbered": ("   ", "     "), "table": ("", "")}
"""What stands in front of a gate and of a part of it, in each form of the Constitution Check."""


@pytest.mark.parametrize("style", CHECK_STYLES)
def test_a_part_of_a_gate_stands_below_it(files: Path, tmp_path: Path, style: str) -> None:
    answers = {"project_type": "existing-repo", "constitution": "custom", "principles": ["latency-budgets"]}
    project = generate(files, tmp_path / "acme", **answers, check_style=style)
    gate, part = STEPS[style]
    expected = {"LAT-02": gate, "LAT-03": part, "LAT-04": part, "LAT-05": part, "LAT-06": gate}
    plan = (project / ".specify/templates/plan-template.md").read_text(encoding="utf-8")
    steps = {id_: step for step, id_ in re.findall(r"^( *)[-|] .*?`(LAT-\d\d)`", plan, re.MULTILINE)}
    assert list(steps.items())[1:] == list(expected.items())
    constitution = (project / ".specify/memory/constitution.md").read_text(encoding="utf-8")
    steps = {id_: step for step, id_ in re.findall(r"^( *)- `(LAT-\d\d)`", constitution, re.MULTILINE)}
    assert steps == {"LAT-01": "", "LAT-02": "", "LAT-03": "  ", "LAT-04": "  ", "LAT-05": "  ", "LAT-06": ""}


def test_the_example_of_a_tighter_figure_is_none_that_belongs_to_others(files: Path, tmp_path: Path) -> None:
    answers = {"project_type": "existing-repo", "constitution": "custom", "principles": ["latency-budgets"]}
    project = generate(files, tmp_path / "acme", **answers)
    local = (project / ".specify/gates/90-local.toml").read_text(encoding="utf-8")
    assert re.search(r"^# \[figures\]\n# llm_first_token_ms = 499$", local, re.MULTILINE)


@pytest.mark.parametrize("constitution", suits("existing-repo"))
def test_the_teams_layer_names_the_documents_that_a_change_is_carried_into(
    files: Path, tmp_path: Path, constitution: str
) -> None:
    project = generate(files, tmp_path / "acme", project_type="existing-repo", constitution=constitution)
    local = (project / ".specify/gates/90-local.toml").read_text(encoding="utf-8")
    demanded = (project / ".specify/templates/overrides/tasks-template.md").exists()
    templates = ", the plan and the tasks template" if demanded else " and the plan template"
    assert f"(add them to the constitution{templates} as well, below the comments there):\n" in local
    assert ("tasks template" in local) == demanded


def test_the_same_answers_give_the_same_files(files: Path, tmp_path: Path) -> None:
    answers = {"project_name": "Acme", "ratified": "2026-01-31"}
    first, second = generate(files, tmp_path / "a", **answers), generate(files, tmp_path / "b", **answers)
    assert texts(first) == texts(second)


@pytest.mark.parametrize("project_type", CATALOGUE.project_types)
def test_agents_md_copies_nothing_of_a_gate_that_another_layer_may_change(
    files: Path, tmp_path: Path, project_type: str
) -> None:
    project = generate(files, tmp_path / "acme", project_type=project_type)
    agents = (project / "AGENTS.md").read_text(encoding="utf-8")
    assert "gates.py list` shows each gate in force" in agents
    base = tomllib.loads((project / ".specify/gates/00-base.toml").read_text(encoding="utf-8"))
    assert [name for name in base["gates"] if name in agents] == list(base["gates"])[:1], "the example of one gate"
    for gate in base["gates"].values():
        statement = re.sub(r"\{(\w+)\}", lambda match: str(base["figures"][match[1]]), gate["statement"])
        assert statement not in agents


def test_a_figure_reaches_prose_gates_and_code_from_one_value(files: Path, tmp_path: Path) -> None:
    project = generate(
        files, tmp_path / "acme", constitution="quality-first", figures={"coverage_min": 97, "p95_ms": 150}
    )
    commit(project, "Start")
    for document in (".specify/memory/constitution.md", ".specify/templates/plan-template.md"):
        text = (project / document).read_text(encoding="utf-8")
        assert "97 %" in text, document
        assert "150 ms" in text, document
        assert "90 %" not in text, document
        assert "200 ms" not in text, document
    assert gates(project, "figures", "coverage_min").strip() == "97"
    assert gates(project, "figures", "p95_ms").strip() == "150"
    assert "--fail-under=97" in gates(project, "list")
    base = tomllib.loads((project / ".specify/gates/00-base.toml").read_text(encoding="utf-8"))
    assert base["figures"]["coverage_min"] == 97


def test_each_figure_in_force_says_which_way_it_is_tightened(project: Path) -> None:
    base = tomllib.loads((project / ".specify/gates/00-base.toml").read_text(encoding="utf-8"))
    assert base["stricter"] == {name: CATALOGUE.figures[name].stricter for name in base["figures"]}


def test_a_number_stands_in_one_place_of_the_generated_code(files: Path, tmp_path: Path) -> None:
    project = generate(files, tmp_path / "acme", figures={"coverage_min": 83, "p95_ms": 173})
    for name, text in texts(project).items():
        if not name.endswith((".md", "00-base.toml", "90-local.toml", ".copier-answers.yml")):
            assert not re.search(r"\b(83|173)\b", text), name


@pytest.mark.parametrize("ci", ["github", "gitlab", "none"])
@pytest.mark.parametrize("licence", ["MIT", "Apache-2.0", "none"])
def test_workflow_files_fit_their_published_schemas(files: Path, tmp_path: Path, ci: str, licence: str) -> None:
    project = generate(files, tmp_path / "acme", ci=ci, license=licence, author='J. "Jo" Doe & Co.')
    commit(project, "Start")
    gates(project, "check")
    workflows = list((project / ".github/workflows").glob("*.yml"))
    assert bool(workflows) == (ci == "github")
    assert (project / ".gitlab-ci.yml").exists() == (ci == "gitlab")
    for workflow in workflows:
        run(["check-jsonschema", "--builtin-schema", "vendor.github-workflows", workflow], project)
    if ci == "gitlab":
        run(
            [
                "check-jsonschema",
                "--builtin-schema",
                "vendor.gitlab-ci",
                "--data-transform",
                "gitlab-ci",
                ".gitlab-ci.yml",
            ],
            project,
        )
    run(["check-jsonschema", "--builtin-schema", "vendor.renovate", "renovate.json"], project)
    assert (project / "LICENSE").exists() == (licence != "none")
    if licence != "none":
        assert 'J. "Jo" Doe & Co.' in (project / "LICENSE").read_text(encoding="utf-8")


SKELETONS = [name for name, item in CATALOGUE.project_types.items() if item.skeleton]


@pytest.mark.parametrize("project_type", SKELETONS)
def test_github_sets_up_what_the_type_needs_and_runs_all_its_tests(
    files: Path, tmp_path: Path, project_type: str
) -> None:
    type_ = CATALOGUE.project_types[project_type]
    project = generate(files, tmp_path / "acme", project_type=project_type, ci="github")
    workflow = project / ".github/workflows/ci.yml"
    run(["check-jsonschema", "--builtin-schema", "vendor.github-workflows", workflow], project)
    jobs = yaml.safe_load(workflow.read_text(encoding="utf-8"))["jobs"]
    steps = {name: jobs[name]["steps"] for name in ("tests", "gates")}
    commands = {name: [step["run"] for step in steps[name] if "run" in step] for name in steps}
    assert steps["tests"][0].get("with") == ({"fetch-depth": 0} if type_.history else None)
    assert steps["gates"][0]["with"] == {"fetch-depth": 0 if type_.history else 2}, "a merge and what it merged"
    if type_.environment:
        assert commands["tests"] == [f"{type_.environment.run} {command}" for command in type_.test]
        assert all(step in steps[name] for step in type_.environment.github for name in steps)
        return
    set_up = [command.format(chart_name="acme") for command in (*type_.setup, *type_.ci_setup)]
    assert commands["tests"] == [*set_up, *type_.test]
    assert commands["gates"][: len(set_up)] == set_up
    tools = {"python": type_.python_versions, "node": type_.node_versions, "helm": type_.helm_versions}
    assert jobs["tests"]["strategy"]["matrix"] == {f"{tool}-version": tools[tool] for tool in tools if tools[tool]}
    for tool, versions in tools.items():
        taken = {name: versions_of(tool, steps[name]) for name in steps}
        if versions:
            assert taken == {"tests": [f"${{{{ matrix.{tool}-version }}}}"], "gates": [versions[-1]]}
        else:
            assert taken == {"tests": [], "gates": []}


def versions_of(tool: str, steps: list[dict[str, Any]]) -> list[str]:
    """The versions that the set-up actions of a tool are given; Helm's takes a `v` in front."""
    given = [step["with"] for step in steps if f"/setup-{tool}@" in step.get("uses", "")]
    return [values["version"].removeprefix("v") if tool == "helm" else values[f"{tool}-version"] for values in given]


@pytest.mark.parametrize("project_type", SKELETONS)
def test_gitlab_sets_up_what_the_type_needs_and_runs_all_its_tests(
    files: Path, tmp_path: Path, project_type: str
) -> None:
    type_ = CATALOGUE.project_types[project_type]
    project = generate(files, tmp_path / "acme", project_type=project_type, ci="gitlab")
    schema = ["--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci"]
    run(["check-jsonschema", *schema, ".gitlab-ci.yml"], project)
    pipeline = yaml.safe_load((project / ".gitlab-ci.yml").read_text(encoding="utf-8"))
    set_up = [command.format(chart_name="acme") for command in (*type_.setup, *type_.ci_setup)]
    before = pipeline["default"]["before_script"]
    assert before[-len(set_up) :] == set_up
    assert pipeline["tests"]["script"] == type_.test
    python, node, helm = type_.python_versions, type_.node_versions, type_.helm_versions
    matrix = {"PYTHON": python, "NODE": node, "HELM": helm}
    assert pipeline["tests"]["parallel"]["matrix"] == [
        {name: versions for name, versions in matrix.items() if versions}
    ]
    variables = pipeline.get("variables", {})
    assert variables.get("HELM") == (helm[-1] if helm else None)
    assert variables.get("GIT_DEPTH") == ("0" if type_.history else None)
    assert any("sha256sum --check" in command for command in before) == bool(helm)
    assert len(before) == 1 + 4 * bool(helm) + len(set_up)
    assert ("services" in pipeline["gates"]) == bool(type_.cluster)
    both = "nikolaik/python-nodejs:python{}-nodejs{}-slim"
    last = both.format(python[-1], node[-1]) if node else f"python:{python[-1]}-slim"
    assert pipeline["default"]["image"] == last
    assert pipeline["tests"]["image"] == (both.format("$PYTHON", "$NODE") if node else "python:$PYTHON-slim")


def test_on_windows_the_links_are_copies(files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("copier._main.OS", "windows")
    project = generate(files, tmp_path / "acme")
    plan = project / ".specify/templates/plan-template.md"
    assert not plan.is_symlink()
    assert plan.read_bytes() == (project / ".specify/templates/overrides/plan-template.md").read_bytes()
    constitution = project / ".specify/templates/overrides/constitution-template.md"
    assert not constitution.is_symlink()
    assert constitution.read_bytes() == (project / ".specify/memory/constitution.md").read_bytes()
