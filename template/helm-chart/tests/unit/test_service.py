"""The Service."""

from tests.manifests import only, render


def test_it_has_the_port_and_type_given() -> None:
    spec = only(render(set={"service.port": 8080, "service.type": "NodePort"}), "Service")["spec"]
    assert (spec["ports"][0]["port"], spec["type"]) == (8080, "NodePort")


def test_its_port_leads_to_one_of_the_container() -> None:
    manifests = render()
    [port] = only(manifests, "Service")["spec"]["ports"]
    [container] = only(manifests, "Deployment")["spec"]["template"]["spec"]["containers"]
    assert port["targetPort"] in [one["name"] for one in container["ports"]]


def test_it_has_the_annotations_given() -> None:
    given = {"example.com/purpose": "shop"}
    assert only(render(set={"service.annotations": given}), "Service")["metadata"]["annotations"] == given
