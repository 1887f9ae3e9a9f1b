"""What rehearsals take from deliveries."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Coroutine

import pytest

from reference_app.mail import smtp
from reference_app.mail.pacing import LEARNT_AFTER, WINDOW, AcceptanceTimes
from reference_app.mail.smtp import SmtpSender
from reference_app.settings import load_settings
from tests.reference.servers import SmtpSink


def test_draws_come_from_the_recent_deliveries_alone() -> None:
    times = AcceptanceTimes()
    assert times.draw() == 0.0
    for seconds in range(2 * WINDOW):
        times.record(float(seconds))
    drawn = Counter(times.draw() for _ in range(100 * WINDOW))
    assert set(drawn) == {float(seconds) for seconds in range(WINDOW, 2 * WINDOW)}


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits the sender asks for, in seconds; none is waited."""
    waits: list[float] = []

    class Asyncio:
        def __getattr__(self, name: str) -> object:
            return getattr(asyncio, name)

        def sleep(self, seconds: float) -> Coroutine[None, None, None]:
            waits.append(seconds)
            return asyncio.sleep(0)

    monkeypatch.setattr(smtp, "asyncio", Asyncio())
    return waits


def sender_to(sink: SmtpSink, floor_seconds: float) -> SmtpSender:
    return SmtpSender(
        load_settings(
            database_url="postgresql://",
            app_base_url="x",
            jwt_secret="0123456789abcdef" * 2,
            mail_provider="smtp",
            mail_from="login@example.com",
            mail_pacing_floor_seconds=floor_seconds,
            smtp_host="127.0.0.1",
            smtp_port=sink.port,
            smtp_tls="none",
        )
    )


def test_both_keep_to_the_floor_until_it_has_learnt(sink: SmtpSink, waits: list[float]) -> None:
    sender = sender_to(sink, floor_seconds=100.0)

    async def scenario() -> None:
        await sender.rehearse("subject", "<p>text</p>")
        for _ in range(LEARNT_AFTER):
            await sender.send("ada@example.com", "subject", "<p>text</p>")
        floors = [wait for wait in waits if wait > 50]
        assert len(floors) == 1 + LEARNT_AFTER
        waits.clear()
        await sender.send("ada@example.com", "subject", "<p>text</p>")
        await sender.rehearse("subject", "<p>text</p>")
        assert max(waits) < 50

    asyncio.run(scenario())


def test_a_rehearsal_waits_as_long_as_a_delivery_took_and_delivers_nothing(
    sink: SmtpSink, waits: list[float]
) -> None:
    sender = sender_to(sink, floor_seconds=0.0)
    sink.delay = lambda: 0.1

    async def scenario() -> None:
        await sender.send("ada@example.com", "subject", "<p>text</p>")
        waits.clear()
        await sender.rehearse("subject", "<p>text</p>")

    asyncio.run(scenario())
    assert [recipient for recipient, _ in sink.delivered] == ["ada@example.com"]
    assert sink.recipients == ["ada@example.com", "login@example.com"]
    # The delivery took at least the sink's delay; what the rehearsal's own RSET took is taken off.
    assert 0.05 < max(waits) < 5
