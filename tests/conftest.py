"""Fixtures that several rooms share."""

import hashlib
import json
import math
import os
import shutil
import socket
import sys
import tomllib
from collections.abc import Callable
from itertools import chain, islice
from pathlib import Path

import pytest
from filelock import FileLock

from tests.helm import helm_folder
from tests.helpers import run, snapshot_template, without_git

TORCH = Path(__file__).with_name("torch-constraint.txt")
"""The version of torch that the generated projects are tested with."""

HELM = "4.1.4"
"""The version of Helm that generated charts are tested with, where a test does not say another."""

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
"""What a browser for end-to-end tests may be called; the web type's playwright.config.ts has the same list."""

pytest.register_assert_rewrite("tests.project_types.python_projects")


def pytest_configure() -> None:
    """Begin every session, and every worker, in isolation."""
    isolate()


def isolate() -> None:
    """Keep the person's own settings of git, Copier and Python out."""
    os.environ["COPIER_SETTINGS_PATH"] = str(Path(__file__).with_name("copier-settings.yml"))
    os.environ["GIT_CONFIG_GLOBAL"] = os.devnull
    os.environ["GIT_CONFIG_SYSTEM"] = os.devnull
    # With it, pytest would rewrite the assertions of its plugins each time it starts, for two seconds.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    for role in ("AUTHOR", "COMMITTER"):
        os.environ[f"GIT_{role}_NAME"] = "A user"
        os.environ[f"GIT_{role}_EMAIL"] = "user@example.com"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what runs at night, and give each worker its share of the rest."""
    if "nightly" not in config.option.markexpr:  # `-m "not slow"` shall not bring it in
        nightly = [item for item in items if item.get_closest_marker("nightly")]
        config.hook.pytest_deselected(items=nightly)
        items[:] = [item for item in items if item not in nightly]
    share_out(items)


def share_out(items: list[pytest.Item]) -> None:
    """Give each worker its share of the slow tests first, so that quick ones fill the end of the run evenly.

    Workers get equal, contiguous parts of the list, and who is done early takes from the end of another's. The first
    begins with all tests that run a browser, so that no two of them run at once and slow each other down. Quick tests
    stay in their order: neighbours share fixtures.
    """
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    slow = [item for item in items if item.get_closest_marker("slow")]
    quick = iter([item for item in items if not item.get_closest_marker("slow")])
    browsers = [item for item in slow if runs_a_browser(item)]
    # What a README's commands prove, untouched projects need not prove again.
    others = [item for item in slow if item not in browsers]
    others.sort(key=lambda item: "readmes_commands" not in item.name)
    shares = [others[n::workers] for n in range(workers)]
    shares[0] = browsers + shares[0]
    size = math.ceil(len(items) / workers)
    items[:] = [item for share in shares for item in [*share, *islice(quick, max(0, size - len(share)))]]


def runs_a_browser(item: pytest.Item) -> bool:
    """Whether a slow test may: all of the web type do, but those of one task alone that is not the browser's."""
    parameters: dict[str, object] = item.callspec.params if hasattr(item, "callspec") else {}
    return ("modal-web" in item.nodeid or "modal_web" in item.nodeid) and parameters.get("task", "e2e") == "e2e"


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template as it is in the working tree, in a git repository with the one tag v1.0.0."""
    return snapshot_template(tmp_path_factory.mktemp("template"), "v1.0.0")


@pytest.fixture(scope="session")
def files(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template as plain files, for tests that copy often: Copier clones a repository for every run."""
    return without_git(template, tmp_path_factory.mktemp("files") / "template")


@pytest.fixture(scope="session")
def python_for(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Path]:
    """A function that gives a generated Python project the interpreter of an environment with all it depends on.

    Environments are shared by every test and every worker: there is one for each set of dependencies, less those that
    need a GPU. The project itself is not installed in it; its package is found through PYTHONPATH. A project with a
    package.json gets a link to the packages that its lock file names.
    """
    shared = tmp_path_factory.getbasetemp().parent
    # mypy looks at the content of a file, so projects can share what it found out about their dependencies.
    os.environ["MYPY_CACHE_DIR"] = str(tmp_path_factory.mktemp("mypy"))

    def python(project: Path) -> Path:
        wanted = dependencies(project)
        key = hashlib.sha256("\n".join([sys.version, *wanted]).encode()).hexdigest()[:16]
        environment = shared / f"environment-{key}"
        interpreter = environment / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
        with FileLock(shared / f"{key}.lock"):
            if not (environment / "complete").exists():
                run(["uv", "venv", "--quiet", "--clear", "--seed", "--python", sys.executable, environment], project)
                for torch in [name for name in wanted if name.startswith("torch")]:
                    # pip may be set up to find a build for the CPU, of a hundredth of the size; uv does not look there.
                    run([interpreter, "-m", "pip", "install", "--quiet", torch, "--constraint", TORCH], project)
                run(
                    ["uv", "pip", "install", "--quiet", "--compile-bytecode", "--python", interpreter, *wanted], project
                )
                if (project / "charts").exists():
                    # Gates look for tools beside their interpreter first.
                    (interpreter.parent / "helm").symlink_to(helm_folder(HELM, shared) / "helm")
                (environment / "complete").touch()
        if (project / "package.json").exists():
            link_node_modules(project, shared)
        return interpreter

    return python


