"""The layers: how they are laid over each other, and which mistakes in them are refused."""

from datetime import date, datetime
from typing import Any

import pytest

from tests.gates.helpers import FAIL, PASS, Repository, layer

BASE = layer(
    {"QUAL-01": {"task": "lint", "statement": "At most {limit} warnings"}},
    figures={"limit": 5},
    tasks={"lint": {"run": FAIL}},
)


def test_a_later_layer_wins_key_by_key(repository: Repository) -> None:
    repository.define(BASE)
    repository.define({"figures": {"limit": 3}, "tasks": {"lint": {"run": PASS}}}, "90-local.toml")
    repository.define({"gates": {"QUAL-01": {"level": "SHOULD"}}}, "50-house.toml")
    outcome = repository.outcomes()["QUAL-01"]
    assert (outcome["result"], outcome["level"], outcome["statement"]) == ("pass", "SHOULD", "At most 3 warnings")


def test_layers_come_in_the_order_of_their_names(repository: Repository) -> None:
    repository.define({"figures": {"limit": 1}}, "90-local.toml")
    repository.define({"figures": {"limit": 2}}, "50-house.toml")
    repository.define(BASE)
    assert repository.gates("figures", "limit").out == "1\n"


def test_a_later_layer_adds_principles_and_gates(repository: Repository) -> None:
    repository.define(BASE)
    own = {"principle": "fairness", "level": "MUST", "statement": "The game is fair"}
    repository.define({"principles": {"fairness": {"title": "Fairness"}}, "gates": {"FAIR-01": own}}, "90-local.toml")
    assert list(repository.results()) == ["QUAL-01", "FAIR-01"]


def test_a_later_layer_maps_an_empty_task_to_a_command(repository: Repository) -> None:
    repository.define(layer({"QUAL-01": {"task": "contract"}}, tasks={"contract": {}}))
    assert repository.results() == {"QUAL-01": "open"}
    repository.define({"tasks": {"contract": {"run": PASS}}}, "90-local.toml")
    assert repository.results() == {"QUAL-01": "pass"}


@pytest.mark.parametrize("nothing", ["", []])
def test_an_empty_value_takes_an_earlier_one_away(repository: Repository, nothing: object) -> None:
    repository.define(BASE)
    repository.define({"tasks": {"lint": {"run": nothing}}}, "90-local.toml")
    assert repository.results() == {"QUAL-01": "open"}


def test_a_command_may_give_way_to_a_file_pattern(repository: Repository) -> None:
    repository.define(BASE)
    repository.define({"tasks": {"lint": {"run": "", "forbid": ["*.bad"]}}}, "90-local.toml")
    assert repository.results() == {"QUAL-01": "pass"}


def test_a_file_with_a_byte_order_mark_is_read(repository: Repository) -> None:
    repository.define(BASE)
    base = repository.root / ".specify/gates/00-base.toml"
    base.write_bytes(b"\xef\xbb\xbf" + base.read_bytes())
    assert repository.gates("list").status == 0


def problems(repository: Repository, local: dict[str, Any]) -> list[str]:
    repository.define(BASE)
    repository.define(local, "90-local.toml")
    result = repository.gates("run")
    assert result.status == 2
    assert result.out == ""
    return result.err.splitlines()


