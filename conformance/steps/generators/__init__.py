"""Recovers generators that are not cryptographic from the tokens that they made (NFR-1).

Bias shows none of them. Each function takes tokens of 64 hexadecimal digits in the order in which
they were made, recovers a generator's state and predicts other parts of the tokens from it. Chance
passes none: at least 64 predicted bits have to come true.

Not found: Python's `choice` and `randint(0, 15)` where the seed cannot be guessed, which skip
outputs in a way that the tokens do not show; generators shared with other uses in between;
generators that scramble their output (PCG, xoshiro256**).
"""

from __future__ import annotations

from collections.abc import Sequence

from conformance.steps.generators.congruential import congruential
from conformance.steps.generators.guesses import Issued, guessed
from conformance.steps.generators.lagged import additive
from conformance.steps.generators.mersenne import mersenne_twister
from conformance.steps.generators.v8 import math_random

TOKENS = 84
"""So many consecutive tokens show every generator that is known here but for Go's whole words."""


def generator_behind(issued: Sequence[Issued]) -> str | None:
    """Name the generator that predicts these tokens, and say what was predicted; None for none."""
    if not issued:
        return None
    tokens = [each.token for each in issued]
    for recover in (math_random, additive, congruential, mersenne_twister):
        if found := recover(tokens):
            return found
    # The sooner the answer came, the fewer moments there are to try.
    return guessed(min(issued, key=lambda each: each.answered - each.requested))


__all__ = ["TOKENS", "Issued", "generator_behind"]
