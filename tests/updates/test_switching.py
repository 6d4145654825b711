"""Another constitution moves what the template wrote and keeps what the team did; another project type is refused.

Other answers may take files away, and who changed one is told how to keep it.
"""

import re
import shutil
import sys
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from copier import VcsRef, run_copy, run_recopy, run_update
from copier._main import Worker
from copier._user_data import Question
from copier.errors import UserMessageError

from tests.helpers import CATALOGUE, DAY, commit, gates, generate, git, run, suits, tree, write
from tests.updates.test_moves import follow

CONSTITUTION = ".specify/memory/constitution.md"
PLAN = ".specify/templates/overrides/plan-template.md"
TASKS = ".specify/templates/overrides/tasks-template.md"
LOCAL = ".specify/gates/90-local.toml"

FAIR_PLAY = """### {numeral}. Fair Play

- Players MUST be treated alike.

**Rationale**: Nobody plays a rigged game twice.

**Gates**:

- `FAIR-01` (MUST): The terms of use are part of the repository. Proof: there is `TERMS.md`.

"""
FAIR_GATE = "`FAIR-01` (MUST): The terms of use are part of the repository (there is `TERMS.md`)\n\n"
FAIR_TABLES = """
[principles.fair-play]
title = "Fair Play"

[gates.FAIR-01]
principle = "fair-play"
level = "MUST"
statement = "The terms of use are part of the repository"
require = ["TERMS.md"]
"""
BOOK_GATE = {"id": "BOOK-01", "level": "MUST", "statement": "The accounts are published"}
OPEN_BOOKS = {
    "id": "open-books",
    "title": "Open Books",
    "summary": "Accounts MUST be open.",
    "rules": ["Accounts MUST be open."],
    "rationale": "Nobody trusts a closed book.",
    "gates": [BOOK_GATE],
}
OPTIONS: dict[str, Any] = {"defaults": True, "overwrite": True, "unsafe": False}


def insert(path: Path, *edits: tuple[str, str]) -> None:
    """Put a text above each of these, which stand in the file once."""
    text = path.read_text(encoding="utf-8")
    for above, new in edits:
        assert text.count(above) == 1, f"{path} does not hold {above!r} once"
        text = text.replace(above, new + above)
    path.write_text(text, encoding="utf-8", newline="\n")


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{path} does not hold {old!r} once"
    path.write_text(text.replace(old, new), encoding="utf-8", newline="\n")


def amend(project: Path) -> None:
    """What a team does over the years: a principle of its own, lines in other sections, and a new version."""
    insert(
        project / CONSTITUTION,
        ("## Stack Constraints", FAIR_PLAY.format(numeral="XX")),
        ("\n## Governance", "- We deploy on Tuesdays.\n"),
        ("\n**Version**", "- A vote is by hand.\n"),
    )
    replace(project / CONSTITUTION, "**Version**: 1.0.0", "**Version**: 1.1.0")
    insert(project / PLAN, ("## Project Structure", f"- [ ] {FAIR_GATE}"))
    add_task(project)
    with (project / LOCAL).open("a", encoding="utf-8", newline="\n") as local:
        local.write(FAIR_TABLES)


def add_task(project: Path) -> None:
    """Carry the own gate into the tasks template, where the constitution brings one and it is not there yet."""
    path = project / TASKS
    if path.exists() and "FAIR-01" not in path.read_text(encoding="utf-8"):
        insert(path, ("**Checkpoint**: `", f"- [ ] TXXX {FAIR_GATE}"))


def switch(project: Path, **data: object) -> None:
    """`copier update --vcs-ref :current: --data ...`."""
    run_update(project, data=data, vcs_ref=VcsRef.CURRENT, **OPTIONS)


def switch_and_commit(project: Path, constitution: str) -> None:
    switch(project, constitution=constitution)
    assert git(project, "ls-files", "--unmerged") == "", constitution
    commit(project, f"Live under {constitution}")


Fresh = Callable[[str, str], Path]


