"""Tokens computed from what can be guessed: hashes and seeds from the time, counters, the user."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product

_HASHES = {"MD5": hashlib.md5, "SHA-1": hashlib.sha1, "SHA-256": hashlib.sha256}
_COUNTERS = 20_000
_SMALL_SEEDS = 300
_JOINTS = ("", ":", "-", "_", "|", ".", ",", " ")
_HEX = "0123456789abcdef"
# In seconds: what the clocks of the target and of the harness may differ by.
_SKEW = 2


@dataclass(frozen=True)
class Issued:
    """A mailed token, whom it was for, and when it was requested and answered, in unix seconds."""

    token: str
    email: str
    user_id: str | None
    requested: float
    answered: float


def guessed(issued: Issued) -> str | None:
    """Return what a token was computed from, None where nothing that was tried gives it."""
    for what, text in _inputs(issued):
        data = text.encode()
        for name, digest in _HASHES.items():
            # MD5 and SHA-1 are shorter than a token, which then goes on in some other way.
            if issued.token.startswith(digest(data).hexdigest()):
                return f"the {name} of {what}, which anybody can compute"
    for what, seed in _seeds(issued):
        for how, make in _FROM_SEED.items():
            if make(random.Random(seed)) == issued.token:
                return f"Python's random ({how}), seeded with {what}, which anybody can try"
    return None


def _inputs(issued: Issued) -> Iterator[tuple[str, str]]:
    users = {"the address": issued.email, "the address in capitals": issued.email.upper()}
    if issued.user_id is not None:
        users["the user's id"] = issued.user_id
    yield from users.items()
    yield from (("a counter", str(count)) for count in range(_COUNTERS))
    times = list(_times(issued))
    yield from times
    for (who, user), (when, time), joint in product(users.items(), times, _JOINTS):
        yield f"{who} and {when}", user + joint + time
        yield f"{when} and {who}", time + joint + user


def _times(issued: Issued) -> Iterator[tuple[str, str]]:
    """Yield the seconds near the request and the milliseconds between request and answer."""
    for second in range(int(issued.requested) - _SKEW, int(issued.answered) + _SKEW + 1):
        yield "the time in seconds", str(second)
    for millisecond in _milliseconds(issued):
        yield "the time in milliseconds", str(millisecond)
        moment = datetime.fromtimestamp(millisecond / 1000, UTC)
        yield "the time in ISO form", moment.strftime("%Y-%m-%dT%H:%M:%S.%f")[:23] + "Z"


def _milliseconds(issued: Issued) -> range:
    # At most 60, so that a slow answer does not multiply what is tried.
    first = int(issued.requested * 1000) - 1
    return range(first, min(int(issued.answered * 1000) + 2, first + 60))


def _seeds(issued: Issued) -> Iterator[tuple[str, int]]:
    yield from (("a small number", seed) for seed in range(_SMALL_SEEDS))
    for second in range(int(issued.requested) - _SKEW, int(issued.answered) + _SKEW + 1):
        yield "the time in seconds", second
    yield from (("the time in milliseconds", each) for each in _milliseconds(issued))


_FROM_SEED: dict[str, Callable[[random.Random], str]] = {
    "getrandbits": lambda source: f"{source.getrandbits(256):064x}",
    "randbytes": lambda source: source.randbytes(32).hex(),
    "choice": lambda source: "".join(source.choice(_HEX) for _ in range(64)),
    "choices": lambda source: "".join(source.choices(_HEX, k=64)),
    "getrandbits(4)": lambda source: "".join(_HEX[source.getrandbits(4)] for _ in range(64)),
}
