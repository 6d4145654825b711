"""Each template and each script has unit tests.

Those of templates/a/_b-c.yaml are in tests/unit/test_b_c.py, those of scripts/b_c.py in tests/scripts/test_b_c.py.
"""

import ast
from pathlib import Path

from tests import templates
from tests.manifests import CHART, ROOT


def holds_code(script: Path) -> bool:
    """Tell whether a script does more than say what it is."""
    tree = ast.parse(script.read_text(encoding="utf-8"))
    plain = (ast.Expr, ast.Import, ast.ImportFrom, ast.Assign)
    return script.name != "__init__.py" or not all(isinstance(node, plain) for node in tree.body)


def unit_test_of(path: Path) -> Path:
    """Return where the unit tests of a template or script belong."""
    folder = "scripts" if path.suffix == ".py" else "unit"
    return ROOT / "tests" / folder / f"test_{path.stem.strip('_').replace('-', '_').lower()}.py"


def holds_a_test(path: Path) -> bool:
    """Tell whether a file exists and has a test function."""
    return path.exists() and "def test_" in path.read_text(encoding="utf-8")


def test_each_template_and_each_script_has_unit_tests() -> None:
    sources = [CHART / file for file in templates.files()]
    sources += [script for script in (ROOT / "scripts").rglob("*.py") if holds_code(script)]
    missing = sorted({unit_test_of(path) for path in sources if not holds_a_test(unit_test_of(path))})
    names = ", ".join(path.relative_to(ROOT).as_posix() for path in missing)
    assert sources
    assert not missing, f"Write these unit tests: {names}"
