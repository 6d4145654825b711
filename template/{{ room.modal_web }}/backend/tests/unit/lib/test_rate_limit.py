import pytest

from backend.lib import rate_limit
from backend.lib.rate_limit import TokenBuckets


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_passes_and_what_follows_waits() -> None:
    buckets = TokenBuckets(burst=2, per_second=4, clock=Clock())
    assert [buckets.take("a") for _ in range(3)] == [0, 0, 0.25]


def test_the_bucket_fills_again_up_to_the_burst() -> None:
    clock = Clock()
    buckets = TokenBuckets(burst=2, per_second=4, clock=clock)
    clock.now = 60
    assert [buckets.take("a") for _ in range(3)] == [0, 0, 0.25]
    clock.now += 0.25
    assert buckets.take("a") == 0


def test_clients_have_buckets_of_their_own() -> None:
    buckets = TokenBuckets(burst=1, per_second=1, clock=Clock())
    assert buckets.take("a") == 0
    assert buckets.take("b") == 0


def test_the_client_silent_for_longest_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limit, "MAX_CLIENTS", 2)
    buckets = TokenBuckets(burst=1, per_second=1, clock=Clock())
    for client in ["a", "b", "a", "c"]:
        buckets.take(client)
    assert buckets.take("a") > 0
    assert buckets.take("b") == 0
