"""The testbed: one running target with its points of control and observation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from conformance.observe.database import Database
from conformance.observe.evidence import Evidence, Exchange
from conformance.observe.logs import Logs
from conformance.observe.mail.mailbox import Mailbox, Sink
from conformance.observe.session import SignatureCheck
from conformance.observe.wire import Wire
from conformance.outcomes import Point, Untested
from conformance.target.accounts.supply import Accounts
from conformance.target.clock.kinds import Clock
from conformance.target.description import TargetDescription
from conformance.target.launch.instances import Instances

_Given = TypeVar("_Given")


@dataclass
class Testbed:
    """What steps work with. A point that is not there is None; `need_…` raises `Untested` then.

    `shared` keeps what is expensive and the same for several scenarios, `requested` every address
    that a link was requested for, in lower case, `history` every exchange of earlier scenarios
    that decide something; `uncounted` are addresses of which it does not hold every request.
    `alone` says that every scenario of the run comes to this testbed, none to another worker's.
    """

    __test__ = False  # not a test class, whatever its name begins with

    description: TargetDescription
    wire: Wire
    accounts: Accounts
    app_base_url: str | None
    signature: SignatureCheck
    mailbox: Mailbox | None = None
    database: Database | None = None
    clock: Clock | None = None
    logs: Logs | None = None
    instances: Instances | None = None
    restart: Callable[[], None] | None = None
    shared: dict[str, Any] = field(default_factory=dict)
    requested: set[str] = field(default_factory=set)
    uncounted: set[str] = field(default_factory=set)
    alone: bool = True
    history: list[Exchange] = field(default_factory=list)

    def begin_scenario(self) -> Evidence:
        """Give every point a fresh place for its evidence and return that place."""
        evidence = Evidence()
        self.resume(evidence)
        return evidence

    def resume(self, evidence: Evidence) -> None:
        """Let every point put its evidence there."""
        self.wire.evidence = evidence
        for point in (self.database, self.clock, self.logs):
            if point is not None:
                point.evidence = evidence

    def need_mailbox(self) -> Mailbox:
        """Return the mailbox."""
        mailbox = _needed(self.mailbox, Point.MAILBOX, "where mail goes is not described ([mail])")
        self.wire.evidence.points.add(Point.MAILBOX)
        return mailbox

    def need_database(self) -> Database:
        """Return the database."""
        return _needed(self.database, Point.DATABASE, "no database is described ([database])")

    def need_clock(self) -> Clock:
        """Return the clock."""
        why = "nothing is described that moves the target's time ([clock], [database])"
        return _needed(self.clock, Point.CLOCK, why)

    def need_instances(self) -> Instances:
        """Return what starts further instances of the target."""
        why = "only a target that the harness starts can be started twice ([launch])"
        return _needed(self.instances, Point.LAUNCH, why)

    def need_restart(self) -> Callable[[], None]:
        """Return what restarts the target."""
        why = "only a target that the harness starts can be restarted ([launch])"
        return _needed(self.restart, Point.LAUNCH, why)

    def need_sink(self) -> Sink:
        """Return the mailbox when it is the harness's own, which can be made to fail."""
        mailbox = self.need_mailbox()
        if not isinstance(mailbox, Sink):
            raise Untested(Point.MAIL_PROVIDER, f"a {mailbox.name} cannot be made to fail")
        return mailbox

    def wire_to(self, base_url: str) -> Wire:
        """Return the HTTP interface of another instance, with the same evidence."""
        wire = Wire(base_url, self.wire.headers, self.wire.lost)
        wire.evidence, wire.elapsed = self.wire.evidence, self.wire.elapsed
        wire.absent = self.wire.absent
        return wire

    def need_protected(self) -> list[str]:
        """Return the protected endpoints, such as `GET /account`."""
        if not self.description.protected:
            raise Untested(Point.PROTECTED, "none are described (the key `protected`)")
        return self.description.protected

    def need_logs(self) -> Logs:
        """Return the log."""
        return _needed(self.logs, Point.LOGS, "where the target logs is not described ([log])")


def _needed(point: _Given | None, name: Point, why: str) -> _Given:
    if point is None:
        raise Untested(name, why)
    return point
