"""`check` holds constitution, templates and CI to the definitions."""

import re
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.gates.helpers import PASS, Repository, layer
from tests.helpers import commit, generate, run
from tests.helpers import gates as run_gates

CONSTITUTION = """\
# Acme Constitution

## Core Principles

### I. Code Quality

- Code MUST be tidy [as ever](README.md).

**Gates**:

- `QUAL-01` (MUST): The code is tidy
- `QUAL-02` (SHOULD): Tests cover at least 90 % within 0.5 s

**Version**: 1.0.0 | **Ratified**: 2026-01-31 | **Last Amended**: 2026-02-01
"""
PLAN = f"""\
# Implementation Plan: [FEATURE]

## Constitution Check

1. Code Quality
   1. [ ] `QUAL-01` **MUST**: The code is tidy (`{PASS}`)
   2. [ ] `QUAL-02` **SHOULD**: Tests cover at least 90 % within 0.5 s
"""
TASKS = f"""\
| Gate | Level | Task |
|---|---|---|
| `QUAL-01` | MUST | T001 Tidy the code: `{PASS}` |
| `QUAL-02` | SHOULD | T002 Reach 90 %, within 0.5 s |
"""
CI = "jobs:\n  gates:\n    steps:\n      - run: python .specify/gates/gates.py run --ci\n"


def tables() -> dict[str, object]:
    statement = "Tests cover at least {coverage_min} % within {limit} s"
    gates = {"QUAL-01": {"task": "lint"}, "QUAL-02": {"level": "SHOULD", "statement": statement}}
    documents = {"constitution": "constitution.md", "plan": "plan.md", "tasks": "tasks.md", "ci": ["ci.yml"]}
    figures = {"coverage_min": 90, "limit": 0.5}
    return layer(gates, documents=documents, figures=figures, tasks={"lint": {"run": PASS}})


@pytest.fixture
def agreeing(repository: Repository) -> Repository:
    """A repository in which all documents agree."""
    documents = {"constitution.md": CONSTITUTION, "plan.md": PLAN, "tasks.md": TASKS, "ci.yml": CI}
    for name, text in documents.items():
        repository.write(name, text)
    return repository.define(tables())


def findings(repository: Repository, path: str = "", old: str = "", new: str = "") -> list[str]:
    """What `check` finds after `old` became `new` in a document."""
    if path:
        assert old in repository.read(path)
        repository.write(path, repository.read(path).replace(old, new))
    result = repository.gates("check")
    assert result.status == 1
    return result.out.splitlines()


def test_documents_that_agree_exit_with_0(agreeing: Repository) -> None:
    result = agreeing.gates("check")
    assert (result.status, result.out) == (0, "These agree on 2 gates: constitution, plan, tasks, ci.\n")


def test_a_constitution_that_demands_no_tests_has_no_tasks_template(agreeing: Repository) -> None:
    documents = {"constitution": "constitution.md", "plan": "plan.md", "ci": []}
    result = agreeing.define(tables() | {"documents": documents}).gates("check")
    assert (result.status, result.out) == (0, "These agree on 2 gates: constitution, plan.\n")


@pytest.mark.parametrize("document", ["constitution.md", "plan.md", "tasks.md"])
def test_a_gate_that_a_document_forgets_is_reported(agreeing: Repository, document: str) -> None:
    [found] = findings(agreeing, document, "`QUAL-01`", "QUAL-01")
    assert found == f"{document} does not name `QUAL-01` (MUST: The code is tidy)."


@pytest.mark.parametrize("document", ["constitution.md", "plan.md", "tasks.md"])
def test_an_id_that_no_layer_defines_is_reported_with_its_line(agreeing: Repository, document: str) -> None:
    agreeing.write(document, "`QUAL-03` MUST\n" + agreeing.read(document))
    [found] = findings(agreeing)
    assert found == f"{document} line 1: no layer defines `QUAL-03`."


@pytest.mark.parametrize("document", ["constitution.md", "plan.md", "tasks.md"])
def test_a_line_without_its_gates_level_is_reported(agreeing: Repository, document: str) -> None:
    line = next(n for n, text in enumerate(agreeing.read(document).splitlines(), 1) if "`QUAL-02`" in text)
    [found] = findings(agreeing, document, "SHOULD", "MUST")
    assert found == f"{document} line {line}: QUAL-02 is a SHOULD, and the line does not say so."


