"""What the comparison with the last release asks for, and that each check finds what it is for and nothing else."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from scripts import compat
from scripts.chart_changes import Bump, Change, Chart, Version
from scripts.chart_values import declared
from scripts.comparison import Comparison, compare
from tests.manifests import CHART
from tests.scripts.repositories import copy, git, start, write

CHANGELOG = "# Changelog\n\n## [0.1.0] - 2026-01-31\n\n### Added\n\n- The chart\n"
BLOCKS = "```yaml\noldName: 1\n```\n\n```yaml\nnewName: 1\n```\n"
MIGRATION = f"### Migration\n\n`oldName` was replaced by `newName`.\n\n{BLOCKS}\n"
RENAMED = (
    '{{ if hasKey .Values "oldName" }}{{ fail "oldName was replaced by newName: move its value there." }}{{ end }}\n'
)
RELEASED = CHANGELOG.replace("0.1.0", "1.0.0")
MIGRATED = f"## [2.0.0] - 2026-02-28\n\n{MIGRATION}{RELEASED}"

GONE = Change(Bump.MAJOR, "the value oldName no longer works", "oldName")
VALUES = declared({"newName": 1, "image": {"tag": "1"}}, {"properties": {"oldName": {"deprecated": True}}})
BOTH = Comparison(
    "v0.1.0",
    Path("old"),
    Path("new"),
    Chart("acme", Version((0, 1, 0))),
    Chart("acme", Version((0, 1, 0)), values=VALUES),
)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("set image.tag.", True),
        ("set `image.tag` to", True),
        (".Values.image.tag", True),
        ("image.tags", False),
        ("my.image.tag", False),
        ("image.tag.name", False),
        ("image-tag", False),
    ],
)
def test_a_value_is_named_by_its_whole_path(text: str, named: bool) -> None:
    assert compat.names(text, "image.tag") is named


@pytest.mark.parametrize(
    ("error", "accepted"),
    [
        ("execution error at (acme/templates/a.yaml:1:2): oldName was replaced by newName", True),
        ("execution error at (acme/templates/a.yaml:1:2): oldName was replaced by image.tag", True),
        ("execution error at (acme/templates/a.yaml:1:2): oldName is gone", False),
        ("execution error at (acme/templates/a.yaml:1:2): set newName", False),
        ("execution error at (acme/templates/a.yaml:1:2): oldName was replaced by otherName", False),
        ("at '': additional properties 'oldName' not allowed; newName", False),
    ],
)
def test_a_sentence_names_the_old_value_and_one_that_exists(error: str, accepted: bool) -> None:
    assert compat.names_replacement(error, VALUES, ("oldName",)) is accepted


def test_for_a_file_any_value_that_exists_will_do() -> None:
    assert compat.names_replacement("execution error at (a:1:2): set newName", VALUES)


@pytest.mark.parametrize(
    ("changelog", "problem"),
    [
        (CHANGELOG, "CHANGELOG.md has no `### Migration` above the section of 0.1.0"),
        ("", "CHANGELOG.md has no `### Migration` above the section of 0.1.0"),
        (f"## [Unreleased]\n\n{MIGRATION}{CHANGELOG}", None),
        (f"## Unreleased\n\n{MIGRATION}### Added\n", None),
        (f"## [0.2.0] - 2026-02-28\n\n{MIGRATION}{CHANGELOG}", None),
        (f"{CHANGELOG}\n{MIGRATION}", "CHANGELOG.md has no `### Migration`"),
        (f"## [0.2.0]\n\n### Migration\n\n{BLOCKS.replace('oldName', 'other')}", "does not name oldName"),
        (f"## [0.2.0]\n\n### Migration\n\noldName\n{BLOCKS[:25]}", "needs two fenced yaml blocks"),
        (f"## [0.2.0]\n\n### Migration\n\noldName\n{BLOCKS[:25] * 2}", "needs two fenced yaml blocks"),
    ],
)
def test_what_the_changelog_has_to_say(monkeypatch: pytest.MonkeyPatch, changelog: str, problem: str | None) -> None:
    unnamed = Change(Bump.MAJOR, "with the defaults the chart no longer renders: ...")
    monkeypatch.setattr(compat, "find_changes", lambda _: [GONE, unnamed])
    problems = compat.check_changelog(BOTH, changelog)
    assert bool(problems) is bool(problem)
    assert (problem or "") in "".join(problems)


def test_without_a_breaking_change_the_changelog_needs_no_migration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compat, "find_changes", lambda _: [Change(Bump.MINOR, "the value port is new")])
    assert not compat.check_changelog(BOTH, "")


@pytest.mark.parametrize(
    ("old", "new", "changes", "problem"),
    [
        ("1.0.0", "1.0.0", [], None),
        ("1.0.0", "0.9.0", [], "which is lower than 1.0.0 at v0.1.0"),
        ("1.0.0", "1.1.0", [GONE], "ask for 2.0.0 or higher"),
        ("1.0.0", "2.0.0", [GONE], None),
        ("1.0.0", "2.0.0-rc.1", [GONE], None),
        ("2.0.0-rc.1", "2.0.0-rc.1", [GONE], "ask for 2.0.0 or higher"),
        ("0.1.0", "0.1.1", [GONE], "After 0.1.0, where a breaking change raises MINOR"),
        ("0.1.0", "0.2.0", [GONE], None),
    ],
)
def test_what_the_version_has_to_say(
    monkeypatch: pytest.MonkeyPatch, old: str, new: str, changes: list[Change], problem: str | None
) -> None:
    versions = [Version.parse(text) for text in (old, new)]
    assert versions[0]
    assert versions[1]
    both = Comparison("v0.1.0", Path(), Path(), Chart("acme", versions[0]), Chart("acme", versions[1]))
    monkeypatch.setattr(compat, "find_changes", lambda _: changes)
    problems = compat.check_version(both)
    assert bool(problems) is bool(problem)
    assert (problem or "") in "".join(problems)


@pytest.fixture
def stubbed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Comparison:
    """Return a comparison of charts whose render is what the values files say after `kind: `, or fails."""

    def render(folder: Path, values: str, kubernetes: str) -> object:
        assert kubernetes == "0.0.0"
        is_refused = values.startswith(("fails:", f"fails-{folder.name}:"))
        return "sorry" if is_refused else ({"kind": values.partition(": ")[2], "metadata": {"name": "acme"}},)

    monkeypatch.setattr("scripts.comparison.render", render)
    for module in ("comparison", "compat"):
        monkeypatch.setattr(f"scripts.{module}.package", lambda folder: {"README.md": folder.name.encode()})
    for side in ("old", "new"):
        for name in ("platforms/eks.yaml", "ci/all-values.yaml", "values.yaml"):
            write(tmp_path / side / name, f"kind: {side.title()}")
    return Comparison("v0.1.0", tmp_path / "old", tmp_path / "new", BOTH.old, BOTH.new)


def test_each_version_has_its_own_overlays_and_both_have_the_ci_files_of_the_base(stubbed: Comparison) -> None:
    texts = [change.text for change in compat.find_changes(stubbed) if change.bump == Bump.MAJOR]
    assert texts == ["the Old acme is no longer rendered"]


def test_a_file_in_ci_that_is_gone_is_tried_all_the_same(stubbed: Comparison) -> None:
    (stubbed.old_folder / "ci/all-values.yaml").write_text("fails-new: true")
    (stubbed.new_folder / "ci/all-values.yaml").unlink()
    texts = [change.text for change in compat.find_changes(stubbed) if change.bump == Bump.MAJOR]
    assert "with ci/all-values.yaml the chart no longer renders: sorry" in texts


def test_a_values_file_that_no_longer_renders_is_named(stubbed: Comparison) -> None:
    (stubbed.old_folder / "ci/all-values.yaml").write_text("fails-new: true")
    assert compat.check_values(stubbed) == [
        "With ci/all-values.yaml of v0.1.0 no sentence names what to set instead. Helm says: sorry",
        compat.HOW_TO_REMOVE,
    ]


def test_a_values_file_that_did_not_render_either_is_left_out(stubbed: Comparison) -> None:
    (stubbed.old_folder / "ci/all-values.yaml").write_text("fails: true")
    assert not compat.check_values(stubbed)


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a repository that has released this chart, without its overlays and ci/, and a value `oldName` more."""
    root = tmp_path_factory.mktemp("released")
    folder = root / "charts" / CHART.name
    shutil.copytree(CHART, folder, ignore=shutil.ignore_patterns("platforms", "ci"))
    set_version(root, "1.0.0")
    declare(folder, oldName={"type": "integer"})
    write(folder / "values.yaml", f"{(CHART / 'values.yaml').read_text()}\noldName: 1\n")
    write(root / "CHANGELOG.md", RELEASED)
    return start(root, "v1.0.0")


