"""Canaries of `helm-chart`: for each task a small violation.

It turns this task red, and no other task of the same constitution.
"""

import re
from pathlib import Path

from tests.helpers import git
from tests.project_types.canaries import (
    Canary,
    append,
    complex_function,
    module_without_test,
    plant_private_file,
    plant_secret,
    replace,
    uncovered_branches,
)
from tests.project_types.violations_helm_chart import VIOLATIONS, in_chart

FIRST_RELEASE, NEXT = "0.1.0", "0.2.0"


def release(project: Path, chart: str) -> None:
    """The chart as it was generated becomes a release, and its files a version that may break with it.

    Once only: three tasks compare with the same release.
    """
    if git(project, "tag").strip():
        return
    git(project, "tag", f"v{FIRST_RELEASE}")
    set_version(project, chart, NEXT)
    section = f"""\\n## [{NEXT}] - 2026-03-31

### Migration

`image.pullPolicy` no longer takes `Always`. What was

```yaml
image:
  pullPolicy: Always
```

becomes

```yaml
image:
  pullPolicy: IfNotPresent
```

\\1"""
    rewrite(project / "CHANGELOG.md", r"\n(## \[)", section)


def set_version(project: Path, chart: str, version: str) -> None:
    rewrite(project / "charts" / chart / "Chart.yaml", r"^version: .+$", f"version: {version}")


def rewrite(path: Path, pattern: str, new: str) -> None:
    text, count = re.subn(pattern, new, path.read_text(encoding="utf-8"), count=1, flags=re.MULTILINE)
    assert count, f"{path} does not hold {pattern!r}: mend this canary."
    path.write_text(text, encoding="utf-8")


def plant_refused_value(project: Path, chart: str) -> None:
    """A value that the last release took, and that only the schema refuses now; version and changelog say so."""
    release(project, chart)
    in_chart("values.schema.json", '["Always", "IfNotPresent", "Never"]', '["IfNotPresent", "Never"]')(project, chart)
    in_chart("ci/all-features-values.yaml", "  pullPolicy: Always\n", "")(project, chart)


def plant_change_without_version(project: Path, chart: str) -> None:
    """Another text for users, under the version of the last release."""
    release(project, chart)
    in_chart("templates/NOTES.txt", "To test the connection to it:", "To test it:")(project, chart)
    set_version(project, chart, FIRST_RELEASE)


def plant_unexplained_removal(project: Path, chart: str) -> None:
    """An overlay that is gone, and nothing that tells its users what to do."""
    release(project, chart)
    (project / "charts" / chart / "platforms/local.yaml").unlink()


def plant_image_that_cannot_be_pulled(project: Path, chart: str) -> None:
    """A tag that no registry has, for the test deployment alone."""
    in_chart("ci/minimal-values.yaml", "replicaCount: 1\n", "replicaCount: 1\nimage:\n  tag: never-pushed\n")(
        project, chart
    )


def plant_missing_readme(project: Path, _chart: str) -> None:
    """No README."""
    (project / "README.md").unlink()


def plant_unused_import(project: Path, _chart: str) -> None:
    """An import that nothing uses."""
    replace(project / "scripts/chart_changes.py", "import re\n", "import os\nimport re\n")


def plant_wrong_type(project: Path, _chart: str) -> None:
    """A function whose hint promises another type than it returns."""
    append(project / "tests/templates.py", "\n\ndef count(words: list[str]) -> str:\n    return len(words)\n")


def plant_smaller_bump(project: Path, _chart: str) -> None:
    """A version that is raised by less than what changed."""
    replace(project / "scripts/chart_changes.py", "max(bumps)", "min(bumps)")


def plant_weak_hash(project: Path, _chart: str) -> None:
    """A digest by a function that is broken."""
    replace(project / "scripts/release.py", "hashlib.sha256(", "hashlib.md5(")


def plant_missing_docstring(project: Path, _chart: str) -> None:
    """A public function without a docstring."""
    rewrite(project / "scripts/repository.py", r'^(def read_chart.*\n)    """.*"""\n', r"\1")


def plant_vulnerable_dependency(project: Path, _chart: str) -> None:
    """A dependency on a version with a known vulnerability; `vulnerability_service` knows it."""
    append(project / "requirements-dev.txt", "h11==0.14.0\n")


def violation(name: str) -> Canary:
    """The violation of this name."""
    return next(plant for _, other, plant in VIOLATIONS if other == name)


CANARIES: dict[str, Canary] = {
    "lint": plant_unused_import,
    "types": plant_wrong_type,
    "test": plant_smaller_bump,
    "coverage": uncovered_branches("scripts/repository.py"),
    "test-map": module_without_test("scripts/words.py"),
    "values": violation("a value without a type"),
    "templates": violation("nesting of 4"),
    "platforms": violation("a template that asks for a platform"),
    "disclosure": violation("a placeholder that nobody finds"),
    "observability": violation("a test pod without limits"),
    "pod-security": violation("a token of the API for the test pod"),
    "helm-practice": violation("a missing label"),
    "render": violation("values that the schema refuses"),
    "kubernetes-schemas": violation("a key that stands twice"),
    "chart-docs": violation("a README that is not made again"),
    "compat": plant_refused_value,
    "semver": plant_change_without_version,
    "migration": plant_unexplained_removal,
    "deployment": plant_image_that_cannot_be_pulled,
    "security-lint": plant_weak_hash,
    "audit": plant_vulnerable_dependency,
    "complexity": complex_function("tests/values.py"),
    "secrets": plant_secret,
    "private-files": plant_private_file,
    "docs-files": plant_missing_readme,
    "docstrings": plant_missing_docstring,
}
