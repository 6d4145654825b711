"""Compare the chart with its last release, and judge what its users rely on.

    python -m scripts.compat [values|version|changelog|all] [BASE]

BASE is a tag, branch or commit; without it the newest tag `v<version>` among HEAD's ancestors, pre-releases left out.

- values: each values file that the last release came with, and each value that is gone, set alone, still works, or
  makes a template fail with a sentence that names the value to set instead.
- version: Chart.yaml's version says how much changed; scripts/chart_changes.py has the rules.
- changelog: for breaking changes, CHANGELOG.md has a `### Migration` that names each, with the old and the new form.

To remove a value, keep it in values.schema.json as `"deprecated": true`, take it out of values.yaml, and let a template
fail if it is set: `if hasKey .Values "replicas"` and `fail "replicas is now replicaCount: set replicaCount"`.
"""

import argparse
import os
import re
import sys
import tempfile
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from scripts.chart_changes import Bump, Change, Version, classify, lowest_version, required_bump
from scripts.chart_values import ABSENT, KeyPath, Values, holders, is_deprecated, show
from scripts.comparison import Comparison, compare, in_parallel, is_unchanged, last_release, package, values_files
from scripts.repository import RepositoryError

ROOT = Path(__file__).resolve().parents[1]
HOW_TO_REMOVE = "`python -m scripts.compat --help` says how to remove a value."
DEFAULTS = "the defaults"
CHECKS = ("values", "version", "changelog")
FAILED_BY_TEMPLATE = re.compile(r"execution error at \([^)]*\): (.*)")  # what Helm prints for `fail` and `required`
SECTION = re.compile(r"^## +(?=\[?v?(?:\d|unreleased))", re.IGNORECASE | re.MULTILINE)
MIGRATION = re.compile(r"^### +Migration *\n(.*?)(?=^### |\Z)", re.DOTALL | re.IGNORECASE | re.MULTILINE)
YAML_BLOCK = re.compile(r"^[ \t]*(`{3,}|~{3,})ya?ml[^\n]*\n(.*?)^[ \t]*\1", re.DOTALL | re.MULTILINE)


def names(text: str, word: str) -> bool:
    """Return whether a text names a value or a file, and not only one whose path begins or ends with it."""
    return bool(re.search(rf"(?<![\w.-]){re.escape(word)}(?![\w-]|\.\w)", text.replace(".Values.", "")))


def names_replacement(error: str, values: Values, path: KeyPath = ()) -> bool:
    """Return whether an error is a template's sentence which names a value to set, and the one that was set."""
    failed = FAILED_BY_TEMPLATE.search(error)
    if not failed:
        return False
    current = {it for it, value in values.items() if value.default is not ABSENT and not is_deprecated(values, it)}
    holders_and_path = [*holders(path), path][1:]
    names_old = not path or any(names(failed[1], show(it)) for it in holders_and_path)
    return names_old and any(names(failed[1], show(it)) for it in current.difference([(), *holders_and_path]))


def check_values(both: Comparison) -> list[str]:
    """Return what worked at BASE, and now neither works nor fails with a sentence that names its replacement."""
    if is_unchanged(both):
        return []
    problems = [
        f"The value {show(path)} of {both.base} is set, and no sentence names its replacement. Helm says: {error}"
        for path, error in both.errors.items()
        if not names_replacement(error, both.new.values, path)
    ]
    defaults = {"values.yaml": (both.old_folder / "values.yaml").read_text(encoding="utf-8")}
    files = {**defaults, **values_files(both.old_folder)}
    for (name, text), error in zip(files.items(), in_parallel(both.render_new, files.values()), strict=True):
        if isinstance(error, tuple) or names_replacement(error, both.new.values):
            continue
        if isinstance(both.render_old(text), tuple):
            problems.append(f"With {name} of {both.base} no sentence names what to set instead. Helm says: {error}")
    return [*problems, HOW_TO_REMOVE] if problems else []


