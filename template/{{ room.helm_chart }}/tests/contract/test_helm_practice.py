"""The chart is one that Helm's users know: labels, names, helpers, hooks, and an install that comes out the same."""

import re
from collections import Counter
from collections.abc import Iterator

from tests import templates
from tests.manifests import (
    CHART,
    CHART_NAME,
    Manifest,
    containers,
    objects,
    pod_specs,
    pod_templates,
    read_yaml,
    render,
    renders,
    richest,
    template,
    title,
)
from tests.values import schemas_at

LABELS = {
    "app.kubernetes.io/instance",
    "app.kubernetes.io/managed-by",
    "app.kubernetes.io/name",
    "app.kubernetes.io/version",
    "helm.sh/chart",
}
CHANGING = {"app.kubernetes.io/managed-by", "app.kubernetes.io/version", "helm.sh/chart"}
NAME_LENGTH = 63  # of a label's value and of a Service's name
LONGEST_RELEASE = "r" * 53  # Helm takes no longer name
RANDOM = {
    *("randAlphaNum", "randAlpha", "randNumeric", "randAscii", "randBytes", "randInt", "shuffle", "uuidv4", "now"),
    *("genPrivateKey", "genCA", "genCAWithKey", "genSelfSignedCert", "genSelfSignedCertWithKey", "genSignedCert"),
    *("genSignedCertWithKey", "bcrypt", "htpasswd", "encryptAES"),
}
SEMVER = r"\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?"


def annotations(manifest: Manifest) -> Manifest:
    """Return the annotations of an object."""
    found: Manifest = manifest["metadata"].get("annotations") or {}
    return found


def labels(part: Manifest) -> Manifest:
    """Return the labels of an object or pod."""
    found: Manifest = (part.get("metadata") or {}).get("labels") or {}
    return found


def selectors(manifest: Manifest) -> Iterator[Manifest]:
    """Give the labels by which an object finds pods; a ServiceMonitor finds Services instead."""
    spec = manifest.get("spec") or {}
    for selector in (spec.get("selector"), spec.get("podSelector")):
        if isinstance(selector, dict) and manifest["kind"] != "ServiceMonitor":
            yield selector.get("matchLabels", {} if "matchExpressions" in selector else selector)


def test_every_object_has_the_standard_labels() -> None:
    missing = {
        f"{name} lacks the labels {', '.join(sorted(lacking))}."
        for name, manifest in objects()
        if (lacking := LABELS - labels(manifest).keys())
    }
    assert not missing, "\n".join(sorted(missing))


def test_no_selector_holds_what_changes() -> None:
    found = {
        f"{name} selects by {', '.join(sorted(changing))}, which the next version changes. Select by name and instance."
        for name, manifest in objects()
        for selector in selectors(manifest)
        if (changing := CHANGING & selector.keys())
    }
    assert not found, "\n".join(sorted(found))


def test_every_selector_finds_a_pod_that_runs_on_and_no_hook() -> None:
    found = []
    for file, manifests in renders().items():
        pods = [(one, labels(pod)) for one in manifests for _, pod in pod_templates([one])]
        for manifest in manifests:
            for selector in selectors(manifest):
                hit = [one for one, given in pods if selector and selector.items() <= given.items()]
                hooks = [title(one) for one in hit if "helm.sh/hook" in annotations(one)]
                name = f"{title(manifest)} ({file})"
                found += [f"{name} selects the hook {hook}. Give it other labels." for hook in hooks]
                found += [] if hit else [f"{name} selects no pod by {selector}. Use the pods' labels."]
    assert not found, "\n".join(found)


