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
    is_own,
    objects,
    pod_specs,
    pod_templates,
    read_yaml,
    render,
    renders,
    renders_by_template,
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
SELECTING = {"Service", "PodDisruptionBudget", "NetworkPolicy", "PodMonitor"}  # and each object with pods of its own
FOR_ONE_WORKLOAD = {"Service", "PodDisruptionBudget"}
ENDING = {"Job", "CronJob"}
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


def is_hook(manifest: Manifest) -> bool:
    """Tell whether Helm makes an object at a moment of its own, and not with the release."""
    return "helm.sh/hook" in annotations(manifest)


def selectors(manifest: Manifest) -> Iterator[Manifest]:
    """Give the selectors by which an object finds pods; most find them by the labels of `spec.selector`."""
    spec = manifest.get("spec") or {}
    if manifest["kind"] in SELECTING or any(pod_templates([manifest])):
        found = (spec.get("selector"), spec.get("podSelector"))
        yield from (selector for selector in found if isinstance(selector, dict))


def wanted_labels(selector: Manifest) -> Manifest:
    """Return the labels that a selector asks for; that of a Service is nothing else."""
    is_plain = not {"matchLabels", "matchExpressions"} & selector.keys()
    found: Manifest = selector if is_plain else selector.get("matchLabels") or {}
    return found


def meets(given: Manifest, expression: Manifest) -> bool:
    """Tell whether labels meet one of a selector's matchExpressions."""
    key, operator, values = str(expression["key"]), str(expression["operator"]), list(expression.get("values") or [])
    holds = key in given if "Exist" in operator else given.get(key) in values
    return holds == (operator in ("In", "Exists"))


def selects(selector: Manifest, given: Manifest) -> bool:
    """Tell whether a selector finds a pod with these labels."""
    expressions = selector.get("matchExpressions") or []
    return wanted_labels(selector).items() <= given.items() and all(meets(given, one) for one in expressions)


def problems_of_selecting(manifest: Manifest, found: list[Manifest]) -> Iterator[str]:
    """Say which of the objects whose pods an object selects it must not select."""
    ending = [one for one in found if one["kind"] in ENDING or is_hook(one)]
    running = [one for one in found if one not in ending]
    yield from (f"selects the pods of {title(one)}, which end" for one in ending if one is not manifest)
    if any(pod_templates([manifest])):
        yield from (f"selects the pods of {title(one)} beside its own" for one in running if one is not manifest)
    elif len(running) > 1 and manifest["kind"] in FOR_ONE_WORKLOAD:
        yield f"selects the pods of {' and '.join(map(title, running))}"


def test_every_object_has_the_standard_labels() -> None:
    missing = {
        f"{name} lacks the labels {', '.join(sorted(lacking))}."
        for name, manifest in objects(own=True)
        if (lacking := LABELS - labels(manifest).keys())
    }
    assert not missing, "\n".join(sorted(missing))


def test_no_selector_holds_what_changes() -> None:
    found = {
        f"{name} selects by {', '.join(sorted(changing))}, which the next version changes. Select by name and instance."
        for name, manifest in objects(own=True)
        for selector in selectors(manifest)
        if (changing := CHANGING & wanted_labels(selector).keys())
    }
    assert not found, "\n".join(sorted(found))


def test_every_selector_finds_the_pods_of_one_workload_that_runs_on() -> None:
    problems = []
    for file, rendered in renders_by_template().items():
        pods = [(one, labels(pod)) for _, one in rendered for _, pod in pod_templates([one])]
        for manifest in (one for source, one in rendered if is_own(source)):
            for selector in selectors(manifest):
                found = [one for one, given in pods if selects(selector, given)]
                wrong = list(problems_of_selecting(manifest, found))
                wrong += [] if found else [f"selects no pod by {selector}"]
                wrong += [] if selector else ["selects by no label, and so the pods of other releases too"]
                problems += [f"{title(manifest)} ({file}) {problem}." for problem in wrong]
    advice = f'Give a further workload labels of its own, by "{CHART_NAME}.componentLabels".'
    assert not problems, "\n".join([*problems, advice])


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
    problems = set(name_problems(render(*richest(), own=True, release=LONGEST_RELEASE)))
    assert not problems, "\n".join(f"With a release name of 53 characters, {problem}" for problem in sorted(problems))


def test_names_fit_the_longest_override() -> None:
    for key in ("nameOverride", "fullnameOverride"):
        # The 63rd character is the hyphen, which no name may end with. The schema may refuse it, of course.
        given = {key: "n" * 62 + "-name"}
        taken = bool(schemas_at((key,))) and template(*richest(), set=given)[0]
        problems = set(name_problems(render(*richest(), own=True, set=given))) if taken else set()
        assert not problems, "\n".join(f"With a {key} of 67 characters, {problem}" for problem in sorted(problems))


def test_objects_go_to_the_namespace_of_the_release() -> None:
    manifests = render(*richest(), own=True, namespace="elsewhere")
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
    for file, manifests in renders(own=True).items():
        scalers = [one for one in manifests if one["kind"] == "HorizontalPodAutoscaler"]
        scaled = {f"{one['spec']['scaleTargetRef']['kind']}/{one['spec']['scaleTargetRef']['name']}" for one in scalers}
        there = {title(one): one for one in manifests}
        found += [f"{name} ({file}) is scaled, but not rendered." for name in scaled - there.keys()]
        fixed = [name for name in scaled & there.keys() if "replicas" in there[name]["spec"]]
        found += [f"{name} ({file}) sets replicas beside its autoscaler. Leave them out." for name in fixed]
    assert not found, "\n".join(found)


def test_every_hook_is_cleaned_up() -> None:
    hooks = {name: annotations(manifest) for name, manifest in objects(own=True) if is_hook(manifest)}
    wrong = [name for name, given in hooks.items() if not given.get("helm.sh/hook-delete-policy")]
    advice = "Helm leaves it behind: give it helm.sh/hook-delete-policy"
    assert not wrong, "\n".join(f"{name} is a hook. {advice}." for name in wrong)


def test_every_image_is_pinned() -> None:
    wrong = {
        f"{name}: the image {container['image']} may change. Give it a tag other than latest, or a digest."
        for name, manifest in objects(own=True)
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
