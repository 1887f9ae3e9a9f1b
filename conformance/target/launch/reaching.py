"""Reaching a target: whether it may be touched, where it answers, how it ended."""

from __future__ import annotations

import time

from conformance.observe.addresses import decide
from conformance.observe.settings import DatabasePart, MailPart
from conformance.observe.wire import Wire
from conformance.outcomes import TargetLost
from conformance.target.description import TargetDescription
from conformance.target.launch.instances import Instance

REACH_SECONDS = 10.0
_END_SECONDS = 1.0


def refuse_remote(description: TargetDescription) -> None:
    """Raise `UsageError` for an address in the description that must not be connected to."""
    database, mail = description.database or DatabasePart(), description.mail or MailPart()
    jwks = description.session.jwks
    decide("base_url", description.base_url)
    decide("database.url", database.url)
    decide("database.server", database.server)
    decide("mail.url", mail.url)
    decide("clock.url", description.clock.url)
    decide("session.jwks", None if jwks is None or jwks.startswith("/") else jwks)


def how_it_ended(target: Instance) -> str:
    """Return how the target ended, or ""; its connections end a moment before its process."""
    deadline = time.monotonic() + _END_SECONDS
    while not (ended := target.ended()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return ended


def expect_answer(base_url: str) -> None:
    """Raise `TargetLost` when nothing at the URL answers HTTP."""
    answer = Wire(base_url, {}, str).attempt("GET", "/", timeout=REACH_SECONDS)
    if answer.error:
        raise TargetLost(f"{base_url} does not answer HTTP: {answer.error}")
