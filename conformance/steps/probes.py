"""Tries every point of a target once, without judging it: what works, what does not, and why."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from conformance.observe.evidence import Exchange
from conformance.observe.logs import LogLine
from conformance.observe.mail.faults import Fault
from conformance.observe.session import Session, session_of
from conformance.outcomes import CantTell, Failed, HarnessFault, Point, TargetLost, Untested
from conformance.requirements.facts import many_accounts
from conformance.requirements.magic_link import TOKEN_COLUMNS, TOKEN_LIFETIME, USER_COLUMNS
from conformance.steps import actions
from conformance.steps.scene import Scene
from conformance.target.accounts.pool import invented, listed
from conformance.target.accounts.supply import Account, Kind, NoAccounts, unknown_address
from conformance.target.testbed import Testbed

_BEYOND_EXPIRY = TOKEN_LIFETIME + timedelta(minutes=1)
_KINDS: tuple[tuple[Point, Kind], ...] = (
    (Point.ACCOUNTS, "active"),
    (Point.SUSPENDED, "suspended"),
    (Point.PASSWORDLESS, "passwordless"),
)
_LOG_SECONDS = 1.0


@dataclass(frozen=True)
class ProbeResult:
    """What trying one point showed; `works` is None when it was there and could not be tried."""

    point: Point
    works: bool | None
    message: str


class _NotTried(Exception):
    """The point is there, and something else that trying it takes is not."""


class Probes:
    """The probes of one testbed, in an order in which later ones build on earlier ones.

    `results` raises `TargetLost` when the target goes away; everything else is a result.
    """

    def __init__(self, testbed: Testbed) -> None:
        self._testbed = testbed
        self._scene = Scene(testbed, testbed.begin_scenario())
        self._log_mark = testbed.logs.mark() if testbed.logs is not None else 0
        self._by_link: Exchange | None = None
        self._session: Session | None = None
        self._ids = True

    def results(self) -> Iterator[ProbeResult]:
        """Try one point after the other."""
        yield self._try(Point.WIRE, self._wire)
        yield self._try(Point.DATABASE, self._database)
        yield self._try(Point.WRITABLE, self._writable)
        for point, kind in _KINDS:
            yield self._try(point, lambda kind=kind: self._account(kind))  # type: ignore[misc]
        yield self._try(Point.IDS, self._known_ids)
        yield self._try(Point.MANY, self._many)
        yield self._try(Point.PASSWORD, self._password)
        yield self._try(Point.MAILBOX, self._mailbox)
        yield self._try(Point.MAIL_PROVIDER, self._mail_provider)
        yield self._try(Point.SESSION_KEY, self._session_key)
        yield self._try(Point.PROTECTED, self._protected)
        yield self._try(Point.CLOCK, self._clock)
        yield self._try(Point.APP_BASE_URL, self._app_base_url)
        yield self._try(Point.LAUNCH, self._launch)
        yield self._try(Point.LOGS, self._logs)

    def _try(self, point: Point, probe: Callable[[], str]) -> ProbeResult:
        try:
            return ProbeResult(point, True, probe())
        except _NotTried as error:
            return ProbeResult(point, None, str(error))
        except TargetLost:
            raise
        except Untested as error:
            return ProbeResult(point, False, error.why)
        except (Failed, CantTell, HarnessFault) as error:
            return ProbeResult(point, False, str(error))

    def _wire(self) -> str:
        answers = {
            "request": actions.request_link(self._scene, unknown_address()),
            "verify": actions.verify(self._scene, "0" * 64),
            "login": actions.log_in_with_password(
                self._scene, Account(unknown_address(), None, "none")
            ),
        }
        for what, answer in answers.items():
            _refuse_what_is_not_there(what, answer)
        message = ", ".join(f"{what} {answer.status}" for what, answer in answers.items())
        return f"it answers: {message}"

    def _database(self) -> str:
        database = self._testbed.need_database()
        users, tokens = database.users(), database.tokens()
        found: dict[str, str] = {}
        for table, names in (
            (users, USER_COLUMNS),
            (tokens, TOKEN_COLUMNS),
        ):
            found |= {name: database.column(table, name).name for name in names}
        message = f"the tables {users} and {tokens} are there"
        others = ", ".join(sorted({column for name, column in found.items() if column != name}))
        return f"{message}; columns with other names: {others}" if others else message

    def _writable(self) -> str:
        if not self._testbed.need_database().writable:
            raise Untested(Point.DATABASE, "it is only read (`database.disposable` allows more)")
        return "accounts and tokens may be written, stored times moved"

    def _account(self, kind: Kind) -> str:
        [account] = self._scene.take(kind)
        self._ids &= account.id is not None
        return f"one can be had: {account.email}"

    def _known_ids(self) -> str:
        if isinstance(self._testbed.accounts, NoAccounts):
            raise Untested(Point.ACCOUNTS, "none are described ([accounts])")
        if not self._ids:
            raise Untested(Point.ACCOUNTS, "not all are known (the key `id` of a listed account)")
        return "known"

    def _many(self) -> str:
        part = self._testbed.description.accounts
        if self._testbed.accounts.plentiful:
            return "any number can be made"
        if part is None:
            raise Untested(Point.ACCOUNTS, "none are described ([accounts])")
        pool = listed(part.listed) if part.kind == "list" else invented(part.count)
        active = sum(each.status == "active" and not each.passwordless for each in pool)
        wanted = many_accounts(movable=self._testbed.clock is not None)
        if active < wanted:
            raise Untested(Point.ACCOUNTS, f"{active} active ones, a whole run takes {wanted}")
        return f"{active} active ones"

    def _password(self) -> str:
        account = self._testbed.accounts.with_password()
        answer = actions.log_in_with_password(self._scene, account)
        actions.expect_status(answer, 200, "password login")
        session_of(answer)
        return "a login with it answers 200 and sets auth_token"

    def _mailbox(self) -> str:
        mailbox = self._testbed.need_mailbox()
        token = actions.receive_token(self._scene, self._one_account())
        # Twice, for the log; what the first answer says is looked at further down.
        self._by_link = actions.verify(self._scene, token)
        actions.verify(self._scene, token)
        return f"a request's mail arrived in the {mailbox.name}, with a link in it"

    def _mail_provider(self) -> str:
        sink = self._testbed.need_sink()
        account = self._one_account()
        with sink.fault(Fault.REFUSE_PERMANENT) as fault:
            answer = actions.request_link(self._scene, account.email)
        if fault.hits == 0:
            raise Failed("the failing provider was never called", found=answer.summary())
        # A service that remembers the outage sees that it is over.
        actions.request_link(self._scene, account.email)
        return f"a mail was refused; the request answered {answer.status}"

    def _session_key(self) -> str:
        if not self._testbed.signature.available:
            raise Untested(Point.SESSION_KEY, "none is given ([session]): no signature is judged")
        self._testbed.signature.check(self._logged_in())
        return "it verifies the signature of a session"

    def _protected(self) -> str:
        endpoints = self._testbed.description.protected
        if not endpoints:
            raise Untested(Point.PROTECTED, "none are named (the key `protected`)")
        session = self._logged_in()
        for endpoint in endpoints:
            method, path = endpoint.split(" ", 1)
            answer = self._testbed.wire.send(method, path, b"", session.header_line)
            if not 200 <= answer.status < 300:
                raise Failed(f"{endpoint} with a session", expected="2xx", found=answer.summary())
        return f"{', '.join(endpoints)}: 2xx with a session"

    def _clock(self) -> str:
        clock = self._testbed.need_clock()
        if clock.how == "waited":
            return "it really waits: not tried, since that takes 16 minutes"
        if self._testbed.mailbox is None:
            raise _NotTried(f"{clock.how}; without a mailbox there is no token to let expire")
        token = actions.receive_token(self._scene, self._one_account())
        clock.advance(_BEYOND_EXPIRY)
        answer = actions.verify(self._scene, token)
        if answer.status == 200:
            doubts = "; ".join(clock.doubts("tokens")) or (
                "either tokens do not expire, or time does not move for the service"
            )
            raise Failed(f"{clock.how}, and a token is still accepted 16 minutes later: {doubts}")
        return f"{clock.how}: 16 minutes later a token is answered with {answer.status}"

    def _app_base_url(self) -> str:
        if self._testbed.app_base_url is None:
            raise Untested(Point.APP_BASE_URL, "it is not known (the key `app_base_url`)")
        return self._testbed.app_base_url

    def _launch(self) -> str:
        with self._testbed.need_instances().beside():
            return "a second instance can be started beside the first"

    def _logs(self) -> str:
        logs = self._testbed.need_logs()
        # One request too many is what the probes so far did not do.
        address = unknown_address()
        for _ in range(6):
            actions.request_link(self._scene, address)
        lines = logs.wait_for(self._log_mark, _never, _LOG_SECONDS)
        if not lines:
            raise Untested(Point.LOGS, f"{logs.path.name} has no line about all these requests")
        if all(line.level is None for line in lines):
            raise Failed(
                f"{len(lines)} lines, none with a level (`log.level_key` names where it is)"
            )
        return "; ".join([_levels_of(lines), *self._events(lines)])

    def _events(self, lines: list[LogLine]) -> Iterator[str]:
        events = self._testbed.need_logs().events
        if not events:
            yield "no patterns of events are given, so only levels are judged"
            return
        matched = {
            name for name, event in events.items() if any(event.found_in(x.text) for x in lines)
        }
        yield f"patterns that matched: {', '.join(sorted(matched)) or 'none'}"
        if missed := sorted(set(events) - matched):
            yield f"not seen: {', '.join(missed)}"

    def _one_account(self) -> Account:
        [account] = self._scene.take()
        return account

    def _logged_in(self) -> Session:
        if self._session is None:
            self._session = session_of(self._log_in())
        return self._session

    def _log_in(self) -> Exchange:
        if self._by_link is not None:
            actions.expect_status(self._by_link, 200, "the status for a fresh token")
            return self._by_link
        with contextlib.suppress(Untested):
            account = self._testbed.accounts.with_password()
            return actions.log_in_with_password(self._scene, account)
        raise _NotTried("there is neither a link nor a password to log in with")


def _refuse_what_is_not_there(what: str, answer: Exchange) -> None:
    if answer.status == 429:
        raise CantTell(f"{what} answered 429 to a fresh address: lift that further limit for runs")
    if answer.status in {404, 405, 501} or answer.status >= 500:
        raise Failed(f"{what} answered {answer.summary()}: is it at {answer.url}?")
    if answer.status in {401, 403} and what == "request":
        raise Failed(f"{what} answered {answer.summary()}: does it want a header (`headers`)?")


def _never(line: LogLine) -> bool:
    del line
    return False


def _levels_of(lines: list[LogLine]) -> str:
    levels = sorted({line.level for line in lines if line.level})
    bare = sum(line.level is None for line in lines)
    message = f"{len(lines)} lines at the levels {', '.join(levels)}"
    return f"{message}, {bare} without" if bare else message
