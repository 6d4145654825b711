"""Answers failures as problem details (RFC 9457)."""

import json
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from ..lib.problems import ProblemError

MEDIA_TYPE: Final = "application/problem+json"
_REMEDIES: Final = {
    404: "Look up the path in /openapi.json.",
    405: "Use one of the methods in the Allow header.",
}


class InvalidField(BaseModel):
    """One value of a request that is not valid."""

    field: str
    message: str


class ProblemDetails(BaseModel):
    """What a client learns about a failure."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    remedy: str
    errors: list[InvalidField] = []


class ProblemResponse(JSONResponse):
    """A failure as an answer."""

    media_type = MEDIA_TYPE

    def __init__(self, problem: ProblemError, errors: list[InvalidField] | None = None) -> None:
        """Tell all that a problem holds, and which fields of the request are not valid."""
        body = ProblemDetails(
            title=problem.status.phrase,
            status=problem.status,
            detail=problem.detail,
            remedy=problem.remedy,
            errors=errors or [],
        )
        super().__init__(body.model_dump(), problem.status, problem.headers)

    def render(self, content: object) -> bytes:
        """Write JSON that holds no markup even when it repeats what the client sent."""
        return json.dumps(content).replace("<", "\\u003c").replace(">", "\\u003e").encode()


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Describe the failures of an operation for OpenAPI, as FastAPI takes them in `responses`."""
    schema = {"$ref": f"#/components/schemas/{ProblemDetails.__name__}"}
    return {
        status: {"description": "A problem", "content": {MEDIA_TYPE: {"schema": schema}}}
        for status in statuses
    }


def _allow(request: Request) -> dict[str, str]:
    # Starlette would name only the methods of the first of several routes with this path.
    path = getattr(request.scope.get("route"), "path", "")
    methods = request.app.openapi()["paths"].get(path, {"get": {}})
    return {"Allow": ", ".join(sorted(method.upper() for method in methods))}


def answer_problems(app: FastAPI) -> None:
    """Make an application, which has all its routes, answer failures as problem details."""
    # FastAPI documents only what it finds as the model of a route.
    details = ProblemDetails.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas = app.openapi()["components"]["schemas"]
    schemas |= {**details.pop("$defs"), ProblemDetails.__name__: details}

    @app.exception_handler(ProblemError)
    async def problem(_: Request, error: ProblemError) -> ProblemResponse:
        return ProblemResponse(error)

    @app.exception_handler(HTTPException)
    async def http_error(request: Request, error: HTTPException) -> ProblemResponse:
        remedy = _REMEDIES.get(error.status_code, "Change the request as the detail says.")
        headers = _allow(request) if error.status_code == 405 else error.headers
        return ProblemResponse(ProblemError(error.status_code, f"{error.detail}.", remedy, headers))

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> ProblemResponse:
        fields = [
            InvalidField(field=".".join(map(str, each["loc"])), message=each["msg"])
            for each in error.errors()
        ]
        summary = ProblemError(
            422, "The request is not valid.", "Correct what `errors` lists and send it again."
        )
        return ProblemResponse(summary, fields)
