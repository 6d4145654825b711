"""The parts of pods that helpers make."""

from tests.manifests import Manifest, only, pod_specs, render
from tests.values import defaults


def pod(values: Manifest) -> Manifest:
    """Return the Deployment's pod."""
    found: Manifest = only(render(set=values), "Deployment")["spec"]["template"]
    return found


def annotations(values: Manifest) -> Manifest:
    """Return the annotations of the Deployment's pod."""
    found: Manifest = pod(values)["metadata"].get("annotations", {})
    return found


def variables(values: Manifest) -> Manifest:
    """Return the environment variables that the chart itself sets."""
    [container] = pod(values)["spec"]["containers"]
    return {one["name"]: one["value"] for one in container.get("env", [])}


def test_null_leaves_the_ids_to_the_platform() -> None:
    ids = ("runAsUser", "runAsGroup", "fsGroup")
    for _, spec in pod_specs(render(set={f"podSecurityContext.{name}": None for name in ids})):
        assert not set(ids) & spec["securityContext"].keys()


def test_a_change_of_the_configuration_restarts_the_pods() -> None:
    first, second = (annotations({"config": {"COLOUR": colour}}) for colour in ("red", "blue"))
    assert first["checksum/config"] != second["checksum/config"]


def test_annotations_lead_prometheus_to_the_metrics() -> None:
    given = annotations({"metrics.enabled": True, "metrics.path": "/numbers", "containerPort": 9000})
    names = ("scrape", "port", "path")
    assert [given[f"prometheus.io/{name}"] for name in names] == ["true", "9000", "/numbers"]


def test_nothing_is_scraped_twice() -> None:
    assert not annotations({"metrics.enabled": True, "metrics.serviceMonitor.enabled": True})


def test_pods_have_the_annotations_given() -> None:
    assert annotations({"podAnnotations": {"example.com/owner": "shop"}}) == {"example.com/owner": "shop"}


def test_the_variables_of_the_logs_have_the_names_given() -> None:
    given = variables({"logging.levelVariable": "LEVEL", "logging.formatVariable": "FORMAT"})
    assert given == {"LEVEL": defaults()["logging"]["level"], "FORMAT": defaults()["logging"]["format"]}


def test_a_variable_without_a_name_is_left_out() -> None:
    assert not variables({"logging.levelVariable": "", "logging.formatVariable": ""})


def test_a_secret_counts_before_the_configuration() -> None:
    [container] = pod({"config": {"COLOUR": "red"}, "existingSecret": "keys"})["spec"]["containers"]
    assert [next(iter(source)) for source in container["envFrom"]] == ["configMapRef", "secretRef"]
    assert container["envFrom"][-1]["secretRef"]["name"] == "keys"


def test_probes_take_their_settings() -> None:
    settings = {"path": "/up #1", "periodSeconds": 7, "timeoutSeconds": 5, "failureThreshold": 4}
    [container] = pod({"probes.liveness": settings})["spec"]["containers"]
    wanted = {key: value for key, value in settings.items() if key != "path"}
    assert container["livenessProbe"] == {"httpGet": {"path": "/up #1", "port": "http"}, **wanted}
