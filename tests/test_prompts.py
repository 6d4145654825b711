"""A person at a terminal: the real `copier copy`, its questions, and the keys that are pressed."""

import io
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest

if sys.platform == "win32":
    pytest.skip(
        "These tests press keys in a pseudo-terminal, which Windows lacks: run them on Linux, macOS or in WSL, which"
        " `wsl --install` brings; test_bad_input.py gives the same answers without keys.",
        allow_module_level=True,
    )

import pexpect

from extensions.catalogue import ROOT
from tests.helpers import CATALOGUE, DAY, generate, suits, tree, write
from tests.test_copier_yml import QUESTIONS, fixed_choices

Terminal: TypeAlias = "pexpect.spawn[str]"
Start = Callable[..., Terminal]

ENTER, DOWN, UP, CTRL_C = "\r", "\x1b[B", "\x1b[A", "\x03"
DELETE_LINE = "\x15"
WHERE_IS_THE_CURSOR, AT_THE_TOP = "\x1b[6n", "\x1b[1;1R"
COLOURS_AND_MOVES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")

HELP = {name: question["help"].split("{{")[0].strip() for name, question in QUESTIONS.items() if "help" in question}
"""The words that each question begins with."""

ASKED = ["project_name", "project_type", "description", "constitution", "author", "license", "ci", "adjust"]
"""What a person is asked who accepts every default."""

MORE = {"pixi-hydra": ["gpu_environment", "cuda_version"], "helm-chart": ["image_repository", "platforms"]}
"""What the project type adds to it, after the constitution."""

FAIR_PLAY = (
    "[{id: fair-play, title: Fair Play, summary: You MUST be fair., rules: [You MUST be fair.], "
    "rationale: Nobody plays with cheats., gates: [{id: FAIR-01, level: MUST, statement: Players are treated alike}]}]"
)


@pytest.fixture
def start(files: Path) -> Iterator[Start]:
    """A function that runs `copier copy` for a destination, in a terminal so wide that no sentence is cut."""
    terminals: list[Terminal] = []

    def copy(destination: Path, **data: str) -> Terminal:
        options = [part for name, value in data.items() for part in ("--data", f"{name}={value}")]
        terminal = pexpect.spawn(
            sys.executable,
            ["-m", "copier", "copy", *options, str(files), str(destination)],
            env={**os.environ, "TERM": "xterm-256color"},
            dimensions=(60, 400),
            encoding="utf-8",
            timeout=30,
        )
        terminal.delaybeforesend = None
        terminal.logfile_read = io.StringIO()
        terminals.append(terminal)
        return terminal

    yield copy
    for terminal in terminals:
        terminal.close(force=True)


def see(terminal: Terminal, text: str) -> None:
    """Wait for a text, and meanwhile answer as a terminal does when it is asked where the cursor is."""
    while terminal.expect_exact([text, WHERE_IS_THE_CURSOR]) == 1:
        terminal.send(AT_THE_TOP)


def answer(terminal: Terminal, question: str, keys: str) -> None:
    see(terminal, HELP[question])
    terminal.send(keys)


def retype(text: str) -> str:
    return DELETE_LINE + text + ENTER


def end(terminal: Terminal) -> int:
    """The exit status, after whatever is still printed."""
    while terminal.expect([pexpect.EOF, re.escape(WHERE_IS_THE_CURSOR)]) == 1:
        terminal.send(AT_THE_TOP)
    terminal.close()
    assert terminal.exitstatus is not None
    return terminal.exitstatus


def screen(terminal: Terminal) -> str:
    """All that was printed so far, without colours."""
    assert isinstance(terminal.logfile_read, io.StringIO)
    return COLOURS_AND_MOVES.sub("", terminal.logfile_read.getvalue())


def questions_on(terminal: Terminal) -> list[str]:
    """Each question that was asked, once; a prompt is drawn again when it is answered."""
    return list(dict.fromkeys(re.findall(r"🎤 ([^\r\n]+)", screen(terminal))))


def choices(question: str) -> list[str]:
    """The values of a question's choices in the order on the screen, for the default project type."""
    if question == "project_type":
        types = CATALOGUE.project_types.values()
        return [type_.id for type_ in sorted(types, key=lambda type_: (not type_.skeleton, type_.title))]
    if question == "constitution":
        return sorted(suits(DEFAULT.id), key=lambda id_: CATALOGUE.constitutions[id_].title)
    if question == "principles":
        offered = [item for item in CATALOGUE.principles.values() if DEFAULT.id in (item.project_types or [DEFAULT.id])]
        return [item.id for item in sorted(offered, key=lambda item: item.title)]
    return list(fixed_choices(question).values())


