"""Manual tests are for a person: pytest leaves them alone, and each runs by itself."""

import ast
import runpy
from pathlib import Path

import pytest
from tests.contract.manifest import REPOSITORY

MANUAL = sorted(
    path for path in (REPOSITORY / "tests" / "manual").rglob("*.py") if path.name != "__init__.py"
)
each_manual_test = pytest.mark.parametrize("path", MANUAL, ids=lambda path: path.name)


def calls_main_when_run(module: ast.Module) -> bool:
    """Tell whether a module calls main() in its `if __name__ == "__main__":` block."""
    return any(
        isinstance(call, ast.Call) and ast.unparse(call.func) == "main"
        for block in module.body
        if isinstance(block, ast.If) and ast.unparse(block.test) == "__name__ == '__main__'"
        for statement in block.body
        for call in ast.walk(statement)
    )


def test_there_is_a_manual_test() -> None:
    assert MANUAL, "tests/manual holds no Python file; write one or remove this test."


@each_manual_test
def test_a_manual_test_is_named_so(path: Path) -> None:
    assert path.match("manual_*.py"), f"{path.name} must be named manual_*.py."


@each_manual_test
def test_pytest_does_not_collect_a_manual_test(path: Path, pytestconfig: pytest.Config) -> None:
    patterns = [pattern for pattern in pytestconfig.getini("python_files") if path.match(pattern)]
    assert not patterns, f"pytest collects {path.name}, because python_files has {patterns}."


@each_manual_test
def test_a_manual_test_says_what_it_tests_and_how_it_is_run(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert docstring, f"{path.name} needs a docstring that says what it tests and how it is run."
    command = f"python {path.relative_to(REPOSITORY).as_posix()}"
    assert any(
        line.strip().startswith("pixi run ") and line.endswith(command)
        for line in docstring.splitlines()
    ), f"The docstring of {path.name} needs a line `pixi run ... {command}`."


@each_manual_test
def test_a_manual_test_runs_by_itself(path: Path) -> None:
    module = ast.parse(path.read_text(encoding="utf-8"))
    functions = {node.name: node.args for node in module.body if isinstance(node, ast.FunctionDef)}
    assert "main" in functions, f"{path.name} must define a function main."
    wanted = functions["main"]
    demanded = len(wanted.posonlyargs + wanted.args) - len(wanted.defaults)
    assert not demanded, f"main of {path.name} takes arguments; it is called without."
    assert None not in wanted.kw_defaults, f"main of {path.name} takes arguments."
    assert calls_main_when_run(module), (
        f'{path.name} must call main() in an `if __name__ == "__main__":` block.'
    )


@each_manual_test
def test_a_manual_test_can_be_imported(path: Path) -> None:
    runpy.run_path(str(path), run_name=path.stem)
