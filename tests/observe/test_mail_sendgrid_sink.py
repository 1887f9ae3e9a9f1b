"""The SendGrid sink, called over sockets."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import httpx2
import pytest

from conformance.observe.mail.api_sink import API_FAULTS
from conformance.observe.mail.faults import Effect, Fault
from conformance.observe.mail.http_server import HttpServer, Request, Response
from conformance.observe.mail.loop_thread import LoopThread
from conformance.observe.mail.sendgrid_sink import SendGridSink
from tests.observe.mail_sending import CLIENT_TIMEOUT, KEY, LINK, call


@pytest.fixture
def sink() -> Iterator[SendGridSink]:
    with SendGridSink(KEY) as sink:
        sink.set_delay(0)
        yield sink


@pytest.fixture
def client(sink: SendGridSink) -> Iterator[httpx2.Client]:
    headers = {"Authorization": f"Bearer {KEY}"}
    with httpx2.Client(
        base_url=sink.base_url, headers=headers, timeout=CLIENT_TIMEOUT, trust_env=False
    ) as client:
        yield client


TO = [{"email": "u@example.com"}]
SANDBOX = {"mail_settings": {"sandbox_mode": {"enable": True}}}


def send(client: httpx2.Client, body: Any = None) -> httpx2.Response:
    return client.post("/v3/mail/send", json=call() if body is None else body)


def test_a_mail_is_accepted(sink: SendGridSink, client: httpx2.Client) -> None:
    answer = send(client)
    assert (answer.status_code, answer.content) == (202, b"")
    assert answer.headers["X-Message-Id"]
    (message,) = sink.messages()
    assert message.recipients == ("u@example.com",)
    assert (message.sender, message.subject) == ("app@example.com", "Log in")
    assert message.text == f"Log in: {LINK}"
    assert message.html == f'<a href="{LINK}">Log in</a>'
    assert message.magic_links() == [LINK]
    assert json.loads(message.raw) == call()
    assert sink.attempts() == 1


def test_recipients_are_to_cc_and_bcc(sink: SendGridSink, client: httpx2.Client) -> None:
    kinds = {kind: [{"email": f"{kind}@Example.com"}] for kind in ("to", "cc", "bcc")}
    send(client, call(personalizations=[kinds]))
    assert sink.messages()[0].recipients == ("to@Example.com", "cc@Example.com", "bcc@Example.com")
    assert len(sink.messages_to("BCC@example.com")) == 1


@pytest.mark.parametrize("cc", [None, 5, "x", {}, [5], [{"email": 5}]])
def test_what_is_no_list_of_addresses_adds_no_recipient(
    sink: SendGridSink, client: httpx2.Client, cc: object
) -> None:
    assert send(client, call(personalizations=[{"to": TO, "cc": cc}])).status_code == 202
    assert sink.messages()[0].recipients == ("u@example.com",)


def test_each_personalization_is_a_mail(sink: SendGridSink, client: httpx2.Client) -> None:
    send(
        client,
        call(
            personalizations=[
                {"to": [{"email": "a@example.com"}], "subject": "A"},
                {"to": [{"email": "b@example.com"}], "substitutions": {"ab12": "cd34"}},
            ]
        ),
    )
    assert [(m.recipients, m.subject) for m in sink.messages()] == [
        (("a@example.com",), "A"),
        (("b@example.com",), "Log in"),
    ]
    assert sink.messages()[1].magic_links() == [LINK.replace("ab12", "cd34")]


def test_a_dynamic_template_shows_its_data(sink: SendGridSink, client: httpx2.Client) -> None:
    entry = {"to": [{"email": "u@example.com"}], "dynamic_template_data": {"url": LINK, "n": "x"}}
    body = call(template_id="d-1", personalizations=[entry], content=None, subject=None)
    assert send(client, body).status_code == 202
    assert sink.messages()[0].magic_links() == [LINK]


def test_sandbox_mode_validates_and_delivers_nothing(
    sink: SendGridSink, client: httpx2.Client
) -> None:
    answer = send(client, call(**SANDBOX))
    assert (answer.status_code, answer.content) == (200, b"")
    assert send(client, call(**SANDBOX, content=[])).status_code == 400
    assert sink.messages() == []
    assert sink.attempts() == 0


@pytest.mark.parametrize("sandboxed", [False, True])
def test_sandbox_mode_takes_the_same_time(
    sink: SendGridSink, client: httpx2.Client, sandboxed: bool
) -> None:
    sink.set_delay(0.05, jitter=0)
    begun = time.monotonic()
    send(client, call(**SANDBOX) if sandboxed else None)
    assert time.monotonic() - begun >= 0.05


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer SG.other", f"Basic {KEY}"])
def test_wrong_credentials(
    sink: SendGridSink, client: httpx2.Client, authorization: str | None
) -> None:
    del client.headers["Authorization"]
    headers = {} if authorization is None else {"Authorization": authorization}
    answer = client.post("/v3/mail/send", json=call(), headers=headers)
    assert answer.status_code == 401
    (error,) = answer.json()["errors"]
    assert set(error) == {"message", "field", "help"}
    assert sink.messages() == []
    assert sink.attempts() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"personalizations": None}, "personalizations"),
        ({"personalizations": []}, "personalizations"),
        ({"personalizations": {"to": TO}}, "personalizations"),
        ({"personalizations": ["x"]}, "personalizations.0.to"),
        ({"personalizations": [{"to": TO}, {"to": []}]}, "personalizations.1.to"),
        ({"personalizations": [{"to": [{"email": "nobody"}]}]}, "personalizations.0.to"),
        ({"personalizations": [{"to": [{"email": None}]}]}, "personalizations.0.to"),
        ({"from": None}, "from.email"),
        ({"from": "app@example.com"}, "from.email"),
        ({"subject": None}, "subject"),
        ({"subject": ""}, "subject"),
        ({"content": None}, "content"),
        ({"content": []}, "content"),
        ({"content": "text"}, "content"),
        ({"content": [{"type": "text/plain", "value": ""}]}, "content.0.value"),
        ({"content": [{"type": "text/plain", "value": 1}]}, "content.0.value"),
        ({"content": ["text"]}, "content.0.value"),
    ],
)
def test_an_invalid_call(
    sink: SendGridSink, client: httpx2.Client, changes: dict[str, Any], field: str
) -> None:
    answer = send(client, call(**changes))
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert all(error["message"] and error["help"] for error in answer.json()["errors"])
    assert sink.messages() == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_object(client: httpx2.Client, body: bytes) -> None:
    answer = client.post("/v3/mail/send", content=body)
    assert answer.status_code == 400
    assert answer.json()["errors"] == [{"message": "Bad Request", "field": None, "help": None}]


def test_other_calls(sink: SendGridSink, client: httpx2.Client) -> None:
    assert client.get("/v3/mail/send").status_code == 405
    assert client.get("/v3/scopes").status_code == 404
    assert sink.attempts() == 0


def test_garbage_is_answered_400_and_the_sink_lives_on(
    sink: SendGridSink, client: httpx2.Client
) -> None:
    with socket.create_connection((sink.host, sink.port), CLIENT_TIMEOUT) as connection:
        connection.sendall(b"\x00\x01\x02 garbage\r\n\r\n")
        assert connection.makefile("rb").readline().startswith(b"HTTP/1.1 400")
    assert send(client).status_code == 202


def test_chunked_bodies_and_expect_continue(sink: SendGridSink, client: httpx2.Client) -> None:
    body = json.dumps(call()).encode()
    chunks = [body[:10], body[10:]]
    assert client.post("/v3/mail/send", content=iter(chunks)).status_code == 202
    head = (
        f"POST /v3/mail/send HTTP/1.1\r\nHost: sink\r\nAuthorization: Bearer {KEY}\r\n"
        f"Content-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n"
    )
    with socket.create_connection((sink.host, sink.port), CLIENT_TIMEOUT) as connection:
        lines = connection.makefile("rb")
        connection.sendall(head.encode())
        assert lines.readline().startswith(b"HTTP/1.1 100")
        connection.sendall(body)
        assert lines.readline() == b"\r\n"
        assert lines.readline().startswith(b"HTTP/1.1 202")
    assert len(sink.messages()) == 2


def test_a_connection_is_kept_open(sink: SendGridSink) -> None:
    body = json.dumps(call()).encode()
    head = (
        f"POST /v3/mail/send HTTP/1.1\r\nHost: sink\r\nAuthorization: Bearer {KEY}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection((sink.host, sink.port), CLIENT_TIMEOUT) as connection:
        lines = connection.makefile("rb")
        for _ in range(3):
            connection.sendall(head.encode() + body)
            assert lines.readline().startswith(b"HTTP/1.1 202")
            while lines.readline() != b"\r\n":
                pass
    assert len(sink.messages()) == 3


ANSWERS = [fault for fault, spec in API_FAULTS.items() if spec.effect is Effect.REFUSE]


@pytest.mark.parametrize("sandboxed", [False, True])
@pytest.mark.parametrize("fault", ANSWERS, ids=lambda fault: fault.name)
def test_a_fault_that_answers(
    sink: SendGridSink, client: httpx2.Client, fault: Fault, sandboxed: bool
) -> None:
    with sink.fault(fault) as active:
        answer = send(client, call(**SANDBOX) if sandboxed else None)
    assert answer.status_code == API_FAULTS[fault].status
    if answer.status_code >= 400:
        assert answer.json()["errors"][0]["message"]
    assert active.hits == 1
    assert sink.messages() == []
    assert sink.attempts() == (0 if sandboxed else 1)
    assert send(client).status_code == 202


def test_a_client_that_never_ends_is_cut_and_holds_up_nobody() -> None:
    async def handler(_: Request) -> Response:
        return Response(200, b"ok")

    thread = LoopThread("test")
    server = HttpServer(handler, 1_000, request_seconds=0.2)
    port = thread.run(server.listen("127.0.0.1", 0))
    slow = socket.create_connection(("127.0.0.1", port), CLIENT_TIMEOUT)
    idle = socket.create_connection(("127.0.0.1", port), CLIENT_TIMEOUT)
    with closing(slow), closing(idle):
        slow.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nx")
        idle.sendall(b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert slow.recv(1_000) == b""
        # One without a request is not: clients keep connections for later.
        assert idle.recv(1_000).startswith(b"HTTP/1.1 200")
        thread.close(server.shut_down())


def test_a_call_nested_without_end_is_refused(sink: SendGridSink, client: httpx2.Client) -> None:
    assert client.post("/v3/mail/send", content="[" * 500_000).status_code == 400
    assert sink.messages() == []
