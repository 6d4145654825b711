"""The PodDisruptionBudget."""

import pytest

from tests.manifests import Manifest, only, render


def budget(**values: object) -> Manifest:
    """Return its spec with these values below `podDisruptionBudget`."""
    given = {f"podDisruptionBudget.{key}": value for key, value in values.items()}
    found: Manifest = only(render(set={"podDisruptionBudget.enabled": True, **given}), "PodDisruptionBudget")["spec"]
    return found


@pytest.mark.parametrize("most", [2, "25%"])
def test_as_many_pods_may_be_missing_as_given(most: int | str) -> None:
    assert budget(maxUnavailable=most)["maxUnavailable"] == most


def test_a_pod_that_never_gets_ready_blocks_no_drain() -> None:
    assert budget()["unhealthyPodEvictionPolicy"] == "AlwaysAllow"
