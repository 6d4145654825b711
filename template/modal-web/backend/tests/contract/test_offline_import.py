"""Only the Modal app needs Modal, and importing it needs neither network nor account."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

BACKEND = Path(__file__).parents[2]
MODAL_APP = BACKEND / "modal_app.py"
MODULES = sorted(
    path for path in BACKEND.rglob("*.py") if "tests" not in path.relative_to(BACKEND).parts
)

# As `python -m` and as `modal deploy` import it.
IMPORTS = {
    "as a module": "import backend.modal_app",
    "as a file": "import runpy; runpy.run_path('backend/modal_app.py', run_name='modal_app')",
}
WITHOUT_NETWORK = """
import sys

def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        raise PermissionError(f"{event}{arguments}")

sys.addaudithook(refuse)
"""

# None is how Python is told that there is no such module.
WITHOUT_MODAL = """
import importlib
import sys

sys.modules["modal"] = None
failures = []
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except ImportError as error:
        failures.append(f"{name}: {error}")
sys.exit("\\n".join(failures) or None)
"""
IMPORTERS = {"import_module", "__import__", "find_spec", "resolve_name", "run_module", "run_path"}
REMEDY = "Move what needs Modal to backend/modal_app.py."


@pytest.mark.parametrize("statement", IMPORTS.values(), ids=IMPORTS)
def test_the_modal_app_is_imported_without_network_and_account(
    statement: str, tmp_path: Path
) -> None:
    # No account: neither in the environment nor in the home folder.
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    environment = {**kept, "HOME": str(tmp_path), "USERPROFILE": str(tmp_path)}

    run = subprocess.run(
        [sys.executable, "-c", f"{WITHOUT_NETWORK}\n{statement}"],
        cwd=BACKEND.parent,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert run.returncode == 0, (
        "Importing backend/modal_app.py needs the network or a Modal account. Move what asks Modal "
        f"into a function or a method, where a container runs it.\n{run.stderr}"
    )


def test_all_but_the_modal_app_is_imported_without_modal() -> None:
    names = [
        ".".join(path.relative_to(BACKEND.parent).with_suffix("").parts)
        for path in MODULES
        # Importing the latter starts the command line.
        if path not in (MODAL_APP, BACKEND / "__main__.py")
    ]

    run = subprocess.run(
        [sys.executable, "-c", WITHOUT_MODAL, *names],
        cwd=BACKEND.parent,
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert names
    assert run.returncode == 0, (
        f"Without modal these modules cannot be imported. {REMEDY}\n{run.stdout}{run.stderr}"
    )


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(BACKEND)))
def test_only_the_modal_app_imports_modal(module: Path) -> None:
    found = sorted(name for name in _imports(module) if _is_of_modal(name))

    assert not found or module == MODAL_APP, (
        f"{module.relative_to(BACKEND.parent)} imports {', '.join(found)}, so it does not run "
        f"without modal. {REMEDY}"
    )


def _is_of_modal(name: str) -> bool:
    parts = re.split(r"[./]", name)
    return parts[0] == "modal" or MODAL_APP.stem in parts


def _imports(module: Path) -> set[str]:
    """Return what a module imports anywhere, with what it imports by a name in quotes."""
    names = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom):
            origin = "." * node.level + (node.module or "")
            names |= {f"{origin}.{each.name}" for each in node.names}
        elif isinstance(node, ast.Call) and _called(node) in IMPORTERS:
            given = [*node.args, *(each.value for each in node.keywords)]
            values = [each.value for each in given if isinstance(each, ast.Constant)]
            names |= {value for value in values if isinstance(value, str)}
    return names


def _called(call: ast.Call) -> str:
    return ast.unparse(call.func).rpartition(".")[2]
