"""What people do, one command each; `who` counts the people of a sequence from 0."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

_NAMES = "ABCDEFGH"
_LINKS = ("the newest link", "the second newest link", "the third newest link")
_ELSEWHERE = " on another instance"


@dataclass(frozen=True)
class Ask:
    """Request a link, perhaps while the mail provider is in trouble or on another instance."""

    who: int
    trouble: str = ""
    elsewhere: bool = False

    def __str__(self) -> str:
        trouble = f" while the mail provider {self.trouble}" if self.trouble else ""
        return f"{name(self.who)} requests a link{_place(self.elsewhere)}{trouble}"


@dataclass(frozen=True)
class Open:
    """Present the token of a link, the newest one or one that is `back` links older.

    `session` says that the browser is logged in already, as the person who logged in last.
    """

    who: int
    back: int = 0
    session: bool = False
    elsewhere: bool = False

    def __str__(self) -> str:
        session = " in a browser that is logged in" if self.session else ""
        return f"{name(self.who)} opens {_LINKS[self.back]}{_place(self.elsewhere)}{session}"


@dataclass(frozen=True)
class Mangle:
    """Present the token of the newest link with a character more."""

    who: int

    def __str__(self) -> str:
        return f"{name(self.who)} presents the newest token with a character added"


@dataclass(frozen=True)
class Guess:
    """Present a token that was never made."""

    def __str__(self) -> str:
        return "somebody presents a token that was never made"


@dataclass(frozen=True)
class LogIn:
    """Log in with the password."""

    who: int

    def __str__(self) -> str:
        return f"{name(self.who)} logs in with the password"


@dataclass(frozen=True)
class Visit:
    """Present the session of the latest login by link to every protected endpoint."""

    who: int

    def __str__(self) -> str:
        return f"{name(self.who)} visits every protected endpoint"


@dataclass(frozen=True)
class Suspend:
    """Suspend an active user."""

    who: int

    def __str__(self) -> str:
        return f"{name(self.who)} is suspended"


@dataclass(frozen=True)
class Reinstate:
    """Make a suspended user active."""

    who: int

    def __str__(self) -> str:
        return f"{name(self.who)} is active again"


@dataclass(frozen=True)
class Wait:
    """Let time pass, for everybody."""

    seconds: int

    def __str__(self) -> str:
        minutes, seconds = divmod(self.seconds, 60)
        return f"{minutes} minutes{f' and {seconds} seconds' if seconds else ''} pass"


@dataclass(frozen=True)
class Restart:
    """Restart the service."""

    def __str__(self) -> str:
        return "the service is restarted"


Command = (
    Ask | Open | Mangle | Guess | LogIn | Visit | Suspend | Reinstate | Wait | Restart
)  # fmt: skip


def name(who: int) -> str:
    """Return what somebody is called."""
    return _NAMES[who]


def simpler(command: Command) -> Iterator[Command]:
    """Yield the same command with one peculiarity less."""
    match command:
        case Ask(elsewhere=True) | Open(elsewhere=True):
            yield replace(command, elsewhere=False)
        case Open(session=True):
            yield replace(command, session=False)
        case Open(back=back) if back:
            yield replace(command, back=0)


def _place(elsewhere: bool) -> str:
    return _ELSEWHERE if elsewhere else ""