@pytest.fixture(scope="module")
def fresh(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Fresh:
    """A function that gives a project of a type and a constitution as it is generated, once for each pair."""
    folder, made = tmp_path_factory.mktemp("fresh"), set()

    def project(project_type: str, constitution: str) -> Path:
        destination = folder / project_type / constitution / "acme"
        if destination not in made:
            generate(template, destination, project_type=project_type, constitution=constitution, **DAY)
            commit(destination, "Start")
            made.add(destination)
        return destination

    return project


def copy_of(project: Path, destination: Path) -> Path:
    return Path(shutil.copytree(project, destination, symlinks=True))


def journey(project_type: str) -> list[str]:
    """From the type's own constitution over another to a custom one; `existing-repo` sees all, and comes back."""
    own = CATALOGUE.project_types[project_type].constitution
    others = [name for name in suits(project_type) if name not in (own, "custom")]
    if project_type == "existing-repo":
        return [own, *others, "custom", own]
    return [own, others[len(project_type) % len(others)], "custom"]


@pytest.mark.parametrize("project_type", CATALOGUE.project_types)
def test_another_constitution_brings_its_own_and_keeps_the_teams(
    fresh: Fresh, tmp_path: Path, capsys: pytest.CaptureFixture[str], project_type: str
) -> None:
    start, *stations = journey(project_type)
    project = copy_of(fresh(project_type, start), tmp_path / "acme")
    amend(project)
    commit(project, "Make it ours")
    first = tree(project)
    written_once = {name: first[name] for name in (LOCAL, *(["AGENTS.md"] if project_type == "existing-repo" else []))}
    for station in stations:
        kept = (project / TASKS).exists()
        switch_and_commit(project, station)
        assert_message_fits(capsys.readouterr().err, project_type, dropped=kept and not (project / TASKS).exists())
        if not kept:
            add_task(project)
            commit(project, "Carry our gate into the tasks template")
        wanted = copy_of(fresh(project_type, station), tmp_path / station / "acme")
        amend(wanted)
        assert tree(wanted) | written_once | same(project, wanted) == tree(project), station
        gates(project, "check")
    if stations[-1] == start:
        assert tree(project) | {".copier-answers.yml": b""} == first | {".copier-answers.yml": b""}, "and back"


def assert_message_fits(message: str, project_type: str, dropped: bool) -> None:
    """It names the commands as the type runs them, and the tasks template where the constitution took it away."""
    environment = CATALOGUE.project_types[project_type].environment
    command = f"{environment.run} " if environment else ""
    for check in ("check --since HEAD", "check", "run"):
        assert re.search(rf"^  {command}python \.specify/gates/gates\.py {check} {{2,}}\w", message, re.MULTILINE), (
            check
        )
    assert not re.search(r"[{}]|\n\n\n\n", message)
    assert (f"\n{TASKS} is dropped, because the constitution does not demand tests." in message) == dropped
    assert (f"\n  git checkout HEAD -- {TASKS}\n" in message) == dropped


def same(project: Path, wanted: Path) -> dict[str, bytes | str]:
    """The answers file as the project has it, once it is known to hold the same answers in another order."""
    name = ".copier-answers.yml"
    stored, expected = (yaml.safe_load((folder / name).read_text(encoding="utf-8")) for folder in (project, wanted))
    assert stored == expected
    return {name: (project / name).read_bytes()}


def test_own_figures_and_principles_in_answers_go_along(template: Path, tmp_path: Path) -> None:
    own = {"figures": {"coverage_min": 95}, "extra_principles": [OPEN_BOOKS]}
    project = generate(
        template, tmp_path / "acme", project_type="existing-repo", constitution="quality-first", **own, **DAY
    )
    amend(project)
    commit(project, "Start")
    switch_and_commit(project, "essentials")
    answers = yaml.safe_load((project / ".copier-answers.yml").read_text(encoding="utf-8"))
    assert {name: answers[name] for name in own} == own
    assert gates(project, "figures", "coverage_min").strip() == "95"
    for name in (CONSTITUTION, PLAN, TASKS):
        text = (project / name).read_text(encoding="utf-8")
        assert text.index("`BOOK-01`") < text.index("project's own stand below") < text.index("`FAIR-01`")
    gates(project, "check")

    second = OPEN_BOOKS | {"id": "slow-food", "title": "Slow Food", "gates": [BOOK_GATE | {"id": "SLOW-01"}]}
    switch(project, extra_principles=[OPEN_BOOKS, second])
    assert git(project, "ls-files", "--unmerged") == "", "a principle by answer stands above the comment"
    gates(project, "check")


def first_rule(principle: str) -> str:
    return f"- {CATALOGUE.principles[principle].rules[0]}\n"


def test_an_amended_rule_that_both_constitutions_hold_stays_amended(fresh: Fresh, tmp_path: Path) -> None:
    project = copy_of(fresh("existing-repo", "essentials"), tmp_path / "acme")
    replace(project / CONSTITUTION, first_rule("protected-secrets"), "- A secret MUST stay with Jo.\n")
    commit(project, "Amend")
    switch(project, constitution="custom", principles=["tested-changes", "protected-secrets", "code-quality"])
    assert git(project, "ls-files", "--unmerged") == ""
    text = (project / CONSTITUTION).read_text(encoding="utf-8")
    assert "- A secret MUST stay with Jo.\n" in text
    assert CATALOGUE.principles["simple-modules"].title not in text
    gates(project, "check")


def test_an_amended_rule_that_the_other_constitution_lacks_is_a_conflict_and_not_lost(
    fresh: Fresh, tmp_path: Path
) -> None:
    project = copy_of(fresh("existing-repo", "essentials"), tmp_path / "acme")
    replace(project / CONSTITUTION, first_rule("protected-secrets"), "- A secret MUST stay with Jo.\n")
    commit(project, "Amend")
    switch(project, constitution="quality-first")
    unmerged = {line.split("\t")[1] for line in git(project, "ls-files", "--unmerged").splitlines()}
    assert unmerged == {CONSTITUTION}
    text = (project / CONSTITUTION).read_text(encoding="utf-8")
    assert re.search(r"<<<<<<< before updating\n(?:(?!=======).*\n)*- A secret MUST stay with Jo\.\n", text)
    assert "a conflict of an update is not resolved" in gates(project, "check", expect=1)


def test_a_layer_of_the_teams_that_no_longer_fits_is_named_and_its_figures_stay_in_force(
    fresh: Fresh, tmp_path: Path
) -> None:
    project = copy_of(fresh("existing-repo", "essentials"), tmp_path / "acme")
    before = (project / LOCAL).read_text(encoding="utf-8") + "\n[figures]\ncoverage_min = 99\n"
    waiver = '\n[waivers.DOC-01]\nreason = "the manual comes first"\nuntil = 2999-12-31\n'
    write(project, {LOCAL: before + waiver})
    commit(project, "Excuse a gate")
    switch_and_commit(project, "quality-first")
    assert (project / LOCAL).read_text(encoding="utf-8") == before + waiver
    sentence = "Nothing uses [waivers.DOC-01] any more, or it is misspelt: remove it.\n"
    assert sentence in gates(project, "check", expect=1)
    listed = run([sys.executable, ".specify/gates/gates.py", "list"], project)
    assert sentence in listed.stderr
    assert "DOC-01" not in listed.stdout

    write(project, {LOCAL: before})
    assert gates(project, "figures", "coverage_min").strip() == "99"
    assert "coverage_min is 99" in gates(project, "check", expect=1), "the documents say the constitution's figure yet"


# Files that come and go with an answer


GITHUB = tuple(f".github/workflows/{name}.yml" for name in ("ci", "release", "template-update"))
GITLAB = (".gitlab-ci.yml", ".gitlab/release.yml")
OVERLAYS = tuple(f"charts/acme/platforms/{name}.yaml" for name in ("eks", "gke", "aks", "openshift", "local"))
DROPPED = r"^(\S+) is dropped, because (.+)\. To keep it"


@pytest.fixture(scope="module")
def charts(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """A function that gives a chart with CI at a host, and an edit in each file that another answer may take away."""

    @cache
    def project(ci: str) -> Path:
        destination = tmp_path_factory.mktemp(ci) / "acme"
        generate(template, destination, project_type="helm-chart", ci=ci, **DAY)
        for name in ("LICENSE", *OVERLAYS, *(GITHUB if ci == "github" else GITLAB)):
            with (destination / name).open("a", encoding="utf-8", newline="\n") as file:
                file.write("# ours\n")
        commit(destination, "Make it ours")
        return destination

    return project


@pytest.mark.parametrize(
    ("host", "data", "gone"),
    [
        ("github", {"ci": "none"}, dict.fromkeys(GITHUB, "the answer to ci is none")),
        ("github", {"ci": "gitlab"}, dict.fromkeys(GITHUB, "the answer to ci is gitlab")),
        ("gitlab", {"ci": "github"}, dict.fromkeys(GITLAB, "the answer to ci is github")),
        ("github", {"license": "none"}, {"LICENSE": "the answer to license is none"}),
        ("github", {"license": "Apache-2.0"}, {}),
        (
            "github",
            {"platforms": ["eks", "aks", "local"]},
            {
                "charts/acme/platforms/gke.yaml": "the answer to platforms does not name gke",
                "charts/acme/platforms/openshift.yaml": "the answer to platforms does not name openshift",
            },
        ),
    ],
    ids=["no CI", "GitLab", "GitHub", "no licence", "another licence", "fewer platforms"],
)
def test_the_message_names_each_file_that_another_answer_takes_away_and_its_commands_bring_the_users_edits_back(
    charts: Callable[[str], Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    host: str,
    data: dict[str, object],
    gone: dict[str, str],
) -> None:
    project = copy_of(charts(host), tmp_path / "acme")
    before = files_of(project)
    switch(project, **data)
    assert before.keys() - files_of(project).keys() == gone.keys(), "Copier took these away"
    message = capsys.readouterr().err
    assert sorted(re.findall(DROPPED, message, re.MULTILINE)) == sorted(gone.items())
    assert ("\nThe update has moved or dropped files. What you had not changed" in message) == bool(gone)
    follow(project, message)
    after = files_of(project)
    assert {name: after.get(name) for name in gone} == {name: before[name] for name in gone}
    assert before.keys() <= after.keys()


def files_of(project: Path) -> dict[str, bytes | str]:
    """What is in the project, without its folders."""
    return {name: content for name, content in tree(project).items() if content != "folder"}


def test_a_file_that_was_brought_back_is_the_users_own_from_then_on(
    charts: Callable[[str], Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = copy_of(charts("gitlab"), tmp_path / "acme")
    switch(project, ci="none", license="none", platforms=["eks"])
    message = capsys.readouterr().err
    assert re.findall(DROPPED, message, re.MULTILINE), "files are gone"
    follow(project, message)
    commit(project, "Keep our files")
    before = tree(project)
    switch(project, description="A chart that is ours")
    assert "git checkout" not in capsys.readouterr().err, "it was said once"
    kept = ("LICENSE", *OVERLAYS, *GITLAB)
    assert {name: tree(project)[name] for name in kept} == {name: before[name] for name in kept}


# Another project type


SAID = 'project_type is "helm-chart", but the project was generated as "python-service"'


@pytest.mark.parametrize("answers_file", [".copier-answers.yml", ".copier-answers.speckit.yml"])
def test_another_project_type_is_refused_before_anything_is_written(
    template: Path, tmp_path: Path, answers_file: str
) -> None:
    project = tmp_path / "acme"
    keep = {"answers_file": answers_file, "quiet": True, **OPTIONS}
    run_copy(str(template), project, data={"project_type": "python-service", **DAY}, **keep)
    commit(project, "Start")
    before = tree(project)
    for operation in (run_update, run_recopy, partial(run_copy, str(template))):
        with pytest.raises(UserMessageError, match=SAID) as stopped:
            operation(project, data={"project_type": "helm-chart"}, **keep)
        assert f"remove {answers_file} and .specify/gates/00-base.toml, commit, and copy with" in str(stopped.value)
        assert tree(project) == before
    for data in ({}, {"project_type": "python-service"}):
        run_update(project, data=data, vcs_ref=VcsRef.CURRENT, **keep)
        run_recopy(project, data=data, **keep)
        assert tree(project) == before


ELSEWHERE = (
    "this repository has a constitution of this template already, and its answers are in another file: "
    "name that by `--answers-file`, or remove .specify/gates/00-base.toml first."
)


@pytest.mark.parametrize("data", [{}, {"project_type": "helm-chart"}], ids=["no answer", "another type"])
@pytest.mark.parametrize("theirs", ["", "_src_path: gh:acme/t\nproject_type: library\n"], ids=["none", "foreign"])
def test_a_copy_with_another_answers_file_is_refused_before_anything_is_written(
    files: Path, fresh: Fresh, tmp_path: Path, data: dict[str, str], theirs: str
) -> None:
    project = copy_of(fresh("python-service", "quality-first"), tmp_path / "acme")
    if theirs:
        write(project, {".copier-answers.x.yml": theirs})
    before = tree(project)
    with pytest.raises(UserMessageError) as stopped:
        run_copy(str(files), project, data=data, answers_file=".copier-answers.x.yml", quiet=True, **OPTIONS)
    assert ELSEWHERE in str(stopped.value)
    assert tree(project) == before


def test_the_answers_file_of_another_template_does_not_say_which_type_a_project_has(
    files: Path, tmp_path: Path
) -> None:
    project = write(tmp_path / "acme", {".copier-answers.yml": "_src_path: gh:acme/t\nproject_type: library\n"})
    theirs = tree(project)
    run_copy(
        str(files),
        project,
        data={"project_type": "existing-repo", **DAY},
        answers_file=".copier-answers.speckit.yml",
        quiet=True,
        **OPTIONS,
    )
    assert {name: tree(project)[name] for name in theirs} == theirs


def test_the_prompt_shows_why_no_other_type_can_be_chosen(template: Path, fresh: Fresh, tmp_path: Path) -> None:
    def choices(project: Path) -> dict[Any, Any]:
        """Each type with the reason why it cannot be chosen."""
        with Worker(str(template), project, defaults=True, overwrite=True, quiet=True) as worker:
            worker._ask()
            question = Question(
                answers=worker.answers,
                context=worker._render_context(),
                jinja_env=worker.jinja_env,
                settings=worker.settings,
                var_name="project_type",
                **worker.template.questions_data["project_type"],
            )
            return {choice.value: choice.disabled for choice in question._formatted_choices}

    assert set(choices(tmp_path / "new").values()) == {""}
    closed = choices(fresh("existing-repo", "essentials"))
    assert closed.pop("existing-repo") == ""
    assert set(closed.values()) == {"the project is existing-repo; generate another in a new folder"}


def test_what_the_refusal_advises_keeps_the_constitution_alone(template: Path, fresh: Fresh, tmp_path: Path) -> None:
    project = copy_of(fresh("python-service", "quality-first"), tmp_path / "acme")
    amend(project)
    git(project, "rm", "--quiet", "-f", ".copier-answers.yml", ".specify/gates/00-base.toml")
    commit(project, "Leave the source tree behind")
    before = tree(project)
    data = {"project_type": "existing-repo", "constitution": "quality-first", **DAY}
    run_copy(str(template), project, data=data, defaults=True, unsafe=False, quiet=True)
    assert {name: tree(project)[name] for name in before} == before
    gates(project, "check")
    commit(project, "Keep the constitution")
    run_update(project, vcs_ref=VcsRef.CURRENT, quiet=True, **OPTIONS)
    assert git(project, "status", "--porcelain") == ""
