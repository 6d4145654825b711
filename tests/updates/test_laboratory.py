"""What updates promise, over every type and constitution: see laboratory.py for what is judged."""

import shutil
import tempfile
from collections import Counter
from pathlib import Path

import pytest
import typer
from hypothesis import HealthCheck, Phase, given, settings

from tests.helpers import commit, write
from tests.updates import __main__ as laboratory_main
from tests.updates import history
from tests.updates.__main__ import page
from tests.updates.changes import CHANGES, CONSTITUTION, DOCUMENTS, RUNNER, Change, Combination
from tests.updates.edits import EDITS, Edit, amend_first_rule
from tests.updates.history import real_history, write_release
from tests.updates.laboratory import (
    ALL_COMBINATIONS,
    OLD,
    Bench,
    Result,
    answers,
    applicable,
    apply,
    attempt,
    bench,
    copy,
    departures,
    fresh_copy,
    gate_problems,
    lost_traces,
    made,
    matrix,
    next_version,
    pairs,
    previous_commit,
    sampled,
    together,
    try_case,
    unmerged,
    update,
)
from tests.updates.random_edits import STROKES, Stroke, scribble

EXAMPLE = Combination("python-service", "quality-first")
ADOPTED = Combination("existing-repo", "essentials")
RANDOM = settings(
    deadline=None,
    database=None,
    phases=(Phase.explicit, Phase.generate),  # an update takes seconds: the first example found is reported
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def names(pair: tuple[Change, Edit]) -> str:
    return " / ".join(part.name for part in pair)


# In every run


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_an_untouched_project_is_after_an_update_what_a_fresh_copy_would_be(benches: Path, change: Change) -> None:
    result = attempt(bench(benches, EXAMPLE), [change], [])
    assert (result.outcome, result.why) == ("clean", "")


@pytest.mark.parametrize("combination", ALL_COMBINATIONS, ids="-".join)
def test_an_update_from_the_previous_commit_keeps_typical_edits_and_brings_every_change(
    benches: Path, combination: Combination
) -> None:
    at = bench(benches / "previous", combination, previous_commit())
    result = attempt(at, applicable(at, CHANGES), together(combination), compare=False)
    assert (result.outcome, result.why) == ("clean", "")


@pytest.mark.parametrize("pair", pairs(EXAMPLE), ids=names)
def test_an_edit_and_a_change_that_meet_conflict_in_their_file_alone_and_nothing_is_lost(
    benches: Path, pair: tuple[Change, Edit]
) -> None:
    change, edit = pair
    result = attempt(bench(benches, EXAMPLE), [change], [edit])
    # A file that was moved or dropped cannot conflict: Copier deletes it, and git holds what the user wrote.
    assert (result.outcome, result.why) == ("deleted" if change.name in edit.loses else "conflict", "")


@pytest.mark.parametrize(
    ("release", "combination", "edits", "conflicts"),
    [
        ("v0.1.0", EXAMPLE, [], set()),
        ("v0.2.0", EXAMPLE, together(EXAMPLE), set()),
        # v0.1.0 worded the second gate otherwise, and the line of each gate in the tasks template.
        ("v0.1.0", ADOPTED, together(ADOPTED), set(DOCUMENTS)),
    ],
    ids=["the first, untouched", "the second, edited", "the first, edited"],
)
def test_a_project_of_an_early_release_can_be_updated(
    tmp_path: Path, release: str, combination: Combination, edits: list[Edit], conflicts: set[str]
) -> None:
    at = Bench(tmp_path, combination)
    tags = real_history(at.template)
    copy(at.template, at.project, release, answers(combination))
    commit(at.project, "Start")
    project = Path(shutil.copytree(at.project, tmp_path / "edited/acme", symlinks=True))
    traces = apply(edits, project)
    commit(project, "Make it ours")
    update(project, tags[-1])
    assert unmerged(project) == conflicts
    assert list(lost_traces(project, traces, set())) == []
    assert list(gate_problems(project, conflicts)) == []
    if not edits:
        fresh = fresh_copy(at, tags[-1], [], {})
        assert list(departures(at, project, fresh, set(), ("*",))) == []


@settings(RANDOM, max_examples=3, derandomize=True)
@given(strokes=STROKES)
def test_what_was_written_anywhere_is_kept(benches: Path, strokes: list[Stroke]) -> None:
    assert scribbled(bench(benches, EXAMPLE), strokes) == []


def scribbled(at: Bench, strokes: list[Stroke]) -> list[str]:
    """What went wrong with random edits, in an update that brings every change."""
    changes = applicable(at, CHANGES)
    tag = next_version(at, changes)
    with tempfile.TemporaryDirectory(dir=made(at.folder / "attempts")) as folder:
        project = Path(shutil.copytree(at.project, Path(folder) / "acme", symlinks=True))
        traces = scribble(project, strokes)
        commit(project, "Make it ours")
        update(project, tag)
        # Git holds what was written into a file that the template moved or dropped.
        gone = {"renovate.json", ".editorconfig"} & {name for name, texts in traces.items() if texts is not None}
        fresh = fresh_copy(at, tag, changes, {})
        return [*lost_traces(project, traces, gone), *departures(at, project, fresh, {*traces, *gone}, ("*",))]


# The laboratory itself


def test_the_matrix_has_every_combination_change_edit_and_pair_and_more_than_500_updates() -> None:
    cases = matrix()
    assert len(cases) > 500
    assert {case.combination for case in cases} == set(ALL_COMBINATIONS)
    assert {name for case in cases for name in case.changes} == {change.name for change in CHANGES}
    assert {name for case in cases for name in case.edits} == {edit.name for edit in EDITS}


def test_a_sample_is_drawn_by_its_seed() -> None:
    cases = matrix()
    assert sampled(cases, 20, 1) == sampled(cases, 20, 1) != sampled(cases, 20, 2)
    assert Counter(sampled(cases, None, 0)) == Counter(cases)


def test_a_conflict_where_none_is_meant_fails(benches: Path) -> None:
    edit = Edit("amend in secret", "meets a change and does not say so", amend_first_rule)
    result = attempt(bench(benches, EXAMPLE), [CHANGES[0]], [edit])
    assert result.outcome == "failed"
    assert f"Conflicts in ['{CONSTITUTION}'], expected in none." in result.why


def test_text_that_is_gone_and_a_deleted_file_that_is_back_are_found(tmp_path: Path) -> None:
    project = write(tmp_path, {"a.md": "ours\n", "b.md": "back\n"})
    assert list(lost_traces(project, {"a.md": ["ours"]}, set())) == []
    assert list(lost_traces(project, {"a.md": ["mine"]}, set())) == ["a.md lost 'mine'."]
    assert list(lost_traces(project, {"b.md": None}, set())) == ["b.md, which the user deleted, came back."]


def test_a_file_that_is_not_what_a_fresh_copy_has_is_found(benches: Path, tmp_path: Path) -> None:
    at = bench(benches, EXAMPLE)
    project = Path(shutil.copytree(at.project, tmp_path / "acme", symlinks=True))
    assert list(departures(at, project, at.project, set(), ())) == []
    write(project, {"LICENSE": "Ours.\n", "src/acme/__init__.py": "Ours.\n"})
    assert list(departures(at, project, at.project, set(), ())) == [
        "LICENSE is not what a fresh copy has.",
        "LICENSE changed, though the change does not say so.",
        "src/acme/__init__.py is not what it was.",
        "src/acme/__init__.py changed, though the change does not say so.",
    ]


def test_the_page_counts_outcomes_by_type_constitution_edit_and_change() -> None:
    results = [
        Result(*EXAMPLE, "gate added", "nothing", "clean", "", 2.0),
        Result(*EXAMPLE, "gate added", "CRLF", "conflict", "", 4.0),
    ]
    text = page(results, "python -m tests.updates --jobs 2", 1, 2)
    assert "`python -m tests.updates --jobs 2` ran 2 updates in 1 minutes, in 2 processes.\n" in text
    assert "in one process.\n" in page(results, "python -m tests.updates", 1, 1)
    assert "| python-service | 2 | 1 | 1 | 0 | 0 | 3.0 |" in text
    assert "### By constitution\n\n| Constitution |" in text
    assert "| quality-first | 2 | 1 | 1 | 0 | 0 | 3.0 |" in text
    assert "| CRLF | 1 | 0 | 1 | 0 | 0 | 4.0 |" in text
    assert "| gate added | 2 | 1 | 1 | 0 | 0 | 3.0 |" in text


@pytest.mark.parametrize(("sample", "named"), [(None, False), (1, False), (1, True)])
def test_a_sample_does_not_overwrite_the_page_unless_it_is_told_to(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    sample: int | None,
    named: bool,
) -> None:
    kept, other = tmp_path / "updates.md", tmp_path / "other.md"
    results = [Result(*EXAMPLE, "gate added", "nothing", "clean", "", 2.0)]
    monkeypatch.setattr(laboratory_main, "PAGE", kept)
    monkeypatch.setattr(laboratory_main, "isolate", lambda: None)
    monkeypatch.setattr(laboratory_main, "run_all", lambda *_arguments: results)
    with pytest.raises(typer.Exit) as left:
        laboratory_main.main(sample=sample, output=other if named else None)
    assert left.value.exit_code == 0
    assert [path.name for path in (kept, other) if path.exists()] == (
        ["other.md"] if named else [] if sample else ["updates.md"]
    )
    assert ("# Updates" in capsys.readouterr().out) == (sample is not None and not named)


def test_what_check_since_says_is_judged(benches: Path, tmp_path: Path) -> None:
    project = Path(shutil.copytree(bench(benches, EXAMPLE).project, tmp_path / "acme", symlinks=True))
    assert list(gate_problems(project, set())) == []
    runner = project / RUNNER
    text = runner.read_text(encoding="utf-8").replace('lines = [f"Since', 'raise OSError\n    lines = [f"Since')
    runner.write_text(text, encoding="utf-8", newline="\n")
    (problem,) = gate_problems(project, set())
    assert problem.startswith("`gates.py check --since HEAD` failed with ")


def test_a_shallow_clone_is_told_how_to_get_the_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit(write(tmp_path / "clone", {"copier.yml": ""}), "The last commit")
    monkeypatch.setattr(history, "ROOT", tmp_path / "clone")
    with pytest.raises(LookupError, match="git fetch --unshallow"):
        write_release(made(tmp_path / "template"), OLD, "264bb1cc87f8372441cacebd54e54057fa4e9c0b")


# At night


@pytest.mark.nightly
@pytest.mark.parametrize("combination", ALL_COMBINATIONS, ids="-".join)
def test_every_update_of_the_matrix_ends_as_it_should(tmp_path: Path, combination: Combination) -> None:
    cases = [case for case in matrix() if case.combination == combination]
    results = [try_case(tmp_path, case) for case in cases]
    assert [result for result in results if result.outcome == "failed"] == []


@pytest.mark.nightly
@pytest.mark.parametrize("combination", ALL_COMBINATIONS, ids="-".join)
@settings(RANDOM, max_examples=10)
@given(strokes=STROKES)
def test_what_was_written_anywhere_is_kept_in_every_combination(
    benches: Path, combination: Combination, strokes: list[Stroke]
) -> None:
    assert scribbled(bench(benches, combination), strokes) == []
