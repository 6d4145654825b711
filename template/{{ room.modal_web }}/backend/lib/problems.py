"""The one form of a failure, which the API and the command line both tell."""

from collections.abc import Mapping
from http import HTTPStatus


class ProblemError(Exception):
    """A failure that whoever meets it can act on."""

    def __init__(
        self, status: int, detail: str, remedy: str, headers: Mapping[str, str] | None = None
    ) -> None:
        """Keep the fitting HTTP status, what is wrong, and what to do about it, as sentences.

        `headers` are HTTP headers that the status calls for.
        """
        super().__init__(detail)
        self.status = HTTPStatus(status)
        self.detail = detail
        self.remedy = remedy
        self.headers = dict(headers or {})