@pytest.mark.parametrize(
    ("local", "sentence"),
    [
        ({"schema": 2}, "90-local.toml: this gates.py supports schema = 1 only."),
        ({"task": {"lint": {}}}, "90-local.toml: [task] is unknown or no table; use documents, figures, tasks"),
        ({"colour": "red"}, "90-local.toml: [colour] is unknown or no table; use "),
        ({"gates": 3}, "90-local.toml: [gates] is unknown or no table; use "),
        ({"gates": {"QUAL-01": 3}}, "90-local.toml: [gates] is unknown or no table; use "),
        ({"figures": 3}, "90-local.toml: [figures] is unknown or no table; use "),
        (
            {"tasks": {"test": {"runs": PASS}}},
            "90-local.toml: [tasks.test] has the unknown key `runs`; use run, files, needs",
        ),
        ({"documents": {"plans": "a"}}, "90-local.toml: [documents] has the unknown key `plans`; use constitution"),
        ({"tasks": {"test": {"run": 3}}}, "90-local.toml: [tasks.test] must give `run` as a list of texts."),
        ({"tasks": {"test": {"run": [3]}}}, "90-local.toml: [tasks.test] must give `run` as a list of texts."),
        ({"tasks": {"test": {"slow": "yes"}}}, "90-local.toml: [tasks.test] must give `slow` as true/false."),
        ({"figures": {"p95": "fast"}}, "90-local.toml: [figures] must give `p95` as a number."),
        ({"figures": {"p95": True}}, "90-local.toml: [figures] must give `p95` as a number."),
        ({"stricter": 3}, "90-local.toml: [stricter] is unknown or no table; use "),
        ({"stricter": {"limit": 3}}, "90-local.toml: [stricter] must give `limit` as a text."),
        ({"stricter": {"limit": "up"}}, "90-local.toml: [stricter] has `limit` as `up`: write higher or lower."),
        (
            {"tasks": {"test": {"needs": ["lnt"]}}},
            "90-local.toml: [tasks.test] names `lnt`, which is not in [tasks].",
        ),
        (
            {"tasks": {"test": {"run": "pytest --under={limits}"}}},
            "90-local.toml: [tasks.test] names `limits`, which is not in [figures].",
        ),
        (
            {"tasks": {"test": {"run": PASS, "require": ["a"]}}},
            "90-local.toml: [tasks.test] has run and require/forbid: keep one of them.",
        ),
        (
            {"tasks": {"test": {"files": ["*"]}}},
            "90-local.toml: [tasks.test] has files, but no run that could take them.",
        ),
        (
            {"tasks": {"test": {"run": "pytest && ruff check ."}}},
            "[tasks.test] uses && in `pytest && ruff check .`: no shell runs it, so write a list of commands.",
        ),
        ({"tasks": {"Test": {}}}, "90-local.toml: [tasks.Test] has a bad id: write it like code-quality."),
        ({"principles": {"Quality": {"title": "Q"}}}, "[principles.Quality] has a bad id: write it like code-quality."),
        ({"principles": {"other": {"title": " "}}}, "90-local.toml: [principles.other] lacks `title`."),
        (
            {"gates": {"QUAL-01": {"level": "MAY"}}},
            "90-local.toml: [gates.QUAL-01] has the level `MAY`: write MUST or SHOULD.",
        ),
        (
            {"gates": {"QUAL-01": {"task": "lnt"}}},
            "[gates.QUAL-01] names `lnt`, which is not in [tasks].",
        ),
        (
            {"gates": {"QUAL-01": {"principle": "qualty"}}},
            "[gates.QUAL-01] names `qualty`, which is not in [principles].",
        ),
        (
            {"gates": {"QUAL-01": {"statement": "At most {limt}"}}},
            "[gates.QUAL-01] names `limt`, which is not in [figures].",
        ),
        (
            {"gates": {"QUAL-01": {"forbid": ["a"]}}},
            "[gates.QUAL-01] has a task and require/forbid: keep one of them.",
        ),
        ({"waivers": {"QUAL-01": {"until": date(2027, 1, 1)}}}, "90-local.toml: [waivers.QUAL-01] lacks `reason`."),
        (
            {"waivers": {"QUAL-01": {"reason": " ", "until": date(2027, 1, 1)}}},
            "90-local.toml: [waivers.QUAL-01] lacks `reason`.",
        ),
        ({"waivers": {"QUAL-01": {"reason": "r"}}}, "90-local.toml: [waivers.QUAL-01] lacks `until`."),
        (
            {"waivers": {"QUAL-01": {"reason": "r", "until": "2027-01-01"}}},
            "90-local.toml: [waivers.QUAL-01] must give `until` as a date.",
        ),
        (
            {"waivers": {"QUAL-01": {"reason": "r", "until": datetime(2027, 1, 1, 12)}}},
            "90-local.toml: [waivers.QUAL-01] must give `until` as a date.",
        ),
    ],
)
def test_a_wrong_definition_is_refused_with_one_sentence(
    repository: Repository, local: dict[str, Any], sentence: str
) -> None:
    found = problems(repository, local)
    assert len(found) == 1
    assert sentence in found[0]


@pytest.mark.parametrize("gate_id", ["qual-01", "Q-01", "QUALITY-01", "QUAL-1", "QUAL-001", "QUAL_01"])
def test_a_bad_gate_id_is_refused(repository: Repository, gate_id: str) -> None:
    gate = {"principle": "quality", "level": "MUST", "statement": "S"}
    [sentence] = problems(repository, {"gates": {gate_id: gate}})
    assert sentence == f"90-local.toml: [gates.{gate_id}] has a bad id: write it like QUAL-01."


def test_each_missing_key_of_a_gate_is_named(repository: Repository) -> None:
    place = "90-local.toml: [gates.QUAL-02]"
    without_statement = problems(repository, {"gates": {"QUAL-02": {"principle": "quality"}}})
    assert without_statement == [f"{place} lacks `level`.", f"{place} lacks `statement`."]
    assert problems(repository, {"gates": {"QUAL-02": {"level": "MUST", "statement": "S"}}}) == [
        f"{place} lacks `principle`."
    ]


