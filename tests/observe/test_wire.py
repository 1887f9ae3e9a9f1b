"""One request, one exchange, whatever the other side does."""

from __future__ import annotations

import socket
import threading

import pytest

from conformance.observe.wire import Wire
from conformance.outcomes import Failed, TargetLost
from tests.observe.raw_server import (
    RawServer,
    Serve,
    answering,
    dripping,
    flooding,
    raw_server,
    until_closed,
)

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"


def wire_to(server: RawServer, lost: str = "") -> Wire:
    return Wire(server.url, {"x-forwarded-proto": "https"}, lambda: lost)


def test_an_exchange() -> None:
    with raw_server(answering(OK)) as server:
        exchange = wire_to(server).post("/path", {"a": 1})
    assert (exchange.status, exchange.json(), exchange.error) == (200, {}, "")
    assert exchange.elapsed > 0
    assert exchange.request_body == b'{"a": 1}'
    sent = dict(exchange.request_headers)
    assert sent["x-forwarded-proto"] == "https"
    assert sent["content-type"] == "application/json"


def test_what_is_on_the_wire() -> None:
    received = bytearray()

    def serve(connection: socket.socket) -> None:
        received.extend(connection.recv(65_536))
        connection.sendall(OK)

    with raw_server(serve) as server:
        wire_to(server).get("/path?x=1", {"cookie": "auth_token=1"})
    head, _, body = bytes(received).partition(b"\r\n\r\n")
    lines = head.decode().lower().splitlines()
    assert lines[0] == "get /path?x=1 http/1.1"
    assert "cookie: auth_token=1" in lines
    assert "connection: close" in lines
    # One of each: a doubled header is a fault of its own to strict servers.
    names = [line.partition(":")[0] for line in lines[1:]]
    assert len(names) == len(set(names))
    assert body == b""


def test_visitors_at_the_same_moment_each_get_their_answer() -> None:
    def echo(connection: socket.socket) -> None:
        head = connection.recv(65_536)
        cookie = head.partition(b"cookie: ")[2].partition(b"\r\n")[0]
        answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(cookie), cookie)
        connection.sendall(answer if head.startswith(b"GET /me HTTP/1.1\r\n") else b"")

    visitors = [{"cookie": f"auth_token={number}"} for number in range(3)]
    with raw_server(echo) as server:
        answers = wire_to(server).burst_without_body("GET", "/me", visitors)
    assert [answer.text for answer in answers] == [each["cookie"] for each in visitors]


def test_each_request_comes_from_another_address() -> None:
    with raw_server(answering(OK)) as server:
        wire = wire_to(server)
        for _ in range(5):
            wire.get("/")
    assert len(set(server.peers)) == 5
    assert all(peer.startswith("127.") for peer in server.peers)


def test_an_answer_that_comes_before_the_body_is_read() -> None:
    refusal = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

    def serve(connection: socket.socket) -> None:
        connection.recv(1_000)
        connection.sendall(refusal)
        # The client is still sending: what it sends from here on is not read.
        connection.shutdown(socket.SHUT_WR)
        until_closed(connection)

    with raw_server(serve) as server:
        exchange = wire_to(server).send("POST", "/", b"x" * 5_000_000)
    assert exchange.status == 413


def test_only_the_beginning_of_a_huge_body_is_kept() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 50000000\r\n\r\n"
    with raw_server(answering(head + b"x" * 50_000_000)) as server:
        exchange = wire_to(server).get("/")
    assert 1_000_000 <= len(exchange.body) < 1_100_000


def test_a_server_that_keeps_the_connection_open_is_not_waited_for() -> None:
    def serve(connection: socket.socket) -> None:
        answering(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")(connection)
        until_closed(connection)

    with raw_server(serve) as server:
        exchange = wire_to(server).attempt("GET", "/", timeout=3)
    assert (exchange.status, exchange.body, exchange.error) == (200, b"{}", "")


def test_redirects_are_answers_and_not_followed() -> None:
    answer = b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"
    with raw_server(answering(answer)) as server:
        assert wire_to(server).get("/").status == 302
    assert len(server.peers) == 1


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (b"\x00\x01garbage\r\n\r\n", "what came back is not HTTP"),
        (b"", "closed without answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", "the answer was cut off"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "the answer was cut off"),
        (
            b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n",
            "a line of the answer's head is longer",
        ),
    ],
)
def test_what_is_no_answer(answer: bytes, told: str) -> None:
    with raw_server(answering(answer)) as server:
        wire = wire_to(server)
        assert told in wire.attempt("GET", "/").error
        with pytest.raises(Failed, match="the answer to GET /"):
            wire.send("GET", "/")


def test_a_target_that_never_answers_is_waited_for_once() -> None:
    with raw_server(until_closed) as server:
        exchange = wire_to(server).attempt("GET", "/", timeout=0.2)
    assert exchange.error == "the answer was not complete after 0 s"


HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
INTERIM = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
NOT_COMPLETE = "the answer was not complete after 0 s"