def move(question: str, current: str, wanted: str) -> str:
    """The keys that lead from a choice to another."""
    steps = choices(question).index(wanted) - choices(question).index(current)
    return DOWN * steps if steps > 0 else UP * -steps


DEFAULT = CATALOGUE.project_types["python-service"]


def test_who_accepts_every_default_is_asked_eight_questions_and_gets_what_defaults_gives(
    start: Start, files: Path, tmp_path: Path
) -> None:
    terminal = start(tmp_path / "asked" / "acme", **DAY)
    for question in ASKED:
        answer(terminal, question, ENTER)
    assert end(terminal) == 0
    assert len(questions_on(terminal)) == len(ASKED) <= 8
    defaults = generate(files, tmp_path / "defaults" / "acme", **DAY)
    assert tree(tmp_path / "asked" / "acme") == tree(defaults)


def asked(project_type: str) -> list[str]:
    """What a person is asked who accepts every default but the project type."""
    skeleton = CATALOGUE.project_types[project_type].skeleton
    after = [name for name in ASKED[4:] if skeleton or name not in ("author", "license", "ci")]
    return [*ASKED[:4], *MORE.get(project_type, []), *after]


@pytest.mark.parametrize("project_type", CATALOGUE.project_types)
def test_each_type_asks_for_what_it_needs_and_no_more(start: Start, tmp_path: Path, project_type: str) -> None:
    terminal = start(tmp_path / "acme", **DAY)
    for question in asked(project_type):
        chosen = move("project_type", DEFAULT.id, project_type) if question == "project_type" else ""
        answer(terminal, question, chosen + ENTER)
    assert end(terminal) == 0
    assert len(questions_on(terminal)) == len(asked(project_type))


def test_the_message_before_a_copy_says_how_many_questions_the_type_with_the_most_asks() -> None:
    numbers = {8: "eight", 9: "nine", 10: "ten", 11: "eleven", 12: "twelve"}
    most = numbers[max(len(asked(project_type)) for project_type in CATALOGUE.project_types)]
    message = (ROOT / "includes/messages/before_copy.jinja").read_text(encoding="utf-8")
    assert f"You will be asked at most {most} questions" in " ".join(message.split())


def test_an_answer_that_is_given_beforehand_is_not_asked_for(start: Start, tmp_path: Path) -> None:
    terminal = start(tmp_path / "acme", project_type="existing-repo", project_name="Acme", adjust="false", **DAY)
    for question in ("description", "constitution"):
        answer(terminal, question, ENTER)
    assert end(terminal) == 0
    assert len(questions_on(terminal)) == 2


def test_a_wrong_answer_that_is_given_beforehand_ends_the_run_before_the_first_question(
    start: Start, tmp_path: Path
) -> None:
    terminal = start(tmp_path / "acme", figures="{coverage_min: 500}")
    see(terminal, "figures sets coverage_min to 500. It must be from 50 to 100 (%)")
    assert end(terminal) == 1
    assert questions_on(terminal) == []
    assert not (tmp_path / "acme").exists()


def test_each_choice_shows_a_title_and_a_line_of_help(start: Start, tmp_path: Path) -> None:
    terminal = start(tmp_path / "acme", project_name="Acme", description="Shortens links", author="Jo", **DAY)
    answer(terminal, "project_type", ENTER)
    answer(terminal, "constitution", ENTER)
    for question in ("license", "ci"):
        answer(terminal, question, ENTER)
    answer(terminal, "adjust", "y")
    for question in ("package_name", "figures", "check_style"):
        answer(terminal, question, ENTER)
    see(terminal, HELP["extra_principles"])
    lines = {re.sub(r"[»\s]+", " ", line).strip() for line in re.split(r"[\r\n🎤]+", screen(terminal))}
    types = {f"{item.title}: {item.summary}" for item in CATALOGUE.project_types.values()}
    constitutions = {
        f"{item.title}: {item.summary}" for item in map(CATALOGUE.constitutions.get, suits(DEFAULT.id)) if item
    }
    titles = [title for question in ("license", "ci", "check_style") for title in fixed_choices(question)]
    assert lines >= types | constitutions | set(titles)
    assert all(re.fullmatch(r"[^:]+: .+", title) for title in titles)
    terminal.send(CTRL_C)
    assert end(terminal) == 1


def test_a_type_that_does_not_suit_the_constitution_is_shown_with_the_reason_and_cannot_be_chosen(
    start: Start, tmp_path: Path
) -> None:
    suited = CATALOGUE.constitutions["values-first-charts"].project_types
    assert suited == ["helm-chart", "existing-repo"]
    given = {"constitution": "values-first-charts", "project_name": "Acme", "description": "A chart", "adjust": "false"}
    terminal = start(tmp_path / "acme", **given, **DAY)
    see(terminal, HELP["project_type"])
    # One step from the chart, which is offered as the first type that suits, past all that are disabled.
    terminal.send(DOWN + ENTER)
    assert end(terminal) == 0
    assert "project_type: existing-repo" in (tmp_path / "acme/.copier-answers.yml").read_text(encoding="utf-8")
    for item in CATALOGUE.project_types.values():
        line = f"{item.title}: {item.summary}"
        assert line in screen(terminal)
        told = f"{line} (it does not suit the constitution values-first-charts)" in screen(terminal)
        assert told == (item.id not in suited), item.id


