"""The OpenAPI document in the repository, from which the page's types are made, is the API's."""

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

DOCUMENT = Path(__file__).parents[3] / "openapi.json"


def test_the_document_in_the_repository_is_what_the_api_says(
    command: Callable[..., CompletedProcess[str]],
) -> None:
    assert command("openapi").stdout == DOCUMENT.read_text(encoding="utf-8"), (
        "Run `npm run contract`."
    )
