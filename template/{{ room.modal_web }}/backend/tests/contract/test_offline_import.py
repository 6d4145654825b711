"""Only the Modal app needs Modal, and importing it needs neither network nor account."""

import ast
import os
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


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(BACKEND)))
def test_only_the_modal_app_imports_modal(module: Path) -> None:
    imported = {name.split(".")[0] for name in _imports(module)}

    assert "modal" not in imported or module == MODAL_APP, (
        f"{module.relative_to(BACKEND.parent)} imports modal, so it does not run without it. "
        "Move what needs Modal to backend/modal_app.py."
    )


def _imports(module: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add(node.module or "")
    return names
