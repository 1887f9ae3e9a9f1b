"""Plays a sequence: does what it says at a service, and has the model judge what comes back."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace

from conformance.steps.model.commands import (
    Ask,
    Command,
    Guess,
    LogIn,
    Mangle,
    Open,
    Reinstate,
    Restart,
    Suspend,
    Visit,
    Wait,
    name,
)
from conformance.steps.model.model import Model
from conformance.steps.model.service import Answer, Service
from conformance.steps.model.world import Kind, Person, Shadow

_INTRODUCED = {
    Kind.ACTIVE: "a registered user {}",
    Kind.PASSWORDLESS: "a password-less user {}",
    Kind.SUSPENDED: "a suspended user {}",
    Kind.STRANGER: "an address {} that nobody registered",
}
# An existing system may well limit logins with a password in ways of its own.
_MOST_PASSWORD_LOGINS = 3

Line = tuple[str, str]
"""A keyword of Gherkin's and the text behind it."""


class Player:
    """Plays one sequence with people of its own.

    `steps` counts what was really done: what makes no sense at that moment is left out. `events`
    are the same in words, with what was answered.
    """

    def __init__(self, service: Service, model: Model, people: Sequence[Kind]) -> None:
        self.steps = 0
        self.events: list[str] = []
        self._service, self._model, self._kinds = service, model, people
        self._people: dict[int, Person] = {}
        self._session: object = None

    def play(self, command: Command) -> None:
        """Do one thing; raises `Difference`."""
        if isinstance(command, Wait | Restart | Guess):
            self._happen(command)
        else:
            self._act(command, self._person(command.who))

    def lines(self) -> list[Line]:
        """Return who was there and what happened, in lines of Gherkin."""
        people = [_INTRODUCED[p.kind].format(name(who)) for who, p in sorted(self._people.items())]
        return [*_lines("Given", people), *_lines("When", self.events)]

    def _person(self, who: int) -> Person:
        if who not in self._people:
            kind = self._kinds[who]
            suspended = kind is Kind.SUSPENDED
            self._people[who] = Person(kind, self._service.join(kind), suspended)
        return self._people[who]

    def _happen(self, command: Wait | Restart | Guess) -> None:
        match command:
            case Wait(seconds):
                self._service.wait(seconds)
                self._did(command)
                # How long a session lives is the existing system's business.
                for person in self._people.values():
                    person.session = None
            case Restart():
                self._service.restart()
                self._did(command)
            case Guess():
                self._present_strange(command, secrets.token_hex(32))

    def _act(self, command: Command, person: Person) -> None:
        match command:
            case Ask():
                self._ask(command, person)
            case Open() if person.links:
                back = min(command.back, len(person.links) - 1)
                self._open(replace(command, back=back), person)
            case Mangle() if person.links:
                self._present_strange(command, person.links[-1].token + "0")
            case LogIn():
                self._log_in(command, person)
            case Visit():
                self._visit(command, person)
            case Suspend() | Reinstate():
                self._change_status(command, person)

    def _ask(self, command: Ask, person: Person) -> None:
        due = person.gets_mail and not command.trouble
        seen = self._service.ask(
            person.handle, command.trouble, elsewhere=command.elsewhere, due=due
        )
        self._did(command, seen.answer)
        self._model.asked(person, seen, trouble=bool(command.trouble))

    def _open(self, command: Open, person: Person) -> None:
        link = person.links[-1 - command.back]
        session = self._session if command.session else None
        seen = self._service.open(link.token, person.handle, session, elsewhere=command.elsewhere)
        self._did(command, seen.answer)
        self._model.opened(person, link, seen)
        self._session = seen.answer.session or self._session

    def _present_strange(self, command: Command, token: str) -> None:
        seen = self._service.open(token, None, None, elsewhere=False)
        self._did(command, seen.answer)
        self._model.presented_strange(seen.answer)

    def _log_in(self, command: Command, person: Person) -> None:
        active = person.kind in {Kind.ACTIVE, Kind.SUSPENDED} and not person.suspended
        if not active or person.password_logins == _MOST_PASSWORD_LOGINS:
            return
        person.password_logins += 1
        answer = self._service.log_in(person.handle)
        self._did(command, answer)
        self._model.logged_in(person, answer)
        self._session = answer.session

    def _visit(self, command: Command, person: Person) -> None:
        if person.session is None or person.suspended:
            return
        answer = self._service.visit(person.session)
        self._did(command, answer)
        self._model.visited(answer)

    def _change_status(self, command: Suspend | Reinstate, person: Person) -> None:
        suspend = isinstance(command, Suspend)
        if person.kind is Kind.STRANGER or person.suspended == suspend:
            return
        (self._service.suspend if suspend else self._service.reinstate)(person.handle)
        person.suspended = suspend
        # What becomes of links and sessions is open (reading 7).
        person.cast_shadow(Shadow.SUSPENSION)
        person.session = None
        self._did(command)

    def _did(self, command: Command, answer: Answer | None = None) -> None:
        self.steps += 1
        self.events.append(f"{command} ({answer.short})" if answer else str(command))


def _lines(keyword: str, texts: Sequence[str]) -> list[Line]:
    return [("And" if number else keyword, text) for number, text in enumerate(texts)]
