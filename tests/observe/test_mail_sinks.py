"""What the sinks have in common, whatever their senders speak."""

from __future__ import annotations

import smtplib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from conformance.observe.mail.faults import Fault
from conformance.observe.mail.mailbox import Sink, SinkError
from conformance.observe.mail.sendgrid_sink import SendGridSink
from conformance.observe.mail.smtp_sink import SmtpSink
from tests.observe.mail_sending import CLIENT_TIMEOUT, KEY, send_by_api, send_by_smtp


@dataclass(frozen=True)
class Kind:
    """A kind of sink: how it is opened, how mail is sent to it, what a cut connection raises."""

    opened: Callable[..., Sink]
    send: Callable[..., None]
    cut: tuple[type[Exception], ...]
    foreign: Fault


SMTP = Kind(
    SmtpSink,
    send_by_smtp,
    (smtplib.SMTPServerDisconnected, ConnectionError),
    Fault.API_500,
)
SENDGRID = Kind(
    lambda port=0: SendGridSink(KEY, port), send_by_api, (httpx2.TransportError,), Fault.RCPT_TO_550
)
SMTP_DROPS = (Fault.DROP, Fault.DROP_AFTER_DATA, Fault.DROP_AT_GREETING)
SMTP_HANGS = (Fault.HANG, Fault.HANG_AFTER_DATA, Fault.HANG_AT_GREETING)
DROPS = [(SENDGRID, Fault.DROP), *((SMTP, fault) for fault in SMTP_DROPS)]
HANGS = [(SENDGRID, Fault.HANG), *((SMTP, fault) for fault in SMTP_HANGS)]


@pytest.fixture(params=[SMTP, SENDGRID], ids=["smtp", "sendgrid"])
def kind(request: pytest.FixtureRequest) -> Kind:
    given: Kind = request.param
    return given


@pytest.fixture
def sink(kind: Kind) -> Iterator[Sink]:
    with kind.opened() as sink:
        sink.set_delay(0)
        yield sink


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(12) as pool:
        yield pool


@pytest.mark.parametrize(("kind", "fault"), DROPS)
def test_a_dropped_connection(kind: Kind, sink: Sink, fault: Fault) -> None:
    with sink.fault(fault), pytest.raises(kind.cut):
        kind.send(sink)
    assert sink.messages() == []
    assert sink.attempts() == 1
    kind.send(sink)
    assert len(sink.messages()) == 1


@pytest.mark.parametrize(("kind", "fault"), HANGS)
def test_what_hangs_is_let_go_at_the_end(
    kind: Kind, sink: Sink, pool: ThreadPoolExecutor, fault: Fault
) -> None:
    with sink.fault(fault) as active:
        hanging = pool.submit(kind.send, sink)
        deadline = time.monotonic() + CLIENT_TIMEOUT
        while active.hits == 0 and time.monotonic() < deadline:
            time.sleep(0.002)
        assert active.hits == 1
        assert not hanging.done()
    with pytest.raises(kind.cut):
        hanging.result(CLIENT_TIMEOUT)
    assert sink.messages() == []
    kind.send(sink)
    assert len(sink.messages()) == 1


def test_a_fault_may_meet_some_recipients_only(kind: Kind, sink: Sink) -> None:
    with sink.fault(Fault.DROP, frozenset({"u@example.com"})) as active:
        kind.send(sink, "Other@example.com")
        with pytest.raises(kind.cut):
            kind.send(sink, "U@example.com")
    assert [message.recipients for message in sink.messages()] == [("Other@example.com",)]
    assert [message.recipients for message in active.refused] == [("U@example.com",)]
    assert active.hits == 1


def test_a_fault_of_another_kind_is_refused(kind: Kind, sink: Sink) -> None:
    with (
        pytest.raises(SinkError, match=f"{sink.name} cannot fail by {kind.foreign.name}"),
        sink.fault(kind.foreign),
    ):
        pass


def test_a_fault_ends_with_its_block_also_on_an_error(kind: Kind, sink: Sink) -> None:
    with pytest.raises(ZeroDivisionError), sink.fault(Fault.REFUSE_PERMANENT):
        raise ZeroDivisionError
    kind.send(sink)
    assert len(sink.messages()) == 1


def test_a_taken_port_is_one_clear_sentence(kind: Kind) -> None:
    threads = threading.active_count()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SinkError, match=f"127.0.0.1:{port}: that port is already taken.$"):
            kind.opened(port)
    assert threading.active_count() == threads


def test_a_given_port_is_used(kind: Kind) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with kind.opened(port) as sink:
        assert sink.port == port


def test_closing_cuts_clients_frees_the_port_and_ends_the_thread(kind: Kind) -> None:
    threads = threading.active_count()
    sink = kind.opened()
    place = (sink.host, sink.port)
    with closing(socket.create_connection(place, CLIENT_TIMEOUT)):
        kind.send(sink)
        sink.close()
        sink.close()
        assert threading.active_count() == threads
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(place)


def test_slow_messages_wait_side_by_side_and_hold_up_no_other(
    kind: Kind, sink: Sink, pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting, delay = threading.Semaphore(0), sink.acceptance_delay

    def watched() -> float:
        waiting.release()
        return delay()

    monkeypatch.setattr(sink, "acceptance_delay", watched)
    sink.set_delay(60, jitter=0)
    slow = [pool.submit(kind.send, sink, f"slow{number}@example.com") for number in range(10)]
    for _ in slow:
        assert waiting.acquire(timeout=CLIENT_TIMEOUT)
    sink.set_delay(0)
    kind.send(sink, "fast@example.com")
    assert [message.recipients for message in sink.messages()] == [("fast@example.com",)]
    sink.close()
    for each in slow:
        with pytest.raises(kind.cut):
            each.result(CLIENT_TIMEOUT)


def test_a_delay_varies_within_its_jitter(sink: Sink) -> None:
    sink.set_delay(1.0, jitter=0.2)
    delays = [sink.acceptance_delay() for _ in range(200)]
    assert len(set(delays)) > 100
    assert 0.8 <= min(delays) < 0.9
    assert 1.1 < max(delays) <= 1.2


@pytest.mark.parametrize(("median", "jitter"), [(-1, 0.2), (1, 1.5), (1, -0.1)])
def test_an_impossible_delay_is_refused(sink: Sink, median: float, jitter: float) -> None:
    with pytest.raises(ValueError, match="delay"):
        sink.set_delay(median, jitter)


def test_waiting_ends_with_the_message(kind: Kind, sink: Sink, pool: ThreadPoolExecutor) -> None:
    waiting: Any = pool.submit(sink.wait_for, "u@example.com", 2, 60)
    kind.send(sink, "other@example.com")
    kind.send(sink)
    assert not waiting.done()
    kind.send(sink)
    assert len(waiting.result(CLIENT_TIMEOUT)) == 2


def test_waiting_ends_at_the_timeout_with_what_is_there(kind: Kind, sink: Sink) -> None:
    kind.send(sink)
    assert len(sink.wait_for("u@example.com", 2, timeout=0.01)) == 1
    assert sink.wait_for("nobody@example.com", timeout=0) == []


def test_waiting_ends_when_the_sink_closes(sink: Sink, pool: ThreadPoolExecutor) -> None:
    waiting: Any = pool.submit(sink.wait_for, "u@example.com", 1, 60)
    sink.close()
    assert waiting.result(CLIENT_TIMEOUT) == []
