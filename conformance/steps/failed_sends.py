"""What becomes of requests whose mail a provider does not take (NFR-3, EC-7, NFR-4)."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from pytest_bdd import given, parsers, then, when

from conformance.observe.evidence import Exchange
from conformance.observe.logs import LogLine
from conformance.observe.mail.faults import AFTER_ACCEPTANCE, ActiveFault, Fault
from conformance.observe.mail.links import token_of
from conformance.observe.mail.message import bare_address
from conformance.outcomes import CantTell, Failed, Inapplicable, Untested
from conformance.steps import actions
from conformance.steps.mail_faults import fail, no_token_left, well_again
from conformance.steps.scene import Scene
from conformance.steps.storage import new_rows, note_rows
from conformance.target.accounts.supply import Account

# A provider's answer whose status is not a refusal is not judged (reading 36).
_NOT_JUDGED = {Fault.API_200} | AFTER_ACCEPTANCE
# The same as faults that every sink has.
_SAID_TWICE = {
    *(Fault.END_OF_DATA_554, Fault.END_OF_DATA_451),
    *(Fault.DROP_AFTER_DATA, Fault.HANG_AFTER_DATA),
}
# In seconds. Some providers take that long to make up their minds.
_LATE = (1.5, 2.5)
_HANGS = 1.0
_LINE_SECONDS = 0.5


@dataclass(frozen=True)
class FailedSend:
    """A request whose mail a provider did not take, and what it left behind.

    `rows` is None where they cannot be seen. `verified` is the answer to the token of the mail,
    where the target had handed it over. `lines` are those that the request added to the log.
    """

    how: str
    answer: Exchange
    rows: int | None
    verified: Exchange | None
    lines: list[LogLine]


@when("the mail provider fails in each way in turn while users request links")
def fail_in_each_way(scene: Scene) -> None:
    """Gather the failed sends; scenarios that look at other sides of them share them."""
    shared = scene.testbed.shared
    if "failed sends" not in shared:
        shared["failed sends"] = list(_failures(scene))
    scene.failed_sends = shared["failed sends"]
    scene.evidence.exchanges += [send.answer for send in scene.failed_sends]
    if not scene.failed_sends:
        raise CantTell("no send has failed: the provider was not reached, or was bypassed")


def _failures(scene: Scene) -> Iterator[FailedSend]:
    sink = scene.testbed.need_sink()
    for fault in Fault:
        if fault in sink.faults - _NOT_JUDGED - _SAID_TWICE:
            yield from _failure(scene, fault, fault.value)
    for fault in (Fault.REFUSE_PERMANENT, Fault.DROP):
        usual = sink.median_delay
        sink.set_delay(random.uniform(*_LATE), 0.0)
        yield from _failure(scene, fault, f"{fault.value}, and takes its time for it")
        sink.set_delay(usual)


def _failure(scene: Scene, fault: Fault, how: str) -> Iterator[FailedSend]:
    """Yield a send that fails in this way, unless the target got round it."""
    [scene.account] = scene.take(replenish=True)
    scene.address = scene.account.email
    note_rows(scene)
    logs = scene.testbed.logs
    mark = logs.mark() if logs is not None else 0
    active = fail(scene, fault)
    answer = _request(scene, hangs="HANG" in fault.name)
    well_again(scene)
    if active.hits == 0:
        scene.evidence.note(f"a provider that {how} was never met")
    elif "HANG" in fault.name and answer.status == 202 and answer.elapsed < _HANGS:
        # What happens while a provider hangs is open (reading 17).
        scene.evidence.note(f"a provider that {how} was not waited for")
    elif scene.testbed.need_mailbox().messages_to(scene.address):
        # HELO for EHLO, plain for STARTTLS, another try: nothing has failed in the end.
        scene.evidence.note(f"a provider that {how} was bypassed: the mail went out")
    else:
        lines = logs.wait_for(mark, _is_error, _LINE_SECONDS) if logs is not None else []
        rows = _rows_left(scene)
        yield FailedSend(how, answer, rows, _verified(scene, active), lines)


def _request(scene: Scene, *, hangs: bool) -> Exchange:
    """Request a link; a provider that hangs breaks off after a while."""
    if not hangs:
        return actions.request_link(scene, scene.address)
    with ThreadPoolExecutor(1) as worker:
        asked = worker.submit(actions.request_link, scene, scene.address)
        time.sleep(_HANGS)
        well_again(scene)
        return asked.result()


def _rows_left(scene: Scene) -> int | None:
    try:
        return len(new_rows(scene))
    except (Untested, Inapplicable):
        return None


def _verified(scene: Scene, active: ActiveFault) -> Exchange | None:
    links = [link for message in active.refused for link in message.magic_links()]
    return actions.verify(scene, token_of(links[-1]) or "") if links else None


def _is_error(line: LogLine) -> bool:
    return line.level == "error"


@then(parsers.parse('each failed send is answered with 503 and the error "{code}"'))
def each_answered(scene: Scene, code: str) -> None:
    for send in scene.failed_sends:
        what = f"the answer when the mail provider {send.how}"
        actions.expect_error(send.answer, 503, code, what)


@then("no failed send has left a token in the database")
def nothing_left(scene: Scene) -> None:
    scene.testbed.need_database()
    looked_at = [send for send in scene.failed_sends if send.rows is not None]
    if not looked_at:
        raise Inapplicable("there is no table of tokens, or no user's id, to look by")
    for send in looked_at:
        if send.rows:
            what = f"token rows of the user after the mail provider {send.how}"
            raise Failed(what, expected=0, found=send.rows)


@then(parsers.parse('each token of a failed send is answered with 400 and the error "{code}"'))
def no_token_works(scene: Scene, code: str) -> None:
    presented = [send for send in scene.failed_sends if send.verified is not None]
    if not presented:
        raise Inapplicable("the target did not hand a mail over before it was refused")
    for send in presented:
        assert send.verified is not None
        what = f"the answer to the token of a mail when the provider {send.how}"
        actions.expect_error(send.verified, 400, code, what)


@then("each failed send is logged at level ERROR")
def each_logged(scene: Scene) -> None:
    logs = scene.testbed.need_logs()
    pattern = logs.events.get("email_failure")
    for send in scene.failed_sends:
        if send.lines and all(line.level is None for line in send.lines):
            raise CantTell("no line of the log shows a level (`log.level_key` names where)")
        errors = [line for line in send.lines if _is_error(line)]
        if not any(pattern is None or pattern.found_in(line.text) for line in errors):
            scene.evidence.log_lines += [line.text for line in send.lines]
            what = f"the log line at ERROR when the mail provider {send.how}"
            raise Failed(what, expected="one", found="none")


@given("a mail provider that refuses the mail to every second of them")
def refuse_every_second(scene: Scene) -> None:
    for account in _refused(scene):
        scene.account = account
        note_rows(scene)
    addresses = frozenset(bare_address(account.email) for account in _refused(scene))
    fail(scene, Fault.REFUSE_PERMANENT, addresses)


@then("each answer says whether that user's mail was sent")
def answers_say_what_was_sent(scene: Scene) -> None:
    mailbox, refused = scene.testbed.need_mailbox(), _refused(scene)
    for account, answer in zip(scene.users, scene.answers, strict=True):
        actions.suspect_further_limit(scene, answer, "a registered user's request")
        # A service may give up a provider that refuses so many: then others' mail is not sent.
        given_up = answer.status == 503 and not mailbox.messages_to(account.email)
        if account in refused or given_up:
            what = f"the answer to {account.email}, whose mail was not sent"
            actions.expect_error(answer, 503, "EMAIL_SEND_FAILED", what)
        else:
            what = f"the status for {account.email}, whose mail was not refused"
            actions.expect_status(answer, 202, what)
            links = actions.only_mail(scene, account).magic_links()
            token = token_of(links[0]) if links else None
            if not token:
                # Judged where no send fails.
                raise CantTell("the mail that was sent has no link that could be tried")
            scene.tokens_of[account] = token


@then("the database holds no token of those whose mail was refused")
def nothing_of_the_refused(scene: Scene) -> None:
    for account in _refused(scene):
        scene.account = account
        no_token_left(scene)


def _refused(scene: Scene) -> list[Account]:
    return scene.users[1::2]
