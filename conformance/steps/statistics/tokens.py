"""NFR-1: whether each mailed token looks like 32 random bytes.

Each test bounds its own chance of accusing a good generator (exact bounds, no approximation), and
the bounds add up to at most `RISK` for a whole set. Generators that are not cryptographic, and
hashes of guessable input, show no bias: `conformance.steps.generators` looks for these. Passing
says that nothing was found.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from math import comb, log

from .binomial import upper_bound

RISK = 1e-6
"""The chance that a set of honest tokens yields any finding at all."""

DIGITS = 64
BITS = 4 * DIGITS
HEX = "0123456789abcdef"

_SHAPE = re.compile(r"[0-9a-f]{64}")


def token_findings(tokens: Sequence[str]) -> list[str]:
    """Return one sentence for each thing wrong with these tokens, given in the order of issue.

    They are given in lower case: which case a target writes is its own choice.

    Two hundred or more show every bias described here; repeats, wrong shapes and padding show in
    a handful. No finding holds a token. Where a token has the wrong shape the statistics are left
    out, since the shape is finding enough and they presuppose it.
    """
    findings = [*_wrong_shapes(tokens), *_repeats(tokens)]
    if findings or not tokens:
        return findings
    risk = RISK / len(_TESTS)
    return [finding for test in _TESTS for finding in test(tokens, risk)]


def _wrong_shapes(tokens: Sequence[str]) -> Iterator[str]:
    wrong = sum(1 for token in tokens if not _SHAPE.fullmatch(token))
    if wrong:
        yield f"{wrong} of {len(tokens)} tokens are not 64 lower-case hexadecimal characters"


def _repeats(tokens: Sequence[str]) -> Iterator[str]:
    repeated = len(tokens) - len(set(tokens))
    if repeated:
        yield f"{repeated} of {len(tokens)} tokens repeat an earlier one"


def _digits_by_position(tokens: Sequence[str], risk: float) -> Iterator[str]:
    """Each of 16 digits is equally likely in each of 64 places."""
    each = risk / (DIGITS * len(HEX) * 2)
    uneven = []
    for place in range(DIGITS):
        counts = Counter(token[place] for token in tokens)
        if any(_uneven(counts, len(tokens), each)):
            uneven.append(place + 1)
    if uneven:
        yield f"characters at {_places(uneven)} of 64 favour or avoid some digits"


def _digits_overall(tokens: Sequence[str], risk: float) -> Iterator[str]:
    counts = Counter("".join(tokens))
    total = DIGITS * len(tokens)
    for digit, count in _uneven(counts, total, risk / (len(HEX) * 2)):
        yield f"{digit!r} makes up {100 * count / total:.1f} % of all characters, not 6.25 %"


def _uneven(counts: Counter[str], total: int, each: float) -> Iterator[tuple[str, int]]:
    for digit in HEX:
        if upper_bound(counts[digit], total, 1 / len(HEX)) <= each:
            yield digit, counts[digit]


def _biased_bits(tokens: Sequence[str], risk: float) -> Iterator[str]:
    """Each of 256 bits is set in half of the tokens, and so are all of them together."""
    each = risk / (2 * (BITS + 1))
    counts = [column.bit_count() for column in _columns(tokens)]
    far = _far_from_half(len(tokens), each)
    biased = [place + 1 for place, count in enumerate(counts) if count in far]
    if biased:
        yield f"bits at {_places(biased)} of 256 are not set in half of the tokens"
    share = sum(counts) / (BITS * len(tokens))
    if upper_bound(sum(counts), BITS * len(tokens), 0.5) <= each:
        yield f"{100 * share:.1f} % of all bits are set, not half of them"


def _tied_bits(tokens: Sequence[str], risk: float) -> Iterator[str]:
    """No two bits of a token depend on each other: halves that repeat, checksums, fixed masks."""
    columns = _columns(tokens)
    each = risk / (2 * comb(BITS, 2))
    far = _far_from_half(len(tokens), each)
    tied = sum((a ^ b).bit_count() in far for i, a in enumerate(columns) for b in columns[:i])
    if tied:
        yield f"{tied} pairs of bits within a token depend on each other"


def _serial_bits(tokens: Sequence[str], risk: float) -> Iterator[str]:
    """No bit depends on the same bit of the token before: counters and clocks."""
    followers = len(tokens) - 1
    if followers < 1:
        return
    mask = (1 << followers) - 1
    flips = (((column >> 1) ^ column) & mask for column in _columns(tokens))
    far = _far_from_half(followers, risk / (2 * BITS))
    serial = sum(flip.bit_count() in far for flip in flips)
    if serial:
        yield f"{serial} bits follow the same bit of the token issued before"


def _far_from_half(total: int, each: float) -> frozenset[int]:
    """Return the counts of set bits that are too uneven, with a chance of `each` on either side."""
    return frozenset(k for k in range(total + 1) if upper_bound(k, total, 0.5) <= each)


def _places(places: Sequence[int]) -> str:
    """Write rising numbers as ranges: 1-8, 13, 45."""
    runs: list[list[int]] = []
    for place in places:
        if runs and place == runs[-1][1] + 1:
            runs[-1][1] = place
        else:
            runs.append([place, place])
    return ", ".join(str(low) if low == high else f"{low}-{high}" for low, high in runs)


def _columns(tokens: Sequence[str]) -> list[int]:
    """Return for each bit its values in all tokens as one integer."""
    rows = [f"{int(token, 16):0{BITS}b}" for token in tokens]
    return [int("".join(column), 2) for column in zip(*rows, strict=True)]


def _shared_stretches(tokens: Sequence[str], risk: float) -> Iterator[str]:
    """No stretch of characters comes twice, in two tokens or in one: prefixes, padding, pools.

    Of w random stretches of length k, two agree with a chance of at most w²/2 · 16⁻ᵏ.
    """
    most = (DIGITS * len(tokens)) ** 2 / 2
    length = int(log(most / risk, 16)) + 1
    stretches = (token[at : at + length] for token in tokens for at in range(DIGITS - length + 1))
    shared = sum(count > 1 for count in Counter(stretches).values())
    if shared:
        yield f"{shared} stretches of {length} characters come more than once"


def _close_values(tokens: Sequence[str], risk: float) -> Iterator[str]:
    """No two tokens lie close together as numbers, and no step from one to the next comes twice."""
    values = [int(token, 16) for token in tokens]
    gaps = [b - a for a, b in pairwise(sorted(values))]
    limit = int(risk / 2 * 2**BITS / len(tokens) ** 2)
    close = sum(gap <= limit for gap in gaps)
    if close:
        yield f"{close} pairs of tokens lie closer together than chance allows"
    steps = Counter((b - a) % 2**BITS for a, b in pairwise(values))
    equal = sum(count - 1 for count in steps.values())
    if equal:
        yield f"{equal} tokens follow the one before at a step that was seen already"


def _ordered_in_time(tokens: Sequence[str], risk: float) -> Iterator[str]:
    """Of two tokens issued one after the other, the later is the greater half of the time."""
    disjoint = [(tokens[i], tokens[i + 1]) for i in range(0, len(tokens) - 1, 2)]
    rising = sum(later > earlier for earlier, later in disjoint)
    if disjoint and upper_bound(rising, len(disjoint), 0.5) <= risk / 2:
        yield f"of {len(disjoint)} pairs issued in succession, {rising} rise: they follow time"


_TESTS: tuple[Callable[[Sequence[str], float], Iterator[str]], ...] = (
    _digits_by_position,
    _digits_overall,
    _biased_bits,
    _tied_bits,
    _serial_bits,
    _shared_stretches,
    _close_values,
    _ordered_in_time,
)
