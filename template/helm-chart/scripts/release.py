"""Release the chart: package, sign, verify, push to an OCI registry, and pull it back.

    python -m scripts.release oci://registry.example.com/charts --key NAME --keyring FILE --passphrase-file FILE

Run it in the repository's root, where the tag `v<version>` is checked out. Nothing is pushed before all checks have
passed, and a version that the registry holds is never pushed again: who pulled it, or wrote down its digest, has to get
the same package for ever.

What happens is said on standard error. Standard output has the digest of what was pushed and nothing else, so that a
workflow can attest it.
"""

import argparse
import hashlib
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.repository import Chart, RepositoryError, check_tools, read_chart

CHANGELOG = Path("CHANGELOG.md")
DIGEST = re.compile(r"^Digest: (sha256:[0-9a-f]{64})$", re.MULTILINE)


class ReleaseError(RepositoryError):
    """What keeps the chart from being released, as a sentence for the person."""


@dataclass(frozen=True)
class Registry:
    """Where charts are pushed to: `oci://host/path`, by HTTPS unless `plain_http`."""

    address: str
    plain_http: bool

    @property
    def options(self) -> list[str]:
        """Helm's options for this registry."""
        return ["--plain-http"] if self.plain_http else []


@dataclass(frozen=True)
class Signing:
    """The PGP key that signs: its name, the keyring that holds it, and the file of its passphrase if it has one."""

    key: str
    keyring: Path
    passphrase_file: Path | None

    @property
    def options(self) -> list[str]:
        """The options with which `helm package` signs."""
        passphrase = [f"--passphrase-file={self.passphrase_file}"] if self.passphrase_file else []
        return ["--sign", f"--key={self.key}", f"--keyring={self.keyring}", *passphrase]


def say(sentence: str) -> None:
    """Tell the person what happens."""
    print(sentence, file=sys.stderr, flush=True)


def execute(*command: str) -> subprocess.CompletedProcess[str]:
    """Run a command and return what it printed."""
    return subprocess.run(command, capture_output=True, text=True, check=False)