def test_a_tightened_figure_must_be_carried_into_each_document(agreeing: Repository) -> None:
    agreeing.define({"figures": {"coverage_min": 95}}, "90-local.toml")
    assert findings(agreeing) == [
        "constitution.md line 12: QUAL-02 says 90, 0.5, but coverage_min is 95.",
        "plan.md line 7: QUAL-02 says 90, 0.5, but coverage_min is 95.",
        "tasks.md line 4: QUAL-02 says 90, 0.5, but coverage_min is 95.",
    ]
    for document in ("constitution.md", "plan.md", "tasks.md"):
        agreeing.write(document, agreeing.read(document).replace("90 %", "95 %"))
    assert agreeing.gates("check").status == 0


@pytest.mark.parametrize(("words", "said"), [("90 % within 15 s", "90, 15"), ("190 % in 10.5 s", "190, 10.5")])
def test_a_figure_counts_only_as_a_whole_number(agreeing: Repository, words: str, said: str) -> None:
    [found] = findings(agreeing, "plan.md", "90 % within 0.5 s", words)
    assert f"QUAL-02 says {said}, but" in found


def test_numbers_of_lists_and_ids_are_no_figures(agreeing: Repository) -> None:
    agreeing.define({"figures": {"coverage_min": 2}}, "90-local.toml")
    assert any(found.startswith("plan.md line 7: QUAL-02 says 90, 0.5, but") for found in findings(agreeing))


def test_a_line_without_a_number_is_reported(agreeing: Repository) -> None:
    [found] = findings(agreeing, "plan.md", "at least 90 % within 0.5 s", "enough")
    assert found == "plan.md line 7: QUAL-02 says no number, but coverage_min is 90."


def test_a_gate_may_be_mentioned_again_elsewhere(agreeing: Repository) -> None:
    agreeing.write("plan.md", agreeing.read("plan.md") + "\nSee also `QUAL-02`.\n")
    assert agreeing.gates("check").status == 0


def test_each_principle_needs_a_heading_in_the_constitution(agreeing: Repository) -> None:
    [found] = findings(agreeing, "constitution.md", "### I. Code Quality", "### I. Quality")
    assert found == "constitution.md: no `### ` heading holds the principle's title `Code Quality`."


def numbered(repository: Repository, *headings: str, below: str = "") -> list[str]:
    """What `check` finds when these headings follow the principle I, and `below` comes after them."""
    text = "".join(f"{heading}\n\n" for heading in headings)
    repository.write(
        "constitution.md", repository.read("constitution.md").replace("**Version**", f"{text}{below}**Version**")
    )
    result = repository.gates("check")
    return result.out.splitlines() if result.status else []


def clash(line: int, heading: str, earlier: str, right: str) -> str:
    numeral = right.removeprefix("### ").removeprefix("Principle ").split()[0].rstrip(".:)")
    said = f"constitution.md line {line}: `{heading}` has the numeral of `{earlier}`"
    return f"{said}: write `{right}`, and {numeral} where the templates name it."


def test_two_principles_of_one_numeral_are_reported_with_the_next_that_is_free(agreeing: Repository) -> None:
    headings = ["### II. Security", "### III. Speed", "### II. Fair Play", "### III. Thrift", "### IV. Care"]
    assert numbered(agreeing, *headings) == [
        clash(18, "### II. Fair Play", "### II. Security", "### V. Fair Play"),
        clash(20, "### III. Thrift", "### III. Speed", "### VI. Thrift"),
    ]


def test_a_numeral_that_stands_three_times_is_reported_twice(agreeing: Repository) -> None:
    assert numbered(agreeing, "### I. Speed  ", "### I. Thrift") == [
        clash(14, "### I. Speed", "### I. Code Quality", "### II. Speed"),
        clash(16, "### I. Thrift", "### I. Code Quality", "### III. Thrift"),
    ]


@pytest.mark.parametrize(
    ("heading", "right"),
    [
        ("### I: Fair Play", "### II: Fair Play"),
        ("### I) Fair Play", "### II) Fair Play"),
        ("### Principle I: Fair Play", "### Principle II: Fair Play"),
    ],
)
def test_a_numeral_is_found_however_it_is_written(agreeing: Repository, heading: str, right: str) -> None:
    assert numbered(agreeing, heading) == [clash(14, heading, "### I. Code Quality", right)]


