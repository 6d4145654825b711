"""`helm-chart`: a release of the generated chart, with the real Helm, GnuPG and registry on this machine."""

import os
import re
import secrets
import shutil
import socket
import subprocess
import tarfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.helm import PACKAGES, helm_folder
from tests.helpers import commit, generate, git, run

pytestmark = pytest.mark.slow

KEY = "A user"


@dataclass(frozen=True)
class Release:
    """A repository whose chart's version is tagged, a key that signs, an empty registry, and a Helm."""

    repository: Path
    key: Path
    registry: str
    helm_folder: Path

    def helm(self, *arguments: str | Path, expect: int = 0) -> str:
        """Run Helm; returns all that it prints."""
        done = run([self.helm_folder / "helm", *arguments], self.key, expect=expect)
        return done.stdout + done.stderr

    def release(self, *arguments: str, expect: int = 0) -> subprocess.CompletedProcess[str]:
        """Run the release as the README says, signed."""
        signing = [f"--key={KEY}", f"--keyring={self.key}/secring.gpg", f"--passphrase-file={self.key}/passphrase"]
        path = os.pathsep.join([str(self.helm_folder), os.environ["PATH"]])
        command = ["python", "-m", "scripts.release", self.registry, "--plain-http", *signing, *arguments]
        return run(command, self.repository, expect=expect, PATH=path)

    def pull(self, folder: Path, version: str = "0.1.0", expect: int = 0) -> str:
        """Pull a version of the chart, and verify it with the public key alone; returns all that Helm prints."""
        folder.mkdir()
        chart = f"{self.registry}/{self.chart.name}"
        verify = ["--verify", f"--keyring={self.key}/pubring.gpg"]
        options = [f"--version={version}", "--plain-http", f"--destination={folder}"]
        return self.helm("pull", chart, *options, *verify, expect=expect)

    @property
    def chart(self) -> Path:
        """The folder of the chart."""
        return next((self.repository / "charts").glob("*/Chart.yaml")).parent


