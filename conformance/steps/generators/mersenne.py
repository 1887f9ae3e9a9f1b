"""MT19937, the generator behind Python's `random`, PHP's `mt_rand` and Ruby's `rand`.

Whole words are untempered and follow the recurrence. Where a token shows only some bits of each
word, they still obey linear relations that hold for every state. The shortest such relation is
found once, from a generator of our own; it predicts the last bit of each stretch of outputs.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from conformance.steps.generators.streams import ENOUGH_BITS, numbers

_STATE_BITS = 19937
_WORDS = 624
_MIDDLE = 397
_NAME = "MT19937 (random in Python, mt_rand in PHP, rand in Ruby)"


@dataclass(frozen=True)
class _Taken:
    """Which bits of every `stride`-th word are shown: `bits` of them above `lowest`."""

    how: str
    bits: int
    lowest: int
    stride: int = 1


_TAKEN = (
    _Taken("the highest four bits of each output", 4, 28),
    _Taken("the lowest four bits of each output", 4, 0),
    _Taken("the four bits above the lowest of each output", 4, 1),
    _Taken("the highest four bits of every second output", 4, 28, 2),
    _Taken("the highest byte of each output", 8, 24),
    _Taken("the lowest byte of each output", 8, 0),
    _Taken("the byte above the lowest bit of each output", 8, 1),
    _Taken("the highest byte of every second output", 8, 24, 2),
)


def mersenne_twister(tokens: Sequence[str]) -> str | None:
    """Return how consecutive tokens follow from MT19937, None where they do not."""
    for words in _as_words(tokens):
        if predicted := _predicted_words(words):
            return f"{_NAME}: {predicted} words of 32 bits follow from the 624 before each"
    for taken in _TAKEN:
        outputs = numbers(tokens, taken.bits // 4)
        if _room(taken, outputs) >= ENOUGH_BITS and _obeys(taken, outputs):
            return f"{_NAME}, {taken.how}: {ENOUGH_BITS} bits follow from the outputs before them"
    return None


def _as_words(tokens: Sequence[str]) -> list[list[int]]:
    """Return the words that the tokens are made of, in each of the usual orders."""
    little = numbers(tokens, 8, little=True)  # randbytes, Random.bytes
    straight = numbers(tokens, 8)  # '%08x'
    backwards = [word for at in range(0, len(straight), 8) for word in straight[at : at + 8][::-1]]
    pairs = [word for at in range(0, len(straight), 2) for word in straight[at : at + 2][::-1]]
    return [little, straight, backwards, pairs]  # the last two: getrandbits(256), getrandbits(64)


def _predicted_words(words: Sequence[int]) -> int:
    checks = range(_WORDS, min(len(words), _WORDS + 4))
    state = [_untempered(word) for word in words[: _WORDS + 4]]
    for at in checks:
        mixed = (state[at - _WORDS] & 0x80000000) | (state[at - _WORDS + 1] & 0x7FFFFFFF)
        follows = state[at - _WORDS + _MIDDLE] ^ (mixed >> 1) ^ (0x9908B0DF if mixed & 1 else 0)
        if state[at] != follows:
            return 0
    return len(checks) if 32 * len(checks) >= ENOUGH_BITS else 0


def _untempered(word: int) -> int:
    word ^= word >> 18
    word ^= word << 15 & 0xEFC60000
    lower = word
    for _ in range(4):
        lower = word ^ (lower << 7 & 0x9D2C5680)
    upper = lower
    for _ in range(2):
        upper = lower ^ upper >> 11
    return upper


def _longest(taken: _Taken) -> int:
    """Return how many outputs a relation spans at most."""
    return _STATE_BITS // taken.bits + 2


def _room(taken: _Taken, outputs: Sequence[int]) -> int:
    return len(outputs) - _longest(taken)


def _obeys(taken: _Taken, outputs: Sequence[int]) -> bool:
    streams, relation = _streams(outputs, taken.bits), _relation(taken)
    for at in range(ENOUGH_BITS):
        together = 0
        for stream, part in zip(streams, relation, strict=True):
            together ^= stream >> at & part
        if together.bit_count() & 1:
            return False
    return True


def _streams(outputs: Sequence[int], bits: int) -> list[int]:
    """Return for each bit its values in all outputs as one integer, the first output lowest."""
    rows = [f"{output:0{bits}b}" for output in reversed(outputs)]
    return [int("".join(column), 2) for column in zip(*rows, strict=True)]


@cache
def _relation(taken: _Taken) -> tuple[int, ...]:
    """Return for each bit the outputs of a stretch whose sum over GF(2) is zero for every state.

    The basis of approximants to the streams' power series is built one coefficient at a time
    (Beckermann and Labahn). A row is one integer, highest bit first: what a combination of the
    streams leaves over, a gap to shift into, and the combination's polynomials. A combination
    that leaves nothing over 19937 outputs never does.
    """
    length, count = _longest(taken), taken.bits
    order = _STATE_BITS + length + 2
    width = length + 8
    top = order + (count + 1) * width
    rows = [
        stream << top - order | 1 << (count - at) * width - 1
        for at, stream in enumerate(_streams(_own_outputs(taken, order)[::-1], count))
    ]
    rows.append(1 << top - 1)
    degrees = [0] * len(rows)
    for place in range(top, top - order, -1):
        left_over = [at for at, row in enumerate(rows) if row.bit_length() == place]
        if left_over:
            pivot = min(left_over, key=degrees.__getitem__)
            for at in left_over:
                if at != pivot:
                    rows[at] ^= rows[pivot]
            rows[pivot] >>= 1
            degrees[pivot] += 1
    degree, shortest = min(zip(degrees, rows, strict=True))
    fields = [shortest >> (count - 1 - at) * width & (1 << width) - 1 for at in range(count)]
    return tuple(field >> width - 1 - degree for field in fields)


def _own_outputs(taken: _Taken, count: int) -> list[int]:
    source = random.Random(1)
    words = [source.getrandbits(32) for _ in range(count * taken.stride)]
    return [word >> taken.lowest & (1 << taken.bits) - 1 for word in words[:: taken.stride]]
