"""A Volume as Modal's, between folders of one machine: what containers share, and when."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import psutil


class OpenFileError(Exception):
    """The Volume was committed or reloaded while a file in it was open."""


def open_files(folder: Path) -> list[str]:
    """Return what this process has open under a folder."""
    paths = (Path(file.path) for file in psutil.Process().open_files())
    return sorted(path.name for path in paths if path.is_relative_to(folder.resolve()))


@dataclass(frozen=True)
class FakeVolume:
    """What has been committed is in the folder `committed`; each container has its own mount.

    A strict one refuses to be committed or reloaded with an open file.
    """

    committed: Path
    strict: bool = True

    def mount(self, folder: Path) -> "Mount":
        """Give a new container the Volume at a folder, with what is committed now."""
        self.committed.mkdir(parents=True, exist_ok=True)
        shutil.copytree(self.committed, folder)
        return Mount(folder, self)


@dataclass(frozen=True)
class Mount:
    """A Volume as one container sees it, whose files are under `folder`."""

    folder: Path
    volume: FakeVolume

    def commit(self) -> None:
        """Publish what is in the folder."""
        self._refuse_open_files()
        _replace(self.volume.committed, self.folder)

    def reload(self) -> None:
        """Take over what is committed; what was not is lost."""
        self._refuse_open_files()
        _replace(self.folder, self.volume.committed)

    def _refuse_open_files(self) -> None:
        found = open_files(self.folder)
        if self.volume.strict and found:
            raise OpenFileError(", ".join(found))


def _replace(folder: Path, source: Path) -> None:
    shutil.rmtree(folder)
    shutil.copytree(source, folder)
