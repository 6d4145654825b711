"""`plan` asks whether a feature's plan answers each gate."""

import pytest

from tests.gates.helpers import Repository, Result, layer

LIST = """\
- [{0}] `QUAL-01` **MUST**: The code is tidy
- [{1}] `SEC-01` **MUST**: No secrets
"""
NESTED = """\
1. **Code Quality**
   1. [{0}] `QUAL-01` MUST: The code is tidy
2. **Security**
   1. [{1}] `SEC-01` MUST: No secrets
"""
TABLE = """\
| Gate | Level | Kept |
|---|---|---|
| `QUAL-01` | MUST | [{0}] |
| `SEC-01` | MUST | [{1}] |
"""
EXAMPLE = "| [e.g., SEC-01 broken] | [current need] | [why not] |"
styles = pytest.mark.parametrize("style", [LIST, NESTED, TABLE])


@pytest.fixture
def feature(repository: Repository) -> Repository:
    """A repository with two gates."""
    names = {"quality": {"title": "Code Quality"}, "security": {"title": "Security"}}
    return repository.define(layer({"QUAL-01": {}, "SEC-01": {"principle": "security"}}, principles=names))


def plan(repository: Repository, checks: str, *rows: str, extra: str = "") -> Result:
    """What `plan` says about a plan with these checks and these rows in Complexity Tracking."""
    table = "\n".join(["| Violation | Why Needed | Rejected |", "|---|---|---|", *rows])
    sections = [
        "# Plan",
        extra,
        "## Constitution Check",
        checks,
        "## Project Structure",
        "## Complexity Tracking",
        table,
    ]
    return repository.gates("plan", repository.write("specs/001-demo/plan.md", "\n".join(sections) + "\n"))


@styles
@pytest.mark.parametrize("tick", ["x", "X"])
def test_a_plan_with_every_gate_ticked_exits_with_0(feature: Repository, style: str, tick: str) -> None:
    result = plan(feature, style.format(tick, tick), EXAMPLE)
    assert result.status == 0
    assert result.out.endswith("plan.md answers all 2 gates.\n")


@styles
def test_a_gate_that_is_not_ticked_is_reported_with_its_line(feature: Repository, style: str) -> None:
    result = plan(feature, style.format("x", " "), EXAMPLE)
    assert result.status == 1
    [found] = result.out.splitlines()
    line = next(
        n for n, text in enumerate(feature.read("specs/001-demo/plan.md").splitlines(), 1) if "`SEC-01`" in text
    )
    assert found.endswith(f"plan.md line {line}: tick `SEC-01`, or justify it in Complexity Tracking.")


@styles
@pytest.mark.parametrize("name", ["SEC-01", "`SEC-01`", "SEC-01: the demo key is public", "1. **`SEC-01`**"])
def test_a_gate_justified_in_complexity_tracking_is_answered(feature: Repository, style: str, name: str) -> None:
    assert plan(feature, style.format("x", " "), EXAMPLE, f"| {name} | a \\|\\| show | too slow |").status == 0


@pytest.mark.parametrize(
    "row",
    [
        EXAMPLE,
        "| SEC-01 |",
        "| SEC-01 | | too slow |",
        "| SEC-01 | a demo | |",
        "| SEC-01 | a demo | [why not] |",
        "| SEC-01 | - | too slow |",
        "| QUAL-01 | like SEC-01 | too slow |",
        "| SEC-011 | a demo | too slow |",
        "SEC-01, a demo, too slow",
    ],
)
def test_an_empty_or_foreign_justification_does_not_count(feature: Repository, row: str) -> None:
    assert plan(feature, LIST.format("x", " "), row).status == 1


def test_a_gate_that_the_plan_leaves_out_is_reported_even_when_justified(feature: Repository) -> None:
    result = plan(feature, LIST.format("x", "x").splitlines()[0], "| SEC-01 | a demo | too slow |")
    assert result.status == 1
    assert result.out.endswith("plan.md does not name `SEC-01` (MUST: The code is tidy).\n")


