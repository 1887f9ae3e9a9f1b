"""What shows that tokens are not 32 random bytes (NFR-1)."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable

import pytest

from conformance.steps.statistics.binomial import at_least, at_most, upper_bound
from conformance.steps.statistics.tokens import token_findings

Maker = Callable[[random.Random, int], str]


def random_hex(rng: random.Random, characters: int = 64) -> str:
    return f"{rng.getrandbits(4 * characters):0{characters}x}"


def made(maker: Maker, count: int = 200, seed: int = 1) -> list[str]:
    rng = random.Random(seed)
    return [maker(rng, at) for at in range(count)]


def uuid4(rng: random.Random) -> str:
    digits = list(random_hex(rng, 32))
    digits[12] = "4"
    digits[16] = rng.choice("89ab")
    return "".join(digits)


def complement(digits: str) -> str:
    return f"{int(digits, 16) ^ ((1 << 4 * len(digits)) - 1):0{len(digits)}x}"


FAULTY: dict[str, tuple[Maker, str]] = {
    "two version-4 UUIDs": (lambda r, at: uuid4(r) + uuid4(r), "characters at 13, 17, 45, 49 of"),
    "one UUID twice": (lambda r, at: uuid4(r) * 2, "stretches of"),
    "milliseconds first": (
        lambda r, at: f"{1_700_000_000_000 + 137 * at:012x}" + random_hex(r, 52),
        "they follow time",
    ),
    "a counter last": (lambda r, at: random_hex(r, 56) + f"{at:08x}", "bits at 225-"),
    "16 bytes hashed, written twice": (
        lambda r, at: hashlib.md5(str(at).encode()).hexdigest() * 2,
        "pairs of bits within a token",
    ),
    "a half and its complement": (
        lambda r, at: (half := random_hex(r, 32)) + complement(half),
        "128 pairs of bits within a token",
    ),
    "a short number, padded": (
        lambda r, at: f"{int(r.random() * 10**9):064x}",
        "closer together than chance allows",
    ),
    "16 bytes, padded": (lambda r, at: random_hex(r, 32) + "0" * 32, "characters at 33-64 of 64"),
    "a plain counter": (lambda r, at: f"{(7 << 250) + at:064x}", "step that was seen already"),
    "a wide step": (
        lambda r, at: (
            f"{at * 0x9E3779B97F4A7C15F39CC0605CEDC8341082276BF3A27251F86C6A11D0C18E95:064x}"[-64:]
        ),
        "step that was seen already",
    ),
    "decimal digits": (lambda r, at: "".join(r.choices("0123456789", k=64)), "of all characters"),
    "letters, then hex": (
        lambda r, at: "".join(r.choices("abcdefghijklmnop", k=32)).encode().hex(),
        "bits at 1",
    ),
    "each bit set with 0.45": (
        lambda r, at: f"{sum((r.random() < 0.45) << bit for bit in range(256)):064x}",
        "of all bits are set",
    ),
    "one of three prefixes": (
        lambda r, at: f"{hashlib.sha256(bytes([at % 3])).hexdigest()[:16]}{random_hex(r, 48)}",
        "stretches of",
    ),
}


@pytest.mark.parametrize("name", FAULTY)
def test_a_faulty_generator_is_found(name: str) -> None:
    maker, finding = FAULTY[name]
    findings = token_findings(made(maker))
    assert any(finding in sentence for sentence in findings), findings


@pytest.mark.parametrize("count", [0, 1, 2, 20, 200, 500])
def test_random_tokens_give_no_finding(count: int) -> None:
    for seed in range(20):
        assert token_findings(made(lambda r, at: random_hex(r), count, seed)) == []


def test_a_hash_of_a_counter_cannot_be_told_from_outside() -> None:
    assert token_findings(made(lambda r, at: hashlib.sha256(bytes([at])).hexdigest())) == []


@pytest.mark.parametrize(
    "wrong", ["A" * 64, "a" * 63, "a" * 65, "g" * 64, "", "a" * 63 + "\n", "a" * 64 + "\n"]
)
def test_a_wrong_shape_is_counted(wrong: str) -> None:
    findings = token_findings([*made(lambda r, at: random_hex(r), 3), wrong])
    assert findings == ["1 of 4 tokens are not 64 lower-case hexadecimal characters"]


def test_a_repeat_is_counted() -> None:
    tokens = made(lambda r, at: random_hex(r), 5)
    assert token_findings([*tokens, tokens[1]]) == ["1 of 6 tokens repeat an earlier one"]


def test_padding_shows_in_a_single_token() -> None:
    assert any(
        "stretches" in found for found in token_findings(["0" * 40 + "5f8b1c7d9e2a46037f1a9c3e"])
    )


def test_falling_tokens_are_found_as_well_as_rising_ones() -> None:
    falling = sorted(made(lambda r, at: random_hex(r)), reverse=True)
    assert any("0 rise" in found for found in token_findings(falling))


def test_a_token_that_leans_on_the_one_before_is_found() -> None:
    rng = random.Random(9)
    value, tokens = rng.getrandbits(256), []
    for _ in range(200):
        value ^= rng.getrandbits(256) & rng.getrandbits(256)  # a quarter of the bits turn
        tokens.append(f"{value:064x}")
    assert any("token issued before" in found for found in token_findings(tokens))


def test_no_finding_holds_a_token() -> None:
    for maker, _ in FAULTY.values():
        tokens = made(maker, 40)
        text = " ".join(token_findings(tokens))
        assert not any(token[at : at + 8] in text for token in tokens for at in range(57))


def test_the_bound_is_never_less_than_the_exact_tail() -> None:
    for probability in (0.5, 1 / 16):
        for trials in (10, 200):
            for k in range(trials + 1):
                above = k / trials > probability
                tail = at_least if above else at_most
                assert upper_bound(k, trials, probability) >= tail(k, trials, probability) - 1e-12
