"""Regular expressions of a description: what one finds, and that none of them takes for ever."""

from __future__ import annotations

import signal
import time

import pytest

from conformance.observe import patterns
from conformance.observe.patterns import Pattern
from conformance.outcomes import CantTell

CATASTROPHIC = "a" * 60 + "!"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "_SECONDS", 0.2)


def test_what_is_there_is_found() -> None:
    pattern = Pattern("log.events.link_sent", r"sent|mailed \d+")
    assert pattern.found_in("INFO a link was sent")
    assert not pattern.found_in("INFO mailed none")


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", r"(\w*)*b", "(?:a?){60}a{60}b"])
def test_a_search_that_would_take_years_is_broken_off(pattern: str) -> None:
    slow = Pattern("log.events.link_sent", pattern)
    begun = time.process_time()
    with pytest.raises(CantTell, match=r"^log\.events\.link_sent: the search for .* too long"):
        slow.found_in(CATASTROPHIC)
    assert time.process_time() - begun < 5


def test_what_was_broken_off_once_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = Pattern("log.events.link_sent", "(a+)+$")
    with pytest.raises(CantTell):
        slow.found_in(CATASTROPHIC)
    monkeypatch.delattr(patterns, "at_most")
    with pytest.raises(CantTell):
        slow.found_in(CATASTROPHIC)


def test_the_timer_and_its_handler_are_put_back() -> None:
    before = signal.getsignal(signal.SIGVTALRM)
    Pattern("log.events.link_sent", "x").found_in("x")
    with pytest.raises(CantTell):
        Pattern("log.events.link_sent", "(a+)+$").found_in(CATASTROPHIC)
    assert signal.getsignal(signal.SIGVTALRM) is before
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0.0, 0.0)
