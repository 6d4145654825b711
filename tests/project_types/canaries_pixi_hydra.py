"""Canaries of `pixi-hydra`: for each task a small violation.

It turns this task red, and no other task of the same constitution.
"""

from pathlib import Path

from tests.helpers import git
from tests.project_types.canaries import (
    Canary,
    append,
    complex_function,
    plant_missing_changelog,
    plant_private_file,
    plant_secret,
    plant_vulnerable_dependency,
    replace,
    source,
    uncovered_branches,
)


def plant_unused_import(project: Path, package: str) -> None:
    """An import that nothing uses."""
    replace(source(project, package, "run_id.py"), "import secrets\n", "import os\nimport secrets\n")


def plant_wrong_type(project: Path, package: str) -> None:
    """A function whose hint promises another type than it returns."""
    replace(source(project, package, "run_id.py"), "def new_run_id() -> str:", "def new_run_id() -> int:")


def plant_halved_attention(project: Path, package: str) -> None:
    """Attention that is counted at half its cost in a decode step."""
    replace(source(project, package, "costs.py"), "4 * context *", "2 * context *")


def plant_missing_unit_test(project: Path, _package: str) -> None:
    """A module without a unit test; others happen to cover it."""
    (project / "tests/unit/test_metrics.py").unlink()


def plant_manual_test_that_pytest_collects(project: Path, _package: str) -> None:
    """A manual test under a name that pytest takes for its own."""
    manual = project / "tests/manual"
    (manual / "manual_profile.py").rename(manual / "test_profile.py")


def plant_command_without_environment(project: Path, package: str) -> None:
    """A command in the README that runs in whatever environment the reader happens to be in."""
    append(project / "README.md", f"\n```sh\npython -m {package} model=tiny\n```\n")


def plant_unknown_feature(project: Path, _package: str) -> None:
    """A Pixi environment of a feature that does not exist, which the schema cannot know."""
    replace(project / "pyproject.toml", 'features = ["cpu", "dev"]', 'features = ["gpu", "dev"]')


def plant_file_beside_the_run(project: Path, package: str) -> None:
    """A run that leaves a file in the folder it was started in."""
    run = source(project, package, "run.py")
    replace(
        run,
        '    report.roofline(metrics, output / "roofline.png")\n',
        '    report.roofline(metrics, output / "roofline.png")\n'
        '    Path("last-run.txt").write_text(metrics.run_id, encoding="utf-8")\n',
    )


def plant_traceback(project: Path, package: str) -> None:
    """A command line that answers a wrong override with a traceback."""
    replace(
        source(project, package, "__main__.py"),
        "\nregister()\n",
        '\nos.environ["HYDRA_FULL_ERROR"] = "1"\nregister()\n',
    )


def plant_committed_artifact(project: Path, _package: str) -> None:
    """A result that was committed in spite of .gitignore."""
    result = project / "tmp/profile-output/one/metrics.json"
    result.parent.mkdir(parents=True)
    result.write_text("{}\n", encoding="utf-8")
    git(project, "add", "--force", str(result))


def plant_weak_randomness(project: Path, package: str) -> None:
    """Run ids from a generator whose next number can be foretold."""
    module = source(project, package, "run_id.py")
    replace(module, "import secrets\n", "import random\n")
    replace(module, "{secrets.token_hex(3)}", "{random.randrange(16**6):06x}")


def plant_import_of_a_higher_layer(project: Path, package: str) -> None:
    """A formula that reaches up into the report."""
    code = '''

def page_of_costs() -> str:
    """Return a page."""
    from .report import table

    return "\\n".join(table(("a", "b"), []))
'''
    append(source(project, package, "costs.py"), code)


def plant_missing_docstring(project: Path, package: str) -> None:
    """A public function without a docstring."""
    replace(source(project, package, "costs.py"), '    """Return the weights of one layer\'s matrices."""\n', "")


CANARIES: dict[str, Canary] = {
    "lint": plant_unused_import,
    "types": plant_wrong_type,
    "test": plant_halved_attention,
    "coverage": uncovered_branches("src/{package}/costs.py"),
    "test-map": plant_missing_unit_test,
    "manual-tests": plant_manual_test_that_pytest_collects,
    "commands": plant_command_without_environment,
    "manifest": plant_unknown_feature,
    "attribution": plant_file_beside_the_run,
    "cli-contract": plant_traceback,
    "untracked-artifacts": plant_committed_artifact,
    "security-lint": plant_weak_randomness,
    "audit": plant_vulnerable_dependency,
    "boundaries": plant_import_of_a_higher_layer,
    "complexity": complex_function("tests/unit/test_costs.py"),
    "secrets": plant_secret,
    "private-files": plant_private_file,
    "docs-files": plant_missing_changelog,
    "docstrings": plant_missing_docstring,
}
