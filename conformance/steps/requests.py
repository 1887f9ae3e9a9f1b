"""Requesting links, and the limit on it (FR-1, FR-2, FR-7, EC-1, EC-3)."""

from __future__ import annotations

from pytest_bdd import parsers, then, when

from conformance.control.accounts import unknown_address
from conformance.evidence import Exchange
from conformance.outcomes import Failed
from conformance.steps import actions
from conformance.steps.scene import Scene


@when("the user requests a link")
@when("a link is requested for the address")
def request(scene: Scene) -> None:
    _request(scene, 1)
    if scene.answer.status == 429:
        actions.expect_accepted(scene.answer, "the first request for an address")


@when(parsers.parse("the user requests a link {count:d} times"))
@when(parsers.parse("a link is requested for the address {count:d} times"))
def request_times(scene: Scene, count: int) -> None:
    _request(scene, count)


@when("the user requests a link once more")
@when("a link is requested for the address once more")
def request_once_more(scene: Scene) -> None:
    _request(scene, 1)


def _request(scene: Scene, count: int) -> None:
    mailbox = scene.testbed.mailbox
    if mailbox is not None:
        scene.mailed_before = len(actions.mailed(mailbox, scene.address))
    scene.answers = [actions.request_link(scene, scene.address) for _ in range(count)]


@then("every answer is 202")
def every_answer_accepted(scene: Scene) -> None:
    _not_limited_at_once(scene.answers)
    for number, answer in enumerate(scene.answers, 1):
        actions.expect_status(answer, 202, f"the status of request {number}")


def _not_limited_at_once(answers: list[Exchange]) -> None:
    if answers and answers[0].status == 429:
        actions.expect_accepted(answers[0], "the first request for an address")


@then("another address can still request a link")
def another_address(scene: Scene) -> None:
    answer = actions.request_link(scene, unknown_address())
    if answer.status == 429:
        raise Failed(
            "a request for another address, from another client",
            expected="202: the limit is per email address",
            found=answer.summary(),
        )
    actions.expect_status(answer, 202, "the status for another address")


@then("a registered user who requests a link at the same time gets a mail")
def control_mail(scene: Scene) -> None:
    [other] = scene.take()
    actions.receive_link(scene, other)
    mailbox = scene.testbed.need_mailbox()
    late = mailbox.messages_to(scene.address)
    if late:
        actions.keep_mail(scene, late[0])
        raise Failed("mail to the address", expected="none", found=f"{len(late)}, a little later")
