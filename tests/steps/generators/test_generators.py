"""Whether generators that are not cryptographic are recovered from their tokens (NFR-1).

`samples.json` holds tokens that the generators themselves made: node's, java's and glibc's.
"""

from __future__ import annotations

import hashlib
import json
import random
import secrets
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path

import pytest

from conformance.steps.generators import TOKENS, Issued, generator_behind
from conformance.steps.generators.gf2 import Equations
from tests.steps.generators import sources
from tests.steps.generators.sources import HEX

SAMPLES = json.loads(Path(__file__).with_name("samples.json").read_text(encoding="utf-8"))
NAMES = {"node 20": "Math.random()", "java 17": "java.util.Random", "glibc 2": "(glibc)"}
NOW = 1_795_000_000.25
USER = "0b0a7b1e-9c1d-4000-8000-000000000000"


def behind(tokens: Sequence[str]) -> str | None:
    return generator_behind(
        [Issued(token, "ada@example.com", USER, NOW, NOW + 0.03) for token in tokens]
    )


def samples() -> list[tuple[str, str]]:
    return [(source, how) for source, made in SAMPLES.items() for how in made]


@pytest.mark.parametrize(("source", "how"), samples())
def test_real_samples_are_recovered(source: str, how: str) -> None:
    found = behind(SAMPLES[source][how])
    assert found is not None
    assert NAMES[source] in found


def python_tokens(make: Callable[[random.Random], str]) -> list[str]:
    source = random.Random(20261126)
    source.getrandbits(32)  # somebody else drew before
    return [make(source) for _ in range(TOKENS)]


PYTHON: dict[str, Callable[[random.Random], str]] = {
    "randbytes(32)": lambda r: r.randbytes(32).hex(),
    "'%064x' % getrandbits(256)": lambda r: f"{r.getrandbits(256):064x}",
    "getrandbits(64)": lambda r: "".join(f"{r.getrandbits(64):016x}" for _ in range(4)),
    "getrandbits(32)": lambda r: "".join(f"{r.getrandbits(32):08x}" for _ in range(8)),
    "getrandbits(4)": lambda r: "".join(HEX[r.getrandbits(4)] for _ in range(64)),
    "getrandbits(8)": lambda r: "".join(f"{r.getrandbits(8):02x}" for _ in range(32)),
    "choices": lambda r: "".join(r.choices(HEX, k=64)),
    "int(random() * 256)": lambda r: "".join(f"{int(r.random() * 256):02x}" for _ in range(32)),
    "PHP: mt_rand(0, 15)": lambda r: "".join(HEX[r.getrandbits(32) % 16] for _ in range(64)),
    "PHP: mt_rand() % 16": lambda r: "".join(HEX[r.getrandbits(31) % 16] for _ in range(64)),
    "Ruby: rand(256)": lambda r: "".join(f"{r.getrandbits(32) % 256:02x}" for _ in range(32)),
    "PHP: mt_rand() % 256": lambda r: "".join(f"{r.getrandbits(31) % 256:02x}" for _ in range(32)),
}


@pytest.mark.parametrize("how", PYTHON)
def test_mt19937_is_recovered(how: str) -> None:
    found = behind(python_tokens(PYTHON[how]))
    assert found is not None
    assert "MT19937" in found


def test_other_tokens_in_between_break_the_prediction_of_mt19937() -> None:
    tokens = python_tokens(PYTHON["getrandbits(4)"])
    tokens[::2] = [secrets.token_hex(32) for _ in tokens[::2]]
    assert behind(tokens) is None


GO, DOTNET, V8 = sources.lagged(607, 273, 64), sources.lagged(55, 34, 31, -1), sources.math_random()
COUNTER = count()


