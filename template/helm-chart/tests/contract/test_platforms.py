"""A platform is a values file of its own: templates know none, so another one needs no change of them."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests import templates
from tests.manifests import CHART, CHART_NAME, label, read_yaml, remembered, template
from tests.values import dotted, leaves, schemas_at

OVERLAYS = sorted(CHART.glob("platforms/*"))
WORDS = {
    *("aks", "alb", "aws", "azure", "doks", "eks", "gce", "gcp", "gke", "iks", "k3s", "minikube", "nlb", "oke"),
    *("amazon", "alibaba", "digitalocean", "google", "rancher"),
}
PARTS = ("amazonaws", "azure", "openshift", "gke", "googleapis")  # found inside longer words too: isOpenShift
ASKING = {"if", "eq", "ne", "has", "contains", "hasPrefix", "hasSuffix", "regexMatch", "mustRegexMatch", "ternary"}
FIXED = re.compile(r"(?i)class(?:name)?[\"']?:[ \t]*\S+|[\w-]+(?:\.[\w-]+)+(?:/[\w.-]+)?")
"""A class with its name; the key of an annotation or label, a host, a provisioner."""
SILENT = re.compile(r"^\s*(#|apiVersion:)[^\n]*", re.MULTILINE)
"""Comments, and the groups of kinds: what a chart can make is no platform that it knows."""
NEUTRAL = re.compile(rf'"{re.escape(CHART_NAME)}\.[^"]*"|\b[A-Z0-9]+_[A-Z0-9_]+\b')
"""Names of helpers and of environment variables: an application that reads AWS_REGION does so anywhere."""


def platforms_in(text: str) -> set[str]:
    """Return the platforms that a text names."""
    text = NEUTRAL.sub("", text)
    words = {word.lower() for word in re.findall(r"[A-Z]?[a-z0-9]+|[A-Z0-9]+", text)}
    return (words & WORDS) | {part for part in PARTS if part in text.lower()}


def fixed_in(template: str) -> str:
    """Return the names that a template gives users no choice of: classes, annotations, hosts."""

    def quoted_in(action: re.Match[str]) -> str:
        return "" if action["text"].startswith("/*") else " ".join(re.findall(r'"[^"]*"|`[^`]*`', action["text"]))

    text = SILENT.sub("", templates.ACTION.sub(quoted_in, templates.files()[template]))
    return " ".join(FIXED.findall(NEUTRAL.sub("", text)))


def sentences(text: str) -> str:
    """Return what Helm says, on one line."""
    return " ".join(text.split())


def problems_of(overlay: Path) -> Iterator[str]:
    """Say what Helm finds wrong with an overlay."""
    linted = remembered("lint", "--strict", str(CHART), f"--values={overlay}")
    if linted.returncode:
        yield f"{label(overlay)} does not lint: {sentences(linted.stdout + linted.stderr)}"
    succeeded, text = template(overlay)
    if not succeeded:
        yield f"{label(overlay)} does not render: {sentences(text)}"


def test_each_overlay_is_a_values_file() -> None:
    wrong = [path for path in OVERLAYS if path.suffix != ".yaml" or not isinstance(read_yaml(path), dict)]
    assert OVERLAYS, f"{CHART.name}/platforms/ holds no overlay. Write one values file for each platform."
    assert not wrong, "\n".join(f"{label(path)} is no values file. Make it a .yaml file with values." for path in wrong)


def test_each_overlay_lints_and_renders() -> None:
    with ThreadPoolExecutor() as pool:
        problems = [problem for found in pool.map(lambda path: list(problems_of(path)), OVERLAYS) for problem in found]
    assert not problems, "\n".join(problems)


def test_each_overlay_sets_only_values_that_exist() -> None:
    pairs = [(overlay, path) for overlay in OVERLAYS for path, _ in leaves(read_yaml(overlay))]
    wrong = [f"{label(overlay)} sets {dotted(path)}" for overlay, path in pairs if not schemas_at(path)]
    assert not wrong, "\n".join(f"{problem}, which values.schema.json does not know." for problem in wrong)


def test_no_template_names_a_platform() -> None:
    found = [
        f"{file} fixes a name of {', '.join(sorted(named))}. Make it a value, and set it in platforms/."
        for file in templates.files()
        if (named := platforms_in(fixed_in(file)))
    ]
    found += [
        f"{one.place} asks for {', '.join(sorted(named))}: `{one.text}`. Ask for a value that says what to do instead."
        for one in templates.all_actions()
        if ASKING.intersection(one.words) and (named := platforms_in(one.text))
    ]
    assert not found, "\n".join(found)


def test_no_template_asks_where_it_runs() -> None:
    asking = [action for action in templates.all_actions() if "Capabilities.APIVersions" in action.text]
    advice = "which differs between a cluster and `helm template`. Let a value turn the feature on."
    assert not asking, "\n".join(f"{one.place} reads .Capabilities.APIVersions, {advice}" for one in asking)


def test_no_template_reads_an_overlay() -> None:
    reading = [action for action in templates.all_actions() if ".Files" in action.text]
    wrong = [one for one in reading if "platforms" in one.text or not re.search(r"[\"`]", one.text)]
    advice = "Overlays are passed to Helm with --values, and templates read no file but one that they name."
    assert not wrong, "\n".join(f"{one.place} reads `{one.text}`. {advice}" for one in wrong)