def test_numerals_are_counted_up_to_ninety_nine(agreeing: Repository) -> None:
    tens = ["", "X", "XX", "XX" + "X", "XL", "L", "LX", "LXX", "LXX" + "X", "XC"]
    units = ["", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"]
    headings = [f"### {ten}{unit}. Principle" for ten in tens for unit in units][2:]
    assert numbered(agreeing, *headings) == []
    [found] = numbered(agreeing, "### XL. Thrift")
    assert found.endswith("write `### C. Thrift`, and C where the templates name it.")


@pytest.mark.parametrize(
    "heading",
    [
        "### Fair Play",
        "### II. Fair Play",
        "### IV. Fair Play",
        "### IIII. Fair Play",
        "### I Fair Play",
        "### I.e. Fair Play",
        "#### I. Fair Play",
        "<!--\n### I. Fair Play\n-->",
        "```\n### I. Fair Play\n```",
        "~~~ markdown\n## Example\n\n### II. Care\n\n### II. Fair Play\n~~~",
        "### Fair Play I. Code Quality",
    ],
)
def test_principles_of_other_numerals_or_of_none_are_no_clash(agreeing: Repository, heading: str) -> None:
    assert numbered(agreeing, heading) == []


def test_a_clash_below_a_fenced_block_is_reported_with_its_line(agreeing: Repository) -> None:
    said = clash(18, "### I. Fair Play", "### I. Code Quality", "### II. Fair Play")
    assert numbered(agreeing, "```\n## II. Example\n```", "### I. Fair Play") == [said]


def test_another_section_may_number_anew(agreeing: Repository) -> None:
    assert numbered(agreeing, "## Governance", "### I. Amendments", "### II. Reviews") == []


def test_a_switch_of_constitution_that_takes_an_own_principles_numeral_is_told(template: Path, tmp_path: Path) -> None:
    project = generate(
        template, tmp_path / "acme", project_type="existing-repo", constitution="custom", principles=["simple-modules"]
    )
    constitution = project / ".specify/memory/constitution.md"
    own = f"### {next_numeral(project)}. Fair Play\n\n- The terms of use MUST be part of the repository.\n\n"
    text = constitution.read_text(encoding="utf-8").replace("## Stack Constraints", f"{own}## Stack Constraints")
    constitution.write_text(text, encoding="utf-8", newline="\n")
    run_gates(project, "check")
    commit(project, "Start")
    switch = ["--vcs-ref", ":current:", "--data", "constitution=quality-first"]
    run(["copier", "update", "--quiet", "--defaults", *switch], project)
    said = run_gates(project, "check", expect=1)
    assert re.search(r"line \d+: `### (\w+)\. Fair Play` has the numeral of `### \1\. ", said)
    right = f"### {next_numeral(project)}. Fair Play"
    assert f": write `{right}`, and " in said
    replaced = re.sub(r"### \w+\. Fair Play", right, constitution.read_text(encoding="utf-8"))
    constitution.write_text(replaced, encoding="utf-8", newline="\n")
    run_gates(project, "check")


def next_numeral(project: Path) -> str:
    """The numeral that comes after the last of the template's principles."""
    listed = run_gates(project, "list")
    principles = {line.split()[2] for line in listed.splitlines() if not line.startswith(" ")}
    return ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")[len(principles)]


def test_a_conflict_that_holds_a_heading_twice_is_no_clash(agreeing: Repository) -> None:
    ours, theirs = ["<<<<<<< before updating", "### II. Speed"], ["=======", "### II. Haste", ">>>>>>> after updating"]
    assert [found.partition(": ")[2] for found in numbered(agreeing, *ours, *theirs)] == [
        "a conflict of an update is not resolved."
    ] * 2


@pytest.mark.parametrize("placeholder", ["[PROJECT_NAME]", "[NEEDS CLARIFICATION]", "[PRINCIPLE_1_NAME]"])
def test_an_unfilled_placeholder_in_the_constitution_is_reported(agreeing: Repository, placeholder: str) -> None:
    [found] = findings(agreeing, "constitution.md", "# Acme", f"# {placeholder}")
    assert found == f"constitution.md: the placeholder {placeholder} is not filled in."


@pytest.mark.parametrize("harmless", ["[README](README.md)", "[x]", "[X]", "[Acme]"])
def test_links_and_ticks_are_no_placeholders(agreeing: Repository, harmless: str) -> None:
    agreeing.write("constitution.md", agreeing.read("constitution.md").replace("# Acme", f"# {harmless}"))
    assert agreeing.gates("check").status == 0


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("1.0.0", "1.0"),
        ("2026-02-01", "February"),
        (" | **Last Amended**: 2026-02-01", ""),
        ("2026-02-01\n", "2026-02-01\n\nThe end.\n"),
    ],
)
def test_the_last_line_of_the_constitution_must_be_its_version(agreeing: Repository, old: str, new: str) -> None:
    [found] = findings(agreeing, "constitution.md", old, new)
    assert found.startswith("constitution.md: the last line must look like `**Version**: 1.0.0 | ")


