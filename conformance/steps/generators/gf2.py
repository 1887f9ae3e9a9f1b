"""Linear equations over GF(2), one integer each."""

from __future__ import annotations


class Equations:
    """Collects equations and says whether they agree.

    An equation is an integer: bit 0 is the right-hand side, bit i + 1 the coefficient of unknown i.
    `confirmed` counts the equations that followed from earlier ones, each a bit that was predicted.
    """

    def __init__(self) -> None:
        self._rows: dict[int, int] = {}
        self.confirmed = 0

    def agree(self, equation: int) -> bool:
        """Add an equation and return whether it is consistent with the earlier ones."""
        while equation > 1:
            pivot = equation.bit_length()
            row = self._rows.get(pivot)
            if row is None:
                self._rows[pivot] = equation
                return True
            equation ^= row
        self.confirmed += not equation
        return not equation
