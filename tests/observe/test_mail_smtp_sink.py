"""The SMTP sink, spoken to over sockets."""

from __future__ import annotations

import smtplib
import socket
import ssl
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress

import pytest
from freezegun import freeze_time

from conformance.observe.mail.faults import Effect, Fault
from conformance.observe.mail.smtp_faults import SMTP_FAULTS, SmtpFault, Step
from conformance.observe.mail.smtp_sink import SmtpSink
from tests.observe.mail_sending import CLIENT_TIMEOUT, LINK, MAIL, connect
from tests.observe.mail_sending import send_by_smtp as send


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    with SmtpSink() as sink:
        sink.set_delay(0)
        yield sink


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor() as pool:
        yield pool


def test_a_mail_arrives_as_sent(sink: SmtpSink) -> None:
    send(sink)
    (message,) = sink.messages()
    assert message.recipients == ("u@example.com",)
    assert message.sender == "app@example.com"
    assert message.subject == "Log in"
    assert message.magic_links() == [LINK]
    assert message.raw == MAIL
    assert sink.attempts() == 1


def test_every_envelope_recipient_counts_whatever_the_headers_say(sink: SmtpSink) -> None:
    with connect(sink) as client:
        client.sendmail("app@example.com", ["One@example.com", "two@example.com"], MAIL)
    assert sink.messages()[0].recipients == ("One@example.com", "two@example.com")
    assert len(sink.messages_to("U <ONE@example.com>")) == 1
    assert len(sink.messages_to("two@example.com")) == 1
    assert sink.messages_to("u@example.com") == []


def test_one_connection_may_send_many(sink: SmtpSink) -> None:
    with connect(sink) as client:
        for number in range(3):
            client.sendmail("app@example.com", ["u@example.com"], f"Subject: {number}\r\n\r\nx")
    assert [m.subject for m in sink.messages()] == ["0", "1", "2"]
    assert sink.attempts() == 3


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_any_credentials_are_accepted_without_tls(sink: SmtpSink, mechanism: str) -> None:
    with connect(sink) as client:
        client.ehlo()
        client.user, client.password = "anybody", "anything"
        method = client.auth_plain if mechanism == "PLAIN" else client.auth_login
        assert client.auth(mechanism, method)[0] == 235


def test_starttls_is_offered_only_when_asked_for(sink: SmtpSink) -> None:
    with connect(sink) as client:
        client.ehlo()
        assert not client.has_extn("starttls")
        assert client.has_extn("auth")
    with SmtpSink(starttls=True) as tls_sink, connect(tls_sink) as client:
        tls_sink.set_delay(0)
        assert tls_sink.certificate is not None
        client.starttls(context=ssl.create_default_context(cadata=tls_sink.certificate))
        client.login("user", "password")
        client.sendmail("app@example.com", ["u@example.com"], MAIL)
        assert isinstance(client.sock, ssl.SSLSocket)
        assert len(tls_sink.messages_to("u@example.com")) == 1


def test_long_lines_and_large_mails_are_accepted_up_to_the_limit(sink: SmtpSink) -> None:
    send(sink, mail=f"Subject: wide\r\n\r\n{'x' * 20_000} {LINK}\r\n")
    send(sink, mail=b"Subject: large\r\n\r\n" + (b"x" * 998 + b"\r\n") * 9_000)
    assert sink.messages()[0].magic_links() == [LINK]
    assert len(sink.messages()[1].text) == 9_000_000
    with pytest.raises(smtplib.SMTPSenderRefused, match="size"):
        send(sink, mail=b"Subject: too large\r\n\r\n" + (b"x" * 998 + b"\r\n") * 11_000)


def test_unicode_addresses_are_accepted(sink: SmtpSink) -> None:
    with connect(sink) as client:
        client.sendmail("app@example.com", ["jürgen@example.com"], MAIL, mail_options=["SMTPUTF8"])
    assert len(sink.messages_to("jürgen@example.com")) == 1


def test_an_address_cannot_smuggle_a_second_recipient(sink: SmtpSink) -> None:
    with connect(sink) as client:
        client.ehlo()
        client.mail("app@example.com")
        code, _ = client.docmd("RCPT TO:<u@example.com>,<v@example.com>")
        assert code >= 500
    assert sink.messages() == []


def test_a_rehearsal_is_an_attempt_and_delivers_nothing(sink: SmtpSink) -> None:
    with connect(sink) as client:
        client.ehlo()
        client.mail("app@example.com")
        client.rcpt("u@example.com")
        client.rset()
    assert sink.messages() == []
    assert sink.attempts() == 1


def test_a_message_is_there_only_after_its_delay(sink: SmtpSink) -> None:
    sink.set_delay(0.05, jitter=0.0)
    with connect(sink) as client:
        client.ehlo()
        client.mail("app@example.com")
        client.rcpt("u@example.com")
        begun = time.monotonic()
        client.data(MAIL)
        assert time.monotonic() - begun >= 0.05


REFUSALS = [(fault, spec) for fault, spec in SMTP_FAULTS.items() if spec.effect is Effect.REFUSE]


@pytest.mark.parametrize(("fault", "spec"), REFUSALS, ids=[f.name for f, _ in REFUSALS])
def test_a_refusal_at_each_step(sink: SmtpSink, fault: Fault, spec: SmtpFault) -> None:
    with sink.fault(fault) as active, pytest.raises(smtplib.SMTPException) as failure:
        send(sink)
    assert spec.reply[:3] in str(failure.value)
    assert REFUSED_AS[spec.step] is type(failure.value)
    assert active.hits >= 1
    assert sink.messages() == []
    assert sink.attempts() == 1
    send(sink)
    assert len(sink.messages()) == 1


