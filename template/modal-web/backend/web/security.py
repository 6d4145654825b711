"""Who may use the API: a person with a user key, and an administrator with an admin key."""

import hashlib
import hmac
from collections.abc import Iterable
from typing import Annotated

from fastapi import Request, Security
from fastapi.security import APIKeyHeader

from ..lib.problems import ProblemError
from ..schemas import Session

# Headers only: an address is written to logs and histories, and a key in it would be too.
_user_key = APIKeyHeader(
    name="X-API-Key", scheme_name="UserKey", auto_error=False, description="A person's key."
)
_admin_key = APIKeyHeader(
    name="X-Admin-Key", scheme_name="AdminKey", auto_error=False, description="An admin's key."
)
SentUserKey = Annotated[str | None, Security(_user_key)]
SentAdminKey = Annotated[str | None, Security(_admin_key)]


def key_hash(key: str) -> str:
    """Return the SHA-256 of a key in hexadecimal digits, which is all that is ever configured."""
    return hashlib.sha256(key.encode()).hexdigest()


def owner_of(digest: str) -> str:
    """Return by what name tasks and the audit log know who holds the key with a hash."""
    return digest[:12]


async def require_user(request: Request, sent: SentUserKey) -> str:
    """Return whose user key a request has; raises a 401 `ProblemError` without a valid one."""
    return _holder(sent, request.app.state.settings.api_key_hashes, _user_key)


async def require_admin(request: Request, sent: SentAdminKey) -> str:
    """Return whose admin key a request has; raises a 401 `ProblemError` without a valid one."""
    return _holder(sent, request.app.state.settings.admin_key_hashes, _admin_key)


async def require_either(request: Request, user: SentUserKey, admin: SentAdminKey) -> Session:
    """Return what the keys of a request open.

    Raises a 401 `ProblemError` when it has none, or when one of those that it has is not valid.
    """
    if user is None and admin is not None:
        return Session(owner=await require_admin(request, admin), admin=True)
    owner = await require_user(request, user)
    if admin is not None:
        await require_admin(request, admin)
    return Session(owner=owner, admin=admin is not None)


def _holder(sent: str | None, known: Iterable[str], scheme: APIKeyHeader) -> str:
    digest = key_hash(sent or "")
    # Every hash is compared, in a time that does not tell how much of it was right.
    matches = [hmac.compare_digest(digest, each) for each in known]
    if not sent or not any(matches):
        header = scheme.model.name
        raise ProblemError(
            401,
            f"The service does not know this key, or found none in the header {header}.",
            "Check the key for typing errors, or ask whoever runs the service for one.",
            {"WWW-Authenticate": "APIKey"},
        )
    return owner_of(digest)
