"""`magic-link-conformance serve`, as a process."""

from __future__ import annotations

import re
import signal
import smtplib
import socket
from collections.abc import Iterator
from contextlib import closing
from email.message import EmailMessage

import httpx2
import pytest

from conformance.cli.serve_inbox import InboxPage
from conformance.observe.mail.smtp_sink import SmtpSink
from tests.place import Command, Place

pytestmark = pytest.mark.run


@pytest.fixture
def place() -> Iterator[Place]:
    with Place() as place:
        yield place


def _address(line: str) -> str:
    found = re.search(r"http://127\.0\.0\.1:\d+", line)
    assert found, line
    return found[0]


def _started(place: Place) -> tuple[Command, str, str, str]:
    """Return the running command, both addresses and the password."""
    command = place.start("serve", "--port", "0", "--mail-port", "0")
    url = _address(command.read_until("Log in at"))
    inbox = _address(command.read_until("Mail arrives"))
    password = command.read_until("The password").rpartition(" ")[2]
    return command, url, inbox, password


def test_a_person_can_log_in_by_hand(place: Place) -> None:
    command, url, inbox, password = _started(place)
    assert "No mail yet" in httpx2.get(inbox).text
    assert httpx2.get(f"{inbox}/other").status_code == 404
    assert "default-src 'none'" in httpx2.get(inbox).headers["content-security-policy"]
    with httpx2.Client(base_url=url) as browser:
        assert "/login/link" in browser.get("/").text
        answer = browser.post("/auth/magic-link/request", json={"email": "ada@example.com"})
        assert answer.status_code == 202

        command.read_until("To: ada@example.com")
        link = command.read_until("/auth/magic-link/verify?token=")
        assert link.startswith(url)
        assert link in httpx2.get(inbox).text

        assert "<button" in browser.get(link).text
        token = link.rpartition("=")[2]
        verified = browser.post("/auth/magic-link/verify", json={"token": token})
        assert verified.status_code == 200
        # The browser's own jar: a `Secure` cookie would not come back on plain http.
        assert browser.get("/auth/me").json()["email"] == "ada@example.com"

        by_password = {"email": "ada@example.com", "password": password}
        assert httpx2.post(f"{url}/auth/login", json=by_password).status_code == 200

    ended = command.interrupt(signal.SIGTERM)
    assert (ended.code, ended.err) == (0, "")
    assert place.leftovers() == []


@pytest.mark.parametrize("option", ["--port", "--mail-port"])
def test_a_taken_port_is_one_sentence(place: Place, option: str) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = str(taken.getsockname()[1])
        other = "--mail-port" if option == "--port" else "--port"
        ended = place.start("serve", option, port, other, "0").end()
    assert ended.code == 2
    assert ended.err.count("\n") == 1
    assert f"`{option}`: 127.0.0.1:{port} cannot be listened on" in ended.err
    assert place.leftovers() == []


def test_one_port_cannot_serve_both(place: Place) -> None:
    ended = place.start("serve", "--port", "47811", "--mail-port", "47811").end()
    assert ended.code == 2
    assert "give two ports" in ended.err


def test_the_inbox_shows_no_markup_of_mails() -> None:
    with SmtpSink() as sink, smtplib.SMTP(sink.host, sink.port) as connection:
        sink.set_delay(0)
        mail = EmailMessage()
        mail["To"], mail["Subject"] = "ada@example.com", "<script>alert(1)</script>"
        mail.set_content("javascript:alert(2)//auth/magic-link/verify?token=1")
        connection.send_message(mail, "login@example.com", ["ada@example.com"])
        inbox = InboxPage(sink, 0)
        try:
            page = httpx2.get(inbox.url).text
        finally:
            inbox.close()
    assert "&lt;script&gt;alert(1)" in page
    assert page.count("<script") == 1
    assert "<a " not in page
