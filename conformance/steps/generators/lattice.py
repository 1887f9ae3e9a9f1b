"""Lattice reduction: the vector of a lattice that is near a given one.

H. Cohen, "A Course in Computational Algebraic Number Theory", 1993, algorithm 2.6.7 (the integral
form of Lenstra, Lenstra and Lovász's); L. Babai, "On Lovász' lattice reduction and the nearest
lattice point problem", 1986.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

Vector = list[int]
_Number = TypeVar("_Number", int, float)


class ReducedBasis:
    """A reduced basis of the lattice that linearly independent vectors of integers span."""

    def __init__(self, vectors: Sequence[Sequence[int]]) -> None:
        self.vectors: list[Vector] = [list(vector) for vector in vectors]
        size = len(self.vectors)
        # The determinants of the first i vectors, and the Gram-Schmidt coefficients times those.
        self._d = [1] + [0] * size
        self._scaled = [[0] * size for _ in range(size)]
        self._reduce()
        self._orthogonal = self._gram_schmidt()

    def nearest(self, target: Sequence[int]) -> Vector:
        """Return a vector of the lattice that is near the target, as a rule the nearest."""
        rest = list(target)
        for vector, shadow in zip(self.vectors[::-1], self._orthogonal[::-1], strict=True):
            times = round(_dot(rest, shadow) / _dot(shadow, shadow))
            rest = _minus(rest, times, vector)
        return _minus(target, 1, rest)

    def _reduce(self) -> None:
        self._add(0)
        at, added = 1, 0
        while at < len(self.vectors):
            if at > added:
                added = at
                self._add(at)
            self._shorten(at, at - 1)
            if self._is_out_of_order(at):
                self._swap(at, added)
                at = max(1, at - 1)
            else:
                for earlier in range(at - 2, -1, -1):
                    self._shorten(at, earlier)
                at += 1

    def _add(self, k: int) -> None:
        d, scaled = self._d, self._scaled
        for j in range(k + 1):
            product = _dot(self.vectors[k], self.vectors[j])
            for i in range(j):
                product = (d[i + 1] * product - scaled[k][i] * scaled[j][i]) // d[i]
            if j < k:
                scaled[k][j] = product
            else:
                d[k + 1] = product

    def _shorten(self, k: int, j: int) -> None:
        d, scaled = self._d, self._scaled
        times = (2 * scaled[k][j] + d[j + 1]) // (2 * d[j + 1])
        if times:
            self.vectors[k] = _minus(self.vectors[k], times, self.vectors[j])
            scaled[k][j] -= times * d[j + 1]
            for i in range(j):
                scaled[k][i] -= times * scaled[j][i]

    def _is_out_of_order(self, k: int) -> bool:
        d, scaled = self._d, self._scaled
        return 4 * d[k + 1] * d[k - 1] < 3 * d[k] ** 2 - 4 * scaled[k][k - 1] ** 2

    def _swap(self, k: int, added: int) -> None:
        d, scaled = self._d, self._scaled
        self.vectors[k], self.vectors[k - 1] = self.vectors[k - 1], self.vectors[k]
        for j in range(k - 1):
            scaled[k][j], scaled[k - 1][j] = scaled[k - 1][j], scaled[k][j]
        between = scaled[k][k - 1]
        determinant = (d[k - 1] * d[k + 1] + between**2) // d[k]
        for i in range(k + 1, added + 1):
            kept = scaled[i][k]
            scaled[i][k] = (d[k + 1] * scaled[i][k - 1] - between * kept) // d[k]
            scaled[i][k - 1] = (determinant * kept + between * scaled[i][k]) // d[k + 1]
        d[k] = determinant

    def _gram_schmidt(self) -> list[list[float]]:
        orthogonal: list[list[float]] = []
        for vector in self.vectors:
            rest: list[float] = [float(each) for each in vector]
            for shadow in orthogonal:
                rest = _minus(rest, _dot(rest, shadow) / _dot(shadow, shadow), shadow)
            orthogonal.append(rest)
        return orthogonal


def _dot(one: Sequence[_Number], other: Sequence[_Number]) -> _Number:
    return sum(a * b for a, b in zip(one, other, strict=True))


def _minus(one: Sequence[_Number], times: _Number, other: Sequence[_Number]) -> list[_Number]:
    return [a - times * b for a, b in zip(one, other, strict=True)]
