"""Tokens as the numbers that a generator may have put out."""

from __future__ import annotations

from collections.abc import Sequence

DIGITS = 64
ENOUGH_BITS = 64
"""So many predicted bits must come true: chance does that once in 2⁶⁴ tries."""


def chunks(token: str, digits: int) -> list[str]:
    """Cut a token into pieces of so many digits; the last may be shorter."""
    return [token[at : at + digits] for at in range(0, len(token), digits)]


def numbers(tokens: Sequence[str], digits: int, *, little: bool = False) -> list[int]:
    """Return all pieces of so many digits as numbers, in the order of the text.

    With `little` the bytes of a piece come lowest first.
    """
    if digits % 2:
        return [int(piece, 16) for token in tokens for piece in chunks(token, digits)]
    return [
        int.from_bytes(bytes.fromhex(piece), "little" if little else "big")
        for token in tokens
        for piece in chunks(token, digits)
    ]
