"""Generators of other languages, as their sources define them."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Iterator

HEX = "0123456789abcdef"
_64 = 2**64 - 1
Draw = Callable[[], int]


def digits(draw: Draw) -> Callable[[], str]:
    """Return a maker of tokens of 64 drawn digits; of a draw the lowest four bits count."""
    return lambda: "".join(HEX[draw() % 16] for _ in range(64))


def math_random() -> Callable[[], float]:
    """Return V8's `Math.random()`: xorshift128+ with a cache of 64 that is emptied from its end."""
    first, second = random.getrandbits(64), random.getrandbits(64)
    ready: list[float] = []

    def draw() -> float:
        nonlocal first, second
        while not ready:
            for _ in range(64):
                mixed = first ^ first << 23 & _64
                mixed ^= mixed >> 17
                first, second = second, mixed ^ second ^ second >> 26
                ready.append((first >> 12) / 2**52)
        return ready.pop()

    return draw


def libc_rand(seed: int) -> Draw:
    """Return glibc's `rand()` after `srand(seed)`."""
    words = [seed]
    while len(words) < 31:
        words.append(16807 * words[-1] % (2**31 - 1))
    state = deque(words + words[:3], maxlen=31)

    def draw() -> int:
        state.append((state[-3] + state[-31]) % 2**32)
        return state[-1] >> 1

    for _ in range(310):
        draw()
    return draw


def congruential(seed: int, factor: int, summand: int, shift: int, modulus: int) -> Draw:
    """Return a linear congruential generator that hands out its state but for the lowest bits."""
    state = seed

    def draw() -> int:
        nonlocal state
        state = (state * factor + summand) % modulus
        return state >> shift

    return draw


def microsoft_rand(seed: int) -> Draw:
    """Return `rand()` of Microsoft's C library."""
    return congruential(seed, 214013, 2531011, 16, 2**31)


def java_next_int(seed: int) -> Draw:
    """Return `nextInt()` of java.util.Random, without its sign."""
    return congruential((seed ^ 0x5DEECE66D) % 2**48, 0x5DEECE66D, 11, 16, 2**48)


def java_digits(seed: int, draws: int = 1) -> Callable[[], str]:
    """Return a maker of tokens by `nextInt(16)`; with 2 `draws` a digit, by `nextDouble() * 16`."""
    draw = congruential((seed ^ 0x5DEECE66D) % 2**48, 0x5DEECE66D, 11, 44, 2**48)

    def digit() -> int:
        shown, *_ = (draw() for _ in range(draws))
        return shown

    return digits(digit)


def perl_bytes(seed: int, values: int) -> Callable[[], str]:
    """Return a maker of tokens of 32 bytes by `int(rand(values))` of Perl."""
    draw = congruential(seed % 2**48, 0x5DEECE66D, 11, 0, 2**48)
    return lambda: bytes(draw() * values >> 48 for _ in range(32)).hex()


def java_bytes(seed: int) -> Callable[[], str]:
    """Return a maker of tokens by `nextBytes` of java.util.Random."""
    draw = java_next_int(seed)
    return lambda: b"".join(draw().to_bytes(4, "little") for _ in range(8)).hex()


def lagged(longer: int, shorter: int, bits: int, sign: int = 1) -> Iterator[int]:
    """Yield an additive generator's outputs, from a random state; Go's is (607, 273, 64)."""
    state = deque((random.getrandbits(bits) for _ in range(longer)), maxlen=longer)
    while True:
        state.append((state[-longer] + sign * state[-shorter]) % 2**bits)
        yield state[-1]


def go_intn(below: int) -> Draw:
    """Return Go's `rand.Intn` for a power of two up to 2³¹."""
    source = lagged(607, 273, 64)
    return lambda: ((next(source) & 2**63 - 1) >> 32) % below
