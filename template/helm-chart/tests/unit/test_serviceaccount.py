"""The ServiceAccount."""

from tests.manifests import Manifest, kinds, only, render


def used(manifests: list[Manifest]) -> str:
    """Return the service account that the Deployment's pods use."""
    return str(only(manifests, "Deployment")["spec"]["template"]["spec"]["serviceAccountName"])


def test_pods_use_the_one_that_is_made() -> None:
    manifests = render(set={"serviceAccount.name": "clerk"})
    assert only(manifests, "ServiceAccount")["metadata"]["name"] == used(manifests) == "clerk"


def test_pods_use_one_that_exists() -> None:
    manifests = render(set={"serviceAccount.create": False, "serviceAccount.name": "clerk"})
    assert "ServiceAccount" not in kinds(manifests)
    assert used(manifests) == "clerk"


def test_pods_use_the_namespace_s_own_where_none_is_named() -> None:
    assert used(render(set={"serviceAccount.create": False})) == "default"


def test_pods_get_a_token_where_asked() -> None:
    manifests = render(set={"serviceAccount.automount": True})
    assert only(manifests, "ServiceAccount")["automountServiceAccountToken"] is True
    assert only(manifests, "Deployment")["spec"]["template"]["spec"]["automountServiceAccountToken"] is True


def test_it_has_the_annotations_given() -> None:
    given = {"example.com/role": "clerk"}
    manifests = render(set={"serviceAccount.annotations": given})
    assert only(manifests, "ServiceAccount")["metadata"]["annotations"] == given
