"""The values that are refused, and the sentence that each gets."""

import pytest

from tests.manifests import render, render_error

INGRESS = {"ingress.enabled": True, "ingress.host": "shop.example.com"}
ROUTE = {"httpRoute.enabled": True}


def with_secret(name: str) -> tuple[dict[str, object], str]:
    """Return a configuration that holds a secret, and what is said of it."""
    return {"config": {name: "hush"}}, f"config.{name} looks like a secret"


REFUSED: list[tuple[dict[str, object], str]] = [
    ({"ingress.enabled": True, "ingress.tls.enabled": False}, "ingress.host is empty"),
    ({**INGRESS}, "ingress.tls.secretName is empty"),
    ({**INGRESS, "ingress.tls.secretName": "a", "ingress.tls.managedByController": True}, "exclude each other"),
    ({**ROUTE}, "httpRoute.parentRefs is empty"),
    ({**ROUTE, "httpRoute.parentRefs": [{"name": "web"}]}, "httpRoute.parentRefs has web without a sectionName"),
    ({"autoscaling.enabled": True, "autoscaling.minReplicas": 9, "autoscaling.maxReplicas": 3}, "swap them"),
    ({"metrics.serviceMonitor.enabled": True}, "set metrics.enabled to true"),
    *map(with_secret, ("DB_PASSWORD", "apiKey")),
]


@pytest.mark.parametrize(("values", "sentence"), REFUSED, ids=[sentence for _, sentence in REFUSED])
def test_a_sentence_says_what_to_do(values: dict[str, object], sentence: str) -> None:
    assert sentence in render_error(set=values)


def test_all_problems_are_told_at_once() -> None:
    said = render_error(set={"ingress.enabled": True, "httpRoute.enabled": True, "config": {"TOKEN": "hush"}})
    assert all(
        name in said for name in ("ingress.host", "ingress.tls.secretName", "httpRoute.parentRefs", "config.TOKEN")
    )


def test_what_only_mentions_a_secret_may_stand_in_the_configuration() -> None:
    assert render(set={"config": {"TOKEN_LIFETIME": "5m", "PASSWORD_FILE": "/run/password"}})


@pytest.mark.parametrize("text", ["CHANGEME", "my-changeme-1", "see changeme."])
def test_a_placeholder_is_a_word(text: str) -> None:
    assert "changeme is a placeholder: replace it in config.MOTTO." in render_error(set={"config": {"MOTTO": text}})


@pytest.mark.parametrize("text", ["exchangeMetrics", "exchangemedia.com", "changemedia"])
def test_what_only_contains_the_placeholder_is_none(text: str) -> None:
    assert render(set={"config": {"MOTTO": text}})


def test_the_values_of_a_parent_chart_are_not_judged() -> None:
    assert render(set={"global": {"motto": "changeme"}})
