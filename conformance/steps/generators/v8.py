"""V8's `Math.random()`: xorshift128+, of which only the linear half is handed out.

V8 fills a cache with 64 outputs and hands them out in reverse; each is the upper 52 bits of one of
the two words of state (src/numbers/math-random.cc, src/base/utils/random-number-generator.h).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from conformance.steps.generators.gf2 import Equations
from conformance.steps.generators.streams import DIGITS, ENOUGH_BITS, chunks

_CACHE = 64
# Digits taken from the front of each output, and how many of them are sure. `random() * 0xffffffff`
# has the first digits of `random() * 2 ** 32`; `toString(16)` gives up to 13 digits.
_TAKEN = ((1, 1), (2, 2), (4, 4), (8, 6), (13, 13), (12, 12), (10, 10), (6, 6), (16, 13))

Word = tuple[int, ...]  # 64 linear forms of the 128 unknown bits, the lowest bit first


def math_random(tokens: Sequence[str]) -> str | None:
    """Return how far the rest of a token follows from its beginning, None where it does not."""
    for digits, sure in _TAKEN:
        # One output in sixteen ends in 0, which is not written: not every token is cut as expected.
        for token in tokens[: 8 if digits > 8 else 1]:
            if confirmed := _confirmed(token, digits, sure):
                return (
                    f"Math.random() (V8's xorshift128+), {digits} digits at a time: a part of one "
                    f"token gives its state, which predicts {confirmed} further bits of the token"
                )
    return None


def _confirmed(token: str, digits: int, sure: int) -> int:
    """Return how many bits the state predicts beyond those that it is recovered from."""
    outputs = [chunk[:sure] for chunk in chunks(token, digits)]
    for order in (outputs, outputs[::-1]):
        for fresh in range(1, len(order) + 1):
            equations = Equations()
            if all(map(equations.agree, _equations(order, fresh))):
                return equations.confirmed if equations.confirmed >= ENOUGH_BITS else 0
    return 0


def _equations(outputs: Sequence[str], left: int) -> Iterator[int]:
    """Yield what the outputs say where `left` of them come from a cache before it is refilled."""
    words = _words()
    places = [*range(left - 1, -1, -1), *range(2 * _CACHE - 1, 0, -1)]
    for place, output in zip(places, outputs, strict=False):
        value, bits = int(output, 16), 4 * len(output)
        for bit in range(bits):
            known = value >> bit & 1
            yield words[place][64 - bits + bit] << 1 | known


@cache
def _words() -> list[Word]:
    """Return two caches' outputs as linear forms of the state before them."""
    first: Word = tuple(1 << bit for bit in range(64))
    second: Word = tuple(1 << bit for bit in range(64, 128))
    words = []
    for _ in range(2 * _CACHE):
        first, second = second, _next(first, second)
        words.append(first)
    return words


def _next(first: Word, second: Word) -> Word:
    mixed = _xor(first, _shifted(first, 23))
    mixed = _xor(mixed, _shifted(mixed, -17))
    return _xor(_xor(mixed, second), _shifted(second, -26))


def _shifted(word: Word, by: int) -> Word:
    return (0,) * by + word[: DIGITS - by] if by > 0 else word[-by:] + (0,) * -by


def _xor(one: Word, other: Word) -> Word:
    return tuple(a ^ b for a, b in zip(one, other, strict=True))
