"""A rate limit of token buckets, one for each client, held in memory."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

# Bounds the memory that many different clients can take.
MAX_CLIENTS: Final = 10_000


@dataclass
class TokenBuckets:
    """Lets each client send `burst` requests at once and then `per_second` in each second.

    `clock` returns seconds and never goes back.
    """

    burst: int
    per_second: float
    clock: Callable[[], float] = time.monotonic
    _buckets: dict[str, tuple[float, float]] = field(default_factory=dict, init=False)

    def take(self, client: str) -> float:
        """Take a token from a client's bucket.

        Returns 0 when its request may pass, else the seconds until the next one may.
        """
        now = self.clock()
        tokens, then = self._buckets.pop(client, (float(self.burst), now))
        tokens = min(self.burst, tokens + (now - then) * self.per_second)
        passes = tokens >= 1
        if len(self._buckets) >= MAX_CLIENTS:
            # The first is the client that has been silent for longest.
            del self._buckets[next(iter(self._buckets))]
        self._buckets[client] = (tokens - 1 if passes else tokens, now)
        return 0.0 if passes else (1 - tokens) / self.per_second
