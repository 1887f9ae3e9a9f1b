"""Tokens that look random and can be predicted (NFR-1)."""

from __future__ import annotations

import hashlib
import itertools
import random
import time
from collections.abc import Callable

from reference_app.magic_link import service
from tests.mutants.change import Change
from tests.mutants.model import mutant
from tests.steps.generators import sources
from tests.steps.generators.sources import HEX

_STEP = "no generator is found that predicts their tokens"


def _tokens(change: Change, make: Callable[[], str]) -> None:
    change.replace(service, "generate_token", make)


@mutant(
    fault="The token's digits come from V8's Math.random().",
    violates="NFR-1",
    step=_STEP,
    incident="The first answer to every search for a random string in JavaScript.",
)
def token_from_math_random(change: Change) -> None:
    draw = sources.math_random()
    _tokens(change, sources.digits(lambda: int(draw() * 16)))


@mutant(
    fault="The token is 32 bytes from Python's random.",
    violates="NFR-1",
    step=_STEP,
    incident="random instead of secrets: one import, and no test sees a difference.",
)
def token_from_randbytes(change: Change) -> None:
    source = random.Random()
    _tokens(change, lambda: source.randbytes(32).hex())


@mutant(
    fault="The token's digits are drawn with Python's random.choices.",
    violates="NFR-1",
    step=_STEP,
    incident="The usual recipe for a random string in Python.",
)
def token_from_choices(change: Change) -> None:
    source = random.Random()
    _tokens(change, lambda: "".join(source.choices(HEX, k=64)))


@mutant(
    fault="The token's digits come from PHP's mt_rand(0, 15) or Ruby's rand(16).",
    violates="NFR-1",
    step=_STEP,
    incident="Password resets of several shops were taken over that way.",
)
def token_from_mt_rand(change: Change) -> None:
    source = random.Random()
    _tokens(change, sources.digits(lambda: source.getrandbits(32)))


@mutant(
    fault="For each token Python's random is seeded with the time in milliseconds.",
    violates="NFR-1",
    step=_STEP,
    incident="Seeding it anew was meant to make it more random.",
)
def token_seeded_with_the_time(change: Change) -> None:
    now = _distinct_milliseconds()

    def make() -> str:
        source = random.Random(now())
        return "".join(source.choice(HEX) for _ in range(64))

    _tokens(change, make)


def _distinct_milliseconds() -> Callable[[], int]:
    """Return a clock that never shows the same millisecond twice: equal tokens are refused."""
    last = 0

    def now() -> int:
        nonlocal last
        last = max(last + 1, time.time_ns() // 1_000_000)
        return last

    return now


@mutant(
    fault="The token's digits come from the C library's rand().",
    violates="NFR-1",
    step=_STEP,
    incident="An extension in C, or rand() in PHP before 7.1.",
)
def token_from_libc_rand(change: Change) -> None:
    _tokens(change, sources.digits(sources.libc_rand(random.getrandbits(31))))


@mutant(
    fault="The token's digits come from rand() of Microsoft's C library.",
    violates="NFR-1",
    step=_STEP,
    incident="The lowest digits of a linear congruential generator, with a period of 2²⁰.",
)
def token_from_microsoft_rand(change: Change) -> None:
    _tokens(change, sources.digits(sources.microsoft_rand(random.getrandbits(31))))


@mutant(
    fault="The token is 32 bytes from java.util.Random.",
    violates="NFR-1",
    step=_STEP,
    incident="Random instead of SecureRandom: both have a nextBytes.",
)
def token_from_java_random(change: Change) -> None:
    _tokens(change, sources.java_bytes(random.getrandbits(48)))


@mutant(
    fault="The token's digits are drawn with nextInt(16) of java.util.Random.",
    violates="NFR-1",
    step=_STEP,
    incident="The usual recipe for a random string; rand of Perl is the same generator.",
)
def token_from_java_next_int(change: Change) -> None:
    _tokens(change, sources.java_digits(random.getrandbits(48)))


@mutant(
    fault="The token's bytes are int(rand(255)) of Perl.",
    violates="NFR-1",
    step=_STEP,
    incident="No byte is ever 255, either.",
)
def token_from_perl_rand(change: Change) -> None:
    _tokens(change, sources.perl_bytes(random.getrandbits(48), 255))


@mutant(
    fault="The token's bytes come from Go's math/rand.",
    violates="NFR-1",
    step=_STEP,
    incident="Once imported, math/rand and crypto/rand are both called rand.",
)
def token_from_go_math_rand(change: Change) -> None:
    draw = sources.go_intn(256)
    _tokens(change, lambda: bytes(draw() for _ in range(32)).hex())


@mutant(
    fault="The token is the SHA-256 of a counter.",
    violates="NFR-1",
    step=_STEP,
    incident="A hash looks random, whatever was hashed.",
)
def token_is_a_hash_of_a_counter(change: Change) -> None:
    counter = itertools.count(random.randrange(10_000))
    _tokens(change, lambda: hashlib.sha256(str(next(counter)).encode()).hexdigest())


@mutant(
    fault="The token is the SHA-256 of the time in milliseconds.",
    violates="NFR-1",
    step=_STEP,
    incident="The time is different for every token, and known to everybody.",
)
def token_is_a_hash_of_the_time(change: Change) -> None:
    now = _distinct_milliseconds()
    _tokens(change, lambda: hashlib.sha256(str(now()).encode()).hexdigest())
