"""Times that are alike for a while, for one provider, or for the first request only (AC-9)."""

from __future__ import annotations

import asyncio
from typing import Any

from reference_app.magic_link.service import MagicLinkService
from reference_app.mail.pacing import AcceptanceTimes
from reference_app.mail.smtp import SmtpSender
from tests.mutants.change import Change
from tests.mutants.model import mutant
from tests.mutants.typed import remember_what_is_typed, typed

_TIME = "the median times of the answers differ by less than 50 milliseconds"


@mutant(
    fault="A stranger's second request within the hour is answered at once.",
    violates="AC-9",
    falls_with="EC-1",
    step=_TIME,
    incident="A cache of addresses that are not found, against needless look-ups.",
)
def strangers_are_remembered(change: Change) -> None:
    remember_what_is_typed(change)
    send, strangers = MagicLinkService._send, set[str]()

    async def send_unless_known(self: MagicLinkService, recipient: Any, raw_token: str) -> None:
        if recipient is None and typed.get() in strangers:
            return
        if recipient is None:
            strangers.add(typed.get())
        await send(self, recipient, raw_token)

    change.replace(MagicLinkService, "_send", send_unless_known)


@mutant(
    fault="Every answer takes a quarter of a second at least, and strangers get no mail.",
    violates="AC-9",
    falls_with="EC-1",
    step=_TIME,
    incident="A floor above what the provider took on the day it was measured.",
)
def evened_out_to_a_quarter_second(change: Change) -> None:
    def forget(self: AcceptanceTimes, seconds: float) -> None:
        pass

    change.settings(mail_pacing_floor_seconds=0.25)
    change.replace(AcceptanceTimes, "learning", property(lambda self: True))
    change.replace(AcceptanceTimes, "record", forget)


@mutant(
    fault="For an unknown address 150 ms are waited, as long as a mail takes on a good day.",
    violates="AC-9",
    falls_with="EC-1",
    step=_TIME,
    incident="The constant was taken from the test of the requirement.",
)
def waits_as_long_as_the_test(change: Change) -> None:
    async def rehearse(self: SmtpSender, subject: str, html: str) -> None:
        await asyncio.sleep(0.155)

    change.replace(SmtpSender, "rehearse", rehearse)


@mutant(
    fault="Until a first mail has gone out there is nothing to go by, and strangers do not wait.",
    violates="AC-9",
    falls_with="EC-1",
    step="these first answers do not come sooner than answers to users",
    incident="An average of the recent sends begins at nought with each deployment.",
)
def strangers_do_not_wait_after_a_start(change: Change) -> None:
    change.settings(mail_pacing_floor_seconds=0.0)
