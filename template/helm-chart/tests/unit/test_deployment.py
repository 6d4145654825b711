"""The Deployment."""

from tests.manifests import Manifest, only, render


def deployment(values: Manifest) -> Manifest:
    """Return the spec of the Deployment."""
    found: Manifest = only(render(set=values), "Deployment")["spec"]
    return found


def pod(values: Manifest) -> Manifest:
    """Return the spec of its pod."""
    found: Manifest = deployment(values)["template"]["spec"]
    return found


def test_it_has_the_replicas_given() -> None:
    assert deployment({"replicaCount": 5})["replicas"] == 5


def test_it_can_be_scaled_to_nothing() -> None:
    assert deployment({"replicaCount": 0})["replicas"] == 0


def test_the_container_listens_on_the_port_given() -> None:
    [container] = pod({"containerPort": 9000})["containers"]
    assert [port["containerPort"] for port in container["ports"]] == [9000]


def test_the_container_can_write_to_tmp() -> None:
    spec = pod({"tmpVolume.sizeLimit": "1Gi"})
    [mount] = spec["containers"][0]["volumeMounts"]
    [volume] = spec["volumes"]
    assert (mount["mountPath"], mount["name"]) == ("/tmp", volume["name"])
    assert volume["emptyDir"] == {"sizeLimit": "1Gi"}


def test_variables_of_services_do_not_reach_the_container() -> None:
    assert pod({})["enableServiceLinks"] is False


def test_pods_are_spread_among_those_of_the_release() -> None:
    constraint = {"maxSkew": 1, "topologyKey": "kubernetes.io/hostname", "whenUnsatisfiable": "ScheduleAnyway"}
    spec = deployment({"topologySpreadConstraints": [constraint]})
    [given] = spec["template"]["spec"]["topologySpreadConstraints"]
    assert given == constraint | {"labelSelector": spec["selector"]}


def test_it_passes_on_where_pods_may_run() -> None:
    values: Manifest = {
        "nodeSelector": {"disk": "ssd"},
        "tolerations": [{"key": "dedicated", "operator": "Exists"}],
        "affinity": {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": []}},
        "imagePullSecrets": [{"name": "registry"}],
        "terminationGracePeriodSeconds": 5,
    }
    spec = pod(values)
    assert {key: spec[key] for key in values} == values