def test_a_wrong_answer_is_told_why_and_can_be_corrected(start: Start, files: Path, tmp_path: Path) -> None:
    terminal = start(tmp_path / "asked" / "acme", project_type="existing-repo", adjust="false", **DAY)
    answer(terminal, "project_name", retype("acme/links"))
    see(terminal, 'project_name is "acme/links". It must have 1 to 60 letters')
    terminal.send(retype("Acme Links"))
    answer(terminal, "description", retype("{{ 7 * 7 }}"))
    see(terminal, 'description is "{{ 7 * 7 }}". It must be one line of text')
    terminal.send(retype("Shortens links"))
    answer(terminal, "constitution", ENTER)
    assert end(terminal) == 0
    answers = {"project_name": "Acme Links", "description": "Shortens links", "project_type": "existing-repo"}
    assert tree(tmp_path / "asked" / "acme") == tree(generate(files, tmp_path / "given" / "acme", **answers, **DAY))


def custom(start: Start, destination: Path, keys: str) -> Terminal:
    """A run that has chosen the custom constitution, and presses keys at the choice of its principles."""
    given = {"project_name": "Acme", "project_type": DEFAULT.id, "description": "Shortens links", "author": "Jo"}
    terminal = start(destination, license="MIT", ci="none", adjust="false", **given, **DAY)
    answer(terminal, "constitution", move("constitution", DEFAULT.constitution, "custom") + ENTER)
    answer(terminal, "principles", keys)
    return terminal


def chosen(files: Path, destination: Path, principles: list[str]) -> dict[str, bytes | str]:
    """What the same run gives without a terminal."""
    answers = {"project_name": "Acme", "project_type": DEFAULT.id, "description": "Shortens links", "author": "Jo"}
    details = {"license": "MIT", "ci": "none", "constitution": "custom", "principles": principles}
    return tree(generate(files, destination, **answers, **details, **DAY))


def test_a_custom_constitution_holds_at_least_one_principle(start: Start, files: Path, tmp_path: Path) -> None:
    terminal = custom(start, tmp_path / "asked" / "acme", "aa" + ENTER)  # all, then none
    see(terminal, "principles is empty. A constitution must hold at least one principle")
    wanted = choices("principles")[3]
    terminal.send(move("principles", choices("principles")[0], wanted) + " " + ENTER)
    assert end(terminal) == 0
    assert tree(tmp_path / "asked" / "acme") == chosen(files, tmp_path / "given" / "acme", [wanted])


def test_a_custom_constitution_holds_no_principles_that_conflict(start: Start, files: Path, tmp_path: Path) -> None:
    assert "comprehensive-testing" in DEFAULT.principles
    first = choices("principles")[0]
    to_conflict = move("principles", first, "tested-changes")
    terminal = custom(start, tmp_path / "asked" / "acme", to_conflict + " " + ENTER)
    see(terminal, 'principles holds both "comprehensive-testing" and "tested-changes", but')
    terminal.send(move("principles", "tested-changes", "comprehensive-testing") + " " + ENTER)
    assert end(terminal) == 0
    wanted = [*(id_ for id_ in DEFAULT.principles if id_ != "comprehensive-testing"), "tested-changes"]
    assert tree(tmp_path / "asked" / "acme") == chosen(files, tmp_path / "given" / "acme", wanted)


def test_who_adjusts_the_details_is_asked_for_each_and_gets_what_was_answered(
    start: Start, files: Path, tmp_path: Path
) -> None:
    terminal = start(tmp_path / "asked" / "acme")
    for question in ASKED[:-1]:
        answer(terminal, question, ENTER)
    answer(terminal, "adjust", "y")
    answer(terminal, "package_name", retype("json"))
    see(terminal, 'package_name is "json", a name that Python or a package in use has already')
    terminal.send(retype("links"))
    answer(terminal, "figures", retype("{coverage_min: 500}"))
    see(terminal, "figures sets coverage_min to 500. It must be from 50 to 100 (%)")
    terminal.send(retype("{coverage_min: 85}"))
    style = CATALOGUE.constitutions[DEFAULT.constitution].check_style
    answer(terminal, "check_style", move("check_style", style, "table") + ENTER)
    answer(terminal, "extra_principles", retype(FAIR_PLAY))
    answer(terminal, "ratified", retype("2026-02-30"))
    see(terminal, 'ratified is "2026-02-30". It must be a day of the calendar')
    terminal.send(retype(DAY["ratified"]))
    assert end(terminal) == 0
    given = generate(
        files,
        tmp_path / "given" / "acme",
        adjust=True,
        package_name="links",
        figures={"coverage_min": 85},
        check_style="table",
        extra_principles=FAIR_PLAY,
        **DAY,
    )
    assert tree(tmp_path / "asked" / "acme") == tree(given)


