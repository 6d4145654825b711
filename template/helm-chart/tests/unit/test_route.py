"""The Route of OpenShift."""

from tests.manifests import Manifest, only, render

PATH = "/till #1"  # a comment in YAML, unless it is quoted


def manifests(**values: object) -> list[Manifest]:
    """Return what is rendered with these values below `route`."""
    given = {f"route.{key.replace('__', '.')}": value for key, value in values.items()}
    return render(set={"route.enabled": True, **given})


def test_it_leads_from_host_and_path_to_the_service() -> None:
    found = manifests(host="shop.example.com", path=PATH)
    service = only(found, "Service")
    spec = only(found, "Route")["spec"]
    assert (spec["host"], spec["path"]) == ("shop.example.com", PATH)
    assert (spec["to"]["kind"], spec["to"]["name"]) == ("Service", service["metadata"]["name"])
    assert spec["port"]["targetPort"] in [port["targetPort"] for port in service["spec"]["ports"]]


def test_the_platform_may_choose_the_host() -> None:
    assert not {"host", "path"} & only(manifests(), "Route")["spec"].keys()


def test_tls_ends_at_the_router_as_asked() -> None:
    spec = only(manifests(tls__insecureEdgeTerminationPolicy="None"), "Route")["spec"]
    assert spec["tls"] == {"termination": "edge", "insecureEdgeTerminationPolicy": "None"}


def test_plain_http_can_be_asked_for() -> None:
    assert "tls" not in only(manifests(tls__enabled=False), "Route")["spec"]
