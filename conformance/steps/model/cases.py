"""What a rule judges: an event, with what is known of the people and links that it is about."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from conformance.steps.model.service import Answer, Asked, Opened
from conformance.steps.model.world import Age, Kind, Person


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

    @property
    def is_strange(self) -> bool:
        """Whether nobody registered the address."""
        return self.person.kind is Kind.STRANGER

    @property
    def is_usual(self) -> bool:
        """Whether the status is one that the spec has for a request."""
        return self.answer.status in {202, 429, 503 if self.trouble else 202}

    @property
    def is_due(self) -> bool:
        """Whether a mail has to go out."""
        return self.person.gets_mail and self.answer.status == 202 and not self.trouble

    @property
    def is_delivered(self) -> bool:
        """Whether a link was mailed to a user."""
        sent = self.answer.status == 202 and self.seen.token is not None
        return sent and self.person.gets_mail

    @property
    def tells_of_the_mail(self) -> bool:
        """Whether the answer has to say what became of a mail."""
        due = self.person.gets_mail and self.answer.status != 429
        return due or self.answer.status == 503


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
