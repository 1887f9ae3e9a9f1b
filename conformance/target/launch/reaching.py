"""Reaching a target: whether it may be touched, where it answers, how it ended."""

from __future__ import annotations

import time
from urllib.parse import urlsplit

from conformance.observe.settings import DatabasePart
from conformance.observe.wire import Wire
from conformance.outcomes import TargetLost, UsageError
from conformance.target.description import LOOPBACK, TargetDescription
from conformance.target.launch.instances import Instance

REACH_SECONDS = 10.0
_END_SECONDS = 1.0


def refuse_remote(description: TargetDescription) -> None:
    """Raise `UsageError` for an address of the target that is not this machine's."""
    database = description.database or DatabasePart()
    urls = {
        "base_url": description.base_url,
        "database.url": database.url,
        "database.server": database.server,
    }
    for key, url in urls.items():
        host = urlsplit(url).hostname if url else None
        if host and host not in LOOPBACK:
            raise UsageError(
                f"`{key}`: {host} is not this machine; only loopback targets are touched "
                "unless --allow-remote says otherwise"
            )


def how_it_ended(target: Instance) -> str:
    """Return how the target ended, or ""; its connections end a moment before its process."""
    deadline = time.monotonic() + _END_SECONDS
    while not (ended := target.ended()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return ended


def answering_url(base_url: str) -> str:
    """Return the URL at which the target answers HTTP; `localhost` may be either loopback address.

    Raises `TargetLost` when it does not answer.
    """
    error = ""
    for url in dict.fromkeys((base_url, base_url.replace("//localhost", "//[::1]"))):
        answer = Wire(url, {}, str).attempt("GET", "/", timeout=REACH_SECONDS)
        if not answer.error:
            return url
        error = error or answer.error
    raise TargetLost(f"{base_url} does not answer HTTP: {error}")
