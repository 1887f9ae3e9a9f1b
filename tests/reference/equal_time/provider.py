"""A mail provider in a process of its own, so that its work is not on the clock of who measures."""

from __future__ import annotations

import multiprocessing
import random
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

from tests.reference.processes import sendgrid_settings, smtp_settings
from tests.reference.servers import sendgrid_sink, smtp_sink

JITTER = 0.1


@contextmanager
def provider(kind: str, seconds: float) -> Iterator[dict[str, str]]:
    """Run an SMTP server (delay in DATA) or a stand-in for SendGrid; give the settings for it.

    A message takes `seconds`, lognormally jittered by JITTER.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(kind, seconds, theirs), daemon=True)
    process.start()
    # Held by the process alone: when that dies, so does the wait for its answer.
    theirs.close()
    try:
        yield ours.recv()
    finally:
        ours.close()
        process.join(10)


def _serve(kind: str, seconds: float, caller: Connection) -> None:
    def delay() -> float:
        return seconds * random.lognormvariate(0.0, JITTER)

    if kind == "smtp":
        with smtp_sink() as smtp:
            smtp.delay = delay
            _hold(caller, smtp_settings(smtp.port))
    else:
        with sendgrid_sink() as sendgrid:
            sendgrid.delay = delay
            _hold(caller, sendgrid_settings(sendgrid.url))


def _hold(caller: Connection, settings: dict[str, str]) -> None:
    """Stay until the caller hangs up."""
    caller.send(settings)
    try:
        caller.recv()
    except EOFError:
        return
