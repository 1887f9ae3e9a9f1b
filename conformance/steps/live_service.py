"""The target as the model knows a service: does what people do, and looks at what comes of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from datetime import timedelta
from typing import Any

from conformance.observe.evidence import Evidence, Exchange
from conformance.observe.mail.faults import ActiveFault, Fault
from conformance.observe.mail.links import token_of
from conformance.observe.mail.mailbox import Sink
from conformance.observe.mail.message import Message, bare_address
from conformance.observe.session import Session, session_of
from conformance.observe.wire import Wire
from conformance.outcomes import Failed, NoAnswer
from conformance.requirements.magic_link import REQUEST, VERIFY
from conformance.steps import actions
from conformance.steps.instances import another_instance
from conformance.steps.mail_faults import RECOVERY_SENDS
from conformance.steps.model.service import Answer, Asked, Opened
from conformance.steps.model.world import Kind, Span
from conformance.steps.scene import Scene
from conformance.steps.token_rows import TokenRows
from conformance.target.accounts.supply import Account, unknown_address
from conformance.target.accounts.supply import Kind as AccountKind
from conformance.target.clock.kinds import Clock

_STRANGER = "a stranger"
# The accounts that there are for people who have one.
KINDS: dict[Kind, AccountKind] = {
    Kind.ACTIVE: "active",
    Kind.PASSWORDLESS: "passwordless",
    Kind.SUSPENDED: "suspended",
}


class LiveService:
    """The target of a scene. `clock` lets its time pass; `points` are those by which it was seen.

    A stranger is an account without an id.
    """

    def __init__(self, scene: Scene, clock: Clock | None) -> None:
        self.clock = clock
        self.points: set[str] = set()
        self._scene, self._testbed = scene, scene.testbed
        self._mailbox = self._testbed.need_mailbox()
        self._rows = TokenRows.of(self._testbed.database)
        self._passed = 0.0
        self._mails: dict[str, int] = {}
        self._evidence = Evidence()
        self._recovering = False

    def begin(self) -> None:
        """Begin with fresh evidence; what was seen so far goes into the history of the run."""
        self.end()
        self._evidence = self._testbed.begin_scenario()

    def end(self) -> None:
        """Put the evidence so far into the history of the run."""
        self._testbed.history += self._evidence.exchanges
        self.points |= self._evidence.points
        self._evidence = Evidence()

    def evidence(self) -> list[Exchange]:
        """Return the exchanges since `begin`."""
        return list(self._evidence.exchanges)

    def join(self, kind: Kind) -> Account:
        """Return an account nobody has used, or an address nobody registered."""
        if kind is Kind.STRANGER:
            return Account(unknown_address(), None, None, status=_STRANGER)
        [account] = self._scene.take(KINDS[kind])
        return account

    def ask(self, who: Hashable, trouble: str, *, elsewhere: bool, due: bool) -> Asked:
        """Request a link and look at the mail and the rows that it leads to."""
        account = _account(who)
        if not trouble:
            self._see_the_provider_well()
            return self._asked(account, None, elsewhere=elsewhere, due=due)
        self._recovering = True
        with self._testbed.need_sink().fault(Fault(trouble)) as active:
            return self._asked(account, active, elsewhere=elsewhere, due=due)

    def open(self, token: str, owner: Hashable | None, session: Any, *, elsewhere: bool) -> Opened:
        """Present a token and look at its row."""
        wire, headers = self._wire(elsewhere=elsewhere), session.header_line if session else None
        answer = self._answered(lambda: wire.post(VERIFY, {"token": token}, headers), owner)
        marked = self._rows.is_marked(token) if self._rows and answer.status == 200 else None
        return Opened(answer, marked)

    def log_in(self, who: Hashable) -> Answer:
        """Log in with the password."""
        account = _account(who)
        return self._answered(lambda: actions.log_in_with_password(self._scene, account))

    def visit(self, session: Session) -> Answer:
        """Present a session to each protected endpoint."""
        for endpoint in self._testbed.description.protected:
            method, path = endpoint.split(" ", 1)
            answer = self._answered(self._visiting(method, path, session))
            if not 200 <= answer.status < 300:
                break
        return answer

    def _visiting(self, method: str, path: str, session: Session) -> Callable[[], Exchange]:
        return lambda: self._testbed.wire.send(method, path, b"", session.header_line)

    def suspend(self, who: Hashable) -> None:
        """Suspend an account."""
        self._testbed.accounts.suspend(_account(who))

    def reinstate(self, who: Hashable) -> None:
        """Make an account active again."""
        self._testbed.accounts.reinstate(_account(who))

    def wait(self, seconds: int) -> None:
        """Let time pass."""
        assert self.clock is not None
        self.clock.advance(timedelta(seconds=seconds))
        self.points.add(f"clock: {self.clock.how}")
        self._passed += seconds

    def restart(self) -> None:
        """Restart the target."""
        self._testbed.need_restart()()

    def _wire(self, *, elsewhere: bool) -> Wire:
        wire = another_instance(self._scene) if elsewhere else self._testbed.wire
        wire.evidence = self._testbed.wire.evidence
        return wire

    def _now(self) -> float:
        return self._passed + time.monotonic()

    def _answered(self, send: Callable[[], Exchange], owner: Hashable | None = None) -> Answer:
        began = self._now()
        try:
            exchange = send()
        except NoAnswer as error:
            return Answer(0, Span(began, self._now()), str(error))
        return _answer(exchange, Span(began, self._now()), owner)

    # Requests for a link

    def _see_the_provider_well(self) -> None:
        """Have others request links after trouble, for a service that remembers it."""
        if self._recovering:
            for account in self._scene.take("active", RECOVERY_SENDS):
                if actions.ask(self._scene, account.email).status == 202:
                    break
        self._recovering = False

    def _asked(
        self, account: Account, active: ActiveFault | None, *, elsewhere: bool, due: bool
    ) -> Asked:
        wire, before = self._wire(elsewhere=elsewhere), len(self._mailbox.messages())
        self._testbed.requested.add(account.email.lower())
        answer = self._answered(lambda: wire.post(REQUEST, {"email": account.email}))
        mails = self._arrived(account, due=due and answer.status == 202)
        tokens = [token for mail in mails if (token := _token_in(mail))]
        lost = [token for mail in (active.refused if active else []) if (token := _token_in(mail))]
        return Asked(
            answer,
            mails=len(mails),
            strangers=self._to_strangers(account.email, before),
            token=tokens[-1] if tokens else None,
            lost_token=lost[-1] if lost else None,
            met=active is not None and active.hits > 0,
            rows_added=self._rows.added(account, tokens) if self._rows else None,
        )

    def _arrived(self, account: Account, *, due: bool) -> list[Message]:
        """Return the mails for a request: to a user only those with a link, to a stranger any.

        An existing system may well send other mail to users, about logins for instance.
        """
        known = count = self._mails.get(account.email, 0)
        while True:
            count += 1
            arrived = self._mailbox.messages_to(account.email)
            if due:
                arrived = actions.await_mail(self._scene, account.email, count)
            mails = [m for m in arrived[known:] if m.magic_links() or account.status == _STRANGER]
            if mails or not due or len(arrived) < count:
                self._mails[account.email] = len(arrived)
                return mails

    def _to_strangers(self, address: str, before: int) -> int:
        """Count mails with links to other addresses, that nobody registered."""
        if not isinstance(self._mailbox, Sink):
            return 0
        known = self._testbed.accounts.addresses | {bare_address(address)}
        return sum(
            _token_in(message) is not None
            # A service may try its provider with a mail to itself.
            and not {*map(bare_address, message.recipients)}
            <= known | {bare_address(message.sender)}
            for message in self._mailbox.messages()[before:]
        )


def _account(who: Hashable) -> Account:
    assert isinstance(who, Account)
    return who


def _token_in(message: Message) -> str | None:
    links = message.magic_links()
    return token_of(links[0]) if links else None


def _answer(exchange: Exchange, at: Span, owner: Hashable | None) -> Answer:
    session, members = _session(exchange), exchange.members
    return Answer(
        exchange.status,
        at,
        exchange.summary(),
        error=_text(members.get("error")),
        message=_text(members.get("message")),
        session=session,
        right_user=owner is None or _names(session, members.get("userId"), _account(owner)),
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _session(exchange: Exchange) -> Session | None:
    try:
        return session_of(exchange)
    except Failed:
        return None


def _names(session: Session | None, user_id: object, account: Account) -> bool:
    """Tell whether a login is that of an account, as far as its id is known."""
    if account.id is None:
        return isinstance(user_id, str)
    alike = str(user_id).lower() == account.id.lower()
    return alike and session is not None and session.names_user(account.id)