@pytest.fixture(scope="module")
def renamed(released: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a repository that has renamed `oldName` to `newName` as one should."""
    root = copy(released, tmp_path_factory.mktemp("renamed") / "repository")
    folder = root / "charts" / CHART.name
    declare(folder, oldName={"deprecated": True}, newName={"type": "integer"})
    write(folder / "values.yaml", f"{(CHART / 'values.yaml').read_text()}\nnewName: 1\n")
    write(folder / "templates/renamed.yaml", RENAMED)
    write(root / "CHANGELOG.md", MIGRATED)
    set_version(root, "2.0.0")
    return root


@pytest.fixture(scope="module")
def both(renamed: Path, tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    """Compare the release with what has renamed a value."""
    return compare(renamed, "v1.0.0", tmp_path_factory.mktemp("compared"))


def declare(folder: Path, **properties: object) -> None:
    """Declare values in a chart's schema."""
    file = folder / "values.schema.json"
    schema = json.loads(file.read_text()) if file.exists() else {}
    schema["properties"] = {**schema.get("properties", {}), **properties}
    file.write_text(json.dumps(schema))


def set_version(root: Path, version: str) -> None:
    """Set the version of the chart; of the file in the repository, whose version may be any."""
    lines = (CHART / "Chart.yaml").read_text().splitlines()
    kept = [f"version: {version}" if line.startswith("version:") else line for line in lines]
    (root / "charts" / CHART.name / "Chart.yaml").write_text("\n".join(kept))


def begin(lines: list[str], beginnings: list[str]) -> bool:
    """Return whether there is one line for each beginning, which begins with it."""
    return [line[: len(start)] for line, start in zip(lines, beginnings, strict=True)] == beginnings


@pytest.mark.parametrize(
    ("version", "changelog", "problems"),
    [
        ("2.0.0", MIGRATED, []),
        ("1.1.0", MIGRATED, ["Chart.yaml has version 1.1.0. After 1.0.0, these changes ask for 2.0.0 or higher."]),
        ("2.0.0", RELEASED, ["CHANGELOG.md has no `### Migration` above the section of 1.0.0"]),
    ],
    ids=["everything is there", "no bump", "no migration"],
)
def test_each_check_finds_what_it_is_for_and_nothing_else(
    both: Comparison, capsys: pytest.CaptureFixture[str], version: str, changelog: str, problems: list[str]
) -> None:
    parsed = Version.parse(version)
    assert parsed
    here = replace(both, new=replace(both.new, version=parsed))
    found = [*compat.check_values(here), *compat.check_version(here), *compat.check_changelog(here, changelog)]
    assert begin(found, problems)
    assert "  MAJOR  the value oldName no longer works\n" in capsys.readouterr().out


def test_a_value_that_is_renamed_without_a_sentence_is_all_that_the_program_finds(
    renamed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = copy(renamed, tmp_path / "repository")
    write(root / "charts" / CHART.name / "templates/renamed.yaml", RENAMED.replace("by newName", "by nothing"))
    assert compat.main(["all", "v1.0.0"], root) == 1
    printed = capsys.readouterr()
    assert "  MAJOR  the value oldName no longer works\n" in printed.out
    assert begin(
        printed.err.splitlines(),
        [
            "The value oldName of v1.0.0 is set, and no sentence names its replacement.",
            "With values.yaml of v1.0.0 no sentence names what to set instead.",
            compat.HOW_TO_REMOVE,
        ],
    )


def test_a_chart_as_it_was_released_passes(released: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert compat.main([], released) == 0
    assert capsys.readouterr().out == "Compared with v1.0.0:\n"


def test_before_the_first_release_there_is_nothing_to_compare_with(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    git(tmp_path, "init", "--quiet")
    assert compat.main(["values"], tmp_path) == 0
    assert capsys.readouterr().out == "No release yet, nothing to compare with\n"


def test_what_cannot_be_compared_is_said_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert compat.main(["version"], tmp_path) == 1
    assert capsys.readouterr().err.startswith("The last release is not known, since git says: not a git repository")
