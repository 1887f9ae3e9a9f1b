"""What a rule judges: an event, with what is known of the people and links that it is about."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from conformance.steps.model.service import Answer, Asked, Opened
from conformance.steps.model.world import Age, Person


class Fate(Enum):
    """What is known of a link when it is opened."""

    USED = "it was used before"
    WORTHLESS = "its mail was refused by the provider"
    EXPIRED = "it is older than 15 minutes"
    EXPIRED_IN_SHADOW = "it is older than 15 minutes, and may have been made invalid before"
    LIVE = "it is valid"
    REVOKED = "it was made invalid, as such links were before"
    OPEN = "the spec leaves it open"


@dataclass(frozen=True)
class Request:
    """A request for a link; `let_in` is what FR-7 allows."""

    person: Person
    seen: Asked
    trouble: bool
    let_in: frozenset[bool]

    @property
    def answer(self) -> Answer:
        """The answer."""
        return self.seen.answer


@dataclass(frozen=True)
class Opening:
    """A link that was opened."""

    fate: Fate
    age: Age
    seen: Opened

    @property
    def answer(self) -> Answer:
        """The answer."""
        return self.seen.answer


@dataclass(frozen=True)
class StrangeToken:
    """A token that nobody was sent."""

    answer: Answer


@dataclass(frozen=True)
class PasswordLogin:
    """A login with the right password."""

    answer: Answer


@dataclass(frozen=True)
class Visiting:
    """A session of this moment, presented to the protected endpoints."""

    answer: Answer