@pytest.mark.parametrize("value", ["nan", "inf"])
def test_a_figure_is_a_number_that_can_be_compared(repository: Repository, value: str) -> None:
    repository.define(BASE).write(".specify/gates/90-local.toml", f"[figures]\nlimit = {value}\n")
    assert repository.gates("list").err == "90-local.toml: [figures] must give `limit` as a number.\n"


LEFT_OVER = [
    ({"tasks": {"tets": {"run": PASS}}}, ["tasks.tets"]),
    ({"figures": {"limti": 3}}, ["figures.limti"]),
    ({"stricter": {"limti": "lower"}}, ["stricter.limti"]),
    ({"gates": {"QUAL-02": {"level": "SHOULD"}}}, ["gates.QUAL-02"]),
    ({"waivers": {"QUAL-02": {"reason": "r", "until": date(2027, 1, 1)}}}, ["waivers.QUAL-02"]),
    (
        {"gates": {"QUAL-02": {"task": "lint"}}, "waivers": {"QUAL-02": {"reason": "r", "until": date(2027, 1, 1)}}},
        ["gates.QUAL-02", "waivers.QUAL-02"],
    ),
]


@pytest.mark.parametrize(("local", "names"), LEFT_OVER)
def test_what_is_left_of_a_gate_that_is_gone_is_told_and_stops_no_other(
    repository: Repository, local: dict[str, Any], names: list[str]
) -> None:
    repository.define(BASE)
    untouched = repository.results()
    sentences = [f"Nothing uses [{name}] any more, or it is misspelt: remove it." for name in names]
    repository.define(local, "90-local.toml")
    assert repository.results() == untouched
    assert repository.gates("list").err.splitlines() == sentences
    checked = repository.gates("check")
    assert (checked.status, checked.err) == (1, "")
    assert [line for line in checked.out.splitlines() if line.startswith("Nothing uses")] == sentences


@pytest.mark.parametrize("pattern", ["/etc", "docs/", "./a", "../a", "a//b", "**.pem", "a\\b", "*.{pem,key}"])
def test_a_pattern_that_could_never_match_is_refused(repository: Repository, pattern: str) -> None:
    [sentence] = problems(repository, {"gates": {"QUAL-01": {"task": "", "forbid": [pattern]}}})
    assert f"[gates.QUAL-01] has the bad pattern `{pattern}`: write a path from the root" in sentence


def test_tasks_that_need_each_other_are_refused(repository: Repository) -> None:
    [sentence] = problems(repository, {"tasks": {"a": {"needs": ["b"]}, "b": {"needs": ["a"]}}})
    assert sentence.startswith("90-local.toml: these tasks need each other: ")
    assert "a > b" in sentence


def test_invalid_toml_is_refused_with_its_file_and_line(repository: Repository) -> None:
    repository.define(BASE)
    repository.write(".specify/gates/50-house.toml", "schema = 1\n[figures\n")
    result = repository.gates("run")
    assert result.status == 2
    assert result.err.startswith("50-house.toml cannot be read as TOML: ")
    assert "line 2" in result.err


def test_all_problems_are_listed_at_once(repository: Repository) -> None:
    local = {"schema": 7, "colour": {}, "tasks": {"a": {"runs": "x"}}, "gates": {"QUAL-01": {"level": "MAY"}}}
    assert len(problems(repository, local)) == 4


def test_all_values_of_a_wrong_kind_are_listed_at_once(repository: Repository) -> None:
    local = {"tasks": {"test": {"runs": PASS, "slow": "yes", "needs": "lint"}}}
    assert problems(repository, local) == [
        "90-local.toml: [tasks.test] has the unknown key `runs`; use run, files, needs, slow, ci, require, forbid.",
        "90-local.toml: [tasks.test] must give `slow` as true/false.",
        "90-local.toml: [tasks.test] must give `needs` as a list of texts.",
    ]


@pytest.mark.parametrize("way", ["higher", "lower", ""])
def test_a_figure_is_tightened_one_way_or_the_other_or_no_way_is_said(repository: Repository, way: str) -> None:
    repository.define(BASE)
    repository.define({"stricter": {"limit": way}}, "90-local.toml")
    assert repository.gates("list").status == 0


@pytest.mark.parametrize("command", ["list", "run", "check", "figures"])
def test_every_command_refuses_wrong_definitions(repository: Repository, command: str) -> None:
    repository.define(BASE | {"colour": {}})
    assert repository.gates(command).status == 2


def test_a_repository_without_a_gate_is_refused(repository: Repository) -> None:
    result = repository.gates("run")
    assert result.status == 2
    assert "defines a gate" in result.err