def find_changes(both: Comparison) -> list[Change]:
    """Return every change since BASE.

    An overlay is part of the release, so each version is rendered with its own. What is in ci/ stands for the files of
    users, so both versions are rendered with that of BASE.
    """
    if is_unchanged(both):
        return []
    before = {DEFAULTS: "", **values_files(both.old_folder)}
    here = {DEFAULTS: "", **values_files(both.new_folder)}
    shared = [name for name in before if name in here or name.startswith("ci/")]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        packages = pool.map(package, (both.old_folder, both.new_folder))
        old = pool.map(both.render_old, [before[name] for name in shared])
        new = pool.map(both.render_new, [(before if name.startswith("ci/") else here)[name] for name in shared])
        old_files, new_files = packages
        return classify(
            replace(both.old, files=old_files, renders=dict(zip(shared, old, strict=True))),
            replace(both.new, files=new_files, renders=dict(zip(shared, new, strict=True))),
        )


def check_version(both: Comparison) -> list[str]:
    """Print each change and the part of the version that it raises; return what the version does not say."""
    old, new, changes = both.old.version, both.new.version, find_changes(both)
    for change in changes:
        print(f"  {required_bump(old, change).name}  {change.text}")
    lowest = lowest_version(old, changes)
    if new < old:
        return [f"Chart.yaml has version {new}, which is lower than {old} at {both.base}."]
    if new.release < lowest.release or (changes and new == old):
        below = ", where a breaking change raises MINOR, and all else PATCH" if old.release[0] == 0 else ""
        return [f"Chart.yaml has version {new}. After {old}{below}, these changes ask for {lowest} or higher."]
    return []


def check_changelog(both: Comparison, changelog: str) -> list[str]:
    """Return which breaking changes CHANGELOG.md does not say how to follow."""
    breaking = [change for change in find_changes(both) if change.bump == Bump.MAJOR]
    if not breaking:
        return []
    migration = migration_since(changelog, both.old.version)
    if not migration:
        texts = "; ".join(change.text for change in breaking)
        return [
            f"CHANGELOG.md has no `### Migration` above the section of {both.old.version}, and this breaks: {texts}. "
            "Show there what users have to change, with the old and the new form as two yaml blocks."
        ]
    problems = [
        f"`### Migration` in CHANGELOG.md does not name {change.subject}: {change.text}."
        for change in breaking
        if change.subject and not names(migration, change.subject)
    ]
    if len({block.strip() for _, block in YAML_BLOCK.findall(migration)}) < 2:
        problems.append("`### Migration` in CHANGELOG.md needs two fenced yaml blocks: the old form and the new one.")
    return problems


def migration_since(changelog: str, version: Version) -> str:
    """Return what stands below `### Migration` in the sections of later versions, and of what is not released yet."""
    found = []
    for section in SECTION.split(changelog)[1:]:
        title = re.match(r"\[?v?([^\]\s]+)", section)
        released = Version.parse(title[1]) if title else None
        if released is None or released > version:
            found += MIGRATION.findall(section)
    return "\n".join(found)


def run(checks: Iterable[str], base: str | None, root: Path) -> list[str]:
    """Run some of the checks and return what is wrong, as sentences."""
    base = base or last_release(root)
    if not base:
        print("No release yet, nothing to compare with")
        return []
    with tempfile.TemporaryDirectory() as target:
        both = compare(root, base, Path(target))
        print(f"Compared with {base}:")
        changelog = root / "CHANGELOG.md"
        text = changelog.read_text(encoding="utf-8") if changelog.exists() else ""
        found = {
            "values": lambda: check_values(both),
            "version": lambda: check_version(both),
            "changelog": lambda: check_changelog(both, text),
        }
        return [problem for check in checks for problem in found[check]()]


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return what the person asks for."""
    description, _, epilog = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(
        prog="python -m scripts.compat",
        description=description,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("check", nargs="?", default="all", choices=[*CHECKS, "all"])
    parser.add_argument("base", nargs="?", metavar="BASE")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Run the command line and return its exit status."""
    options = parse(arguments)
    try:
        problems = run(CHECKS if options.check == "all" else [options.check], options.base, root)
    except RepositoryError as error:
        problems = [str(error)]
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
