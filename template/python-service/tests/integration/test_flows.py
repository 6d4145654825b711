"""The critical flows of a user, from end to end."""

from collections.abc import Callable
from subprocess import CompletedProcess

from fastapi.testclient import TestClient

Command = Callable[..., CompletedProcess[str]]
URL = "https://example.com/page"


def test_a_link_is_added_followed_counted_and_removed(client: TestClient) -> None:
    client.post("/links", json={"url": URL, "slug": "docs"})
    visit = client.get("/r/docs")
    assert (visit.status_code, visit.headers["location"]) == (302, URL)
    assert client.get("/links").json()["links"][0]["visits"] == 1
    assert client.delete("/links/docs").status_code == 204
    assert client.get("/r/docs").status_code == 404


def test_the_api_follows_what_the_command_added(command: Command, anonymous: TestClient) -> None:
    command("add", URL, "--slug", "docs")
    assert anonymous.get("/r/docs").headers["location"] == URL


def test_the_command_line_lists_what_the_api_added(command: Command, client: TestClient) -> None:
    client.post("/links", json={"url": URL, "slug": "docs"})
    assert URL in command("list").stdout
