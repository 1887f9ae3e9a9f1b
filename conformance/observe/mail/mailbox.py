"""The mailbox: where the harness looks for the target's mail."""

from __future__ import annotations

import errno
import random
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, ClassVar, Self

from conformance.observe.mail.faults import ActiveFault, Fault
from conformance.observe.mail.loop_thread import LoopThread
from conformance.observe.mail.message import Message, bare_address
from conformance.outcomes import Point, Untested

if TYPE_CHECKING:
    from conformance.observe.settings import MailPart

POLL_SECONDS = 0.05
DEFAULT_DELAY_SECONDS = 0.150
DEFAULT_JITTER = 0.2
LOOPBACK = "127.0.0.1"


class MailboxError(Untested):
    """The mailbox cannot be read; `why` is one sentence for the user.

    What happens to it while a scenario runs leaves that scenario untested.
    """

    def __init__(self, why: str) -> None:
        super().__init__(Point.MAILBOX, why)


class SinkError(MailboxError):
    """The sink cannot do what it is asked."""


def listen_error(name: str, port: int, error: OSError) -> SinkError:
    """Return the one sentence for a sink that cannot listen."""
    taken = error.errno == errno.EADDRINUSE
    reason = "that port is already taken" if taken else (error.strerror or str(error))
    return SinkError(f"The {name} cannot listen on {LOOPBACK}:{port}: {reason}.")


