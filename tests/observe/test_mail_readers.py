"""Mailboxes that are already there: Mailpit and directories; and how every mailbox waits."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest

from conformance.observe.mail import eml_directory
from conformance.observe.mail.eml_directory import EmlDirectory
from conformance.observe.mail.mailbox import Mailbox, MailboxError
from conformance.observe.mail.mailpit import Mailpit
from conformance.observe.mail.message import Message
from conformance.observe.settings import MailPart
from conformance.outcomes import Untested
from tests.observe.raw_server import answering, dripping, raw_server

LINK = "https://app.example.com/auth/magic-link/verify?token=ab12"


def source(to: str = "u@example.com", subject: str = "Log in") -> str:
    return f"From: App <app@example.com>\nTo: {to}\nSubject: {subject}\n\nLog in: {LINK}\n"


class ScriptedMailbox(Mailbox):
    """Holds `there` messages; `coming` more arrive, one with each wait, in no time."""

    name: ClassVar[str] = "script"

    def __init__(self, there: int, coming: int) -> None:
        super().__init__()
        self.there, self.coming = there, coming

    @classmethod
    def opened(cls, part: MailPart, directory: Path) -> ScriptedMailbox:
        raise NotImplementedError

    def messages(self) -> list[Message]:
        return [Message(("U <u@Example.com>",), "", str(n), "", "") for n in range(self.there)]

    def _wait_beyond(self, known: int, timeout: float) -> bool:
        if not self.coming:
            return False
        self.there, self.coming = self.there + 1, self.coming - 1
        return True


def test_waiting_stops_at_the_count() -> None:
    mailbox = ScriptedMailbox(there=1, coming=5)
    assert len(mailbox.wait_for("u@example.com", 3, timeout=60)) == 3
    assert mailbox.coming == 3


def test_waiting_does_not_wait_for_what_is_there() -> None:
    mailbox = ScriptedMailbox(there=2, coming=5)
    assert len(mailbox.wait_for("u@example.com", 1)) == 2
    assert mailbox.coming == 5


def test_waiting_ends_when_nothing_comes() -> None:
    assert len(ScriptedMailbox(there=1, coming=1).wait_for("u@example.com", 3, timeout=60)) == 2


def test_settling_takes_in_everything_that_still_comes() -> None:
    assert len(ScriptedMailbox(there=0, coming=4).settle("U@example.com", 60)) == 4
    assert ScriptedMailbox(there=4, coming=4).settle("v@example.com", 60) == []


class FakeMailpit:
    """Answers in the shape of Mailpit's API: the newest first, in pages."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, dict[str, Any], str]] = []
        self.broken_list: bytes | None = None
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, body = fake.answer(self.path)
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def receive(self, mail: str, to: str = "u@example.com", bcc: str | None = None) -> None:
        identifier = f"ID{len(self.mails)}"
        summary = {
            "ID": identifier,
            "To": [{"Name": "U", "Address": to}],
            "Cc": None,
            "Bcc": [{"Name": "", "Address": bcc}] if bcc else [],
        }
        self.mails.insert(0, (identifier, summary, mail))

    def answer(self, target: str) -> tuple[int, bytes]:
        url = urlsplit(target)
        if url.path == "/api/v1/messages":
            query = {name: int(values[0]) for name, values in parse_qs(url.query).items()}
            start = query.get("start", 0)
            page = [s for _, s, _ in self.mails[start : start + query.get("limit", 50)]]
            body = {"total": len(self.mails), "start": start, "messages": page}
            return 200, self.broken_list or json.dumps(body).encode()
        for identifier, _, mail in self.mails:
            if url.path == f"/api/v1/message/{identifier}/raw":
                return 200, mail.encode()
        return 404, b"not found"

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def fake() -> Iterator[FakeMailpit]:
    fake = FakeMailpit()
    yield fake
    fake.close()


def test_mailpit_gives_the_mails_that_came_since_it_was_opened(fake: FakeMailpit) -> None:
    fake.receive(source(subject="before"))
    with Mailpit(fake.url + "/") as mailbox:
        assert mailbox.messages() == []
        fake.receive(source(subject="first"), bcc="b@example.com")
        fake.receive(source(subject="second"))
        messages = mailbox.wait_for("U@example.com", 2, timeout=0)
        assert [m.subject for m in messages] == ["first", "second"]
        assert messages[0].recipients == ("u@example.com", "b@example.com")
        assert messages[0].sender == "app@example.com"
        assert messages[0].magic_links() == [LINK]
        assert messages[0].raw == source(subject="first")
        assert mailbox.messages() == messages


def test_mailpit_is_read_over_many_pages(fake: FakeMailpit) -> None:
    for _ in range(120):
        fake.receive(source(subject="before"))
    with Mailpit(fake.url) as mailbox:
        for number in range(250):
            fake.receive(source(subject=str(number)))
        assert [m.subject for m in mailbox.messages()] == [str(n) for n in range(250)]


def test_mailpit_is_polled_while_waiting(fake: FakeMailpit) -> None:
    with Mailpit(fake.url) as mailbox:
        later = threading.Timer(0.06, fake.receive, [source()])
        later.start()
        assert len(mailbox.wait_for("u@example.com", timeout=5)) == 1
        later.join()


