"""What users read after an install."""

from pathlib import Path

from tests.manifests import CHART_NAME, notes


def test_they_name_release_and_namespace(tmp_path: Path) -> None:
    text = notes(tmp_path, release="web", namespace="shop")
    assert "helm test web --namespace shop" in text


def test_they_say_how_to_try_what_only_the_cluster_reaches(tmp_path: Path) -> None:
    text = notes(tmp_path, release="web", set={"service.port": 8080})
    assert f"kubectl port-forward service/web-{CHART_NAME} 8080:8080" in text


def test_they_show_the_address_of_the_ingress(tmp_path: Path) -> None:
    values = {"ingress.enabled": True, "ingress.host": "shop.example.com", "ingress.tls.secretName": "shop-tls"}
    text = notes(tmp_path, set=values)
    assert "https://shop.example.com/" in text
    assert "port-forward" not in text


def test_they_show_plain_http_as_such(tmp_path: Path) -> None:
    values = {"ingress.enabled": True, "ingress.host": "shop.example.com", "ingress.tls.enabled": False}
    assert "http://shop.example.com/" in notes(tmp_path, set=values)


def test_they_say_how_to_find_the_host_of_a_route(tmp_path: Path) -> None:
    assert f"kubectl get route {CHART_NAME}" in notes(tmp_path, set={"route.enabled": True})
