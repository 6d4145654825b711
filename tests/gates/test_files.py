"""What file patterns mean, and which files they are held against."""

import sys
from pathlib import Path

import pytest

from tests.gates.helpers import Repository, gates, layer, python


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("*.pem", "key.pem", True),
        ("*.pem", "certs/key.pem", False),
        ("**/*.pem", "key.pem", True),
        ("**/*.pem", "certs/key.pem", True),
        ("**/*.pem", "a/b/c/key.pem", True),
        ("**/*.pem", "a/key.pem/readme", False),
        ("docs/**", "docs/a.md", True),
        ("docs/**", "docs/a/b.md", True),
        ("docs/**", "docs", False),
        ("docs/**", "other/docs/a.md", False),
        ("docs/*", "docs/a/b.md", False),
        ("a/**/z", "a/z", True),
        ("a/**/z", "a/b/c/z", True),
        ("a/**/z", "a/bz", False),
        ("a/**/b/**/*.py", "a/b/x/b/y.py", True),
        ("**", "a", True),
        ("**", "a/b", True),
        ("**/tests/**", "src/tests/unit/a.py", True),
        (".env", ".env", True),
        (".env", "src/.env", False),
        (".env", ".env.example", False),
        ("*", ".env", True),
        ("README.m?", "README.md", True),
        ("README.m?", "README.mdx", False),
        ("[ab].txt", "b.txt", True),
        ("[ab].txt", "c.txt", False),
        ("readme.md", "README.md", False),
        ("a.b", "axb", False),
    ],
)
def test_a_pattern_means_what_the_docstring_says(
    repository: Repository, pattern: str, path: str, expected: bool
) -> None:
    repository.write(path)
    assert gates.repository_files(repository.root, [pattern]) == ([path] if expected else [])


def forbidding(*patterns: str) -> dict[str, object]:
    return layer({"QUAL-01": {"forbid": list(patterns)}})


def requiring(*patterns: str) -> dict[str, object]:
    return layer({"QUAL-01": {"require": list(patterns)}})


def test_a_forbidden_file_fails_the_gate_and_is_named(repository: Repository) -> None:
    repository.define(forbidding(".env", "**/*.pem"))
    repository.write("certs/key.pem")
    outcome = repository.outcomes()["QUAL-01"]
    assert outcome["result"] == "fail"
    assert outcome["detail"] == "`certs/key.pem` must not be in the repository."


def test_a_repository_without_the_forbidden_files_passes(repository: Repository) -> None:
    repository.define(forbidding(".env", "**/*.pem"))
    assert repository.results() == {"QUAL-01": "pass"}


def test_a_tracked_file_counts_even_when_git_ignores_it(repository: Repository) -> None:
    repository.define(forbidding(".env"))
    repository.write(".env")
    repository.git("add", ".env")
    repository.write(".gitignore", ".env\n")
    assert repository.results() == {"QUAL-01": "fail"}


def test_an_ignored_file_does_not_count(repository: Repository) -> None:
    repository.define(forbidding(".env"))
    repository.write(".env")
    repository.write(".gitignore", ".env\n")
    assert repository.results() == {"QUAL-01": "pass"}


def test_a_tracked_file_that_was_deleted_does_not_count(repository: Repository) -> None:
    repository.define(forbidding(".env"))
    repository.write(".env")
    repository.git("add", ".env")
    (repository.root / ".env").unlink()
    assert repository.results() == {"QUAL-01": "pass"}


def test_each_required_pattern_needs_a_file_and_the_missing_one_is_named(repository: Repository) -> None:
    repository.define(requiring("README.md", "CHANGELOG.md"))
    repository.write("README.md")
    outcome = repository.outcomes()["QUAL-01"]
    assert outcome["result"] == "fail"
    assert outcome["detail"] == "No file matches `CHANGELOG.md`: add one."
    repository.write("CHANGELOG.md")
    assert repository.results() == {"QUAL-01": "pass"}


def test_a_task_may_require_and_forbid_for_its_gates(repository: Repository) -> None:
    task = {"require": ["README.md"], "forbid": [".env"]}
    repository.define(layer({"QUAL-01": {"task": "files"}}, tasks={"files": task}))
    repository.write("README.md")
    assert repository.results() == {"QUAL-01": "pass"}
    repository.write(".env")
    assert repository.results() == {"QUAL-01": "fail"}


