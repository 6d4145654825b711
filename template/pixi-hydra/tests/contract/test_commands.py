"""Commands in the documentation name the environment that they run in."""

import re
from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path

import pytest
from tests.contract.manifest import REPOSITORY, environments, read, visible_tasks

LANGUAGES = {"sh", "bash", "shell", "console", "zsh"}
TOOLS = re.compile(
    r"(python|pip)[\d.]*|coverage|lint-imports|mypy|ncu|nsys|pip-audit|pytest|ruff|torchrun|uv|"
    r"validate-pyproject"
)
WRAPPERS = {"env", "exec", "nohup", "sudo", "time"}
README = REPOSITORY / "README.md"
DOCUMENTS = [README, *sorted((REPOSITORY / "specs").rglob("*.md"))]
OPTIONS_WITH_VALUE = {
    *("-e", "--environment", "-m", "--manifest-path", "-p", "--platform", "-w", "--workspace")
}

Block = list[tuple[int, str]]
Tasks = Mapping[str, Collection[str]]


def blocks(markdown: str) -> Iterator[tuple[str, Block]]:
    """Yield each fenced block: its language and its lines with their numbers."""
    fence, language, lines = "", "", Block()
    for number, line in enumerate(markdown.splitlines(), start=1):
        mark = re.match(r"\s*(`{3,}|~{3,})\s*([\w-]*)[^`]*$", line)
        if not fence:
            if mark:
                fence, language, lines = mark[1], mark[2].lower(), Block()
        elif mark and mark[1].startswith(fence) and line.strip() == mark[1]:
            yield language, lines
            fence = ""
        else:
            lines.append((number, line))
    if fence:
        yield language, lines


def commands(language: str, block: Block) -> Iterator[tuple[int, str]]:
    """Yield each command of a block with the number of the line that it begins on."""
    start, joined = 0, ""
    for number, line in block:
        text = re.sub(r"(^|\s{2,})#.*", "", line.strip())
        if not joined:
            if language == "console":
                if not text.startswith("$ "):
                    continue
                text = text.removeprefix("$ ")
            start = number
        if text.endswith("\\"):
            joined += text.removesuffix("\\") + " "
            continue
        for part in re.split(r"&&|;|\|", joined + text):
            words = part.split()
            while words and (re.match(r"\w+=", words[0]) or words[0] in WRAPPERS):
                del words[0]
            if words:
                yield start, " ".join(words)
        joined = ""


def misfits(markdown: str, tasks: Tasks) -> list[str]:
    """Return a sentence for each command of a document that does not name its environment."""
    sentences = []
    for language, block in blocks(markdown):
        activated = False
        for number, command in commands(language, block) if language in LANGUAGES else ():
            if command in {". .venv/bin/activate", "source .venv/bin/activate", "deactivate"}:
                activated = command != "deactivate"
            if problem := misfit(command, activated, tasks):
                sentences.append(f"line {number}: `{command}` {problem}")
    return sentences


def misfit(command: str, activated: bool, tasks: Tasks) -> str | None:
    """Say what is wrong with a command and what would be right; None if nothing is."""
    words = command.split()
    if words[0] == "pixi":
        return misfit_of_pixi(words[1:], tasks)
    program = words[0].removeprefix(".venv/bin/")
    is_tool = TOOLS.fullmatch(program.rpartition("/")[2]) or program in scripts()
    makes_environment = words[1:3] == ["-m", "venv"]
    if not is_tool or program != words[0] or activated or makes_environment:
        return None
    return (
        f"names no environment; write `pixi run {command}` or `.venv/bin/{command}`, "
        "or activate .venv in an earlier line of the block."
    )


def environment_of(words: list[str]) -> tuple[str, list[str]]:
    """Return the environment that the options of a Pixi command name, and what follows them."""
    environment, rest = "default", list(words)
    while rest and rest[0].startswith("-"):
        option, _, value = rest.pop(0).partition("=")
        if option in OPTIONS_WITH_VALUE and not value:
            value = rest.pop(0) if rest else ""
        if option in {"-e", "--environment"}:
            environment = value
    return environment, rest


def misfit_of_pixi(words: list[str], tasks: Tasks) -> str | None:
    """Say what is wrong with the arguments of `pixi`; None if nothing is."""
    command = words[:1]
    environment, words = environment_of(words[1:])
    if environment not in tasks:
        return f"names no environment of the manifest; it has {', '.join(tasks)}."
    if command not in (["run"], ["r"]):
        return None
    if not words:
        return "names neither a task nor a tool; add one."
    if words[0] in tasks[environment]:
        return None
    rest = " ".join(words)
    if places := [name for name in tasks if words[0] in tasks[name]]:
        right = " or ".join(f"`pixi run -e {place} {rest}`" for place in places)
        return f"names a task that the environment {environment} lacks; write {right}."
    if TOOLS.fullmatch(words[0]):
        return None
    if meant := get_close_matches(words[0], tasks[environment], n=1):
        return f"names no task of the environment {environment}; did you mean {meant[0]}?"
    return None  # any other program of the environment


