"""The HTTPRoute."""

from tests.manifests import Manifest, only, render

PARENTS = [{"name": "web", "namespace": "gateways", "sectionName": "https"}]
PATH = "/till #1"  # a comment in YAML, unless it is quoted


def manifests(**values: object) -> list[Manifest]:
    """Return what is rendered with these values below `httpRoute`."""
    given = {f"httpRoute.{key}": value for key, value in values.items()}
    return render(set={"httpRoute.enabled": True, "httpRoute.parentRefs": PARENTS, "service.port": 8080, **given})


def test_it_leads_from_gateway_and_host_to_the_service() -> None:
    found = manifests(hostnames=["shop.example.com"], path=PATH)
    spec = only(found, "HTTPRoute")["spec"]
    [rule] = spec["rules"]
    name = only(found, "Service")["metadata"]["name"]
    assert (spec["parentRefs"], spec["hostnames"]) == (PARENTS, ["shop.example.com"])
    assert rule["matches"] == [{"path": {"type": "PathPrefix", "value": PATH}}]
    assert rule["backendRefs"] == [{"name": name, "port": 8080}]


def test_without_hosts_those_of_the_gateway_count() -> None:
    assert "hostnames" not in only(manifests(), "HTTPRoute")["spec"]


def test_it_has_the_annotations_given() -> None:
    given = {"example.com/owner": "shop"}
    assert only(manifests(annotations=given), "HTTPRoute")["metadata"]["annotations"] == given
