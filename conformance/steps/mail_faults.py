"""A mail provider that is slow or fails (FR-3, NFR-3, EC-7)."""

from __future__ import annotations

import contextlib
from concurrent.futures import ThreadPoolExecutor, wait

from pytest_bdd import given, parsers, then, when

from conformance.observe.mail.faults import ActiveFault, Fault
from conformance.observe.mail.links import token_of
from conformance.observe.mail.mailbox import Sink
from conformance.outcomes import CantTell, Failed, Inapplicable, NoAnswer
from conformance.steps import actions
from conformance.steps.scene import Scene, seen
from conformance.steps.storage import new_rows, note_rows

_FAULTS = {
    "refuses the message for good": Fault.REFUSE_PERMANENT,
    "refuses the message for now": Fault.REFUSE_TEMPORARY,
    "drops the connection instead of accepting it": Fault.DROP,
}
_GOODBYES = {
    "says no goodbye": Fault.HANG_AT_QUIT,
    "hangs up without a goodbye": Fault.DROP_AT_QUIT,
}
RECOVERY_SENDS = 6
# How much earlier than the provider an answer may come and still not be called early.
_EARLY_SECONDS = 0.1


@given(parsers.parse("a mail provider that takes {seconds:d} second to accept a message"))
def slow_provider(scene: Scene, seconds: int) -> None:
    sink = scene.testbed.need_sink()
    sink.set_delay(seconds, 0.0)
    scene.mail_delay = float(seconds)


@then("the answer takes as long as the mail provider does")
def takes_as_long(scene: Scene) -> None:
    delay = scene.mail_delay
    actions.expect_status(scene.answer, 202)
    if scene.answer.elapsed < delay - _EARLY_SECONDS:
        raise Failed(
            "the time to answer, with a provider that takes its time",
            expected=f"at least {delay:.1f} s",
            found=f"{scene.answer.elapsed:.2f} s",
        )


@then("the mail is there when the answer is")
def mail_is_there(scene: Scene) -> None:
    actions.expect_status(scene.answer, 202)
    mailbox = scene.testbed.need_mailbox()
    # The sink notes a mail before it says that it is accepted; a mailbox that is read is slower.
    patience = 0.0 if isinstance(mailbox, Sink) else actions.MAIL_SECONDS
    if not mailbox.wait_for(scene.address, 1, patience):
        raise Failed("the mail at the moment of the answer", expected="sent", found="not sent yet")


@given(parsers.re("a mail provider that (?P<fault>" + "|".join(_FAULTS) + ")$"))
def failing_provider(scene: Scene, fault: str) -> None:
    if scene.account is not None:
        note_rows(scene)
    fail(scene, _FAULTS[fault])


@given(
    parsers.re("a mail provider that accepts the mail and (?P<end>" + "|".join(_GOODBYES) + ")$")
)
def provider_without_goodbye(scene: Scene, end: str) -> None:
    fault, sink = _GOODBYES[end], scene.testbed.need_sink()
    if fault not in sink.faults:
        raise Inapplicable(
            f"a {sink.name} takes each mail in a single call, and no goodbye follows"
        )
    fail(scene, fault)


@when(
    parsers.parse(
        "the user requests a link, and the mail provider hangs up after {seconds:d} seconds "
        "at the latest"
    )
)
def request_until_hang_up(scene: Scene, seconds: int) -> None:
    """Request a link; a service may wait for the goodbye for as long as it does for a mail."""
    scene.mailed_before = len(scene.testbed.need_mailbox().messages())
    with ThreadPoolExecutor(1) as worker:
        asked = worker.submit(actions.request_link, scene, scene.address)
        hung = bool(wait([asked], seconds).not_done)
        well_again(scene)
        try:
            scene.answers = [asked.result()]
        except NoAnswer:
            if hung:
                raise CantTell("the target still waits for a provider that has hung up") from None
            raise
    if hung:
        scene.evidence.note(f"the target waited {seconds} s for the provider's goodbye")
    actions.suspect_further_limit(scene, scene.answer, "the first request for an address")


@then("the link in the mail works")
def link_in_mail_works(scene: Scene) -> None:
    message = scene.testbed.need_mailbox().messages_to(scene.address)[-1]
    answer = actions.verify(scene, token_of(actions.link_in(scene, message)) or "")
    actions.expect_status(answer, 200, "the status for the token of a mail that was accepted")


def fail(scene: Scene, fault: Fault, only: frozenset[str] | None = None) -> ActiveFault:
    """Make the mail provider fail until it recovers or the scenario ends.

    With `only`, just the messages to these recipients fail, in lower case.
    """
    sink = scene.testbed.need_sink()
    if scene.recovery is None:
        # Called last: a service that remembers the outage sees that it is over.
        scene.stack.callback(_let_recover, scene)
    recovery = scene.stack.enter_context(contextlib.ExitStack())
    active = recovery.enter_context(sink.fault(fault, only))
    scene.recovery = recovery
    scene.fault = active
    return active


def _let_recover(scene: Scene) -> None:
    # Several, since each process of a service may have to see it for itself.
    sends = RECOVERY_SENDS if scene.testbed.accounts.plentiful else 1
    with contextlib.suppress(Exception):
        for account in scene.take("active", sends):
            actions.request_link(scene, account.email)


@when("the mail provider is well again")
def well_again(scene: Scene) -> None:
    seen(scene.recovery, "a fault of the mail provider").close()


@then("the database holds no token of the user")
def no_token_left(scene: Scene) -> None:
    _expect_met(scene)
    rows = new_rows(scene)
    if rows:
        raise Failed("token rows of the user after the failed send", expected=0, found=len(rows))


@when("the token of the refused mail is verified")
def verify_refused(scene: Scene) -> None:
    active = _expect_met(scene)
    links = [link for message in active.refused for link in message.magic_links()]
    if not links:
        raise Inapplicable("the target did not hand the mail over before it was refused")
    well_again(scene)
    scene.token = token_of(links[-1]) or ""
    scene.answers = [actions.verify(scene, scene.token)]


def _expect_met(scene: Scene) -> ActiveFault:
    active = seen(scene.fault, "a fault of the mail provider")
    if active.hits == 0:
        if scene.answer.status == 202:
            raise Failed("a send while the provider fails", expected="one", found="none was begun")
        raise CantTell("the target never reached the failing provider")
    return active