@pytest.mark.parametrize(
    ("serve", "told"),
    [
        (until_closed, NOT_COMPLETE),
        (dripping(b"", b"H"), NOT_COMPLETE),
        (dripping(HEAD, b"X: y\r\n"), NOT_COMPLETE),
        (dripping(b"", INTERIM), NOT_COMPLETE),
        (dripping(HEAD + b"Content-Length: 9999\r\n\r\n", b"x"), NOT_COMPLETE),
        (dripping(HEAD + b"\r\n", b"x"), NOT_COMPLETE),
        (dripping(CHUNKED, b"1\r\nx\r\n"), NOT_COMPLETE),
        (dripping(CHUNKED + b"0\r\n", b"X: y\r\n"), NOT_COMPLETE),
        (flooding(b"", INTERIM * 1_000), "got more than 100 interim answers (1xx)"),
        (flooding(HEAD, b"X: y\r\n" * 1_000), "got more than 100 headers"),
        (flooding(CHUNKED + b"0\r\n", b"X: y\r\n" * 1_000), "too much around its body"),
        (flooding(CHUNKED, b"1;" + b"x" * 60_000 + b"\r\n1\r\n"), "too much around its body"),
    ],
)
def test_an_answer_without_an_end_is_no_answer(serve: Serve, told: str) -> None:
    # Floods are cut by their size. Should one be cut by the deadline, the test fails.
    timeout = 0.3 if told == NOT_COMPLETE else 60
    with raw_server(serve) as server:
        exchange = wire_to(server).attempt("GET", "/", timeout=timeout)
    assert told in exchange.error
    assert exchange.status == 0


def test_a_body_without_an_end_is_read_as_far_as_it_counts() -> None:
    with raw_server(flooding(HEAD + b"\r\n", b"x" * 100_000)) as server:
        exchange = wire_to(server).attempt("GET", "/", timeout=60)
    assert 1_000_000 <= len(exchange.body) < 1_100_000


def test_a_server_that_does_not_read_is_given_up() -> None:
    done = threading.Event()

    def serve(connection: socket.socket) -> None:
        done.wait(60)

    with raw_server(serve) as server:
        exchange = wire_to(server).attempt("POST", "/", b"x" * 50_000_000, timeout=0.3)
        done.set()
    assert exchange.error == NOT_COMPLETE


def test_a_handshake_that_hangs_is_given_up() -> None:
    with raw_server(until_closed) as server:
        wire = Wire(server.url.replace("http:", "https:"), {}, lambda: "")
        assert wire.attempt("GET", "/", timeout=0.3).error == NOT_COMPLETE


def test_interim_answers_are_left_out() -> None:
    interim = b"HTTP/1.1 100 Continue\r\n\r\n" + INTERIM
    with raw_server(answering(interim + OK)) as server:
        exchange = wire_to(server).get("/")
    assert (exchange.status, exchange.body) == (200, b"{}")


def test_a_path_of_a_mailed_link_may_hold_anything() -> None:
    received = bytearray()

    def serve(connection: socket.socket) -> None:
        received.extend(connection.recv(65_536))
        connection.sendall(OK)

    with raw_server(serve) as server:
        wire_to(server).get("/ü?token=a\0b c&x=%2F")
    assert received.startswith(b"GET /%C3%BC?token=a%00b%20c&x=%2F HTTP/1.1\r\n")


def test_a_lost_target_is_no_failed_requirement() -> None:
    with (
        raw_server(answering(b"")) as server,
        pytest.raises(TargetLost, match="its process ended"),
    ):
        wire_to(server, "its process ended").send("GET", "/")


def test_the_third_silence_in_a_row_ends_the_run() -> None:
    with raw_server(until_closed) as server:
        wire = wire_to(server)
        for _ in range(2):
            with pytest.raises(Failed):
                wire.send("POST", "/", timeout=0.1)
        with pytest.raises(TargetLost, match="3 requests in a row were not answered"):
            wire.send("POST", "/", timeout=0.1)


def test_an_answer_in_between_breaks_the_row() -> None:
    serves = iter([until_closed, until_closed, answering(OK), until_closed, until_closed])

    with raw_server(lambda connection: next(serves)(connection)) as server:
        wire = wire_to(server)
        for _ in range(2):
            with pytest.raises(Failed):
                wire.send("GET", "/", timeout=0.1)
        assert wire.get("/").status == 200
        for _ in range(2):
            with pytest.raises(Failed):
                wire.send("GET", "/", timeout=0.1)


def test_quick_failures_are_failures_however_many() -> None:
    with raw_server(answering(b"")) as server:
        wire = wire_to(server)
        for _ in range(4):
            with pytest.raises(Failed):
                wire.get("/")


def test_exchanges_become_evidence_unless_told_otherwise() -> None:
    with raw_server(answering(OK)) as server:
        wire = wire_to(server)
        wire.attempt("GET", "/kept")
        wire.attempt("GET", "/dropped", keep=False)
    assert [exchange.url for exchange in wire.evidence.exchanges] == [f"{server.url}/kept"]
    assert wire.evidence.points == {"wire"}
