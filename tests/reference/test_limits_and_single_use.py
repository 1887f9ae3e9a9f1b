"""What PostgreSQL decides (five requests an hour, one use of a token), in time and in races."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from threading import Barrier

import httpx2
import pytest

from reference_app import clock
from tests.reference.conftest import Database, Reference, Start
from tests.reference.servers import SmtpSink, token_of


class Clock:
    """Replaces `clock.now`; stands still until it is moved."""

    def __init__(self) -> None:
        self.time = datetime(2030, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def advance(self, **duration: float) -> None:
        self.time += timedelta(**duration)


@pytest.fixture
def moved_clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    moved = Clock()
    monkeypatch.setattr(clock, "now", moved.now)
    return moved


def statuses(reference: Reference, email: str, count: int) -> list[int]:
    return [reference.request_link(email).status_code for _ in range(count)]


@pytest.mark.parametrize("address", ["ada@example.com", "sue@example.com", "nobody@example.com"])
def test_the_sixth_request_is_refused_whoever_asks(
    reference: Reference, database: Database, sink: SmtpSink, address: str
) -> None:
    database.add_user("ada@example.com")
    database.add_user("sue@example.com", status="suspended")
    assert statuses(reference, address, 5) == [202] * 5
    mails = len(sink.delivered)
    refused = reference.request_link(address.upper() + " ")
    assert (refused.status_code, refused.json()) == (429, {"error": "RATE_LIMIT_EXCEEDED"})
    assert len(sink.delivered) == mails
    assert reference.request_link("somebody-else@example.com").status_code == 202


def test_the_window_rolls_and_refused_requests_do_not_count(
    reference: Reference, moved_clock: Clock
) -> None:
    address = "nobody@example.com"
    assert statuses(reference, address, 1) == [202]
    moved_clock.advance(minutes=30)
    assert statuses(reference, address, 6) == [202] * 4 + [429] * 2
    moved_clock.advance(minutes=29, seconds=59)
    assert statuses(reference, address, 1) == [429]
    moved_clock.advance(seconds=1)
    assert statuses(reference, address, 2) == [202, 429]
    moved_clock.advance(minutes=30)
    assert statuses(reference, address, 5) == [202] * 4 + [429]


@pytest.mark.parametrize("address", ["ada@example.com", "sue@example.com", "nobody@example.com"])
def test_a_refusal_says_when_to_ask_again(
    reference: Reference, database: Database, moved_clock: Clock, address: str
) -> None:
    database.add_user("ada@example.com")
    database.add_user("sue@example.com", status="suspended")
    assert statuses(reference, address, 2) == [202] * 2
    moved_clock.advance(minutes=10)
    assert statuses(reference, address, 3) == [202] * 3
    moved_clock.advance(minutes=49, seconds=0.5)
    # The two oldest go in 59.5 seconds, the others ten minutes later.
    for _ in range(2):
        assert reference.request_link(address).headers["retry-after"] == "60"
    form = {"Sec-Fetch-Site": "same-origin"}
    page = reference.client.post("/login/link", data={"email": address}, headers=form)
    assert (page.status_code, page.headers["retry-after"]) == (429, "60")
    moved_clock.advance(seconds=59.5)
    assert statuses(reference, address, 2) == [202] * 2
    assert reference.request_link(address).headers["retry-after"] == "600"


def test_a_token_lives_for_fifteen_minutes_and_not_a_moment_longer(
    reference: Reference, database: Database, sink: SmtpSink, moved_clock: Clock
) -> None:
    database.add_user("ada@example.com")
    reference.request_link("ada@example.com")
    reference.request_link("ada@example.com")
    first, second = sink.tokens()
    moved_clock.advance(minutes=14, seconds=59)
    assert reference.verify(first).status_code == 200
    moved_clock.advance(seconds=1)
    expired = reference.verify(second)
    assert (expired.status_code, expired.json()) == (400, {"error": "TOKEN_EXPIRED"})


def test_a_session_lives_for_seven_days(
    reference: Reference, database: Database, sink: SmtpSink, moved_clock: Clock
) -> None:
    database.add_user("ada@example.com")
    reference.request_link("ada@example.com")
    session = reference.verify(sink.tokens()[0])
    moved_clock.advance(days=6, hours=23)
    assert reference.get("/auth/me", session).status_code == 200
    moved_clock.advance(hours=1)
    assert reference.get("/auth/me", session).status_code == 401


def test_the_link_works_and_the_database_is_free_before_the_provider_has_answered(
    start: Start, database: Database, sink: SmtpSink
) -> None:
    reference = start(database_pool_size=1, database_timeout_seconds=1)
    database.add_user("ada@example.com")
    answers: list[int] = []

    def verify_meanwhile(message: EmailMessage) -> None:
        url = str(reference.client.base_url) + "/auth/magic-link/verify"
        answers.append(httpx2.post(url, json={"token": token_of(message)}).status_code)

    sink.on_message = verify_meanwhile
    assert reference.request_link("ada@example.com").status_code == 202
    assert answers == [200]


def test_of_many_concurrent_verifies_over_two_processes_worth_of_pools_one_wins(
    reference: Reference, start: Start, database: Database, sink: SmtpSink
) -> None:
    database.add_user("ada@example.com")
    reference.request_link("ada@example.com")
    [token] = sink.tokens()
    references = [reference, start()]
    barrier = Barrier(16)

    def verify(number: int) -> tuple[int, str | None]:
        barrier.wait(10)
        response = references[number % 2].verify(token)
        return response.status_code, response.json().get("error")

    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(verify, range(16)))
    assert sorted(answers, key=str) == [(200, None)] + [(400, "TOKEN_USED")] * 15


def test_of_many_concurrent_requests_exactly_five_are_accepted(
    reference: Reference, start: Start
) -> None:
    references = [reference, start()]
    barrier = Barrier(16)

    def request(number: int) -> int:
        barrier.wait(10)
        return references[number % 2].request_link("nobody@example.com").status_code

    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(request, range(16)))
    assert sorted(answers) == [202] * 5 + [429] * 11
