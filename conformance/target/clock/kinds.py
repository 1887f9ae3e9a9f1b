"""Moves a target's time forward: freezing in process, ageing rows, faking, a hook, or waiting."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg

from conformance.observe.evidence import Evidence
from conformance.observe.http_client import call
from conformance.outcomes import HarnessFault, Point, Untested
from conformance.target.clock.ageing import Ageing, State

_LONGEST_WAIT = timedelta(hours=2)
# libfaketime reads its file anew when the second has changed.
_READ_SECONDS = 1.1
_HOOK_SECONDS = 10.0


class Clock(ABC):
    """The target's time. It only ever moves forward, for the rest of the run.

    `how` is the word for the report: frozen, aged, faked, hooked or waited.
    """

    how: str
    # A clock of the other kind, asked before a missing effect of this one is called a failure:
    # freezing and faking never move PostgreSQL, so a target that compares with the database's
    # clock would look as if it enforced nothing.
    second_opinion: Clock | None = None

    # Whether it moves the clock that the target reads, and not what the target has stored.
    moves_the_present = True

    def __init__(self) -> None:
        self.evidence = Evidence()
        self.ahead = timedelta()
        """How far the target's present is ahead of the harness's."""

    def advance(self, by: timedelta) -> None:
        """Move the target's time forward by `by`."""
        self.evidence.points.add(f"clock: {self.how}")
        self._advance(by)
        if self.moves_the_present:
            self.ahead += by

    @abstractmethod
    def _advance(self, by: timedelta) -> None: ...

    def doubts(self, state: State) -> list[str]:
        """Return why a missing effect on `state` may not be the target's fault."""
        del state  # only ageing can miss a part of it
        return []

    def close(self) -> None:  # noqa: B027 - most clocks have nothing to put back
        """Put back what was changed outside the target."""


class FrozenClock(Clock):
    """freezegun in the harness's own process, where the target is served too."""

    how = "frozen"

    def __init__(self) -> None:
        super().__init__()
        self._freezer: Any = None
        self._frozen: Any = None

    def _advance(self, by: timedelta) -> None:
        if self._frozen is None:
            import freezegun

            # The harness, and what its measurements and connections depend on, keep real time.
            freezegun.configure(
                extend_ignore_list=["conformance", "_pytest", "aiosmtpd", "asyncio", "psycopg_pool"]
            )
            self._freezer = freezegun.freeze_time(tick=True, real_asyncio=True)
            self._frozen = self._freezer.start()
        # From where it ticks now: freezegun's own `tick` forgets the time since its last move.
        self._frozen.move_to(self._frozen() + by)

    def close(self) -> None:
        """Let time be real again."""
        if self._freezer is not None:
            self._freezer.stop()


class AgedClock(Clock):
    """Shifts every stored time of the target's own tables back: see `Ageing`."""

    how = "aged"
    moves_the_present = False

    def __init__(self, ageing: Ageing) -> None:
        super().__init__()
        self._ageing = ageing

    def _advance(self, by: timedelta) -> None:
        try:
            self._ageing.age(by)
        except psycopg.Error as error:
            reason = " ".join(str(error).split())
            raise Untested(Point.CLOCK, f"stored times cannot be moved: {reason}") from error
        for note in self._ageing.notes:
            self.evidence.note(note)

    def doubts(self, state: State) -> list[str]:
        """Return where times of `state` seem to be stored that were not shifted."""
        return self._ageing.unshifted(state)


class FakedClock(Clock):
    """libfaketime in a launched target, by a file that it reads once a second.

    Reading it at each call would make a busy target slower by an order of magnitude.
    """

    how = "faked"

    def __init__(self, file: Path) -> None:
        super().__init__()
        self._file = file
        self._shift = timedelta()
        self._write()

    @staticmethod
    def environment(file: Path) -> dict[str, str]:
        """Return the variables with which a target must be launched."""
        import libfaketime

        library = Path(libfaketime.__file__).parent / "vendor/libfaketime/src/libfaketime.so.1"
        if not library.exists():
            raise HarnessFault(f"libfaketime's library is not where it should be: {library}")
        return {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(file),
            "FAKETIME_CACHE_DURATION": "0",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
        }

    def _advance(self, by: timedelta) -> None:
        self._shift += by
        self._write()
        # Nothing shows when the target has read it.
        time.sleep(_READ_SECONDS)

    def _write(self) -> None:
        fresh = self._file.with_suffix(".new")
        fresh.write_text(f"+{int(self._shift.total_seconds())}s\n", encoding="ascii")
        fresh.replace(self._file)


class HookedClock(Clock):
    """An HTTP hook of the target's: POST `{"seconds": n}`, the whole shift since the start."""

    how = "hooked"

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url
        self._shift = timedelta()

    def _advance(self, by: timedelta) -> None:
        self._shift += by
        payload = {"seconds": int(self._shift.total_seconds())}
        answer = call("POST", self._url, _HOOK_SECONDS, payload)
        if answer.error or not 200 <= answer.status < 300:
            raise Untested(Point.CLOCK, f"the hook {self._url} answered: {answer.summary()}")


class WaitedClock(Clock):
    """Really waits."""

    how = "waited"
    moves_the_present = False

    def _advance(self, by: timedelta) -> None:
        if by > _LONGEST_WAIT:
            raise Untested(Point.CLOCK, f"waiting {by} takes too long: another clock can do it")
        time.sleep(by.total_seconds())