def test_an_empty_constitution_is_reported_and_not_a_crash(agreeing: Repository) -> None:
    agreeing.write("constitution.md")
    assert len(findings(agreeing)) == 4


@pytest.mark.parametrize("name", ["constitution", "plan", "tasks"])
def test_a_missing_document_is_reported(agreeing: Repository, name: str) -> None:
    (agreeing.root / f"{name}.md").unlink()
    assert findings(agreeing) == [f"The {name} document `{name}.md` does not exist, or is a broken link."]


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_broken_link_is_reported(agreeing: Repository) -> None:
    (agreeing.root / "plan.md").unlink()
    (agreeing.root / "plan.md").symlink_to("nowhere")
    assert findings(agreeing) == ["The plan document `plan.md` does not exist, or is a broken link."]


def test_definitions_without_documents_are_reported(agreeing: Repository) -> None:
    agreeing.define(tables() | {"documents": {}})
    assert [line.split(" document ")[0] for line in findings(agreeing)] == ["The constitution", "The plan"]


def test_a_ci_file_that_does_not_exist_is_reported(agreeing: Repository) -> None:
    (agreeing.root / "ci.yml").unlink()
    assert "The CI file `ci.yml` does not exist." in findings(agreeing)
    assert agreeing.gates("run").status == 0


def ci(repository: Repository, *lines: str, **files: str) -> list[str]:
    """What `check` finds when these lines are CI, with a gate for each kind of proof."""
    gates: dict[str, dict[str, object]] = {
        "QUAL-01": {"task": "lint"},
        "QUAL-02": {"task": "load"},
        "QUAL-03": {"task": "audit"},
        "QUAL-04": {},
        "SEC-01": {"principle": "security", "forbid": [".env"]},
    }
    repository.write("constitution.md", document(gates) + CONSTITUTION.splitlines()[-1])
    repository.write("plan.md", document(gates))
    repository.write("ci.yml", "\n".join(lines) + "\n")
    for name, text in files.items():
        repository.write(f"{name}.yml", text)
    documents = {"constitution": "constitution.md", "plan": "plan.md", "ci": ["ci.yml", *(f"{n}.yml" for n in files)]}
    tasks = {"lint": {"run": PASS}, "load": {"run": PASS, "slow": True}, "audit": {"run": PASS, "ci": True}}
    principles = {"quality": {"title": "Code Quality"}, "security": {"title": "Security"}}
    waivers = {"QUAL-01": {"reason": "agreed", "until": date.today()}}
    repository.define(layer(gates, documents=documents, tasks=tasks, principles=principles, waivers=waivers))
    result = repository.gates("check")
    assert result.status == (0 if result.out.startswith("These agree on") else 1)
    return result.out.splitlines() if result.status else []


def document(gates: dict[str, dict[str, object]]) -> str:
    return "### Code Quality\n### Security\n" + "".join(f"- `{gate}` MUST (`{PASS}`)\n" for gate in gates)


def unproved(file: str, *ids: str) -> list[str]:
    return [f"No `gates.py run` in {file} proves `{gate}`{' (it needs --ci)' * (gate == 'QUAL-03')}." for gate in ids]


@pytest.mark.parametrize(
    "lines",
    [
        ["run: python .specify/gates/gates.py run --ci"],
        ['run: python .specify/gates/gates.py run --ci --markdown "$GITHUB_STEP_SUMMARY" --junit=gates.xml'],
        ["- .venv/bin/python .specify/gates/gates.py run quality --ci", "- python .specify/gates/gates.py run SEC-01"],
        ["run: 'python .specify/gates/gates.py run quality security --ci'"],
        ["run: python gates.py run --fast && python gates.py run --ci QUAL-02 QUAL-03 > log.txt"],
        ["run: python gates.py run --ci \\", "    quality security"],
        ["run: python gates.py run --ci # every gate"],
        ["run: python gates.py run --ci --jobs 4 quality security"],
    ],
)
def test_ci_that_runs_every_gate_that_a_machine_proves_is_enough(repository: Repository, lines: list[str]) -> None:
    assert ci(repository, *lines) == []


