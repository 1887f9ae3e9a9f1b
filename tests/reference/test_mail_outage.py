"""In an outage of mail known and unknown addresses get the same answer, and nobody else waits."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import httpx2
import psycopg
import pytest

from reference_app.magic_link import service
from reference_app.mail import smtp
from tests.reference.conftest import Database, Reference, Start
from tests.reference.processes import await_that
from tests.reference.servers import SendGridSink, SmtpSink

FAILED = (503, {"error": "EMAIL_SEND_FAILED"})
OURSELVES = "login@example.com"
KNOWN = "ada@example.com"
HANGING = 40
ADDRESSES = (KNOWN, "nobody@example.com", "sue@example.com")


@pytest.fixture
def users(database: Database) -> Database:
    database.add_user(KNOWN)
    database.add_user("sue@example.com", status="suspended")
    return database


def answers(reference: Reference, *addresses: str) -> list[tuple[int, object]]:
    found = [reference.request_link(address) for address in addresses]
    return [(each.status_code, each.json()) for each in found]


def recipients(sink: SmtpSink) -> list[str]:
    return [recipient for recipient, _ in sink.delivered]


def test_a_provider_that_refuses_everybody_fails_for_everybody(
    reference: Reference, users: Database, sink: SmtpSink
) -> None:
    sink.mail_reply = "451 later"
    assert answers(reference, *reversed(ADDRESSES)) == [FAILED] * 3
    assert users.rows("SELECT count(*) FROM magic_link_tokens") == [(0,)]


def test_a_provider_that_refuses_messages_fails_for_everybody(
    start: Start, users: Database, sink: SmtpSink
) -> None:
    reference = start()
    sink.data_reply = "554 no"
    assert answers(reference, *ADDRESSES, *reversed(ADDRESSES)) == [FAILED] * 6
    assert users.rows("SELECT count(*) FROM magic_link_tokens") == [(0,)]


@pytest.mark.parametrize("first", ADDRESSES)
def test_when_messages_are_accepted_again_everybody_sees_it_at_once(
    start: Start, users: Database, sink: SmtpSink, first: str
) -> None:
    reference = start()
    sink.data_reply = "554 no"
    assert answers(reference, KNOWN) == [FAILED]
    sink.data_reply = None
    assert [status for status, _ in answers(reference, first, *ADDRESSES)] == [202] * 4
    # The one that found it out was for ourselves, if it was not for a user.
    probes = [] if first == KNOWN else [OURSELVES]
    assert recipients(sink) == [*probes, *[KNOWN] * (1 + (first == KNOWN))]


def test_a_message_refused_to_one_user_is_no_outage(
    start: Start, users: Database, sink: SmtpSink
) -> None:
    users.add_user("full@example.com")
    reference = start()
    sink.data_reply_to = {"full@example.com": "552 mailbox full"}
    assert answers(reference, "full@example.com") == [FAILED]
    assert [status for status, _ in answers(reference, "nobody@example.com", KNOWN)] == [202] * 2
    assert recipients(sink) == [OURSELVES, KNOWN]


def test_a_hanging_provider_is_given_up_for_everybody(
    start: Start, users: Database, sink: SmtpSink
) -> None:
    reference = start(mail_timeout_seconds=0.2)
    sink.delay = lambda: 0.5
    assert answers(reference, *ADDRESSES) == [FAILED] * 3


@pytest.mark.parametrize("goodbye", ["421 going down", "gibberish", False, None])
def test_a_mail_that_was_accepted_is_sent_however_the_provider_takes_leave(
    start: Start,
    users: Database,
    sink: SmtpSink,
    monkeypatch: pytest.MonkeyPatch,
    goodbye: str | bool | None,
) -> None:
    # Longer than the whole send may take: none of it counts.
    monkeypatch.setattr(smtp, "GOODBYE_SECONDS", 1.5)
    reference = start(mail_timeout_seconds=1)
    sink.goodbye = goodbye
    for count, address in enumerate(ADDRESSES, start=1):
        began = time.monotonic()
        assert reference.request_link(address).status_code == 202
        # Users and strangers wait for it alike.
        assert sink.goodbyes == count
        assert goodbye is not None or time.monotonic() - began >= 1.5
    [token] = sink.tokens()
    assert reference.verify(token).status_code == 200


def test_sendgrid_refusing_real_mail_alone_fails_for_everybody(
    start: Start, users: Database, sendgrid: SendGridSink
) -> None:
    reference = start(
        mail_provider="sendgrid", sendgrid_api_key="key", sendgrid_base_url=sendgrid.url
    )
    sendgrid.real_status = 401
    assert answers(reference, *ADDRESSES) == [FAILED] * 3
    sendgrid.real_status = None
    assert [status for status, _ in answers(reference, *reversed(ADDRESSES))] == [202] * 3
    assert sendgrid.accepted == [OURSELVES, KNOWN]


def test_a_mail_that_fails_while_the_database_is_away_is_logged_and_its_row_goes_later(
    start: Start, users: Database, sink: SmtpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "RETRY_SECONDS", 0.1)
    reference = start(database_timeout_seconds=1)
    sink.data_reply = "554 no"
    with psycopg.connect(users.url) as blocker:

        def take_the_table_away() -> float:
            blocker.execute("LOCK TABLE magic_link_tokens IN ACCESS EXCLUSIVE MODE")
            return 0.0

        sink.delay = take_the_table_away
        assert answers(reference, KNOWN) == [FAILED]
    assert reference.events() == [
        ("info", "magic_link_requested"),
        ("error", "magic_link_email_failed"),
        ("error", "magic_link_token_not_deleted"),
    ]
    await_that(lambda: users.rows("SELECT * FROM magic_link_tokens") == [])


def test_while_a_provider_hangs_verify_and_login_are_served(
    start: Start, users: Database, sink: SmtpSink
) -> None:
    reference = start(database_pool_size=2, database_timeout_seconds=1, mail_timeout_seconds=30)
    [(user_id,)] = users.rows("SELECT id FROM users WHERE email = %s", KNOWN)
    users.add_token(user_id, "0" * 64)
    strangers = [f"user{number}@example.com" for number in range(HANGING)]
    for stranger in strangers:
        users.add_user(stranger)
    sink.hangs = True
    with (
        ThreadPoolExecutor(HANGING) as threads,
        httpx2.Client(base_url=reference.client.base_url, timeout=60, trust_env=False) as http,
    ):
        try:
            requests = [
                threads.submit(http.post, "/auth/magic-link/request", json={"email": each})
                for each in strangers
            ]
            await_that(lambda: sink.waiting == HANGING)
            assert reference.verify("0" * 64).status_code == 200
            assert reference.client.get("/health/ready").status_code == 200
            assert not any(request.done() for request in requests)
        finally:
            sink.hangs = False
        assert {request.result().status_code for request in requests} == {202}
