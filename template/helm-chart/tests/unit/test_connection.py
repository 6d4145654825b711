"""The pod of `helm test`."""

from tests.manifests import Manifest, only, render


def test_it_asks_the_service_whether_the_application_is_ready() -> None:
    manifests = render(set={"service.port": 8080, "probes.readiness.path": "/ready #1"})
    [container] = only(manifests, "Pod")["spec"]["containers"]
    name = only(manifests, "Service")["metadata"]["name"]
    assert container["args"][-1] == f"http://{name}:8080/ready #1"


def test_its_image_can_be_replaced() -> None:
    manifests = render(set={"tests.image.repository": "example.com/tools", "tests.image.tag": "2.0.0"})
    assert only(manifests, "Pod")["spec"]["containers"][0]["image"] == "example.com/tools:2.0.0"


def test_it_runs_where_the_pods_run() -> None:
    values: Manifest = {
        "nodeSelector": {"disk": "ssd"},
        "tolerations": [{"key": "dedicated", "operator": "Exists"}],
        "imagePullSecrets": [{"name": "registry"}],
    }
    spec = only(render(set=values), "Pod")["spec"]
    assert {key: spec[key] for key in values} == values


def test_a_failed_test_is_not_repeated() -> None:
    assert only(render(), "Pod")["spec"]["restartPolicy"] == "Never"
