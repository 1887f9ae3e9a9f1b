"""People, their links and their requests, as the model knows them."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import Any


class Kind(StrEnum):
    """What somebody is when a sequence begins."""

    ACTIVE = "active"
    PASSWORDLESS = "passwordless"
    SUSPENDED = "suspended"
    STRANGER = "stranger"


LIFETIME = 15 * 60.0
WINDOW = 60 * 60.0
# What rounding and the reading of two clocks may take, in seconds.
SLACK = 5.0


@dataclass(frozen=True)
class Span:
    """When something happened: between two moments of the service's time, in seconds."""

    began: float
    ended: float

    def age_at(self, later: Span) -> Age:
        """Return how old it is when something later happens."""
        return Age(later.began - self.ended, later.ended - self.began)


@dataclass(frozen=True)
class Age:
    """An age in seconds that lies between two bounds."""

    least: float
    most: float

    def surely_over(self, limit: float) -> bool:
        """Tell whether it is over a limit, whatever the clock."""
        return self.least > limit + SLACK

    def surely_under(self, limit: float) -> bool:
        """Tell whether it is under a limit, whatever the clock."""
        return self.most < limit - SLACK


class Shadow(Enum):
    """What may have made an unused link invalid, if the service reads the spec so."""

    NEWER = "a newer link was sent"
    NOT_SENT = "a newer request was refused, or its mail failed"
    LOGIN = "its owner logged in with another link"
    SUSPENSION = "its owner was suspended meanwhile"


@dataclass
class Link:
    """A link; `failed`: its mail was never accepted by the provider."""

    token: str
    made: Span
    failed: bool = False
    used: bool = False
    shadows: set[Shadow] = field(default_factory=set)


class Outcome(StrEnum):
    """How a request for a link ended."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True)
class Request:
    """A request for a link that was made before; `mailed`: a mail was due to an active user."""

    made: Span
    outcome: Outcome
    mailed: bool


@dataclass
class Person:
    """Somebody; `handle` is what the service knows them by.

    `session` is that of the last login, where that was by link and no time has passed since.
    """

    kind: Kind
    handle: Hashable
    suspended: bool
    links: list[Link] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    session: Any = None
    password_logins: int = 0

    @property
    def gets_mail(self) -> bool:
        """Whether FR-3 speaks of this person at this moment."""
        return self.kind is not Kind.STRANGER and not self.suspended

    def cast_shadow(self, shadow: Shadow) -> None:
        """Note what may have made the links invalid that are not used."""
        for link in self.links:
            if not link.used:
                link.shadows.add(shadow)
