"""Which addresses the harness connects to: this machine's, unless the caller allows others.

Everything that connects asks here. A host name is resolved once, its addresses are checked,
and only they are connected to: a name that has other addresses a moment later
gains nothing by it.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import zip_longest
from urllib.parse import urlsplit

from psycopg.conninfo import conninfo_to_dict

from conformance.outcomes import UsageError

# No other address of 127.0.0.0/8: behind one may be a tunnel, or a container.
IPV4 = "127.0.0.1"
LOOPBACK = (IPV4, "::1")
_SOCKETS = ("/", "@")


@dataclass
class _Policy:
    """What this process may connect to, and what names were resolved to."""

    remote: bool = False
    known: dict[str, tuple[str, ...]] = field(default_factory=dict)


_policy = _Policy()


@contextmanager
def allowing(*, remote: bool) -> Iterator[None]:
    """Decide whether other machines may be connected to meanwhile."""
    before = _policy.remote
    _policy.remote = remote
    try:
        yield
    finally:
        _policy.remote = before


def addresses_of(host: str) -> tuple[str, ...]:
    """Return the IP addresses to connect to for a host.

    Raises `UsageError` when one of them is another machine's and only this one may be touched, or
    when there is none.
    """
    if host not in _policy.known:
        _policy.known[host] = _resolved(host)
    found = _policy.known[host]
    others = [address for address in found if address not in LOOPBACK]
    if others and not _policy.remote:
        addresses = "" if host in others else f" ({', '.join(others)})"
        raise UsageError(
            f"{host}{addresses} is not this machine; only loopback targets are touched "
            "unless --allow-remote says otherwise"
        )
    return found


def _resolved(host: str) -> tuple[str, ...]:
    try:
        answers = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise UsageError(f"{host} has no address ({error})") from error
    # IPv4 first: there every connection can have a client address of its own.
    found = sorted({str(answer[4][0]) for answer in answers}, key=lambda each: (":" in each, each))
    return tuple(found)


def decide(key: str, url: str | None) -> None:
    """Raise `UsageError` when what a description gives as `key` must not be connected to.

    The URL is one of HTTP or of PostgreSQL.
    """
    if url is None:
        return
    try:
        if url.startswith("http"):
            addresses_of(urlsplit(url).hostname or "")
        else:
            database_addresses(url)
    except UsageError as error:
        raise UsageError(f"`{key}`: {error}") from error


def database_addresses(url: str) -> dict[str, str]:
    """Return libpq's `host`, `hostaddr` and `port` for a URL, with every host resolved.

    A URL may name several hosts, in its authority or as `?host=` and `?hostaddr=`. A socket, or no
    host at all, is this machine's. Raises `UsageError` as `addresses_of` does.
    """
    given = conninfo_to_dict(url)
    hosts, addresses, ports = (
        str(given.get(name) or "").split(",") for name in ("host", "hostaddr", "port")
    )
    count = max(len(hosts), len(addresses))
    if len(ports) == 1:
        ports *= count
    places = []
    for host, address, port in zip_longest(hosts, addresses, ports, fillvalue=""):
        is_socket = not address and (not host or host.startswith(_SOCKETS))
        found = ("",) if is_socket else addresses_of(address or host)
        places += [(host, each, port) for each in found]
    columns = (",".join(column) for column in zip(*places, strict=True))
    return dict(zip(("host", "hostaddr", "port"), columns, strict=True))