@pytest.mark.parametrize(
    ("line", "missing"),
    [
        ("run: python gates.py run", ["QUAL-03"]),
        ("run: python gates.py run --fast --ci", ["QUAL-02"]),
        ("run: python gates.py run quality --ci", ["SEC-01"]),
        ("run: python gates.py run QUAL-01 --ci", ["QUAL-02", "QUAL-03", "SEC-01"]),
        ("run: python gates.py run --ci --json SEC-01 quality", ["SEC-01"]),
        ("run: python gates.py run SEC-01 --ci; echo QUAL-01", ["QUAL-01", "QUAL-02", "QUAL-03"]),
        ("# run: python gates.py run --ci", ["QUAL-01", "QUAL-02", "QUAL-03", "SEC-01"]),
        ("run: python gates.py check", ["QUAL-01", "QUAL-02", "QUAL-03", "SEC-01"]),
        ("run: python gates.py runs --ci", ["QUAL-01", "QUAL-02", "QUAL-03", "SEC-01"]),
        ("run: python gates.py run-all --ci", ["QUAL-01", "QUAL-02", "QUAL-03", "SEC-01"]),
    ],
)
def test_a_gate_that_ci_does_not_prove_is_reported(repository: Repository, line: str, missing: list[str]) -> None:
    assert ci(repository, line) == unproved("ci.yml", *missing)


def test_several_ci_files_count_together(repository: Repository) -> None:
    assert ci(repository, "python gates.py run --fast", nightly="python gates.py run --ci QUAL-02 QUAL-03") == []
    assert ci(repository, "python gates.py run", nightly="") == unproved("ci.yml, nightly.yml", "QUAL-03")


def test_an_unknown_gate_in_ci_is_reported(repository: Repository) -> None:
    found = ci(repository, "python gates.py run --ci", "python gates.py run SEC-11")
    assert len(found) == 1
    assert found[0] == "ci.yml: `SEC-11` is no gate or principle."


@pytest.mark.parametrize("file", [".github/workflows/ci.yml", ".gitlab-ci.yml"])
@pytest.mark.parametrize("chosen", [[], ["ci.yml"]], ids=["none", "another"])
def test_a_ci_file_that_was_not_chosen_names_no_gate_that_is_gone(
    agreeing: Repository, chosen: list[str], file: str
) -> None:
    documents = {"constitution": "constitution.md", "plan": "plan.md", "ci": chosen}
    agreeing.define(tables() | {"documents": documents})
    agreeing.write(file, "- run: python .specify/gates/gates.py run QUAL-01 SEC-11 --fast\n")
    assert findings(agreeing) == [f"{file}: `SEC-11` is no gate or principle."]


@pytest.mark.parametrize(
    "line",
    [
        "python .specify/gates/gates.py run --fast",
        "python .specify/gates/gates.py run QUAL-02",
        "python services/links/.specify/gates/gates.py run SEC-11",
        "python tools/gates.py run SEC-11",
        "# python .specify/gates/gates.py run SEC-11",
        "make test",
    ],
)
def test_a_ci_file_of_the_teams_own_need_not_prove_every_gate(agreeing: Repository, line: str) -> None:
    documents = {"constitution": "constitution.md", "plan": "plan.md", "ci": []}
    agreeing.define(tables() | {"documents": documents})
    agreeing.write(".github/workflows/ci.yml", f"- run: {line}\n")
    assert agreeing.gates("check").status == 0


def test_what_a_ci_file_proves_that_was_not_chosen_does_not_count(agreeing: Repository) -> None:
    agreeing.write(".gitlab-ci.yml", agreeing.read("ci.yml"))
    [found] = findings(agreeing, "ci.yml", "run --ci", "list")
    assert found == "No `gates.py run` in ci.yml proves `QUAL-01`."


def test_a_waiver_ends_next_year_at_the_latest_and_a_longer_one_is_in_force_until_it_is_mended(
    agreeing: Repository,
) -> None:
    last = date(date.today().year + 1, 12, 31)

    def waive(until: date) -> None:
        agreeing.define({"waivers": {"QUAL-01": {"reason": "agreed", "until": until}}}, "90-local.toml")

    waive(last)
    assert agreeing.gates("check").status == 0
    for longer in (last + timedelta(days=1), date.max):
        waive(longer)
        said = f"[waivers.QUAL-01] runs until {longer}, and a waiver must end"
        assert findings(agreeing) == [f"{said}: write {last} or an earlier day, and agree on a later one then."]
        assert agreeing.results() == {"QUAL-01": "waived", "QUAL-02": "open"}