def test_who_chooses_pixi_hydra_is_asked_for_its_gpu_environment_and_cuda(
    start: Start, files: Path, tmp_path: Path
) -> None:
    given = {"project_name": "Acme", "author": "Jo", "license": "MIT", "ci": "none", "adjust": "false"}
    terminal = start(tmp_path / "asked" / "acme", **given, **DAY)
    answer(terminal, "project_type", move("project_type", DEFAULT.id, "pixi-hydra") + ENTER)
    for question in ("description", "constitution"):
        answer(terminal, question, ENTER)
    answer(terminal, "gpu_environment", retype("default"))
    see(terminal, 'gpu_environment is "default", which is what the environment')
    terminal.send(retype("h100"))
    answer(terminal, "cuda_version", retype("11.8"))
    see(terminal, 'cuda_version is "11.8". It must be "12.0" or later')
    terminal.send(retype("13.0"))
    assert end(terminal) == 0
    assert len(questions_on(terminal)) == 5
    answers = {"project_type": "pixi-hydra", "gpu_environment": "h100", "cuda_version": "13.0"}
    assert tree(tmp_path / "asked" / "acme") == tree(
        generate(files, tmp_path / "given" / "acme", **given, **answers, **DAY)
    )


def test_who_chooses_helm_chart_is_asked_for_its_image_and_platforms_and_its_name_is_a_detail(
    start: Start, files: Path, tmp_path: Path
) -> None:
    given = {"project_name": "Acme Links", "author": "Jo", "license": "MIT", "ci": "none", "check_style": "table"}
    terminal = start(tmp_path / "asked" / "acme", figures="{}", extra_principles="[]", **given, **DAY)
    answer(terminal, "project_type", move("project_type", DEFAULT.id, "helm-chart") + ENTER)
    for question in ("description", "constitution"):
        answer(terminal, question, ENTER)
    answer(terminal, "image_repository", retype("ghcr.io/acme/links:1.2"))
    see(terminal, 'image_repository is "ghcr.io/acme/links:1.2", which ends with a tag. Give it without ":1.2".')
    terminal.send(retype("ghcr.io/acme/links"))
    answer(terminal, "platforms", "a" + ENTER)  # all are chosen at first; then none
    see(terminal, "platforms is empty. The chart must install on at least one platform")
    terminal.send(" " + move("platforms", "eks", "openshift") + " " + ENTER)
    answer(terminal, "adjust", "y")
    answer(terminal, "chart_name", retype("Links"))
    see(terminal, 'chart_name is "Links". It must have 1 to 40 lower-case letters, digits or dashes')
    terminal.send(retype("links"))
    assert end(terminal) == 0
    assert len(questions_on(terminal)) == 7
    answers = {"project_type": "helm-chart", "adjust": True, "chart_name": "links", "platforms": ["eks", "openshift"]}
    image = {"image_repository": "ghcr.io/acme/links"}
    assert tree(tmp_path / "asked" / "acme") == tree(
        generate(files, tmp_path / "given" / "acme", **given, **answers, **image, **DAY)
    )


@pytest.mark.parametrize("last", ["project_name", "constitution", "adjust"])
def test_ctrl_c_at_a_question_writes_nothing(start: Start, tmp_path: Path, last: str) -> None:
    terminal = start(tmp_path / "acme")
    for question in ASKED[: ASKED.index(last)]:
        answer(terminal, question, ENTER)
    answer(terminal, last, CTRL_C)
    see(terminal, "Execution stopped by user")
    assert end(terminal) == 1
    assert not (tmp_path / "acme").exists()


def test_a_file_that_differs_is_kept_when_its_owner_says_no(start: Start, files: Path, tmp_path: Path) -> None:
    destination = write(tmp_path / "asked" / "acme", {".gitignore": "*.log\n", "notes.txt": "ours\n"})
    terminal = start(destination, **DAY)
    for question in ASKED:
        answer(terminal, question, ENTER)
    see(terminal, "Overwrite .gitignore?")
    terminal.send("n")
    assert end(terminal) == 0
    given = tree(generate(files, tmp_path / "given" / "acme", **DAY))
    assert tree(destination) == given | {".gitignore": b"*.log\n", "notes.txt": b"ours\n"}
