"""The names, labels and images that templates share."""

import pytest

from tests.manifests import CHART, CHART_NAME, Manifest, only, pod_specs, read_yaml, render, render_error
from tests.values import defaults

LONG = "r" * 52


def image(**values: str) -> str:
    """Return the Deployment's image with these values below `image`."""
    deployment = only(render(set={f"image.{key}": value for key, value in values.items()}), "Deployment")
    [(_, spec)] = pod_specs([deployment])
    return str(spec["containers"][0]["image"])


def service_name(release: str, **values: str) -> str:
    """Return the Service's name, by which others reach the release."""
    return str(only(render(release=release, set=values), "Service")["metadata"]["name"])


def labels_of(manifest: Manifest) -> Manifest:
    """Return the labels of an object."""
    found: Manifest = manifest["metadata"]["labels"]
    return found


def test_a_name_holds_release_and_chart() -> None:
    assert service_name("web") == f"web-{CHART_NAME}"


def test_a_release_that_names_the_chart_does_not_name_it_twice() -> None:
    assert service_name(f"my-{CHART_NAME}") == f"my-{CHART_NAME}"


def test_a_full_name_counts_before_a_name() -> None:
    assert service_name("web", nameOverride="shop", fullnameOverride="till") == "till"


@pytest.mark.parametrize(("release", "name"), [("7up", "r-7up"), ("web.eu", "web-eu")])
def test_a_release_whose_name_no_service_may_have_gets_one_that_it_may(release: str, name: str) -> None:
    assert service_name(release) == f"{name}-{CHART_NAME}"


def test_two_long_releases_get_different_test_pods() -> None:
    first, second = (only(render(release=LONG + end), "Pod")["metadata"]["name"] for end in "ab")
    assert first != second


def test_a_name_of_its_own_is_part_of_the_selector() -> None:
    service = only(render(set={"nameOverride": "shop"}), "Service")
    assert service["spec"]["selector"]["app.kubernetes.io/name"] == "shop"


def test_common_labels_reach_objects_and_pods_but_no_selector() -> None:
    deployment = only(render(set={"commonLabels": {"team": "shop"}}), "Deployment")
    pod = deployment["spec"]["template"]
    assert labels_of(deployment)["team"] == labels_of(pod)["team"] == "shop"
    assert "team" not in deployment["spec"]["selector"]["matchLabels"]


def test_the_image_has_the_version_of_the_application() -> None:
    version = read_yaml(CHART / "Chart.yaml")["appVersion"]
    assert image() == f"{defaults()['image']['repository']}:{version}"


def test_a_tag_counts_before_the_version_of_the_application() -> None:
    assert image(repository="example.com/shop", tag="2.0.0") == "example.com/shop:2.0.0"


def test_a_digest_counts_before_a_tag() -> None:
    digest = "sha256:" + "0a" * 32
    assert image(repository="example.com/shop", tag="2.0.0", digest=digest) == f"example.com/shop@{digest}"


def test_a_tag_that_no_label_can_hold_is_refused() -> None:
    assert "image" in render_error(set={"image.tag": "_2.0.0"})


def test_the_labels_of_a_further_workload_name_chart_and_release() -> None:
    found = labels_of(only(render(set={"nameOverride": "n" * 63}, release="shop"), "Pod"))
    assert found["app.kubernetes.io/name"].startswith("n" * 58)
    assert found["app.kubernetes.io/instance"] == "shop"


def test_the_version_label_follows_the_tag() -> None:
    service = only(render(set={"image.tag": "2.0.0"}), "Service")
    assert labels_of(service)["app.kubernetes.io/version"] == "2.0.0"
