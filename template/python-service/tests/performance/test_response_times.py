"""95 % of requests are answered within the budget, over real HTTP with several clients."""

import time
from concurrent.futures import ThreadPoolExecutor
from statistics import quantiles

import httpx2

CLIENTS = 10
REQUESTS_OF_EACH = 60


def send_requests(server_url: str, api_key: str) -> list[float]:
    """Send requests as one client does, mostly visits, and return how long each took in ms."""
    durations = []
    headers = {"Authorization": f"Bearer {api_key}"}
    with httpx2.Client(base_url=server_url, headers=headers) as client:
        for number in range(REQUESTS_OF_EACH):
            match number % 6:
                case 0:
                    request = client.build_request("GET", "/links")
                case 1:
                    body = {"url": f"https://example.com/{number}"}
                    request = client.build_request("POST", "/links", json=body)
                case _:
                    request = client.build_request("GET", "/r/docs")
            started = time.perf_counter()
            answer = client.send(request)
            durations.append((time.perf_counter() - started) * 1000)
            assert answer.status_code in (200, 201, 302), answer.text
    return durations


def test_p95_is_below_the_budget(server_url: str, api_key: str, p95_budget_ms: float) -> None:
    link = {"url": "https://example.com", "slug": "docs"}
    headers = {"Authorization": f"Bearer {api_key}"}
    httpx2.post(f"{server_url}/links", json=link, headers=headers).raise_for_status()
    with ThreadPoolExecutor(CLIENTS) as pool:
        started = [pool.submit(send_requests, server_url, api_key) for _ in range(CLIENTS)]
        durations = [each for client in started for each in client.result()]
    percentiles = quantiles(durations, n=100)
    p50, p95, p99 = percentiles[49], percentiles[94], percentiles[98]
    found = f"p50 {p50:.0f} ms, p95 {p95:.0f} ms, p99 {p99:.0f} ms in {len(durations)} requests"
    assert p95 < p95_budget_ms, f"{found}; p95 must be below {p95_budget_ms:.0f} ms"
