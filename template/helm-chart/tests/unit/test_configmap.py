"""The ConfigMap."""

from tests.manifests import only, render


def test_it_hands_the_configuration_to_the_container() -> None:
    manifests = render(set={"config": {"COLOUR": "red", "RATE": "5"}})
    config = only(manifests, "ConfigMap")
    [container] = only(manifests, "Deployment")["spec"]["template"]["spec"]["containers"]
    assert config["data"] == {"COLOUR": "red", "RATE": "5"}
    assert container["envFrom"] == [{"configMapRef": {"name": config["metadata"]["name"]}}]