def dependencies(project: Path) -> list[str]:
    """What a project's tests and tools need from PyPI, less what needs a GPU."""
    requirements = project / "requirements-dev.txt"
    if requirements.exists():
        lines = (line.partition("#")[0].strip() for line in requirements.read_text(encoding="utf-8").splitlines())
        return sorted(filter(None, lines))
    settings = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [names for extra, names in settings["optional-dependencies"].items() if extra != "gpu"]
    return sorted([*settings["dependencies"], *chain(*extras)])


def link_node_modules(project: Path, shared: Path) -> None:
    """Install what a project's lock file names, once for each lock file below `shared`, and link it into the project.

    Its end-to-end tests take a Chromium on PATH, as its Playwright configuration does; else Playwright fetches one.
    """
    lock = json.loads((project / "package-lock.json").read_text(encoding="utf-8"))
    # Whatever the project is called.
    packages = {name: package for name, package in lock["packages"].items() if name}
    folder = shared / f"npm-{hashlib.sha256(json.dumps(packages).encode()).hexdigest()[:16]}"
    with FileLock(f"{folder}.lock"):
        if not (folder / "complete").exists():
            folder.mkdir(exist_ok=True)
            for name in ("package.json", "package-lock.json", ".npmrc"):
                shutil.copy(project / name, folder)
            run([npm(), "ci", "--no-audit", "--no-fund"], folder)
            if "node_modules/@playwright/test" in packages and not any(map(shutil.which, CHROMIUM)):
                run([npm(), "exec", "playwright", "install", "chromium"], folder)
            (folder / "complete").touch()
    (project / "node_modules").symlink_to(folder / "node_modules", target_is_directory=True)


def npm() -> str:
    """The path of npm, by which Windows finds it, too."""
    found = shutil.which("npm")
    assert found, "The web type's own tests need Node.js 20.19 or later, and npm on PATH."
    return found


@pytest.fixture(scope="session")
def promtool(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The path of promtool, which judges alerts."""
    return debian_program("promtool", "prometheus", "https://prometheus.io/download", tmp_path_factory)


@pytest.fixture(scope="session")
def docker_registry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The path of docker-registry, to which charts are pushed."""
    site = "https://distribution.github.io/distribution"
    return debian_program("docker-registry", "docker-registry", site, tmp_path_factory)


def debian_program(name: str, package: str, site: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The path of a program: the machine's own, else one from Debian's package, which needs no root.

    Every test and every worker shares it. Skips where there is no apt-get.
    """
    if found := shutil.which(name):
        return Path(found)
    if not shutil.which("apt-get"):
        pytest.skip(
            f"{name}, which this test runs, is not on PATH, and there is no apt-get to download it: get it from {site},"
            " and put it on PATH."
        )
    shared = tmp_path_factory.getbasetemp().parent
    folder = shared / name
    with FileLock(shared / f"{name}.lock"):
        if not (folder / "complete").exists():
            (folder / "lists/partial").mkdir(parents=True, exist_ok=True)
            # The machine's own lists may be missing, old, or only root's to renew. Running as root, apt-get would
            # change to a user who cannot enter pytest's folders.
            settings = (f"Dir::State::Lists={folder / 'lists'}", f"Dir::Cache={folder}", "APT::Sandbox::User=root")
            apt_get = ["apt-get", "-qq", *(f"--option={setting}" for setting in settings)]
            run([*apt_get, "update"], folder)
            run([*apt_get, "download", package], folder)
            run(["dpkg", "-x", *folder.glob(f"{package}_*.deb"), folder], folder)
            (folder / "complete").touch()
    return folder / "usr/bin" / name


@pytest.fixture
def free_ports() -> tuple[int, int]:
    """Two ports of this machine where nothing listens."""
    with socket.socket() as first, socket.socket() as second:
        first.bind(("127.0.0.1", 0))
        second.bind(("127.0.0.1", 0))
        return first.getsockname()[1], second.getsockname()[1]
