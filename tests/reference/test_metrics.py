"""What operators see of the magic link, and that it tells nobody who is registered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import httpx2
import psycopg
import pytest
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from conformance.target.launch.ports import free_port
from reference_app.adoption import add_magic_link
from reference_app.auth.sessions import Sessions
from reference_app.settings import load_settings
from tests.reference.conftest import Database, Reference, Start
from tests.reference.processes import await_that
from tests.reference.servers import SmtpSink, running
from tests.reference.test_settings import COMPLETE

ADDRESSES = ("ada@example.com", "nobody@example.com", "sue@example.com")


def samples(text: str) -> list[Sample]:
    families = text_string_to_metric_families(text)
    return [
        sample
        for family in families
        for sample in family.samples
        if sample.name.startswith("magic_link_")
    ]


def seen(reference: Reference) -> Counter[str]:
    """Return what a scrape shows, by name and outcome."""
    found = samples(reference.client.get("/metrics").text)
    return Counter(
        {
            " ".join((each.name, each.labels.get("outcome", ""))).strip(): int(each.value)
            for each in found
            if each.name.endswith(("_total", "_count")) or "_pool_" in each.name
        }
    )


@contextmanager
def counting(reference: Reference) -> Iterator[Counter[str]]:
    """Fill a counter with what the block adds, without what stays as it was."""
    added: Counter[str] = Counter()
    before = seen(reference)
    yield added
    added.update(seen(reference))
    added.subtract(before)
    for name in [name for name, count in added.items() if not count or "_pool_" in name]:
        del added[name]


def test_requests_are_counted_by_outcome(start: Start, sink: SmtpSink) -> None:
    reference = start(metrics=True)
    nowhere = f"postgresql://127.0.0.1:{free_port()}/none"
    cut_off = start(database_url=nowhere, database_timeout_seconds=0.1)
    with counting(reference) as added:
        for _ in range(7):
            reference.request_link("ada@example.com")
        sink.mail_reply = "451 later"
        reference.request_link("bob@example.com")
        cut_off.request_link("bob@example.com")
    assert added == {
        "magic_link_requests_total accepted": 5,
        "magic_link_requests_total rate_limit_exceeded": 2,
        "magic_link_requests_total email_send_failed": 1,
        "magic_link_requests_total unavailable": 1,
        "magic_link_mail_seconds_count": 6,
    }


def test_tokens_are_counted_by_outcome(start: Start, database: Database) -> None:
    reference = start(metrics=True)
    user_id = database.add_user("ada@example.com")
    database.add_token(user_id, "1" * 64)
    database.add_token(user_id, "2" * 64, lives=-timedelta(minutes=1))
    with counting(reference) as added:
        for token in ("0" * 64, "1" * 64, "1" * 64, "2" * 64):
            reference.verify(token)
    assert added == {
        "magic_link_tokens_total verified": 1,
        "magic_link_tokens_total token_used": 1,
        "magic_link_tokens_total token_expired": 1,
        "magic_link_tokens_total token_invalid": 1,
    }


@pytest.mark.parametrize("reply", [None, "451 later"])
def test_a_request_adds_the_same_whoever_has_the_address(
    start: Start, database: Database, sink: SmtpSink, reply: str | None
) -> None:
    reference = start(metrics=True)
    database.add_user("ada@example.com")
    database.add_user("sue@example.com", status="suspended")
    sink.mail_reply = reply
    each_added = []
    for address in ADDRESSES:
        with counting(reference) as added:
            reference.request_link(address)
        each_added.append(added)
    outcome = "email_send_failed" if reply else "accepted"
    expected = {f"magic_link_requests_total {outcome}": 1, "magic_link_mail_seconds_count": 1}
    assert each_added == [expected] * 3


def test_nothing_in_them_names_anybody(start: Start, database: Database, sink: SmtpSink) -> None:
    reference = start(metrics=True)
    user_id = database.add_user("ada@example.com")
    reference.request_link("ada@example.com")
    [token] = sink.tokens()
    reference.verify(token)
    text = reference.client.get("/metrics").text
    for secret in ("ada", "example", str(user_id), token):
        assert secret not in text
    assert {label for sample in samples(text) for label in sample.labels} == {"outcome", "le"}


def test_the_pool_shows_who_waits_for_a_connection(start: Start, database: Database) -> None:
    reference = start(metrics=True, database_pool_size=2, database_timeout_seconds=15)
    await_that(lambda: seen(reference)["magic_link_pool_available"] == 2)
    with psycopg.connect(database.url) as blocker, ThreadPoolExecutor(5) as threads:
        blocker.execute("LOCK TABLE magic_link_tokens IN ACCESS EXCLUSIVE MODE")
        answers = [threads.submit(reference.verify, "0" * 64) for _ in range(5)]
        await_that(lambda: seen(reference)["magic_link_pool_waiting"] == 3)
        assert seen(reference)["magic_link_pool_size"] == 2
        assert seen(reference)["magic_link_pool_available"] == 0
        blocker.rollback()
        assert [answer.result().status_code for answer in answers] == [400] * 5


def test_they_are_not_shown_unless_a_setting_says_so(reference: Reference) -> None:
    assert reference.client.get("/metrics").status_code == 404


def test_a_service_that_has_taken_over_the_magic_link_shows_them_as_well() -> None:
    app = FastAPI()
    settings = load_settings(**{name.lower(): value for name, value in COMPLETE.items()})
    settings = settings.model_copy(update={"metrics": True})
    add_magic_link(app, settings, Sessions("0" * 32, secure_cookie=True))
    with running(app) as url:
        assert samples(httpx2.get(f"{url}/metrics").text)
