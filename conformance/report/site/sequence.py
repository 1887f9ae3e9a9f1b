"""The two requests, message by message: what the sequence diagrams and their words are made of.

Every message names the requirements that state it; a test holds its codes against their sentences.
"""

from __future__ import annotations

from dataclasses import dataclass

PERSON, SERVICE, DATABASE, MAIL = "Person", "Service", "PostgreSQL", "Mail provider"


@dataclass(frozen=True)
class Message:
    """A message; `code` is what goes over the wire to the letter, `told` says the rest.

    An answer ends a request, and is drawn as a broken line.
    """

    sender: str
    receiver: str
    code: str
    told: str
    ids: tuple[str, ...]
    answer: bool = False


@dataclass(frozen=True)
class Fragment:
    """Messages that are exchanged only under a condition; may hold further fragments."""

    condition: str
    parts: tuple[Message | Fragment, ...]


@dataclass(frozen=True)
class Sequence:
    """One request from its beginning to its end."""

    anchor: str
    title: str
    participants: tuple[str, ...]
    parts: tuple[Message | Fragment, ...]


@dataclass(frozen=True)
class Told:
    """A message in words; `conditions` are those of the fragments around it, outermost first."""

    message: Message
    conditions: tuple[str, ...]


REQUESTING = Sequence(
    anchor="requesting",
    title="Requesting a link",
    participants=(PERSON, SERVICE, DATABASE, MAIL),
    parts=(
        Message(PERSON, SERVICE, "POST /auth/magic-link/request", "with an email", ("FR-1",)),
        Message(
            SERVICE,
            DATABASE,
            "",
            "how often was this email given in the last 60 minutes?",
            ("FR-7",),
        ),
        Fragment(
            "5 times already",
            (
                Message(
                    SERVICE,
                    PERSON,
                    "429 RATE_LIMIT_EXCEEDED",
                    "",
                    ("EC-3", "AC-7"),
                    answer=True,
                ),
            ),
        ),
        Fragment(
            "the email belongs to an active user",
            (
                Message(
                    SERVICE,
                    DATABASE,
                    "",
                    "store the SHA-256 of a new token that expires in 15 minutes",
                    ("FR-3", "FR-8", "AC-8"),
                ),
                Message(
                    SERVICE,
                    MAIL,
                    "",
                    "send the link, with the raw token in it",
                    ("FR-3", "FR-4", "NFR-1"),
                ),
                Fragment(
                    "sending fails",
                    (
                        Message(SERVICE, DATABASE, "", "delete the token's row", ("NFR-3", "EC-7")),
                        Message(
                            SERVICE,
                            PERSON,
                            "503 EMAIL_SEND_FAILED",
                            "",
                            ("NFR-3", "EC-7"),
                            answer=True,
                        ),
                    ),
                ),
                Message(MAIL, PERSON, "", "one mail, with the link", ("AC-1",)),
            ),
        ),
        Message(
            SERVICE,
            PERSON,
            "202",
            "with the same message for every email, in the same time",
            ("FR-2", "EC-1", "EC-2", "AC-9"),
            answer=True,
        ),
    ),
)

VERIFYING = Sequence(
    anchor="verifying",
    title="Verifying its token",
    participants=(PERSON, SERVICE, DATABASE),
    parts=(
        Message(
            PERSON,
            SERVICE,
            "POST /auth/magic-link/verify",
            "with the token of the link",
            ("FR-5",),
        ),
        Message(
            SERVICE,
            DATABASE,
            "",
            "mark it used, if it is neither used nor expired; one of several at once succeeds",
            ("FR-6", "FR-8", "EC-8"),
        ),
        Fragment(
            "it could not be marked",
            (
                Message(
                    SERVICE,
                    PERSON,
                    "400 TOKEN_USED",
                    "when it was used before",
                    ("EC-5", "AC-4"),
                    answer=True,
                ),
                Message(
                    SERVICE,
                    PERSON,
                    "400 TOKEN_EXPIRED",
                    "when its 15 minutes are over",
                    ("EC-4", "AC-5"),
                    answer=True,
                ),
                Message(
                    SERVICE,
                    PERSON,
                    "400 TOKEN_INVALID",
                    "when it is malformed or unknown",
                    ("EC-6",),
                    answer=True,
                ),
            ),
        ),
        Message(
            SERVICE,
            PERSON,
            "200",
            "with the userId, and the session in the cookie `auth_token`",
            ("FR-6", "AC-2"),
            answer=True,
        ),
        Message(PERSON, SERVICE, "", "any authenticated endpoint, with that session", ("AC-3",)),
    ),
)

SEQUENCES = (REQUESTING, VERIFYING)


def in_words(parts: tuple[Message | Fragment, ...], conditions: tuple[str, ...] = ()) -> list[Told]:
    """Return every message in its order, with the conditions that it stands under."""
    found: list[Told] = []
    for part in parts:
        if isinstance(part, Message):
            found.append(Told(part, conditions))
        else:
            found += in_words(part.parts, (*conditions, part.condition))
    return found
