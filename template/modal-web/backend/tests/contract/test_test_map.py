"""Each module with code has a unit test.

`backend/a/b.py` is tested by `backend/tests/unit/a/test_b.py`, and `src/app/a/b.tsx` by
`src/app/a/b.test.tsx` (or `.test.ts`).
"""

import ast
import re
from pathlib import Path

import backend

BACKEND = Path(backend.__file__).parent
TESTS = BACKEND / "tests"
ROOT = BACKEND.parent
PAGE = ROOT / "src" / "app"


def holds_code(module: Path) -> bool:
    """Tell whether a module does more than say what it is."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    plain = (ast.Expr, ast.Import, ast.ImportFrom, ast.Assign)
    return module.name != "__init__.py" or not all(isinstance(node, plain) for node in tree.body)


def unit_test_of(module: Path) -> Path:
    """Return where the unit test of a Python module belongs."""
    place = module.relative_to(BACKEND).parent
    name = module.parent.name if module.name == "__init__.py" else module.stem.strip("_")
    return TESTS / "unit" / place / f"test_{name}.py"


def unit_tests_of_page(module: Path) -> list[Path]:
    """Return where the unit test of a TypeScript module may be."""
    return [module.with_suffix(f".test{suffix}") for suffix in (module.suffix, ".tsx", ".ts")]


def holds_a_test(path: Path) -> bool:
    """Tell whether a file exists and has a test function."""
    pattern = r"^ *def test_" if path.suffix == ".py" else r"^ *(it|test)(\.each)?\("
    return path.exists() and bool(re.search(pattern, path.read_text("utf-8"), re.MULTILINE))


def sentence(missing: list[Path]) -> str:
    """Return what to do about missing tests."""
    names = sorted(path.relative_to(ROOT).as_posix() for path in missing)
    return f"Write these unit tests: {', '.join(names)}"


def test_each_module_of_the_server_has_a_unit_test() -> None:
    modules = [path for path in BACKEND.rglob("*.py") if TESTS not in path.parents]
    tests = [unit_test_of(module) for module in modules if holds_code(module)]
    missing = [test for test in tests if not holds_a_test(test)]
    assert tests
    assert not missing, sentence(missing)


def test_each_module_of_the_page_has_a_unit_test() -> None:
    files = [path for path in PAGE.rglob("*") if path.suffix in {".ts", ".tsx"}]
    modules = [path for path in files if not re.search(r"\.(test|gen|d)\.tsx?$", path.name)]
    tests = [unit_tests_of_page(module) for module in modules]
    missing = [places[0] for places in tests if not any(map(holds_a_test, places))]
    assert modules
    assert not missing, sentence(missing)
