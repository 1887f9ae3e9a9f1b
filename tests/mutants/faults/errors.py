"""How errors are written (EC-3 to EC-7)."""

from __future__ import annotations

from fastapi.responses import JSONResponse

from reference_app import errors
from tests.mutants.change import Change
from tests.mutants.model import mutant


@mutant(
    fault="Errors are in `detail` instead of `error`.",
    violates="AC-4 AC-5 AC-7 EC-3 EC-4 EC-5 EC-6",
    falls_with="FR-5 FR-6 FR-7 FR-8 NFR-3 EC-1 EC-2 EC-7 EC-8",
    step='the answer is 400 with the error "TOKEN_USED"',
    incident="The framework's own shape of an error.",
)
def errors_under_detail(change: Change) -> None:
    change.replace(
        errors, "error_response", lambda status, code: JSONResponse({"detail": code}, status)
    )


@mutant(
    fault="Error codes are in lower case.",
    violates="AC-4 AC-5 AC-7 EC-3 EC-4 EC-5 EC-6",
    falls_with="FR-5 FR-6 FR-7 FR-8 NFR-3 EC-1 EC-2 EC-7 EC-8",
    step='the answer is 400 with the error "TOKEN_EXPIRED"',
    incident="The serialiser of enums was exchanged.",
)
def error_codes_in_lower_case(change: Change) -> None:
    change.replace(
        errors, "error_response", lambda status, code: JSONResponse({"error": code.lower()}, status)
    )


@mutant(
    fault="Every error is answered with 200; only the body shows it.",
    violates="AC-4 AC-5 AC-7 EC-3 EC-4 EC-5 EC-6",
    falls_with="AC-3 AC-6 AC-10 FR-1 FR-2 FR-5 FR-6 FR-7 FR-8 NFR-3 EC-1 EC-2 EC-7 EC-8",
    step='the answer is 429 with the error "RATE_LIMIT_EXCEEDED"',
    incident="Borrowed from an RPC gateway, where the transport always succeeds.",
)
def errors_answered_with_200(change: Change) -> None:
    change.replace(errors, "error_response", lambda _, code: JSONResponse({"error": code}, 200))