def test_an_unreachable_mailpit_is_one_clear_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        free_at = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(MailboxError, match=f"Mailpit cannot be reached at {free_at}: .*refused"):
        Mailpit(free_at)


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"{}", b'{"messages": [1]}', b"null"])
def test_something_else_than_mailpit_is_told(fake: FakeMailpit, body: bytes) -> None:
    fake.broken_list = body
    with pytest.raises(MailboxError, match="is not Mailpit's API"):
        Mailpit(fake.url)


def test_a_mailpit_without_that_path_is_told(fake: FakeMailpit) -> None:
    with pytest.raises(MailboxError, match="answers 404"):
        Mailpit(fake.url + "/elsewhere")


def test_a_mailpit_that_never_ends_an_answer_is_told() -> None:
    endless = dripping(b"HTTP/1.1 200 OK\r\n\r\n", b" ")
    with raw_server(endless) as server, pytest.raises(MailboxError, match="was not complete after"):
        Mailpit(server.url, seconds=0.2)


def test_a_mailpit_with_new_mails_on_every_page_is_told() -> None:
    ids = itertools.count()

    def serve(connection: socket.socket) -> None:
        page = {"messages": [{"ID": f"ID{next(ids)}"} for _ in range(100)]}
        answering(b"HTTP/1.1 200 OK\r\n\r\n" + json.dumps(page).encode())(connection)

    with raw_server(serve) as server, pytest.raises(MailboxError, match="more than 100,000 mails"):
        Mailpit(server.url, seconds=120)
    assert next(ids) == 100_000


def test_what_mailpit_says_of_recipients_may_be_anything(fake: FakeMailpit) -> None:
    with Mailpit(fake.url) as mailbox:
        fake.receive(source())
        fake.mails[0][1].update(To=[{"Address": 1}, "x", None], Cc="x", Bcc=[{"Address": "a@b.c"}])
        [message] = mailbox.messages()
    assert message.recipients == ("a@b.c",)


def test_a_mailbox_that_is_lost_leaves_a_scenario_untested(fake: FakeMailpit) -> None:
    with Mailpit(fake.url) as mailbox:
        fake.broken_list = b"{}"
        with pytest.raises(Untested, match=r"needs mailbox: .* is not Mailpit's API"):
            mailbox.messages()


def test_what_is_no_mail_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(eml_directory, "_MOST_BYTES", 1_000)
    mailbox = EmlDirectory(tmp_path)
    os.mkfifo(tmp_path / "pipe.eml")
    (tmp_path / "folder.eml").mkdir()
    (tmp_path / "huge.eml").write_text(source() + "x" * 1_000)
    (tmp_path / "nul.eml").write_bytes(source().encode() + b"\0\xff")
    assert [message.text for message in mailbox.messages()] == [f"Log in: {LINK}\n\0\ufffd"]


def test_a_directory_gives_the_files_that_came_since_it_was_opened(tmp_path: Path) -> None:
    (tmp_path / "old.eml").write_text(source(subject="before"))
    mailbox = EmlDirectory(tmp_path)
    assert mailbox.messages() == []
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "new.eml").write_text(source("U <u@example.com>"))
    (tmp_path / "notes.txt").write_text(source())
    (message,) = mailbox.messages_to("u@example.com")
    assert message.magic_links() == [LINK]
    assert mailbox.messages() == [message]


def test_a_directory_reads_maildirs_and_counts_a_moved_mail_once(tmp_path: Path) -> None:
    for folder in ("tmp", "new", "cur"):
        (tmp_path / folder).mkdir()
    mailbox = EmlDirectory(tmp_path)
    (tmp_path / "tmp" / "1.host").write_text(source(subject="unfinished"))
    (tmp_path / "new" / "2.host").write_text(source(subject="new"))
    (tmp_path / "cur" / "3.host:2,S").write_text(source(subject="read"))
    assert sorted(m.subject for m in mailbox.messages()) == ["new", "read"]
    shutil.move(tmp_path / "new" / "2.host", tmp_path / "cur" / "2.host:2,S")
    assert len(mailbox.messages()) == 2


def test_recipients_of_a_file_are_those_of_delivery_and_of_the_headers(tmp_path: Path) -> None:
    mailbox = EmlDirectory(tmp_path)
    headers = "X-Original-To: o@example.com\nDelivered-To: d@example.com\nCc: C <c@example.com>\n"
    (tmp_path / "1.eml").write_text(headers + source())
    expected = ("o@example.com", "d@example.com", "u@example.com", "c@example.com")
    assert mailbox.messages()[0].recipients == expected


MULTIPART = (
    "To: u@example.com\nContent-Type: multipart/alternative; boundary=B\n\n"
    f"--B\nContent-Type: text/plain\n\n{LINK}\n"
    f'--B\nContent-Type: text/html\n\n<a href="{LINK}">x</a>\n--B--\n'
)


@pytest.mark.parametrize(
    "part",
    ["", "To: u@exa", "To: u@example.com\nSubject: x\n", MULTIPART[:90], MULTIPART[:-30]],
    ids=["empty", "header cut", "no body yet", "first part cut", "last part cut"],
)
def test_a_file_counts_once_it_is_whole(tmp_path: Path, part: str) -> None:
    mailbox = EmlDirectory(tmp_path)
    file = tmp_path / "1.eml"
    file.write_text(part)
    assert mailbox.messages() == []
    file.write_text(MULTIPART)
    assert [m.magic_links() for m in mailbox.messages()] == [[LINK]]


def test_a_directory_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(MailboxError, match="nowhere does not exist"):
        EmlDirectory(tmp_path / "nowhere")
