"""One answer against what conforms: failures with their ids, and notes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from conformance.observe.evidence import masked
from conformance.observe.session import cookies_in_words, session_cookie
from conformance.requirements.magic_link import LOGIN, REQUEST, REQUEST_LIMIT, VERIFY
from conformance.requirements.openapi import openapi_document
from conformance.steps.openapi.expectation import Expectation, expected_of
from conformance.steps.openapi.feeding import Probe
from conformance.steps.openapi.model import ContractFailure

if TYPE_CHECKING:
    from schemathesis import Case

    from conformance.observe.evidence import Exchange

_SHOWN = 160


class Judge:
    """Judges exchanges one by one; `failures` and `notes` collect what was found."""

    def __init__(self) -> None:
        self._failures: list[ContractFailure] = []
        self._further_limiter = False
        self.notes: dict[str, None] = {}

    @property
    def failures(self) -> list[ContractFailure]:
        """What was found, without refusals that a further limiter may have made."""
        refused = ("EC-3",) if self._further_limiter else None
        return [failure for failure in self._failures if failure.requirement_ids != refused]

    def note(self, text: str) -> None:
        """Keep a remark, once."""
        self.notes[text] = None

    def judge(self, case: Case[Any], probe: Probe, exchange: Exchange) -> None:
        """Judge one exchange."""
        if probe.method != "POST":
            self._other_method(probe, exchange)
            return
        expectation = expected_of(probe)
        if exchange.error:
            if not expectation.too_large:
                self._fail(probe, exchange, expectation.ids, "an answer")
        elif exchange.status in expectation.defined:
            self._defined_answer(case, probe, exchange, expectation)
        elif not self._conforms(probe, exchange, expectation):
            self._fail(probe, exchange, expectation.ids, _status_expected(probe, expectation))
        elif expectation.session is False and session_cookie(exchange) is not None:
            expected = "no session for credentials that are not valid"
            self._fail(probe, exchange, expectation.ids, expected, _session_found(exchange))

    def _other_method(self, probe: Probe, exchange: Exchange) -> None:
        if exchange.error:
            self.note(f"{probe.operation} got no answer")
        elif not 400 <= exchange.status < 500:
            self.note(f"{probe.operation} is answered {exchange.status}")

    def _conforms(self, probe: Probe, exchange: Exchange, expectation: Expectation) -> bool:
        status = exchange.status
        if status == 429:
            self._limited(probe)
            return True
        if status == 413 and expectation.too_large:
            return True
        if 400 <= status < 500 and (expectation.open_4xx or expectation.open):
            if "html" in (exchange.header("content-type") or ""):
                self.note(f"{probe.operation} answers some malformed bodies with an HTML page")
            return True
        if expectation.open and status < 500:
            what = "credentials that are not valid" if probe.path == LOGIN else probe.content_type
            self.note(f"{probe.operation} answers {status} to {what}")
            return True
        return False

    def _limited(self, probe: Probe) -> None:
        if probe.earlier < REQUEST_LIMIT:
            self._further_limiter = True
            self.note(f"{probe.operation} has a further limiter: it answered 429 out of turn")

    def _defined_answer(
        self, case: Case[Any], probe: Probe, exchange: Exchange, expectation: Expectation
    ) -> None:
        status, ids = exchange.status, expectation.defined[exchange.status]
        if not _matches_document(case, exchange):
            if status == 429 and probe.earlier < REQUEST_LIMIT:
                self._limited(probe)
            elif not (expectation.open_4xx and 400 <= status < 500):
                self._fail(probe, exchange, ids, _answer_expected(probe, status))
            return
        if status == 503:
            self.note(f"{probe.operation} answered 503 EMAIL_SEND_FAILED")
        if expectation.session:
            self._session(probe, exchange, ids)
        if status < 300 and probe.path != LOGIN:
            self._members(probe, exchange)

    def _session(self, probe: Probe, exchange: Exchange, ids: tuple[str, ...]) -> None:
        cookie = session_cookie(exchange)
        if cookie is None:
            expected = "200 that sets the cookie auth_token"
            self._fail(probe, exchange, ids, expected, _session_found(exchange))
        elif not cookie.is_http_only:
            if probe.path == LOGIN:
                self.note(f"{probe.operation} sets auth_token without HttpOnly")
            else:
                expected = "200 that sets auth_token with HttpOnly"
                self._fail(probe, exchange, ids, expected, _session_found(exchange))

    def _members(self, probe: Probe, exchange: Exchange) -> None:
        stated = {REQUEST: {"message"}, VERIFY: {"userId"}}[probe.path]
        further = sorted(set(exchange.members) - stated)
        if further:
            self.note(f"{probe.operation} answers further members: {', '.join(further)}")
        if probe.live and json.loads(probe.body)["token"] in exchange.text:
            self._fail(probe, exchange, ("NFR-1",), "the token in the mail only")
        cookie = session_cookie(exchange)
        if cookie is not None and cookie.value.encode() in exchange.body:
            self._fail(probe, exchange, ("FR-6",), "the session's JWT in the cookie only")

    def _fail(
        self,
        probe: Probe,
        exchange: Exchange,
        ids: tuple[str, ...],
        expected: str,
        found: str | None = None,
    ) -> None:
        self._failures.append(
            ContractFailure(
                operation=probe.operation,
                requirement_ids=ids,
                expected=expected,
                found=found or _found(exchange),
                reproduce=exchange.curl(),
            )
        )


def _matches_document(case: Case[Any], exchange: Exchange) -> bool:
    import requests
    import schemathesis
    from schemathesis.core.failures import FailureGroup
    from schemathesis.specs.openapi.checks import (
        content_type_conformance,
        response_schema_conformance,
    )

    headers: dict[str, list[str]] = {}
    for name, value in exchange.headers:
        headers.setdefault(name.lower(), []).append(value)
    response = schemathesis.Response(
        status_code=exchange.status,
        headers=headers,
        content=exchange.body,
        request=requests.Request(exchange.method, exchange.url).prepare(),
        elapsed=exchange.elapsed,
        verify=False,
    )
    try:
        case.validate_response(
            response, checks=[content_type_conformance, response_schema_conformance]
        )
    except FailureGroup:
        return False
    return True


def _status_expected(probe: Probe, expectation: Expectation) -> str:
    if len(expectation.defined) == 1 and not (expectation.open_4xx or expectation.open):
        return _answer_expected(probe, next(iter(expectation.defined)))
    return expectation.statuses


def _answer_expected(probe: Probe, status: int) -> str:
    bodies = _documented_bodies(probe.path, status)
    return f"{status} {' or '.join(bodies)}" if bodies else str(status)


def _documented_bodies(path: str, status: int) -> list[str]:
    response = openapi_document()["paths"][path]["post"]["responses"][str(status)]
    examples = response.get("content", {}).get("application/json", {}).get("examples", {})
    return [json.dumps(example["value"]) for example in examples.values()]


def _session_found(exchange: Exchange) -> str:
    return f"{exchange.status} with {cookies_in_words(exchange)}"


def _found(exchange: Exchange) -> str:
    if exchange.error:
        return f"no answer: {exchange.error}"
    text = masked(" ".join(exchange.text.split()))
    shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    content_type = exchange.header("content-type") or "no content type"
    return f"{exchange.status} ({content_type}) {shown}".strip()