class Mailbox(ABC):
    """Everything that the target's mail provider accepted, in order of acceptance.

    Each subclass is a kind of mailbox and holds everything about it. `kind` is its name in a
    description (`[mail] kind`), `name` its name in messages. `needs` has an example for each key of
    `[mail]` that it requires. `placeholders` maps the placeholders with which a description tells
    its target where to send mail (they begin with the kind and an underscore) to attributes of the
    open mailbox. `variables` are environment variables in which services usually expect them.
    """

    kind: ClassVar[str]
    name: ClassVar[str]
    needs: ClassVar[dict[str, str]] = {}
    placeholders: ClassVar[dict[str, str]] = {}
    variables: ClassVar[dict[str, str]] = {}

    @classmethod
    @abstractmethod
    def opened(cls, part: MailPart, directory: Path) -> Mailbox:
        """Open what `[mail]` describes; relative paths begin at `directory`.

        Raises `MailboxError`.
        """

    @classmethod
    def is_own(cls, part: MailPart) -> bool:
        """Return whether each of several workers can have such a mailbox for itself."""
        del part
        return False

    def __init__(self) -> None:
        self._aside: dict[str, int] = {}

    def placeholder_values(self) -> dict[str, str]:
        """Return the values of the placeholders of descriptions."""
        return {name: str(getattr(self, where)) for name, where in self.placeholders.items()}

    @abstractmethod
    def messages(self) -> list[Message]:
        """Return all messages so far, in order of acceptance."""

    def messages_to(self, address: str) -> list[Message]:
        """Return the messages to `address` (`a@b` or `Name <a@b>`), whatever the case.

        Those that were set aside are left out.
        """
        return self._all_to(address)[self._aside.get(bare_address(address), 0) :]

    def set_aside(self, address: str) -> None:
        """Leave out of `messages_to` what has arrived for `address` so far."""
        self._aside[bare_address(address)] = len(self._all_to(address))

    def _all_to(self, address: str) -> list[Message]:
        wanted = bare_address(address)
        return [m for m in self.messages() if wanted in map(bare_address, m.recipients)]

    def wait_for(self, address: str, count: int = 1, timeout: float = 5.0) -> list[Message]:
        """Return the messages to `address` once there are `count`, or what is there at the timeout.

        `timeout` is in seconds.
        """
        deadline = time.monotonic() + timeout
        while True:
            known = self._count()
            found = self.messages_to(address)
            remaining = deadline - time.monotonic()
            if len(found) >= count or remaining <= 0:
                return found
            if not self._wait_beyond(known, remaining):
                return self.messages_to(address)

    def settle(self, address: str, seconds: float) -> list[Message]:
        """Wait until no further message to `address` came for `seconds`; return all of them."""
        found = self.messages_to(address)
        while True:
            later = self.wait_for(address, len(found) + 1, seconds)
            if len(later) == len(found):
                return later
            found = later

    def close(self) -> None:  # noqa: B027 - a mailbox without resources has nothing to close
        """Give back what the mailbox holds; may be called more than once."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _count(self) -> int:
        """Return how many messages are known at this moment, without looking for new ones."""
        return 0

    def _wait_beyond(self, known: int, timeout: float) -> bool:  # noqa: ARG002 - see Sink
        """Wait until more than `known` messages may be there; False when none will come in time."""
        time.sleep(min(timeout, POLL_SECONDS))
        return True


class Sink(Mailbox):
    """A mail provider on loopback, run by the harness in a thread of its own.

    It takes a realistic time to accept a message (see `set_delay`) and fails on demand.
    `median_delay` is that time in seconds, `delays` holds what it took each time.
    """

    faults: ClassVar[frozenset[Fault]]

    @classmethod
    def is_own(cls, part: MailPart) -> bool:
        """Return whether each worker can have one: unless all would want the same port."""
        return part.port == 0

    def __init__(self) -> None:
        super().__init__()
        self.host = LOOPBACK
        self.port = 0
        self._messages: list[Message] = []
        self._attempts = 0
        self._changed = threading.Condition()
        self._closed = False
        self.median_delay = DEFAULT_DELAY_SECONDS
        self._jitter = DEFAULT_JITTER
        self.delays: list[float] = []
        self._active: ActiveFault | None = None
        self._thread = LoopThread(self.name)

    def messages(self) -> list[Message]:
        """Return the messages accepted so far, in that order."""
        with self._changed:
            return list(self._messages)

    def attempts(self) -> int:
        """Return how many sends were begun so far, failed ones included."""
        with self._changed:
            return self._attempts

    def set_delay(self, median_seconds: float, jitter: float = DEFAULT_JITTER) -> None:
        """Set how long accepting a message takes: uniform in the median ± `jitter` times it."""
        if median_seconds < 0 or not 0 <= jitter <= 1:
            raise ValueError("A delay is at least 0 seconds, its jitter a fraction from 0 to 1.")
        self.median_delay, self._jitter = median_seconds, jitter

    @contextmanager
    def fault(self, fault: Fault, only: frozenset[str] | None = None) -> Iterator[ActiveFault]:
        """Fail this way inside the with-block; whatever hangs is let go at its end.

        With `only`, just the messages to these recipients: see `ActiveFault`.

        Raises SinkError when this kind of sink has no such fault.
        """
        if fault not in self.faults:
            raise SinkError(f"The {self.name} cannot fail by {fault.name}.")
        active, previous = ActiveFault(fault, only), self._active
        self._thread.run(self._enter_fault(active))
        try:
            yield active
        finally:
            self._active = previous
            if not self._closed:
                self._thread.run(self._release(active))

    def close(self) -> None:
        """Stop at once: cut every connection, free the port, end the thread."""
        if self._closed:
            return
        self._closed = True
        self._thread.close(self._shut_down())
        with self._changed:
            self._changed.notify_all()

    @abstractmethod
    async def _shut_down(self) -> None:
        """Stop listening and cut every connection (on the sink's own loop)."""

    async def _enter_fault(self, active: ActiveFault) -> None:
        self._active = active

    async def _release(self, active: ActiveFault) -> None:
        active.released.set()

    def acceptance_delay(self) -> float:
        """Return the seconds that accepting the next message takes."""
        delay = self.median_delay * random.uniform(1 - self._jitter, 1 + self._jitter)
        self.delays.append(delay)
        return delay

    def begin_attempt(self) -> None:
        """Count one more send that was begun."""
        with self._changed:
            self._attempts += 1

    def accept(self, message: Message) -> None:
        """Keep a message that was accepted."""
        with self._changed:
            self._messages.append(message)
            self._changed.notify_all()

    def _count(self) -> int:
        with self._changed:
            return len(self._messages)

    def _wait_beyond(self, known: int, timeout: float) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._closed or len(self._messages) > known, timeout)
            return len(self._messages) > known