def go(digits: int, draw: sources.Draw) -> list[str]:
    return ["".join(f"{draw():0{digits}x}" for _ in range(64 // digits)) for _ in range(TOKENS)]


OTHERS: dict[str, tuple[Callable[[], Sequence[str]], str]] = {
    "Go: Intn(16)": (lambda: go(1, sources.go_intn(16)), "Go's math/rand"),
    "Go: Intn(256)": (lambda: go(2, sources.go_intn(256)), "Go's math/rand"),
    "Go: Uint32()": (lambda: go(8, lambda: next(GO) >> 31 & 2**32 - 1), "Go's math/rand"),
    "glibc": (lambda: [sources.digits(sources.libc_rand(7))()], "(glibc)"),
    "Microsoft": (lambda: [sources.digits(sources.microsoft_rand(7))()], "Microsoft"),
    ".NET": (lambda: go(2, lambda: next(DOTNET) % 256), ".NET"),
    "java": (lambda: [sources.java_bytes(7)()], "java.util.Random"),
    "java: nextInt(16)": (lambda: [sources.java_digits(7)()], "nextInt, 16 values"),
    "perl: rand(256)": (lambda: [sources.perl_bytes(7, 256)()], "nextInt, 256 values"),
    "perl: rand(255)": (lambda: [sources.perl_bytes(7, 255)()], "nextInt, 255 values"),
    "java: nextDouble() * 16": (lambda: [sources.java_digits(7, draws=2)()], "nextDouble()"),
    "V8": (lambda: [sources.digits(lambda: int(V8() * 16))()], "Math.random()"),
}


@pytest.mark.parametrize("generator", OTHERS)
def test_other_generators_are_recovered(generator: str) -> None:
    make, name = OTHERS[generator]
    found = behind(make())
    assert found is not None
    assert name in found


@pytest.mark.parametrize("skipped", range(0, 64, 9))
def test_math_random_is_recovered_wherever_its_cache_begins_anew(skipped: int) -> None:
    draw = sources.math_random()
    for _ in range(skipped):
        draw()
    found = behind([sources.digits(lambda: int(draw() * 16))()])
    assert found is not None
    assert "128 further bits" in found


def digest(text: object) -> str:
    return hashlib.sha256(str(text).encode()).hexdigest()


def drawn(seed: int) -> str:
    source = random.Random(seed)
    return "".join(source.choice(HEX) for _ in range(64))


@pytest.mark.parametrize(
    ("token", "found"),
    [
        (digest(int(NOW)), "the SHA-256 of the time in seconds"),
        (digest(int(NOW * 1000) + 12), "the SHA-256 of the time in milliseconds"),
        (digest("2026-11-18T11:06:40.255Z"), "the SHA-256 of the time in ISO form"),
        (digest(4711), "the SHA-256 of a counter"),
        (digest("ada@example.com"), "the SHA-256 of the address"),
        (digest(USER), "the SHA-256 of the user's id"),
        (digest(f"ada@example.com{int(NOW)}"), "the SHA-256 of the address and the time"),
        (digest(f"{int(NOW * 1000)}:{USER}"), "the SHA-256 of the time in milliseconds and the"),
        (
            hashlib.md5(b"17").hexdigest() + "3aa5d93780e4994b34e21fb8267e2606",
            "the MD5 of a counter",
        ),
        (drawn(int(NOW) - 1), "random (choice), seeded with the time in seconds"),
        (drawn(int(NOW * 1000) + 5), "random (choice), seeded with the time in milliseconds"),
        (drawn(42), "random (choice), seeded with a small number"),
    ],
)
def test_what_can_be_guessed_is_found(token: str, found: str) -> None:
    told = behind([token])
    assert told is not None
    assert found in told


HONEST: dict[str, Callable[[], str]] = {
    "secrets": lambda: secrets.token_hex(32),
    "a keyed hash of a counter": lambda: hashlib.blake2b(
        str(next(COUNTER)).encode(), key=b"secret", digest_size=32
    ).hexdigest(),
}


@pytest.mark.parametrize("how", HONEST)
def test_tokens_of_a_cryptographic_source_are_not_accused(how: str) -> None:
    assert behind([HONEST[how]() for _ in range(TOKENS)]) is None


@pytest.mark.parametrize("tokens", [0, 1, 5, 50])
def test_few_tokens_are_enough_to_accuse_nobody(tokens: int) -> None:
    assert behind([secrets.token_hex(32) for _ in range(tokens)]) is None


def test_equations_count_what_they_predict_and_see_a_contradiction() -> None:
    equations = Equations()
    # a + b = 1, b = 1, therefore a = 0
    assert equations.agree(0b11_1)
    assert equations.agree(0b10_1)
    assert equations.confirmed == 0
    assert equations.agree(0b01_0)
    assert equations.confirmed == 1
    assert not equations.agree(0b01_1)
