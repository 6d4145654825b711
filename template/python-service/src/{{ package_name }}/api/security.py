"""Who may use the API."""

import hmac
from typing import Annotated

from fastapi import Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from ..lib.problems import ProblemError

_bearer = HTTPBearer(auto_error=False, description="One of the keys in the setting API_KEYS.")


async def require_key(
    request: Request,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
) -> None:
    """Raise a 401 `ProblemError` when a request has no key, or none that the settings name."""
    sent = credentials.credentials.encode() if credentials else b""
    known = [key.get_secret_value().encode() for key in request.app.state.settings.api_keys]
    # Every key is compared, in a time that does not tell how much of it was right.
    matches = [hmac.compare_digest(sent, key) for key in known]
    if not any(matches):
        raise ProblemError(
            401,
            "The request has no valid API key.",
            "Send the header `Authorization: Bearer KEY` with one of the service's keys.",
            {"WWW-Authenticate": "Bearer"},
        )
