"""What the service may answer: each rule is a sentence of the spec, and fails its id alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from conformance.outcomes import with_values
from conformance.steps.model.cases import (
    Fate,
    Opening,
    PasswordLogin,
    Request,
    StrangeToken,
    Visiting,
)
from conformance.steps.model.service import Answer
from conformance.steps.model.world import LIFETIME, WINDOW

MESSAGE = "If that email is registered, a link has been sent."
_OUTLIVED = {"TOKEN_USED", "TOKEN_EXPIRED"}
_REFUSALS = {"TOKEN_INVALID", *_OUTLIVED}
_UNCERTAIN = {Fate.OPEN, Fate.REVOKED, Fate.EXPIRED_IN_SHADOW}


@dataclass(frozen=True)
class Rule:
    """What holds for every `case` to which the rule applies; `expected` says it in words."""

    id: str
    expected: str
    case: type[Any]
    applies: Callable[[Any], bool]
    holds: Callable[[Any], bool]
    found: Callable[[Any], str] = lambda case: str(case.answer.summary)


class Difference(Exception):
    """The service did what a rule does not allow."""

    def __init__(self, rule: Rule, found: str) -> None:
        self.rule = rule
        self.found = found
        super().__init__(with_values(rule.id, rule.expected, found))


def _always(case: object) -> bool:
    del case
    return True


def _is(answer: Answer, status: int, *errors: str) -> bool:
    return answer.status == status and answer.error in errors


def _mails(case: Request) -> str:
    seen = case.seen
    return f"{seen.mails} to the address, {seen.strangers} to strangers; {case.answer.summary}"


def _rows(case: Request) -> str:
    return f"{case.seen.rows_added} added; {case.answer.summary}"


def _says_used(case: Opening) -> bool:
    codes = {"TOKEN_USED"}
    if not case.age.surely_under(LIFETIME):
        codes.add("TOKEN_EXPIRED")  # reading 4
    return _is(case.answer, 400, *codes, *_forgotten(case))


def _forgotten(case: Opening) -> set[str]:
    """Return what a service answers that tidied up after an hour (reading 41)."""
    return set() if case.age.surely_under(WINDOW) else {"TOKEN_INVALID"}


def _says_it_truly(case: Request) -> bool:
    if case.answer.status == 202:
        return not case.person.gets_mail or case.seen.mails == 1
    return _is(case.answer, 503, "EMAIL_SEND_FAILED") and case.seen.mails == 0


# In this order: what comes first may be the cause of what comes later.
RULES: tuple[Rule, ...] = (
    Rule(
        "FR-7",
        "the request accepted: fewer than 5 were counted for the address within the hour",
        Request,
        lambda case: case.let_in == {True},
        lambda case: case.answer.status != 429,
    ),
    Rule(
        "EC-7",
        '503 {"error": "EMAIL_SEND_FAILED"} when the mail cannot be sent',
        Request,
        lambda case: case.seen.met and case.tells_of_the_mail,
        _says_it_truly,
        _mails,
    ),
    Rule(
        "EC-2",
        "the answer that everybody gets, for a suspended user, too",
        Request,
        lambda case: case.person.suspended,
        lambda case: case.is_usual and case.answer.message in {MESSAGE, None},
    ),
    Rule(
        "FR-2",
        "202, or 429, or 503 while the mail provider is in trouble",
        Request,
        lambda case: not case.person.suspended,
        lambda case: case.is_usual,
    ),
    Rule(
        "FR-7",
        "the request refused: 5 were counted for the address within the hour",
        Request,
        lambda case: case.let_in == {False},
        lambda case: case.answer.status != 202,
    ),
    Rule(
        "EC-3",
        '429 {"error": "RATE_LIMIT_EXCEEDED"}',
        Request,
        lambda case: case.answer.status == 429,
        lambda case: case.answer.error == "RATE_LIMIT_EXCEEDED",
    ),
    Rule(
        "AC-7",
        "no mail with a refusal",
        Request,
        lambda case: case.answer.status == 429,
        lambda case: case.seen.mails == 0,
        _mails,
    ),
    Rule(
        "FR-2",
        f'202 {{"message": "{MESSAGE}"}}',
        Request,
        lambda case: case.answer.status == 202,
        lambda case: case.answer.message == MESSAGE,
    ),
    Rule(
        "AC-6",
        "no mail to an address nobody registered",
        Request,
        _always,
        lambda case: case.seen.strangers == 0 and not (case.is_strange and case.seen.mails),
        _mails,
    ),
    Rule(
        "EC-2",
        "no mail for a suspended user",
        Request,
        lambda case: case.person.suspended,
        lambda case: case.seen.mails == 0,
        _mails,
    ),
    Rule(
        "EC-2",
        "no token row for a suspended user",
        Request,
        lambda case: case.person.suspended and case.seen.rows_added is not None,
        lambda case: case.seen.rows_added == 0,
        _rows,
    ),
    Rule(
        "NFR-3",
        "no token row left by a mail that could not be sent",
        Request,
        lambda case: case.answer.status == 503 and case.seen.rows_added is not None,
        lambda case: case.seen.rows_added == 0,
        _rows,
    ),
    Rule(
        "AC-1",
        "exactly one mail, with a link",
        Request,
        # Where the count is open, a mail that is missing may be a refusal in silence.
        lambda case: case.is_due and case.let_in == {True},
        lambda case: case.seen.mails == 1 and bool(case.seen.token),
        _mails,
    ),
    Rule(
        "FR-3",
        "a token row for the link that was mailed",
        Request,
        lambda case: case.is_delivered and case.seen.rows_added is not None,
        lambda case: case.seen.rows_added > 0,
        _rows,
    ),
    Rule(
        "EC-5",
        '400 {"error": "TOKEN_USED"} for a link that was used',
        Opening,
        lambda case: case.fate is Fate.USED,
        _says_used,
    ),
    Rule(
        "NFR-3",
        "a refusal: the mail with this link could not be sent",
        Opening,
        lambda case: case.fate is Fate.WORTHLESS,
        lambda case: _is(case.answer, 400, *_REFUSALS),
    ),
    Rule(
        "FR-8",
        "a refusal: the link is older than 15 minutes",
        Opening,
        lambda case: case.fate in {Fate.EXPIRED, Fate.EXPIRED_IN_SHADOW},
        lambda case: case.answer.status != 200,
    ),
    Rule(
        "EC-4",
        '400 {"error": "TOKEN_EXPIRED"} for a link that is older than 15 minutes',
        Opening,
        lambda case: case.fate is Fate.EXPIRED,
        lambda case: _is(case.answer, 400, "TOKEN_EXPIRED", *_forgotten(case)),
    ),
    Rule(
        "FR-8",
        "no TOKEN_EXPIRED: the link is younger than 15 minutes",
        Opening,
        lambda case: case.fate is Fate.LIVE,
        lambda case: case.answer.error != "TOKEN_EXPIRED",
    ),
    Rule(
        "FR-6",
        "200: the link is valid, unexpired and unused",
        Opening,
        lambda case: case.fate is Fate.LIVE,
        lambda case: case.answer.status == 200,
    ),
    Rule(
        "FR-6",
        "a refusal: such a link was invalid before (reading 5)",
        Opening,
        lambda case: case.fate is Fate.REVOKED,
        lambda case: case.answer.status != 200,
    ),
    Rule(
        "EC-6",
        "200, or 400 TOKEN_INVALID unless the link is called used or expired",
        Opening,
        # Another status for a link that is called so is for those rules to judge.
        lambda case: case.fate in _UNCERTAIN and case.answer.error not in _OUTLIVED,
        lambda case: case.answer.status == 200 or _is(case.answer, 400, "TOKEN_INVALID"),
    ),
    Rule(
        "FR-6",
        "a session, and the id of the user whose link it is",
        Opening,
        lambda case: case.answer.status == 200,
        lambda case: case.answer.session is not None and case.answer.right_user,
    ),
    Rule(
        "AC-2",
        "usedAt set by the login",
        Opening,
        lambda case: case.answer.status == 200 and case.seen.marked is not None,
        lambda case: bool(case.seen.marked),
        lambda case: f"none; {case.answer.summary}",
    ),
    Rule(
        "EC-6",
        '400 {"error": "TOKEN_INVALID"}',
        StrangeToken,
        _always,
        lambda case: _is(case.answer, 400, "TOKEN_INVALID"),
    ),
    Rule(
        "AC-10",
        "200 and a session for the right password",
        PasswordLogin,
        _always,
        lambda case: case.answer.status == 200 and case.answer.session is not None,
    ),
    Rule(
        "AC-3",
        "2xx from every protected endpoint",
        Visiting,
        _always,
        lambda case: 200 <= case.answer.status < 300,
    ),
)
