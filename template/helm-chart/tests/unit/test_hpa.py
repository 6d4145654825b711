"""The HorizontalPodAutoscaler."""

from tests.manifests import only, render

VALUES: dict[str, object] = {
    "autoscaling.enabled": True,
    "autoscaling.minReplicas": 3,
    "autoscaling.maxReplicas": 7,
    "autoscaling.targetCPUUtilizationPercentage": 60,
}


def test_it_keeps_the_limits_given() -> None:
    spec = only(render(set=VALUES), "HorizontalPodAutoscaler")["spec"]
    assert (spec["minReplicas"], spec["maxReplicas"]) == (3, 7)


def test_it_aims_at_the_cpu_time_given() -> None:
    [metric] = only(render(set=VALUES), "HorizontalPodAutoscaler")["spec"]["metrics"]
    assert metric["resource"] == {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 60}}
