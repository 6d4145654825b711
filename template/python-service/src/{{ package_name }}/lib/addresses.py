"""Which web addresses may be shortened, and what a slug looks like."""

import re
import secrets
import string
from typing import Final

from .problems import ProblemError

MAX_URL_LENGTH: Final = 2048
# Plain http(s) only, without user names, control characters, or anything RFC 3986 wants escaped.
URL_PATTERN: Final = (
    r"^https?://[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?"
    r"([/?#][A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]*)?$"
)
SLUG_PATTERN: Final = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
# 32 characters, without those that look alike when read from paper.
_SLUG_ALPHABET: Final = sorted({*string.ascii_lowercase, *string.digits} - set("01lo"))


def check_url(url: str) -> None:
    """Raise a 422 `ProblemError` when an address is too long or not a plain http(s) address."""
    if len(url) > MAX_URL_LENGTH or not re.fullmatch(URL_PATTERN, url):
        raise ProblemError(
            422,
            "The URL is not an http or https address that can be shortened.",
            f"Send a full address of at most {MAX_URL_LENGTH} characters, such as "
            "https://example.com/page, without a user name and with special characters "
            "percent-encoded.",
        )


def check_slug(slug: str) -> None:
    """Raise a 422 `ProblemError` when a slug has not the form of `SLUG_PATTERN`."""
    if not re.fullmatch(SLUG_PATTERN, slug):
        raise ProblemError(
            422,
            "The slug has characters or a length that are not allowed.",
            "Use 1 to 64 letters, digits, dashes and underscores, first a letter or a digit.",
        )


def random_slug() -> str:
    """Return a slug that cannot be guessed from others: 8 of 32 characters, 40 bits."""
    return "".join(secrets.choice(_SLUG_ALPHABET) for _ in range(8))
