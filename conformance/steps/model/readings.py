"""The open readings of the ledger: each is possible until the service has shown otherwise."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import product

from conformance.requirements.magic_link import REQUEST_LIMIT
from conformance.steps.model.world import WINDOW, Outcome, Person, Request, Shadow, Span

_BOTH = (True, False)


@dataclass(frozen=True)
class Counting:
    """What FR-7 counts beside accepted requests (readings 2 and 3)."""

    refused: bool
    failed: bool
    failed_of_strangers: bool

    def let_in(self, person: Person, now: Span) -> frozenset[bool]:
        """Return whether a request is let in; both near the end of the hour."""
        counted = [request for request in person.requests if self._counts(request)]
        surely, perhaps = _within_the_window(counted, now)
        return frozenset(count < REQUEST_LIMIT for count in (surely, perhaps))

    def _counts(self, request: Request) -> bool:
        return {
            Outcome.ACCEPTED: True,
            Outcome.REFUSED: self.refused,
            Outcome.FAILED: self.failed if request.mailed else self.failed_of_strangers,
        }[request.outcome]


@dataclass(frozen=True)
class Keeping:
    """What makes an unused link invalid (reading 5)."""

    older_links: bool
    links_of_a_login: bool

    def valid(self, shadows: Collection[Shadow]) -> frozenset[bool]:
        """Return whether a link is still valid; both where that is open."""
        if Shadow.SUSPENSION in shadows:
            return frozenset(_BOTH)
        gone = (Shadow.NEWER in shadows and not self.older_links) or (
            Shadow.LOGIN in shadows and not self.links_of_a_login
        )
        if gone:
            return frozenset({False})
        # Reading 23: a service that keeps older links keeps them when no new one is sent, too.
        open_ = Shadow.NOT_SENT in shadows and not self.older_links
        return frozenset(_BOTH) if open_ else frozenset({True})


class Readings:
    """The readings that are still possible; what is seen rules some out, for good."""

    def __init__(self) -> None:
        self._counting = {Counting(*each) for each in product(_BOTH, repeat=3)}
        self._keeping = {Keeping(*each) for each in product(_BOTH, repeat=2)}

    def copy(self) -> Readings:
        """Return what is known so far."""
        other = Readings()
        other._counting, other._keeping = set(self._counting), set(self._keeping)
        return other

    def let_in(self, person: Person, now: Span) -> frozenset[bool]:
        """Return whether a request is let in, by any reading that is possible."""
        return frozenset().union(*(each.let_in(person, now) for each in self._counting))

    def valid(self, shadows: Collection[Shadow]) -> frozenset[bool]:
        """Return whether an unused link is valid, by any reading that is possible."""
        return frozenset().union(*(each.valid(shadows) for each in self._keeping))

    def saw_request(self, person: Person, now: Span, *, let_in: bool) -> None:
        """Rule out the readings by which that could not be."""
        left = {each for each in self._counting if let_in in each.let_in(person, now)}
        self._counting = left or self._counting

    def saw_link(self, shadows: Collection[Shadow], *, valid: bool) -> None:
        """Rule out the readings by which that could not be."""
        left = {each for each in self._keeping if valid in each.valid(shadows)}
        self._keeping = left or self._keeping

    def settled(self) -> list[str]:
        """Return what is settled, in sentences."""
        settled = (
            ("refused requests", "count towards the limit", {e.refused for e in self._counting}),
            ("requests whose mail failed", "count", {e.failed for e in self._counting}),
            ("older links", "stay valid", {e.older_links for e in self._keeping}),
        )
        return [
            f"{what} {does if True in how else f'do not {does}'} here"
            for what, does, how in settled
            if len(how) == 1
        ]


def _within_the_window(requests: Sequence[Request], now: Span) -> tuple[int, int]:
    """Return how many requests are less than an hour old: at least, and at most."""
    ages = [request.made.age_at(now) for request in requests]
    surely = sum(age.surely_under(WINDOW) for age in ages)
    return surely, sum(not age.surely_over(WINDOW) for age in ages)
