"""Only this machine: every address of a description is decided about, and nothing else reached."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import psycopg
import pytest

from conformance.observe import addresses
from conformance.observe.addresses import addresses_of, allowing, database_addresses
from conformance.observe.connection import connect
from conformance.observe.http_client import call, get
from conformance.observe.wire import Wire
from conformance.outcomes import UsageError
from conformance.target.description import parse_description
from conformance.target.testbed_setup import Permissions, TestbedOpening
from tests.observe.raw_server import answering, raw_server
from tests.place import REPOSITORY

NAME = "shop.test"
HERE = "http://127.0.0.1:9"
Resolve = Callable[..., Any]


@pytest.fixture(autouse=True)
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """Resolve these names by hand, each time to the next of their addresses."""
    answers: dict[str, list[str]] = {NAME: ["127.0.0.2"]}
    real = socket.getaddrinfo

    def resolve(host: str, *rest: Any, **more: Any) -> Any:
        given = answers.get(host)
        address = (given.pop(0) if len(given) > 1 else given[0]) if given else host
        return real(address, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(addresses._policy, "known", {})
    return answers


@pytest.fixture
def elsewhere() -> Iterator[socket.socket]:
    """Listen where nothing may connect to."""
    with closing(socket.create_server(("127.0.0.2", 0))) as listener:
        listener.setblocking(False)
        yield listener
        with pytest.raises(BlockingIOError):
            listener.accept()


ELSEWHERE: dict[str, dict[str, Any]] = {
    "base_url": {"base_url": "http://127.0.0.2:{port}"},
    "base_url by name": {"base_url": f"http://{NAME}:{{port}}"},
    "base_url by https": {"base_url": "https://127.0.0.2:{port}"},
    "base_url as IPv4 in IPv6": {"base_url": "http://[::ffff:127.0.0.2]:{port}"},
    "base_url as a number": {"base_url": "http://2130706434:{port}"},
    "mail.url": {"mail": {"kind": "mailpit", "url": "http://127.0.0.2:{port}"}},
    "mail.url by name": {"mail": {"kind": "mailpit", "url": f"http://a:b@{NAME}:{{port}}"}},
    "clock.url": {"clock": {"kind": "http", "url": "http://127.0.0.2:{port}/clock"}},
    "clock.url by name": {"clock": {"kind": "http", "url": f"http://{NAME}:{{port}}/clock"}},
    "session.jwks": {"session": {"jwks": "http://127.0.0.2:{port}/jwks"}},
    "session.jwks by name": {"session": {"jwks": f"http://{NAME}:{{port}}/jwks"}},
}
DATABASES = {
    "authority": "//a@127.0.0.2:{port}/b",
    "name": f"//a@{NAME}:{{port}}/b",
    "?host=": "//a@127.0.0.1/b?host=127.0.0.2&port={port}",
    "?host= without a host": "///b?host=127.0.0.2&port={port}",
    "?hostaddr=": "//a@127.0.0.1/b?hostaddr=127.0.0.2&port={port}",
    "?hostaddr= without a host": "///b?hostaddr=127.0.0.2&port={port}",
    "one of several": "//a@127.0.0.1:9,127.0.0.2:{port}/b",
    "one of several as ?host=": "///b?host=127.0.0.1,127.0.0.2&port=9,{port}",
    "a socket first": "///b?host=/nowhere,127.0.0.2&port=9,{port}",
    "escaped": "//a@127.0.0.%32:{port}/b",
}
for kind, url in DATABASES.items():
    described = f"postgresql:{url}"
    ELSEWHERE[f"database.url by {kind}"] = {"database": {"url": described}}
    ELSEWHERE[f"database.server by {kind}"] = {"database": {"server": described}}


def filled(value: Any, port: int) -> Any:
    if isinstance(value, dict):
        return {key: filled(item, port) for key, item in value.items()}
    return value.replace("{port}", str(port)) if isinstance(value, str) else value


@pytest.mark.parametrize("what", ELSEWHERE)
def test_another_machine_is_refused_whatever_the_key(what: str, elsewhere: socket.socket) -> None:
    parts = filled(ELSEWHERE[what], elsewhere.getsockname()[1])
    way: dict[str, Any] = {"base_url": HERE}
    if "server" in what:
        way = {"launch": {"command": ["touch", "started"]}}
    description = parse_description(way | parts, "here", REPOSITORY)
    opening = TestbedOpening(description, Permissions())
    with pytest.raises(UsageError, match="is not this machine; only loopback") as refused:
        opening.open()
    assert str(refused.value).startswith(f"`{what.split()[0]}`: ")
    assert not (REPOSITORY / "started").exists()


def test_a_path_cannot_say_where_to_connect_to() -> None:
    for parts in (
        {"launch": {"command": ["x"], "ready_path": "@127.0.0.2/"}},
        {"base_url": "http://127.0.0.1:80@127.0.0.2/"},
        {"base_url": HERE, "protected": ["GET @127.0.0.2/"]},
        {"base_url": HERE, "session": {"jwks": "@127.0.0.2/jwks"}},
    ):
        with pytest.raises(UsageError, match="expected"):
            parse_description(parts, "here", REPOSITORY)


@pytest.mark.parametrize("parameter", ["service", "servicefile", "dbname"])
def test_a_database_url_says_all_by_itself(parameter: str) -> None:
    url = f"postgresql://a@127.0.0.1/b?{parameter}=c"
    with pytest.raises(UsageError, match=f"expected a URL .*{parameter}"):
        parse_description({"base_url": HERE, "database": {"url": url}}, "here", REPOSITORY)


def test_a_host_is_resolved_once(names: dict[str, list[str]], elsewhere: socket.socket) -> None:
    names[NAME] = ["127.0.0.1", "127.0.0.2"]
    with raw_server(answering(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")) as server:
        port = server.url.rpartition(":")[2]
        url = f"http://{NAME}:{port}"
        assert [get(url, 2).status, call("POST", url, 2, {}).status] == [200, 200]
        assert Wire(url, {}, str).get("/").status == 200
    assert names[NAME] == ["127.0.0.2"]
    assert addresses_of(NAME) == ("127.0.0.1",)


def test_the_database_is_where_it_was_decided_to_be(
    names: dict[str, list[str]], elsewhere: socket.socket
) -> None:
    names[NAME] = ["127.0.0.1", "127.0.0.2"]
    port = elsewhere.getsockname()[1]
    for _ in range(2):
        with pytest.raises(psycopg.OperationalError, match=r'"127\.0\.0\.1", port .* refused'):
            connect(f"postgresql://a@{NAME}:{port}/b")


def test_a_name_for_two_machines_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    both = [(2, 1, 6, "", ("127.0.0.1", 0)), (2, 1, 6, "", ("127.0.0.2", 0))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
    with pytest.raises(UsageError, match=r"both\.test \(127\.0\.0\.2\) is not this machine"):
        addresses_of("both.test")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_redirection_is_not_followed(method: str, elsewhere: socket.socket) -> None:
    place = f"http://127.0.0.2:{elsewhere.getsockname()[1]}/"
    answer = f"HTTP/1.1 302 Found\r\nlocation: {place}\r\ncontent-length: 0\r\n\r\n"
    with raw_server(answering(answer.encode())) as server:
        assert call(method, server.url, 2).status == 302
        assert Wire(server.url, {}, str).attempt(method, "/").status == 302


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.1", "0x7f000001"])
def test_this_machine_under_other_names(host: str) -> None:
    assert set(addresses_of(host)) <= {"127.0.0.1", "::1"}


@pytest.mark.parametrize("host", ["0.0.0.0", "127.0.0.2", "::ffff:127.0.0.1", "192.0.2.1"])
def test_others_are_reached_when_they_are_allowed(host: str) -> None:
    with pytest.raises(UsageError, match=f"{host} is not this machine"):
        addresses_of(host)
    with allowing(remote=True):
        assert addresses_of(host) == (host,)
    with pytest.raises(UsageError, match="is not this machine"):
        addresses_of(host)


def test_a_name_that_stands_for_nothing(names: dict[str, list[str]]) -> None:
    for host in ("a..b", "", "x" * 300):
        with pytest.raises(UsageError, match="has no address"):
            addresses_of(host)


def test_sockets_and_several_hosts_are_given_to_libpq_as_they_are() -> None:
    assert database_addresses("postgresql:///b") == {"host": "", "hostaddr": "", "port": ""}
    assert database_addresses("postgresql:///b?host=/run/pg,127.0.0.1&port=5") == {
        "host": "/run/pg,127.0.0.1",
        "hostaddr": ",127.0.0.1",
        "port": "5,5",
    }
