"""The service as the model sees it: what can be done to it, and what is seen of it then."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, Protocol

from conformance.steps.model.world import Kind, Span


@dataclass(frozen=True)
class Answer:
    """An answer; `status` is 0 when there was none. `session` is what presents the login."""

    status: int
    at: Span
    summary: str
    error: str | None = None
    message: str | None = None
    session: Any = None
    right_user: bool = True

    @property
    def short(self) -> str:
        """The answer in a word or two."""
        return f"{self.status} {self.error}" if self.error else str(self.status or "no answer")


@dataclass(frozen=True)
class Asked:
    """What a request for a link led to.

    `mails` counts those to the person, `strangers` those to other addresses that nobody registered.
    `token` is that of the mail
    that arrived, `lost_token` that of one which the provider refused; `met` says that it refused
    anything. `rows_added` counts new token rows of the person; None where nobody can look.
    """

    answer: Answer
    mails: int = 0
    strangers: int = 0
    token: str | None = None
    lost_token: str | None = None
    met: bool = False
    rows_added: int | None = None


@dataclass(frozen=True)
class Opened:
    """What a token led to; `marked`: the row has `usedAt`; None where nobody can look."""

    answer: Answer
    marked: bool | None = None


class Service(Protocol):
    """Something that people can log in to. Each sequence begins with `begin` and has new people."""

    def begin(self) -> None:
        """Forget the evidence so far."""

    def evidence(self) -> Any:
        """Return what was seen since `begin`."""

    def join(self, kind: Kind) -> Hashable:
        """Return somebody whom the service has not met yet."""

    def ask(self, who: Hashable, trouble: str, *, elsewhere: bool, due: bool) -> Asked:
        """Request a link for somebody; `trouble` says what the mail provider does.

        `due`: a mail is waited for when the request is accepted.
        """

    def open(self, token: str, owner: Hashable | None, session: Any, *, elsewhere: bool) -> Opened:
        """Present a token, its owner's if there is one, in a browser with a session or None."""

    def log_in(self, who: Hashable) -> Answer:
        """Log somebody in with the password."""

    def visit(self, session: Any) -> Answer:
        """Present a session to the protected endpoints; the answer of the first that refuses it."""

    def suspend(self, who: Hashable) -> None:
        """Suspend somebody."""

    def reinstate(self, who: Hashable) -> None:
        """Make somebody active again."""

    def wait(self, seconds: int) -> None:
        """Let the service's time pass."""

    def restart(self) -> None:
        """Restart the service."""
