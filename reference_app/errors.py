"""Errors that know their status, and how every error becomes an answer.

Programs get a JSON body `{"error": CODE}`; on pages people get the page for the error.
"""

from __future__ import annotations

import math
from http import HTTPStatus
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

import psycopg
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from reference_app import correlation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import timedelta

    from fastapi import FastAPI, Request, Response
    from structlog.typing import FilteringBoundLogger

    ShowError = Callable[["ApiError"], Response]


class ApiError(Exception):
    """An answer other than success: a status and a code, and perhaps further headers."""

    status: ClassVar[int]
    code: ClassVar[str]
    headers: Mapping[str, str] = MappingProxyType({})


class InvalidCredentials(ApiError):
    """Password login failed, for whatever reason."""

    status = 401
    code = "INVALID_CREDENTIALS"


class Unauthenticated(ApiError):
    """No valid session of an active user."""

    status = 401
    code = "UNAUTHENTICATED"


class RateLimitExceeded(ApiError):
    """EC-3, with the time until the next request would be accepted, if it is known."""

    status = 429
    code = "RATE_LIMIT_EXCEEDED"

    def __init__(self, retry_after: timedelta | None = None) -> None:
        super().__init__()
        if retry_after is not None:
            self.headers = {"Retry-After": str(math.ceil(retry_after.total_seconds()))}


class TokenExpired(ApiError):
    """EC-4."""

    status = 400
    code = "TOKEN_EXPIRED"


class TokenUsed(ApiError):
    """EC-5, EC-8."""

    status = 400
    code = "TOKEN_USED"


class TokenInvalid(ApiError):
    """EC-6."""

    status = 400
    code = "TOKEN_INVALID"


class EmailSendFailed(ApiError):
    """EC-7."""

    status = 503
    code = "EMAIL_SEND_FAILED"


class ServiceUnavailable(ApiError):
    """The database is away, or does not answer in time."""

    status = 503
    code = "SERVICE_UNAVAILABLE"


class SchemaOutdated(ApiError):
    """The database lacks migrations that this code needs."""

    status = 503
    code = "SCHEMA_OUTDATED"


def error_response(status: int, code: str) -> JSONResponse:
    """Return the one shape that every error has."""
    return JSONResponse({"error": code}, status_code=status)


def install_own_error_handlers(app: FastAPI, log: FilteringBoundLogger) -> None:
    """Answer the errors of this package, and an outage of the database."""

    async def api_error(request: Request, error: ApiError) -> Response:
        # Set where people are answered (`PageRoute`); programs get JSON.
        show: ShowError | None = getattr(request.state, "show_error", None)
        response = show(error) if show else error_response(error.status, error.code)
        response.headers.update(error.headers)
        return response

    async def database_unavailable(request: Request, error: Exception) -> Response:
        log.error("database_unavailable", error_type=type(error).__name__)
        return await api_error(request, ServiceUnavailable())

    async def not_migrated(request: Request, _: Exception) -> Response:
        log.error("schema_outdated", message="Run `python -m reference_app migrate`.")
        return await api_error(request, SchemaOutdated())

    app.exception_handler(ApiError)(api_error)
    app.exception_handler(psycopg.OperationalError)(database_unavailable)
    app.exception_handler(psycopg.InterfaceError)(database_unavailable)
    # A transaction that the server has ended, or a server that takes no writes just now.
    app.exception_handler(psycopg.InternalError)(database_unavailable)
    app.exception_handler(psycopg.errors.UndefinedTable)(not_migrated)


def install_error_handlers(app: FastAPI, log: FilteringBoundLogger) -> None:
    """Answer every error, foreseen or not, without echoing what was sent."""

    async def http_error(_: Request, error: HTTPException) -> JSONResponse:
        response = error_response(error.status_code, HTTPStatus(error.status_code).name)
        response.headers.update(error.headers or {})
        return response

    async def invalid_request(_: Request, __: RequestValidationError) -> JSONResponse:
        return error_response(422, "INVALID_REQUEST")

    async def unforeseen(_: Request, error: Exception) -> JSONResponse:
        log.error("unhandled_error", exc_info=error)
        response = error_response(500, "INTERNAL_ERROR")
        # This answer is given outside all middleware.
        response.headers[correlation.HEADER] = correlation.current_id()
        return response

    install_own_error_handlers(app, log)
    app.exception_handler(HTTPException)(http_error)
    app.exception_handler(RequestValidationError)(invalid_request)
    app.exception_handler(Exception)(unforeseen)