@pytest.mark.parametrize("document", ["constitution.md", "plan.md", "tasks.md"])
def test_a_gate_that_only_a_comment_names_is_reported(agreeing: Repository, document: str) -> None:
    line = next(text for text in agreeing.read(document).splitlines() if "`QUAL-01`" in text)
    assert findings(agreeing, document, line, f"<!--\n{line}\n-->") == [
        f"{document} does not name `QUAL-01` (MUST: The code is tidy)."
    ]


FENCES = pytest.mark.parametrize(
    "fenced",
    [
        "```\n{}\n```",
        "~~~ markdown\n{}\n~~~",
        "- Such as:\n\n    ```\n    {}\n    ```",
        "- ```text\n  {}\n  ```",
        "1. ~~~ a`b\n{}\n~~~",
    ],
    ids=["ticks", "tildes", "list", "item", "ticks behind tildes"],
)


@FENCES
@pytest.mark.parametrize("document", ["constitution.md", "plan.md", "tasks.md"])
def test_an_example_in_a_fenced_block_is_no_gate(agreeing: Repository, document: str, fenced: str) -> None:
    line = next(text for text in agreeing.read(document).splitlines() if "`QUAL-02`" in text)
    examples = "- `QUAL-03` (MUST): An example\n- `QUAL-02` (MUST): Tests cover 10 %"
    text = agreeing.read(document)
    agreeing.write(document, f"{fenced.format(examples)}\n\n{text}")
    assert agreeing.gates("check").status == 0
    agreeing.write(document, text)
    assert findings(agreeing, document, line, fenced.format(line)) == [
        f"{document} does not name `QUAL-02` (SHOULD: Tests cover at least 90 % within 0.5 s)."
    ]


@FENCES
def test_a_heading_in_a_fenced_block_is_no_principles(agreeing: Repository, fenced: str) -> None:
    heading = "### I. Code Quality"
    [found] = findings(agreeing, "constitution.md", heading, fenced.format(heading))
    assert found == "constitution.md: no `### ` heading holds the principle's title `Code Quality`."


@pytest.mark.parametrize("example", ["```\n# [PROJECT_NAME]\n```", "<!-- # [PROJECT_NAME] -->"])
def test_a_placeholder_in_an_example_need_not_be_filled_in(agreeing: Repository, example: str) -> None:
    agreeing.write("constitution.md", f"{example}\n\n{agreeing.read('constitution.md')}")
    assert agreeing.gates("check").status == 0


def test_a_conflict_in_a_fenced_block_is_reported(agreeing: Repository) -> None:
    marker = "## Constitution Check\n\n```\n>>>>>>> after updating\n```"
    [found] = findings(agreeing, "plan.md", "## Constitution Check", marker)
    assert found == "plan.md line 6: a conflict of an update is not resolved."


def test_a_conflict_that_an_update_left_is_reported(agreeing: Repository) -> None:
    markers = "<<<<<<< before updating\nours\n=======\ntheirs\n>>>>>>> after updating\n"
    [first, second] = findings(agreeing, "plan.md", "## Constitution Check", f"## Constitution Check\n{markers}")
    assert first == "plan.md line 4: a conflict of an update is not resolved."
    assert second == "plan.md line 8: a conflict of an update is not resolved."


@pytest.mark.parametrize("document", ["plan.md", "tasks.md"])
def test_a_template_that_names_another_command_than_the_one_in_force_is_reported(
    agreeing: Repository, document: str
) -> None:
    [found] = findings(agreeing, document, f"`{PASS}`", "`make lint`")
    line = next(n for n, text in enumerate(agreeing.read(document).splitlines(), 1) if "`QUAL-01`" in text)
    assert found == f"{document} line {line}: QUAL-01 is proved by `{PASS}`, and the line does not say so."


def test_a_command_with_a_bar_is_found_in_a_table_that_escapes_it(agreeing: Repository) -> None:
    agreeing.define({"tasks": {"lint": {"run": "grep 'a|b' README.md"}}}, "90-local.toml")
    for document in ("plan.md", "tasks.md"):
        agreeing.write(document, agreeing.read(document).replace(f"`{PASS}`", "`grep 'a\\|b' README.md`"))
    assert agreeing.gates("check").status == 0
