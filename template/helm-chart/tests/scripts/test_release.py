"""scripts/release.py: what keeps a chart from being released, and what is done, in which order, if nothing does.

Git is the real one. Helm is a program that notes how it was called and keeps what is pushed in a folder.
"""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from scripts.release import main
from tests.scripts.repositories import copy, git, start, write, write_program

REGISTRY = "oci://registry.example/charts"
DIGEST = f"sha256:{'0' * 64}"
CHART_YAML = "apiVersion: v2\nname: demo\nversion: 1.2.3\n"

HELM = f"""
echo "$*" >> "$STATE/calls"
for argument; do
  case "$argument" in --destination=*) folder=${{argument#*=}} ;; esac
done
if [ -f "$STATE/$1.error" ]; then cat "$STATE/$1.error" >&2; exit 1; fi
case "$1 $*" in
  package*--sign*) echo packaged > "$folder/demo-1.2.3.tgz"; echo signed > "$folder/demo-1.2.3.tgz.prov" ;;
  package*) echo packaged > "$folder/demo-1.2.3.tgz" ;;
  push*) cp "$2"* "$STATE/registry" ;;
  pull*) cp "$STATE"/registry/* "$folder"; cp "$STATE"/instead/* "$folder" 2> /dev/null ;;
esac
if [ -f "$STATE/$1.output" ]; then cat "$STATE/$1.output"; else echo "Digest: {DIGEST}"; fi
"""


