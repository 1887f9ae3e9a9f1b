"""Holds what a service did against the rules, and keeps up with what that changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from conformance.steps.model.cases import (
    Fate,
    Opening,
    PasswordLogin,
    Request,
    StrangeToken,
    Visiting,
)
from conformance.steps.model.readings import Readings
from conformance.steps.model.rules import RULES, Difference, Rule
from conformance.steps.model.service import Answer, Asked, Opened
from conformance.steps.model.world import LIFETIME, Age, Link, Outcome, Person, Shadow
from conformance.steps.model.world import Request as Made


class Model:
    """Judges one event after another; each method raises `Difference`.

    `readings` are shared by the sequences of an exploration. `applied` counts how often a rule of
    an id had something to judge.
    """

    def __init__(self, readings: Readings, rules: Sequence[Rule] = RULES) -> None:
        self.readings = readings
        self.applied: Counter[str] = Counter()
        self._rules = rules

    def asked(self, person: Person, seen: Asked, *, trouble: bool) -> None:
        """Judge a request for a link."""
        now, answer = seen.answer.at, seen.answer
        self._judge(Request(person, seen, trouble, self.readings.let_in(person, now)))
        outcome = _OUTCOMES.get(answer.status, Outcome.FAILED)
        if outcome is not Outcome.FAILED:
            # In trouble, a service may look at the provider before it counts (reading 3).
            let_in = outcome is Outcome.ACCEPTED
            self.readings.saw_request(person, now, let_in=let_in)
        person.requests.append(Made(now, outcome, person.gets_mail))
        if seen.token:
            person.cast_shadow(Shadow.NEWER)
            person.links.append(Link(seen.token, now))
        elif person.gets_mail:
            person.cast_shadow(Shadow.NOT_SENT)
            if seen.lost_token and outcome is Outcome.FAILED:
                person.links.append(Link(seen.lost_token, now, failed=True))

    def opened(self, person: Person, link: Link, seen: Opened) -> None:
        """Judge what a link led to."""
        answer = seen.answer
        age = link.made.age_at(answer.at)
        fate = self._fate(person, link, age)
        self._judge(Opening(fate, age, seen))
        if not link.used and age.surely_under(LIFETIME) and not link.failed:
            self.readings.saw_link(_shadows(person, link), valid=answer.status == 200)
        if answer.status == 200:
            link.used = True
            person.cast_shadow(Shadow.LOGIN)
            person.session = answer.session
        elif fate is Fate.OPEN:
            # Whether it was used up is not known.
            link.shadows.add(Shadow.SUSPENSION)

    def presented_strange(self, answer: Answer) -> None:
        """Judge the answer to a token that nobody was sent."""
        self._judge(StrangeToken(answer))

    def logged_in(self, person: Person, answer: Answer) -> None:
        """Judge a password login."""
        self._judge(PasswordLogin(answer))
        # Whether sessions stand beside one another is the existing system's business.
        person.session = None

    def visited(self, answer: Answer) -> None:
        """Judge how the protected endpoints took a session."""
        self._judge(Visiting(answer))

    def _fate(self, person: Person, link: Link, age: Age) -> Fate:
        shadows = _shadows(person, link)
        if link.used or link.failed:
            return Fate.USED if link.used else Fate.WORTHLESS
        if age.surely_over(LIFETIME):
            return Fate.EXPIRED_IN_SHADOW if shadows else Fate.EXPIRED
        valid = self.readings.valid(shadows)
        if not age.surely_under(LIFETIME) or len(valid) > 1:
            return Fate.OPEN
        return Fate.LIVE if True in valid else Fate.REVOKED

    def _judge(self, case: Any) -> None:
        for rule in self._rules:
            if isinstance(case, rule.case) and rule.applies(case):
                self.applied[rule.id] += 1
                if not rule.holds(case):
                    raise Difference(rule, rule.found(case))


def _shadows(person: Person, link: Link) -> set[Shadow]:
    return link.shadows | ({Shadow.SUSPENSION} if person.suspended else set())


_OUTCOMES = {202: Outcome.ACCEPTED, 429: Outcome.REFUSED, 503: Outcome.FAILED}