def test_a_tick_outside_of_the_constitution_check_does_not_count(feature: Repository) -> None:
    before = plan(feature, LIST.format("x", " "), extra="- [x] `SEC-01`\n")
    after = plan(feature, LIST.format("x", " "), "", "## Notes", "- [x] `SEC-01`")
    assert (before.status, after.status) == (1, 1)


@styles
def test_a_tick_or_a_reason_in_a_fenced_block_does_not_count(feature: Repository, style: str) -> None:
    example = f"```\n{style.format('x', 'x')}```"
    both = [
        "tick `QUAL-01`, or justify it in Complexity Tracking.",
        "tick `SEC-01`, or justify it in Complexity Tracking.",
    ]
    rows = ["", "```", "| SEC-01 | because | none |", "| QUAL-01 | because | none |", "```"]
    result = plan(feature, f"{example}\n\n{style.format(' ', ' ')}", *rows)
    assert [line.partition(": ")[2] for line in result.out.splitlines()] == both
    below = f"```\n## Constitution Check\n\n{style.format(' ', ' ')}```"
    assert plan(feature, f"{style.format('x', 'x')}\n{below}").status == 0


def test_an_unknown_gate_in_the_plan_is_reported(feature: Repository) -> None:
    result = plan(feature, LIST.format("x", "x") + "- [x] `SEC-02` MUST: Old\n")
    assert result.status == 1
    assert "plan.md line 6: no layer defines `SEC-02`." in result.out


def test_a_features_folder_stands_for_its_plan(feature: Repository) -> None:
    plan(feature, LIST.format("x", "x"))
    assert feature.gates("plan", feature.root / "specs/001-demo").status == 0


def test_a_missing_plan_is_a_sentence_and_exits_with_1(feature: Repository) -> None:
    (feature.root / "specs").mkdir()
    for path in (feature.root / "specs", feature.root / "specs" / "plan.md"):
        result = feature.gates("plan", path)
        assert result.status == 1
        assert "plan.md does not exist: give a plan, or a feature's folder with one." in result.out


def test_a_plan_without_constitution_check_is_a_sentence_and_exits_with_1(feature: Repository) -> None:
    result = feature.gates("plan", feature.write("plan.md", "# Plan\n\n- [x] `QUAL-01`\n"))
    assert result.status == 1
    assert "plan.md has no section `## Constitution Check`." in result.out


def test_a_plan_without_complexity_tracking_needs_every_tick(feature: Repository) -> None:
    checks = "## Constitution Check\n\n" + LIST
    assert feature.gates("plan", feature.write("plan.md", checks.format("x", "x"))).status == 0
    assert feature.gates("plan", feature.write("plan.md", checks.format("x", " "))).status == 1


@pytest.mark.parametrize(
    "line",
    [
        "- [x] `SEC-01` **SHOULD**: No secrets",
        "- [ ] `SEC-01` **MUST**: not [x] yet",
        "<!-- - [x] `SEC-01` **MUST**: No secrets -->",
        "> - [x] `SEC-01` **MUST**: No secrets",
    ],
)
def test_a_changed_or_false_tick_does_not_count(feature: Repository, line: str) -> None:
    ticked = "- [x] `QUAL-01` **MUST**: The code is tidy\n"
    assert plan(feature, f"{ticked}- [x] `SEC-01` **MUST**: No secrets\n").status == 0
    assert plan(feature, f"{ticked}{line}\n").status == 1


def test_a_figure_that_the_plan_lowers_is_reported(feature: Repository) -> None:
    feature.define(
        {"gates": {"SEC-01": {"statement": "At most {limit} secrets"}}, "figures": {"limit": 3}}, "90-local.toml"
    )
    ticked = "- [x] `QUAL-01` **MUST**: The code is tidy\n- [x] `SEC-01` **MUST**: At most {} secrets\n"
    assert plan(feature, ticked.format(3)).status == 0
    assert "SEC-01 says 5, but limit is 3." in plan(feature, ticked.format(5)).out