def output(*command: str) -> str:
    """Return what a command prints, errors too. Raises ReleaseError if it fails."""
    done = execute(*command)
    if done.returncode:
        raise ReleaseError(f"`{' '.join(command[:2])}` failed: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout + done.stderr


def check_tag(chart: Chart) -> None:
    """Raise ReleaseError unless the commit that is checked out carries the tag of the chart's version."""
    wanted = f"v{chart.version}"
    tags = output("git", "tag", "--points-at", "HEAD").split()
    if wanted in tags:
        return
    others = ", ".join(tags) or "no tag"
    raise ReleaseError(
        f"Chart.yaml says version {chart.version}, and the commit that is checked out carries {others}. "
        f"Check out {wanted}, or set it: git tag {wanted}"
    )


def check_changelog(chart: Chart) -> None:
    """Raise ReleaseError unless CHANGELOG.md has a section for the chart's version."""
    text = CHANGELOG.read_text(encoding="utf-8") if CHANGELOG.is_file() else ""
    if not re.search(rf"^## \[{re.escape(chart.version)}\]", text, re.MULTILINE):
        raise ReleaseError(f"{CHANGELOG} has no section `## [{chart.version}]`. Say in it what this version changes.")


def check_clean(chart: Chart) -> None:
    """Raise ReleaseError if a file differs from the commit, or if the package would hold one that git ignores."""
    changed = output("git", "status", "--porcelain").splitlines()
    # Ignored files are packaged as any other; only charts/ is meant to hold some, the dependencies that Helm fetched.
    folder = chart.folder.as_posix()
    ignored = output("git", "status", "--porcelain", "--ignored", "--", folder, f":(exclude){folder}/charts")
    files = sorted({line[3:] for line in [*changed, *ignored.splitlines()]})
    if files:
        raise ReleaseError(f"The package would differ from the tag: commit, or remove, {', '.join(files)}")


def check_is_new(chart: Chart, registry: Registry) -> None:
    """Raise ReleaseError if the registry holds the version, and also if it does not say that it doesn't."""
    done = execute("helm", "show", "chart", *address(chart, registry))
    if not done.returncode:
        raise ReleaseError(
            f"{registry.address} holds {chart.name} {chart.version} already, and a released version never changes. "
            "Raise the version in Chart.yaml."
        )
    if not re.search(r": not found\s*\Z", done.stderr):
        raise ReleaseError(
            f"Whether {registry.address} holds {chart.name} {chart.version} is not known: {done.stderr.strip()}\n"
            "Log in with `helm registry login`, or try again once the registry answers."
        )


def address(chart: Chart, registry: Registry) -> list[str]:
    """Return what names the chart's version in the registry, as Helm's arguments."""
    return [f"{registry.address}/{chart.name}", f"--version={chart.version}", *registry.options]


def package(chart: Chart, signing: Signing | None, folder: Path) -> Path:
    """Package the chart into a folder, and return the package; a signed one has its provenance file beside it."""
    options = signing.options if signing else []
    output("helm", "package", str(chart.folder), f"--destination={folder}", *options)
    archive = folder / f"{chart.name}-{chart.version}.tgz"
    if signing:
        output("helm", "verify", str(archive), f"--keyring={signing.keyring}")
        say(f"Packaged {archive.name}, signed with the key {signing.key}, and verified the signature.")
    else:
        say(f"Packaged {archive.name}. It is not signed: nobody can verify who made it.")
    return archive


def push(archive: Path, registry: Registry) -> str:
    """Push a package, and the provenance file beside it. Returns the digest in the registry."""
    digest = DIGEST.search(output("helm", "push", str(archive), registry.address, *registry.options))
    if not digest:
        raise ReleaseError("`helm push` did not name the digest. Look whether the registry holds the version now.")
    say(f"Pushed {archive.name} to {registry.address}: {digest[1]}")
    return digest[1]


def pull_back(chart: Chart, registry: Registry, signing: Signing | None, folder: Path) -> str:
    """Pull the version into a folder as a user would, and verify its signature. Returns the digest that was pulled."""
    folder.mkdir()
    verify = ["--verify", f"--keyring={signing.keyring}"] if signing else []
    digests = DIGEST.findall(output("helm", "pull", *address(chart, registry), f"--destination={folder}", *verify))
    return str(digests[0]) if digests else "no digest"


def check_same(archive: Path, pulled: Path) -> None:
    """Raise ReleaseError unless the pulled files are those that were pushed, byte by byte."""
    for file in sorted(archive.parent.glob(f"{archive.name}*")):
        copy = pulled / file.name
        if not copy.is_file() or sha256(copy) != sha256(file):
            raise ReleaseError(f"The registry returned another {file.name} than was pushed. Do not use it.")


def sha256(file: Path) -> str:
    """Return a file's SHA-256 as hexadecimal digits."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def release(registry: Registry, signing: Signing | None, *, dry_run: bool) -> str | None:
    """Release the chart. Returns the digest in the registry, or None after a dry run, which does not push.

    Raises RepositoryError if something is not as a release needs it.
    """
    check_tools("git", "helm")
    chart = read_chart(Path())
    check_tag(chart)
    check_changelog(chart)
    check_clean(chart)
    with tempfile.TemporaryDirectory() as temporary:
        archive = package(chart, signing, Path(temporary))
        check_is_new(chart, registry)
        if dry_run:
            say(f"A dry run: {archive.name} would be pushed to {registry.address}.")
            return None
        digest = push(archive, registry)
        pulled = Path(temporary) / "pulled"
        returned = pull_back(chart, registry, signing, pulled)
        if returned != digest:
            raise ReleaseError(f"{digest} was pushed, and the registry returned {returned}. Do not use it.")
        check_same(archive, pulled)
    say("Pulled it back: it is what was pushed.")
    return digest


def parse_registry(address: str, *, plain_http: bool) -> Registry:
    """Return the registry at an address. Raises ReleaseError unless Helm could push to it."""
    if not re.fullmatch(r"oci://[^/\sA-Z]+(/[^/\sA-Z]+)*/?", address):
        raise ReleaseError(f"{address} is no OCI registry. Write oci://host/path, in lower case and without the chart.")
    return Registry(address.rstrip("/"), plain_http)


def parse_signing(key: str | None, keyring: Path | None, passphrase_file: Path | None) -> Signing | None:
    """Return how to sign, or None without a key. Raises ReleaseError if half of it is given, or a file is missing."""
    if not key and not keyring and not passphrase_file:
        return None
    if not key or not keyring:
        raise ReleaseError("Give both --key and --keyring to sign the package, or neither.")
    for file in filter(None, (keyring, passphrase_file)):
        if not file.is_file():
            raise ReleaseError(f"{file} does not exist. `gpg --export-secret-keys` writes a keyring that Helm reads.")
    return Signing(key, keyring, passphrase_file)


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m scripts.release", description="Release the chart.")
    parser.add_argument("registry", metavar="OCI_REGISTRY", help="where charts are pushed to: oci://host/path")
    parser.add_argument("--key", metavar="NAME", help="sign with the PGP key whose name holds NAME")
    parser.add_argument("--keyring", metavar="FILE", type=Path, help="the keyring with the secret key")
    parser.add_argument("--passphrase-file", metavar="FILE", type=Path, help="the file with the key's passphrase")
    parser.add_argument("--plain-http", action="store_true", help="the registry has no HTTPS")
    parser.add_argument("--dry-run", action="store_true", help="do all but push")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Release the chart as the command line says. Returns the exit status: 1 with a sentence if it is not released."""
    given = parse(arguments)
    try:
        registry = parse_registry(given.registry, plain_http=given.plain_http)
        signing = parse_signing(given.key, given.keyring, given.passphrase_file)
        digest = release(registry, signing, dry_run=given.dry_run)
    except RepositoryError as error:
        say(str(error))
        return 1
    if digest:
        print(digest)
    return 0


if __name__ == "__main__":
    sys.exit(main())