def test_where_nothing_listens_a_connection_is_refused(sink: SmtpSink) -> None:
    port = sink.port
    with sink.fault(Fault.DOWN) as active, pytest.raises(ConnectionRefusedError):
        send(sink)
    assert active.hits == 1
    send(sink)
    assert (sink.port, len(sink.messages())) == (port, 1)


def test_a_sink_at_which_nothing_listens_can_be_closed() -> None:
    sink = SmtpSink()
    with sink.fault(Fault.DOWN):
        sink.close()
    # The port is free again.
    SmtpSink(sink.port).close()


REFUSED_AS: dict[Step, type[smtplib.SMTPException]] = {
    Step.GREETING: smtplib.SMTPConnectError,
    Step.EHLO: smtplib.SMTPHeloError,
    Step.AUTH: smtplib.SMTPAuthenticationError,
    Step.MAIL_FROM: smtplib.SMTPSenderRefused,
    Step.RCPT_TO: smtplib.SMTPRecipientsRefused,
    Step.DATA: smtplib.SMTPDataError,
    Step.END_OF_DATA: smtplib.SMTPDataError,
}


@pytest.mark.parametrize("fault", [Fault.DROP_AT_QUIT, Fault.HANG_AT_QUIT])
def test_a_message_is_delivered_without_a_goodbye(sink: SmtpSink, fault: Fault) -> None:
    with sink.fault(fault) as active, closing(connect(sink)) as client:
        client.sendmail("app@example.com", ["u@example.com"], MAIL)
        client.putcmd("QUIT")
        wait_until(lambda: active.hits == 1)
        assert len(sink.messages()) == 1
        assert client.sock is not None
        if fault is Fault.DROP_AT_QUIT:
            with pytest.raises(smtplib.SMTPServerDisconnected):
                client.getreply()
        else:
            client.sock.settimeout(0.1)
            with pytest.raises(TimeoutError):
                client.sock.recv(1)


def test_a_pooled_connection_meets_the_fault_too(sink: SmtpSink) -> None:
    with closing(connect(sink)) as client:
        client.ehlo()
        with sink.fault(Fault.GREETING_554), pytest.raises(smtplib.SMTPServerDisconnected):
            client.sendmail("app@example.com", ["u@example.com"], MAIL)
    assert sink.messages() == []


def test_a_fault_that_no_client_reaches_has_no_hits(sink: SmtpSink) -> None:
    with sink.fault(Fault.AUTH_535) as active, connect(sink) as client:
        client.sendmail("app@example.com", ["u@example.com"], MAIL)
    assert active.hits == 0
    assert len(sink.messages()) == 1


def test_a_message_met_by_a_fault_is_not_delivered_after_the_fault(
    sink: SmtpSink, pool: ThreadPoolExecutor
) -> None:
    sink.set_delay(0.1, jitter=0)
    with sink.fault(Fault.END_OF_DATA_451) as active:
        sending = pool.submit(send, sink)
        wait_until(lambda: active.hits == 1)
    with pytest.raises(smtplib.SMTPDataError, match="451"):
        sending.result(CLIENT_TIMEOUT)
    assert sink.messages() == []


def test_a_moved_clock_disturbs_nothing(sink: SmtpSink) -> None:
    with freeze_time("2030-01-01", tick=True, real_asyncio=True, ignore=["conformance"]) as moved:
        sink.set_delay(0.01)
        send(sink)
        moved.tick(3600)
        send(sink)
        messages = sink.wait_for("u@example.com", 2, timeout=CLIENT_TIMEOUT)
        assert sink.wait_for("u@example.com", 3, timeout=0.01) == messages
    assert len(messages) == 2


def wait_until(condition: object) -> None:
    """Poll a condition of the sink's thread that has no event of its own."""
    assert callable(condition)
    deadline = time.monotonic() + CLIENT_TIMEOUT
    while not condition():
        assert time.monotonic() < deadline, "the condition never came true"
        time.sleep(0.002)


@pytest.mark.parametrize(
    "said", [b"", b"EHL", b"EHLO a\r\nMAIL FROM:<a@b.c>\r\nRCPT TO:<d@e.f>\r\nDATA\r\nSubject: x"]
)
def test_a_client_that_never_ends_holds_up_nobody(said: bytes) -> None:
    with (
        SmtpSink() as sink,
        closing(socket.create_connection((sink.host, sink.port), CLIENT_TIMEOUT)) as slow,
    ):
        sink.set_delay(0)
        slow.sendall(said)
        send(sink)
        assert len(sink.messages()) == 1
        sink.close()
        # The sink's end closes what is still open; the greeting may come before that.
        with suppress(ConnectionResetError):
            while slow.recv(1_000):
                pass


def test_a_mail_that_is_no_mail_is_accepted_as_what_it_is(sink: SmtpSink) -> None:
    send(sink, mail=b"Subject: " + b"=?utf-8?q?a?= " * 20_000 + b"\r\n\r\n<![foo[x]]>\0\xff")
    [message] = sink.messages()
    assert message.text.endswith("<![foo[x]]>\0\ufffd\r\n")