def scripts() -> set[str]:
    """Return the commands that the project installs."""
    return set(read()["project"].get("scripts", {}))


def manifest_tasks() -> Tasks:
    pyproject = read()
    return {
        name: list(visible_tasks(pyproject, environment))
        for name, environment in environments(pyproject).items()
    }


@pytest.mark.parametrize(
    "document", DOCUMENTS, ids=lambda path: path.relative_to(REPOSITORY).as_posix()
)
def test_commands_in_a_document_name_their_environment(document: Path) -> None:
    found = misfits(document.read_text(encoding="utf-8"), manifest_tasks())
    name = document.relative_to(REPOSITORY).as_posix()
    assert not found, "\n".join(f"{name}, {sentence}" for sentence in found)


def test_the_readme_holds_a_command() -> None:
    assert README.exists(), "There is no README.md; write one that says how to profile."
    text = README.read_text(encoding="utf-8")
    assert any(
        language in LANGUAGES and list(commands(language, block))
        for language, block in blocks(text)
    ), "README.md holds no command; say in a block with the language sh how a profile is run."


def fenced(code: str, language: str = "sh") -> str:
    return f"Text.\n\n```{language}\n{code}\n```\n"


TASKS = {"default": ["profile", "check"], "gpu": ["profile", "nsys"]}


@pytest.mark.parametrize(
    "markdown",
    [
        fenced("pixi run profile model=tiny"),
        fenced("pixi run -e gpu nsys"),
        fenced("pixi run --frozen --environment=gpu python scripts/nsys.py"),
        fenced(". .venv/bin/activate\npytest -q && ruff check ."),
        fenced("python3 -m venv .venv\n.venv/bin/python -m pytest"),
        fenced("# python before\ngit status  # python after"),
        fenced("FLAG=1 pixi run \\\n  profile"),
        fenced("$ pixi run profile\npython prints this", "console"),
        fenced("python", "python"),
        fenced("pixi run nvidia-smi"),
        fenced("pixi install -e gpu"),
        "python in the text\n",
    ],
)
def test_a_command_with_an_environment_passes(markdown: str) -> None:
    assert misfits(markdown, TASKS) == []


@pytest.mark.parametrize(
    ("markdown", "beginning"),
    [
        (fenced("python -m timeit"), "line 4: `python -m timeit` names no environment"),
        (fenced("A=1 B= pytest", "bash"), "line 4: `pytest` names no environment"),
        (fenced("time python3.12 x.py"), "line 4: `python3.12 x.py` names no environment"),
        (fenced("nsys profile python x.py"), "line 4: `nsys profile python x.py` names no"),
        (fenced("/usr/bin/pip3 list"), "line 4: `/usr/bin/pip3 list` names no environment"),
        (fenced("pixi install -e gpux"), "line 4: `pixi install -e gpux` names no environment"),
        (fenced(". .venv/bin/activate\ndeactivate\npytest"), "line 6: `pytest` names no"),
        (fenced("cd x && mypy"), "line 4: `mypy` names no environment"),
        (fenced("$ ls \\\n  -l | python", "console"), "line 4: `python` names no environment"),
        (fenced("ruff check\n. .venv/bin/activate"), "line 4: `ruff check` names no environment"),
        (fenced(". .venv/bin/activate") + fenced("mypy"), "line 9: `mypy` names no environment"),
        ("1. Text:\n\n   ~~~zsh\n   pip list\n   ~~~\n", "line 4: `pip list` names no"),
        (fenced("pixi run proflie"), "line 4: `pixi run proflie` names no task of"),
        (fenced("pixi run -e gpux profile"), "line 4: `pixi run -e gpux profile` names no env"),
        (fenced("pixi run nsys x"), "line 4: `pixi run nsys x` names a task that the environment"),
        (fenced("pixi run -e gpu"), "line 4: `pixi run -e gpu` names neither a task nor a tool"),
    ],
)
def test_a_command_without_an_environment_is_found_with_its_line(
    markdown: str, beginning: str
) -> None:
    (sentence,) = misfits(markdown, TASKS)
    assert sentence.startswith(beginning)


def test_a_task_of_another_environment_is_answered_with_the_right_command() -> None:
    (sentence,) = misfits(fenced("pixi run nsys model=tiny"), TASKS)
    assert sentence.endswith("write `pixi run -e gpu nsys model=tiny`.")
