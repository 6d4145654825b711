"""The ServiceMonitor."""

from tests.manifests import Manifest, only, render, render_error

PATH = "/numbers #1"  # a comment in YAML, unless it is quoted


def manifests(**values: object) -> list[Manifest]:
    """Return what is rendered with these values below `metrics.serviceMonitor`."""
    given = {f"metrics.serviceMonitor.{key}": value for key, value in values.items()}
    return render(set={"metrics.enabled": True, "metrics.path": PATH, "metrics.serviceMonitor.enabled": True, **given})


def test_it_scrapes_the_service_as_asked() -> None:
    found = manifests(interval="15s")
    service = only(found, "Service")
    spec = only(found, "ServiceMonitor")["spec"]
    [endpoint] = spec["endpoints"]
    assert (endpoint["path"], endpoint["interval"]) == (PATH, "15s")
    assert endpoint["port"] in [port["name"] for port in service["spec"]["ports"]]
    assert spec["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()


def test_prometheus_finds_it_by_the_labels_given() -> None:
    labels = only(manifests(labels={"release": "prometheus"}), "ServiceMonitor")["metadata"]["labels"]
    assert labels["release"] == "prometheus"


def test_no_label_given_replaces_a_standard_one() -> None:
    values = {"metrics.serviceMonitor.labels": {"app.kubernetes.io/instance": "other"}}
    assert "app.kubernetes.io/instance" in render_error(set=values)