def test_paths_count_from_the_root_when_the_project_is_a_folder_of_a_larger_repository(repository: Repository) -> None:
    inner = Repository(repository.root / "service")
    inner.define(forbidding("key.pem"))
    repository.write("key.pem")
    assert inner.results() == {"QUAL-01": "pass"}
    inner.write("key.pem")
    assert inner.results() == {"QUAL-01": "fail"}


@pytest.mark.parametrize("tables", [forbidding("*.pem"), requiring("README.md")])
def test_a_folder_without_git_is_an_error_that_says_git_init(tmp_path: Path, tables: dict[str, object]) -> None:
    outcome = Repository(tmp_path).define(tables).outcomes()["QUAL-01"]
    assert outcome["result"] == "error"
    assert "run `git init` first" in outcome["detail"]


def test_a_missing_git_is_an_error_that_says_so(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    repository.define(forbidding("*.pem"))
    monkeypatch.setenv("PATH", str(repository.root))
    outcome = repository.outcomes()["QUAL-01"]
    assert outcome["result"] == "error"
    assert "`git` was not found" in outcome["detail"]


RECORD = python("import sys; open('.git/seen', 'a').write(repr(sys.argv[1:]) + chr(10))")


def recording(*files: str) -> dict[str, object]:
    return layer({"QUAL-01": {"task": "scan"}}, tasks={"scan": {"run": RECORD + " --option", "files": list(files)}})


def seen(repository: Repository) -> list[list[str]]:
    lines = repository.read(".git/seen").splitlines()
    return [[part.strip("'") for part in line.strip("[]").split(", ")] for line in lines]


def test_matching_files_are_appended_to_the_command(repository: Repository) -> None:
    repository.define(recording("**/*.py", "*.md"))
    for name in ("b.py", "src/a b.py", "README.md", "notes.txt"):
        repository.write(name)
    assert repository.results() == {"QUAL-01": "pass"}
    assert seen(repository) == [["--option", "README.md", "b.py", "src/a b.py"]]


def test_many_files_come_in_batches(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gates, "FILES_AT_ONCE", 2)
    repository.define(recording("*.py"))
    for name in "abcde":
        repository.write(f"{name}.py")
    assert repository.results() == {"QUAL-01": "pass"}
    assert seen(repository) == [["--option", "a.py", "b.py"], ["--option", "c.py", "d.py"], ["--option", "e.py"]]


def test_a_later_batch_that_fails_fails_the_gate(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gates, "FILES_AT_ONCE", 1)
    command = python("import sys; sys.exit('b.py' in sys.argv)")
    repository.define(layer({"QUAL-01": {"task": "scan"}}, tasks={"scan": {"run": command, "files": ["*.py"]}}))
    repository.write("a.py")
    repository.write("b.py")
    outcome = repository.outcomes()["QUAL-01"]
    assert outcome["result"] == "fail"
    assert outcome["detail"].startswith(f"$ {command} <1 files>\n")


def test_a_command_for_files_is_no_pass_when_no_file_matches(repository: Repository) -> None:
    repository.define(recording("*.py"))
    outcome = repository.outcomes()["QUAL-01"]
    assert outcome["result"] == "error"
    assert outcome["detail"] == "No file matches *.py, so nothing was checked."
    assert not (repository.root / ".git/seen").exists()


def test_a_file_named_like_an_option_is_passed_as_a_path(repository: Repository) -> None:
    repository.define(recording("*.py"))
    repository.write("-rf.py")
    repository.results()
    assert seen(repository) == [["--option", "./-rf.py"]]


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_links_to_folders_and_to_nowhere_are_not_passed(repository: Repository) -> None:
    repository.define(recording("*"))
    repository.write("real.txt")
    (repository.root / "folder").mkdir()
    (repository.root / "link").symlink_to("folder")
    (repository.root / "broken").symlink_to("nowhere")
    repository.results()
    assert seen(repository) == [["--option", "real.txt"]]