@dataclass(frozen=True)
class Release:
    """A repository that can be released, which is the working folder, and the state of its Helm."""

    repository: Path
    state: Path
    capture: pytest.CaptureFixture[str]

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """Run the script; returns its exit status, its standard output and its standard error."""
        status = main([REGISTRY, *arguments])
        printed = self.capture.readouterr()
        return status, printed.out, printed.err

    def refused(self, *arguments: str) -> str:
        """Run the script, which must push nothing and exit with 1; returns what it says."""
        status, out, err = self.run(*arguments)
        assert (status, out, self.pushed()) == (1, "", [])
        return err

    def let_helm_say(self, file: str, text: str) -> None:
        """Let a command of Helm print a text, or fail with it: `pull.output`, `show.error`."""
        (self.state / file).write_text(text, encoding="utf-8")

    def calls(self) -> list[str]:
        """Return the commands that Helm was given."""
        return (self.state / "calls").read_text(encoding="utf-8").splitlines()

    def pushed(self) -> list[str]:
        """Return the files that the registry holds."""
        return sorted(path.name for path in (self.state / "registry").iterdir())


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a repository with a chart whose version is tagged."""
    repository = tmp_path_factory.mktemp("released")
    write(repository / "charts/demo/Chart.yaml", CHART_YAML)
    write(repository / "CHANGELOG.md", "# Changelog\n\n## [1.2.3] - 2026-01-31\n")
    write(repository / ".gitignore", "*.log\n*.tgz\n")
    return start(repository, "v1.2.3")


@pytest.fixture
def release(
    released: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Release:
    """Give a repository that can be released, and a registry that holds nothing."""
    repository, state, programs = tmp_path / "repository", tmp_path / "state", tmp_path / "programs"
    copy(released, repository)
    (state / "registry").mkdir(parents=True)
    write_program(programs / "helm", HELM)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("STATE", str(state))
    monkeypatch.chdir(repository)
    done = Release(repository, state, capsys)
    done.let_helm_say("show.error", "Error: registry.example/charts/demo:1.2.3: not found\n")
    return done


@pytest.fixture
def signing(tmp_path: Path) -> list[str]:
    """Return the options that sign a package."""
    for name in ("keyring", "passphrase"):
        (tmp_path / name).write_text("secret", encoding="utf-8")
    return ["--key=A user", f"--keyring={tmp_path / 'keyring'}", f"--passphrase-file={tmp_path / 'passphrase'}"]


def test_a_release_is_packaged_verified_looked_up_pushed_and_pulled_back(release: Release, signing: list[str]) -> None:
    status, out, _ = release.run(*signing)
    assert (status, out) == (0, f"{DIGEST}\n")
    assert [call.split()[0] for call in release.calls()] == ["package", "verify", "show", "push", "pull"]


def test_a_signed_release_has_its_provenance_beside_it(release: Release, signing: list[str]) -> None:
    release.run(*signing)
    assert release.pushed() == ["demo-1.2.3.tgz", "demo-1.2.3.tgz.prov"]


def test_helm_signs_with_the_key_and_verifies_with_the_same_keyring(release: Release, signing: list[str]) -> None:
    release.run(*signing)
    package, verify, _, _, pull = release.calls()
    keyring = signing[1]
    assert all(option in package for option in ("--sign", *signing))
    assert keyring in verify
    assert "--verify" in pull
    assert keyring in pull


def test_a_key_may_have_no_passphrase(release: Release, signing: list[str]) -> None:
    status, _, _ = release.run(*signing[:2])
    assert status == 0
    assert "--passphrase-file" not in release.calls()[0]


def test_an_unsigned_release_says_so(release: Release) -> None:
    status, _, err = release.run()
    assert status == 0
    assert "not signed" in err
    assert release.pushed() == ["demo-1.2.3.tgz"]


def test_only_a_registry_without_https_is_asked_without_it(release: Release) -> None:
    release.run("--plain-http")
    assert [call.split()[0] for call in release.calls() if "--plain-http" in call] == ["show", "push", "pull"]


def test_a_dry_run_does_all_but_push(release: Release) -> None:
    status, out, err = release.run("--dry-run")
    assert (status, out, release.pushed()) == (0, "", [])
    assert "would be pushed" in err
    assert [call.split()[0] for call in release.calls()] == ["package", "show"]


def test_a_version_that_the_registry_holds_is_not_pushed_again(release: Release) -> None:
    (release.state / "show.error").unlink()
    assert "holds demo 1.2.3 already" in release.refused()


@pytest.mark.parametrize(
    "error",
    [
        "Error: dial tcp 127.0.0.1:5000: connect: connection refused",
        "Error: response status code 403: denied: denied",
        "Error: lookup registry.example: no such host",
        "Error: not found: the credential helper",
    ],
)
def test_a_registry_that_does_not_say_what_it_holds_is_not_pushed_to(release: Release, error: str) -> None:
    release.let_helm_say("show.error", error)
    said = release.refused()
    assert error in said
    assert "not known" in said


def test_a_commit_without_the_tag_of_its_version_is_refused(release: Release) -> None:
    git(release.repository, "tag", "--delete", "v1.2.3")
    assert "version 1.2.3, and the commit that is checked out carries no tag" in release.refused()


def test_a_tag_of_another_version_is_refused(release: Release) -> None:
    git(release.repository, "tag", "--delete", "v1.2.3")
    git(release.repository, "tag", "v1.2.4")
    assert "carries v1.2.4" in release.refused()


@pytest.mark.parametrize("text", [None, "# Changelog\n\n## [1.2.30] - 2026-01-31\n"])
def test_a_version_that_the_changelog_does_not_explain_is_refused(release: Release, text: str | None) -> None:
    changelog = release.repository / "CHANGELOG.md"
    changelog.write_text(text, encoding="utf-8") if text else changelog.unlink()
    assert "no section `## [1.2.3]`" in release.refused()


@pytest.mark.parametrize(
    "file", ["README.md", "charts/demo/Chart.yaml", "charts/demo/values.yaml", "charts/demo/a.log"]
)
def test_what_is_not_in_the_commit_is_refused_even_if_git_ignores_it(release: Release, file: str) -> None:
    path = release.repository / file
    path.write_text(f"{CHART_YAML}# changed\n", encoding="utf-8")
    assert f"differ from the tag: commit, or remove, {file}" in release.refused()


@pytest.mark.parametrize("file", ["coverage.log", "charts/demo/charts/other-1.0.0.tgz"])
def test_ignored_files_outside_of_the_chart_and_fetched_dependencies_are_allowed(release: Release, file: str) -> None:
    path = release.repository / file
    path.parent.mkdir(exist_ok=True)
    path.touch()
    assert release.run()[0] == 0


def test_a_repository_without_a_chart_is_refused(release: Release) -> None:
    shutil.rmtree(release.repository / "charts")
    assert "holds 0 charts" in release.refused()


@pytest.mark.parametrize("command", ["package", "verify"])
def test_a_package_that_cannot_be_made_or_verified_is_not_pushed(
    release: Release, signing: list[str], command: str
) -> None:
    release.let_helm_say(f"{command}.error", "Error: private key not found")
    assert f"`helm {command}` failed: Error: private key not found" in release.refused(*signing)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--key=A user"], "both --key and --keyring"),
        (["--passphrase-file=passphrase"], "both --key and --keyring"),
        (["--key=A user", "--keyring=missing"], "missing does not exist"),
    ],
)
def test_half_of_what_signs_is_refused(release: Release, options: list[str], sentence: str) -> None:
    assert sentence in release.refused(*options)


@pytest.mark.parametrize("address", ["ghcr.io/acme/charts", "https://ghcr.io/acme", "oci://ghcr.io/Acme", "oci://"])
def test_an_address_that_is_no_registry_is_refused(
    release: Release, capsys: pytest.CaptureFixture[str], address: str
) -> None:
    assert main([address]) == 1
    assert f"{address} is no OCI registry" in capsys.readouterr().err
    assert release.pushed() == []


def test_a_push_without_a_digest_is_an_error(release: Release) -> None:
    release.let_helm_say("push.output", "Pushed\n")
    status, out, err = release.run()
    assert (status, out) == (1, "")
    assert "did not name the digest" in err


@pytest.mark.parametrize("answer", ["Pulled\n", f"Digest: sha256:{'1' * 64}\n"])
def test_another_digest_than_was_pushed_is_an_error(release: Release, answer: str) -> None:
    release.let_helm_say("pull.output", answer)
    status, out, err = release.run()
    assert (status, out) == (1, "")
    assert f"{DIGEST} was pushed, and the registry returned" in err


def test_another_file_than_was_pushed_is_an_error(release: Release, signing: list[str]) -> None:
    (release.state / "instead").mkdir()
    (release.state / "instead/demo-1.2.3.tgz.prov").write_text("another signature", encoding="utf-8")
    status, out, err = release.run(*signing)
    assert (status, out) == (1, "")
    assert "returned another demo-1.2.3.tgz.prov" in err


def test_a_missing_helm_is_named_with_where_to_get_it(release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    only_git = release.state / "only-git"
    only_git.mkdir()
    (only_git / "git").symlink_to(str(shutil.which("git")))
    monkeypatch.setenv("PATH", str(only_git))
    assert "`helm` is not on PATH. Install it: https://helm.sh" in release.refused()