def name_problems(manifests: list[Manifest]) -> Iterator[str]:
    """Say which names and labels Kubernetes would refuse, or that clash."""
    for manifest in manifests:
        name = manifest["metadata"]["name"]
        if len(name) > NAME_LENGTH or not re.fullmatch(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?", name):
            yield f"{title(manifest)} has a name of {len(name)} characters or with others than a-z, 0-9 and - inside."
        for part in (manifest, *(pod for _, pod in pod_templates([manifest]))):
            for key, value in labels(part).items():
                if not re.fullmatch(r"([A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?)?", str(value)):
                    yield f"{title(manifest)} has the label {key}: {value}, which is too long or ends wrongly."
    for name, count in Counter(map(title, manifests)).items():
        if count > 1:
            yield f"{name} is rendered {count} times."


def test_names_fit_the_longest_release() -> None:
    problems = set(name_problems(render(*richest(), release=LONGEST_RELEASE)))
    assert not problems, "\n".join(f"With a release name of 53 characters, {problem}" for problem in sorted(problems))


def test_names_fit_the_longest_override() -> None:
    for key in ("nameOverride", "fullnameOverride"):
        # The 63rd character is the hyphen, which no name may end with. The schema may refuse it, of course.
        given = {key: "n" * 62 + "-name"}
        taken = bool(schemas_at((key,))) and template(*richest(), set=given)[0]
        problems = set(name_problems(render(*richest(), set=given))) if taken else set()
        assert not problems, "\n".join(f"With a {key} of 67 characters, {problem}" for problem in sorted(problems))


def test_objects_go_to_the_namespace_of_the_release() -> None:
    manifests = render(*richest(), namespace="elsewhere")
    wrong = [title(one) for one in manifests if one["metadata"].get("namespace", "elsewhere") != "elsewhere"]
    assert not wrong, (
        f"{', '.join(wrong)}: the namespace is fixed. Write {{{{ .Release.Namespace }}}}, or leave it out."
    )


def test_every_helper_is_named_for_the_chart() -> None:
    defined = [one for one in templates.all_actions() if one.keyword in ("define", "block")]
    wrong = [one for one in defined if not re.match(rf'\w+\s+"{re.escape(CHART_NAME)}\.', one.text)]
    advice = f'All charts of a release share their helpers. Begin its name with "{CHART_NAME}."'
    assert not wrong, "\n".join(f"{one.place}: `{one.text}`. {advice}" for one in wrong)


def test_every_helper_is_used() -> None:
    actions = templates.all_actions()
    defined = [(one.place, name) for one in actions for name in re.findall(r'define\s+"([^"]+)"', one.text)]
    used = {name for one in actions if one.keyword != "define" for name in re.findall(r'"([^"]+)"', one.text)}
    unused = [
        f"{place} defines {name}, which nothing includes. Take it away." for place, name in defined if name not in used
    ]
    assert not unused, "\n".join(unused)


def test_the_install_comes_out_the_same_each_time() -> None:
    found = [
        f"{one.place} calls {', '.join(sorted(called))}: each upgrade changes it. Take it from a value or a Secret."
        for one in templates.all_actions()
        if (called := RANDOM & set(one.words))
    ]
    found += [
        f"{one.place} calls lookup, which finds nothing in `helm template` and in GitOps tools. Take a value instead."
        for one in templates.all_actions()
        if "lookup" in one.words
    ]
    assert not found, "\n".join(found)


def test_the_notes_say_what_to_do_next() -> None:
    text = templates.files().get("templates/NOTES.txt", "")
    assert re.sub(r"\{\{.*?\}\}", "", text, flags=re.DOTALL).strip(), (
        "templates/NOTES.txt says nothing. Tell users how to go on."
    )


def test_no_workload_sets_what_an_autoscaler_sets() -> None:
    found = []
    for file, manifests in renders().items():
        scalers = [one for one in manifests if one["kind"] == "HorizontalPodAutoscaler"]
        scaled = {f"{one['spec']['scaleTargetRef']['kind']}/{one['spec']['scaleTargetRef']['name']}" for one in scalers}
        there = {title(one): one for one in manifests}
        found += [f"{name} ({file}) is scaled, but not rendered." for name in scaled - there.keys()]
        fixed = [name for name in scaled & there.keys() if "replicas" in there[name]["spec"]]
        found += [f"{name} ({file}) sets replicas beside its autoscaler. Leave them out." for name in fixed]
    assert not found, "\n".join(found)


def test_every_hook_is_cleaned_up() -> None:
    hooks = {name: annotations(manifest) for name, manifest in objects() if "helm.sh/hook" in annotations(manifest)}
    wrong = [name for name, given in hooks.items() if not given.get("helm.sh/hook-delete-policy")]
    advice = "Helm leaves it behind: give it helm.sh/hook-delete-policy"
    assert not wrong, "\n".join(f"{name} is a hook. {advice}." for name in wrong)


def test_every_image_is_pinned() -> None:
    wrong = {
        f"{name}: the image {container['image']} may change. Give it a tag other than latest, or a digest."
        for name, manifest in objects()
        for _, spec in pod_specs([manifest])
        for container in containers(spec)
        if not re.search(r"@sha256:[0-9a-f]{64}$|:(?!latest$)[\w.-]+$", container["image"])
    }
    assert not wrong, "\n".join(sorted(wrong))


def test_the_chart_says_what_it_is() -> None:
    chart = read_yaml(CHART / "Chart.yaml")
    wanted = {
        "apiVersion": "v2",
        "name": re.escape(CHART_NAME),
        "type": "application",
        "version": SEMVER,
        "description": r"\S.*",
        "kubeVersion": r">=\d+\.\d+\.\d+-0.*",
        "appVersion": r"\S+",
    }
    advice = "Chart.yaml: {} is {!r}. It must be text and match {}"
    wrong = [
        advice.format(key, chart.get(key), pattern)
        for key, pattern in wanted.items()
        if not isinstance(chart.get(key), str) or not re.fullmatch(pattern, chart[key])
    ]
    assert not wrong, "\n".join(wrong)
