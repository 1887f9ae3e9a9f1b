"""Whatever a target answers, mails or stores, a step ends with an outcome or passes."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from conformance.observe.evidence import Evidence, Exchange, masked
from conformance.observe.mail.faults import ActiveFault, Fault
from conformance.observe.session import session_of
from conformance.outcomes import CantTell, Failed, Inapplicable, Untested
from conformance.steps import (
    actions,
    advisories,
    answers,
    concurrency,
    enumeration,
    links,
    provider_trouble,
    sessions,
    storage,
)
from conformance.steps.comparison import Comparison, Series
from conformance.steps.scene import Scene
from conformance.steps.statistics.headers import systematic_difference
from conformance.target.accounts.supply import Account
from conformance.target.clock.written_times import has_another_form, moved_back
from conformance.target.testbed import Testbed
from tests.observe import any_input
from tests.observe.any_input import bounded

OUTCOMES = (Failed, CantTell, Untested, Inapplicable)
USER = Account("a@example.com", "0b9f4c2e-6f0e-4d38-9d0e-0d4f7a1d2c3b", "pw")

HEADERS = st.lists(
    st.tuples(
        st.sampled_from(["Set-Cookie", "Content-Type", "Date", "Cache-Control", "Referrer-Policy"]),
        st.one_of(
            any_input.COOKIES,
            any_input.DATES,
            any_input.TOKENS.map("auth_token={}; HttpOnly".format),
            st.sampled_from(["application/json", "text/html; charset=\0", ";", ""]),
        ),
    ),
    max_size=4,
).map(tuple)
BODIES = st.one_of(
    any_input.JSON_TEXTS.map(str.encode),
    any_input.OBJECTS.map(json.dumps).map(str.encode),
    any_input.HTML.map(lambda text: text.encode("utf-8", errors="replace")),
    st.binary(max_size=50),
)
EXCHANGES = st.builds(
    Exchange,
    st.just("POST"),
    st.just("http://127.0.0.1:1/"),
    st.just(()),
    st.just(b'{"email": "a@example.com"}'),
    st.sampled_from([200, 202, 400, 429, 503, 302, 999]),
    HEADERS,
    BODIES,
)


def scene(*exchanges: Exchange) -> Scene:
    testbed = SimpleNamespace(
        signature=SimpleNamespace(available=False),
        app_base_url="app.example.com",
        requested=set(),
        shared={},
        wire=SimpleNamespace(post=lambda *_: Exchange("POST", "", (), b"", 429)),
    )
    scene = Scene(cast("Testbed", testbed), Evidence(exchanges=list(exchanges)), account=USER)
    scene.answers = list(exchanges)
    scene.token = "f" * 64
    return scene


STEPS: list[Callable[[Scene], None]] = [
    lambda scene: answers.answer_with_message(scene, 202, "x"),
    answers.answer_is_json,
    lambda scene: answers.answer_with_either_error(scene, "400", "A", "B"),
    lambda scene: answers.every_answer_is(scene, "202"),
    lambda scene: answers.answer_with_error(scene, 400, "TOKEN_USED"),
    lambda scene: answers.answer_with_error_or_too_large(scene, "400", "TOKEN_USED"),
    answers.no_answer_holds_token,
    answers.answer_with_user_id,
    lambda scene: answers.answer_sets_cookie(scene, "auth_token"),
    answers.answer_sets_no_cookie,
    advisories.page_is_discreet,
]


@bounded
@given(EXCHANGES)
@example(Exchange("POST", "", (), b"", 400, (), b'{"error": {"code": "TOKEN_USED"}}'))
@example(Exchange("POST", "", (), b"", 202, (), b"[" * 100_000))
@example(Exchange("POST", "", (), b"", 200, (), b'{"userId": "\\ud800"}'))
def test_steps_that_judge_an_answer(answer: Exchange) -> None:
    for judge in STEPS:
        try:
            judge(scene(answer))
        except OUTCOMES as outcome:
            shown = masked(str(outcome))
            assert len(shown.encode()) < 10_000


@bounded
@given(st.lists(EXCHANGES, min_size=2, max_size=2))
def test_steps_that_compare_answers(pair: list[Exchange]) -> None:
    series = Series({"registered users": pair[:1], "addresses nobody registered": pair[1:]})
    compared = scene(*pair)
    compared.comparison = Comparison("addresses nobody registered", series)
    compared.fault = ActiveFault(Fault.REFUSE_PERMANENT, hits=1)
    compared.tokens_of = {USER: "t", replace(USER, id=None): "u"}
    for step in (
        enumeration.same_status,
        enumeration.same_body,
        enumeration.same_headers,
        concurrency.right_users,
        provider_trouble.answered_alike,
    ):
        with suppress(*OUTCOMES):
            step(compared)


@bounded
@given(any_input.TOKENS, any_input.TOKENS, any_input.COOKIES)
@example(any_input.jwt_of({}, {"exp": 10**400}), any_input.jwt_of({}, {"exp": 1}), "")
def test_steps_that_compare_sessions(link: str, password: str, attributes: str) -> None:
    compared = scene()
    cookies = (f"auth_token={token}; {attributes}" for token in (link, password))
    logins = [Exchange("POST", "", (), b"", 200, (("Set-Cookie", each),)) for each in cookies]
    try:
        compared.by_link, compared.by_password = map(session_of, logins)
    except Failed:
        return
    compared.session = compared.by_link
    for step in (
        sessions.same_claims,
        sessions.same_lifetime,
        sessions.same_attributes,
        sessions.session_belongs_to_user,
    ):
        with suppress(*OUTCOMES):
            step(compared)


@bounded
@given(any_input.HTML, st.text())
@example("https://[a.example/auth/magic-link/verify?token=1", "")
def test_steps_that_judge_a_link(link: str, token: str) -> None:
    judged = scene()
    judged.link, judged.token = link, token
    for step in (links.leads_to_configured, links.token_form):
        with suppress(*OUTCOMES):
            step(judged)
    assert advisories._place(judged).startswith("/auth/magic-link/verify?")


@settings(bounded, max_examples=20)
@given(st.lists(st.dictionaries(st.text(), st.text()), min_size=16, max_size=16))
def test_headers_that_are_compared(headers: list[dict[str, str]]) -> None:
    for difference in systematic_difference(headers[:8], headers[8:]):
        assert difference.reason


TIMES = st.one_of(
    st.none(),
    st.datetimes(),
    st.datetimes(timezones=st.just(UTC)),
    st.dates(),
    st.integers(),
    st.floats(),
    st.text(),
)


@bounded
@given(TIMES, TIMES)
@example("infinity", datetime.now(UTC))
def test_times_of_a_row(expires: Any, created: Any) -> None:
    with suppress(*OUTCOMES):
        assert isinstance(storage._lifetime({"expiresAt": expires, "createdAt": created}), float)


@bounded
@given(any_input.built_of("2031-01-01T00:00", ":00", ".1", "Z", "+99", "1924992000", "0", "٣", "-"))
def test_times_within_text(text: str) -> None:
    now = datetime(2031, 1, 1, tzinfo=UTC)
    assert isinstance(moved_back(text, timedelta(minutes=15), now), str)
    assert isinstance(has_another_form(text), bool)


def test_an_error_that_is_no_text_fails_and_says_so() -> None:
    answer = Exchange("POST", "", (), b"", 400, (), b'{"error": {"code": "TOKEN_USED"}}')
    with pytest.raises(Failed, match=r'expected 400 A or B, found 400 \{"error"'):
        answers.answer_with_either_error(scene(answer), "400", "A", "B")
    with pytest.raises(Failed, match="TOKEN_USED"):
        actions.expect_error(answer, 400, "TOKEN_USED")