@pytest.fixture(scope="session", params=PACKAGES)
def helm_program(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of each version of Helm."""
    return helm_folder(request.param, tmp_path_factory.getbasetemp().parent)


@pytest.fixture(scope="session")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a new key: the keyring that Helm signs with, the one that users verify with, and the passphrase."""
    folder = tmp_path_factory.mktemp("gpg")
    folder.chmod(0o700)
    (folder / "passphrase").write_text(secrets.token_hex(), encoding="utf-8")
    passphrase = ["--pinentry-mode=loopback", f"--passphrase-file={folder / 'passphrase'}"]
    gpg = ["gpg", "--batch", f"--homedir={folder}", *passphrase]
    run([*gpg, "--quick-generate-key", f"{KEY} <user@example.com>", "rsa2048", "sign", "never"], folder)
    run([*gpg, "--output=secring.gpg", "--export-secret-keys"], folder)
    run([*gpg, "--output=pubring.gpg", "--export"], folder)
    run(["gpgconf", "--homedir", str(folder), "--kill", "gpg-agent"], folder)
    return folder


@pytest.fixture
def registry(docker_registry: Path, tmp_path: Path) -> Iterator[str]:
    """The address of a registry that holds nothing, on this machine."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    storage = {"REGISTRY_STORAGE": "filesystem", "REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY": str(tmp_path / "store")}
    settings = tmp_path / "registry.yml"
    settings.write_text(f"version: 0.1\nhttp: {{addr: '127.0.0.1:{port}'}}\n", encoding="utf-8")
    with (tmp_path / "registry.log").open("w") as log:
        command = [str(docker_registry), "serve", str(settings)]
        process = subprocess.Popen(command, env=os.environ | storage, stdout=log, stderr=log)
        try:
            wait_for(port, process)
            yield f"oci://127.0.0.1:{port}/charts"
        finally:
            process.terminate()
            process.wait(timeout=10)


def wait_for(port: int, process: subprocess.Popen[bytes], patience: float = 10) -> None:
    """Return once the port is open; fails if the process ends, or after `patience` seconds."""
    end = time.monotonic() + patience
    while process.poll() is None and time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail("The registry does not listen.")


@pytest.fixture(scope="session")
def tagged(files: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A generated chart in a repository of its own, with the tag of its version."""
    repository = generate(files, tmp_path_factory.mktemp("chart") / "chart", project_type="helm-chart")
    commit(repository, "The chart")
    git(repository, "tag", "v0.1.0")
    return repository


@pytest.fixture
def release(tagged: Path, key: Path, registry: str, helm_program: Path, tmp_path: Path) -> Release:
    """A chart that can be released."""
    repository = Path(shutil.copytree(tagged, tmp_path / "repository", symlinks=True))
    return Release(repository, key, registry, helm_program)


def test_a_released_chart_can_be_pulled_and_verified_with_the_public_key(release: Release, tmp_path: Path) -> None:
    digest = release.release().stdout.strip()
    said = release.pull(tmp_path / "pulled")
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", digest)
    assert digest in said
    assert f"Signed by: {KEY} <user@example.com>" in said


def test_the_released_package_renders_as_the_chart_does(release: Release, tmp_path: Path) -> None:
    release.release()
    release.pull(tmp_path / "pulled")
    package = tmp_path / "pulled" / f"{release.chart.name}-0.1.0.tgz"
    assert release.helm("template", "demo", package) == release.helm("template", "demo", release.chart)


def test_a_released_version_is_never_pushed_again(release: Release) -> None:
    release.release()
    said = release.release(expect=1)
    assert "already, and a released version never changes" in said.stderr
    assert said.stdout == ""


def test_a_second_version_can_be_released(release: Release, tmp_path: Path) -> None:
    release.release()
    for path in (release.chart / "Chart.yaml", release.repository / "CHANGELOG.md"):
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r"^(version: |## \[)0\.1\.0", r"\g<1>0.1.1", text, flags=re.MULTILINE), encoding="utf-8")
    commit(release.repository, "Release")
    git(release.repository, "tag", "v0.1.1")
    release.release()
    assert "Chart Hash Verified" in release.pull(tmp_path / "pulled", version="0.1.1")


def test_a_registry_that_is_down_is_not_taken_for_one_without_the_version(release: Release) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        elsewhere = f"oci://127.0.0.1:{closed.getsockname()[1]}/charts"
        said = Release(release.repository, release.key, elsewhere, release.helm_folder).release(expect=1)
    assert "is not known" in said.stderr


def test_a_dry_run_pushes_nothing(release: Release, tmp_path: Path) -> None:
    release.release("--dry-run")
    assert "not found" in release.pull(tmp_path / "pulled", expect=1)


def test_a_package_that_somebody_changed_is_refused(release: Release, tmp_path: Path) -> None:
    release.release()
    pulled = tmp_path / "pulled"
    release.pull(pulled)
    package = pulled / f"{release.chart.name}-0.1.0.tgz"
    with tarfile.open(package) as archive:
        archive.extractall(tmp_path / "unpacked", filter="data")
    values = tmp_path / "unpacked" / release.chart.name / "values.yaml"
    values.write_text(f"{values.read_text(encoding='utf-8')}\n# changed\n", encoding="utf-8")
    release.helm("package", values.parent, f"--destination={pulled}")  # beside the signature of the other package
    assert "sha256 sum does not match" in release.helm(
        "verify", package, f"--keyring={release.key}/pubring.gpg", expect=1
    )
    elsewhere = f"{release.registry}/elsewhere"
    release.helm("push", package, elsewhere, "--plain-http")
    changed = Release(release.repository, release.key, elsewhere, release.helm_folder)
    assert "sha256 sum does not match" in changed.pull(tmp_path / "again", expect=1)
