"""The Ingress."""

from tests.manifests import Manifest, only, render

HOST = "shop.example.com"
PATH = "/till #1"  # a comment in YAML, unless it is quoted


def manifests(**values: object) -> list[Manifest]:
    """Return what is rendered with these values below `ingress`."""
    given = {f"ingress.{key.replace('__', '.')}": value for key, value in values.items()}
    return render(set={"ingress.enabled": True, "ingress.host": HOST, "ingress.tls.secretName": "shop-tls", **given})


def test_it_leads_from_host_and_path_to_the_service() -> None:
    found = manifests(path=PATH)
    service = only(found, "Service")
    [rule] = only(found, "Ingress")["spec"]["rules"]
    [path] = rule["http"]["paths"]
    backend = path["backend"]["service"]
    assert (rule["host"], path["path"], backend["name"]) == (HOST, PATH, service["metadata"]["name"])
    assert backend["port"]["name"] in [port["name"] for port in service["spec"]["ports"]]


def test_the_certificate_is_that_of_the_secret() -> None:
    assert only(manifests(), "Ingress")["spec"]["tls"] == [{"hosts": [HOST], "secretName": "shop-tls"}]


def test_the_controller_may_bring_the_certificate() -> None:
    found = manifests(tls__managedByController=True, tls__secretName="")
    assert "tls" not in only(found, "Ingress")["spec"]


def test_plain_http_can_be_asked_for() -> None:
    assert "tls" not in only(manifests(tls__enabled=False), "Ingress")["spec"]


def test_a_class_that_is_empty_is_left_to_the_cluster() -> None:
    assert "ingressClassName" not in only(manifests(), "Ingress")["spec"]
    assert only(manifests(className="nginx"), "Ingress")["spec"]["ingressClassName"] == "nginx"


def test_it_has_the_annotations_given() -> None:
    given = {"example.com/issuer": "shop"}
    assert only(manifests(annotations=given), "Ingress")["metadata"]["annotations"] == given
