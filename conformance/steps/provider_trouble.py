"""Advice about a mail provider that is down, hangs or is slow: who else suffers from it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from statistics import median

from pytest_bdd import given, parsers, then, when

from conformance.observe.evidence import Exchange
from conformance.observe.mail.faults import ActiveFault, Fault
from conformance.observe.mail.links import token_of
from conformance.outcomes import CantTell, Failed, Inapplicable
from conformance.requirements.magic_link import REQUEST, VERIFY
from conformance.steps import actions, mail_faults
from conformance.steps.scene import Scene, seen
from conformance.target.accounts.supply import unknown_address

# A provider that is down altogether, as each kind of provider shows it.
_DOWN = (Fault.DROP_AT_GREETING, Fault.API_503)
_REACHED_SECONDS = 15.0
_OPENED_SECONDS = 5.0
# How long the requests may take to reach the provider together.
_GATHER_SECONDS = 0.4
_POLL_SECONDS = 0.01


@given("a mail provider that is down")
def provider_down(scene: Scene) -> None:
    sink = scene.testbed.need_sink()
    mail_faults.fail(scene, next(fault for fault in _DOWN if fault in sink.faults))


@given("a mail provider that never answers")
def provider_hangs(scene: Scene) -> None:
    mail_faults.fail(scene, Fault.HANG)


@when("links are requested for a registered user and for an address nobody registered")
def request_for_both(scene: Scene) -> None:
    [account] = scene.take()
    scene.answers = [
        actions.request_link(scene, address) for address in (account.email, unknown_address())
    ]


@then("both answers have the same status, the same error code and the same members")
def answered_alike(scene: Scene) -> None:
    if _fault(scene).hits == 0:
        raise CantTell("the target never reached the failing provider")
    known, unknown = map(_distinguishing, scene.answers)
    if known != unknown:
        raise Failed(
            "the answer for an address nobody registered",
            expected=f"the one for a registered user: {scene.answers[0].summary()}",
            found=scene.answers[1].summary(),
        )


def _distinguishing(answer: Exchange) -> tuple[int, object, list[str]]:
    """Return what distinguishes answers; a time or a request id differs from one to the next."""
    return answer.status, answer.members.get("error"), sorted(answer.members)


@when("the user opens the link before the request is answered")
def open_before_answer(scene: Scene) -> None:
    active = _fault(scene)
    with _meanwhile(scene, [scene.address]):
        _await(lambda: bool(active.refused), _REACHED_SECONDS)
        links = [link for message in active.refused for link in message.magic_links()]
        if links:
            scene.token = token_of(links[0]) or ""
            payload = {"token": scene.token}
            scene.answers = [_patiently(scene, VERIFY, payload, _OPENED_SECONDS)]
        # The provider hangs up, so that the request ends.
        mail_faults.well_again(scene)
    if not links:
        raise Inapplicable("the target did not hand the mail over to a provider that hangs")
    if scene.answer.error:
        _expect_quick_control(scene, _OPENED_SECONDS)


def _patiently(scene: Scene, path: str, payload: dict[str, str], seconds: float) -> Exchange:
    # A target that serves nobody while it waits for its provider is slow here, and not lost.
    return scene.testbed.wire.try_post(path, payload, timeout=seconds)


@when(parsers.parse("the user requests a link and waits {seconds:d} seconds at most"))
def request_and_wait(scene: Scene, seconds: int) -> None:
    scene.answers = [_patiently(scene, REQUEST, {"email": scene.address}, seconds)]


@then("there is an answer")
def there_is_an_answer(scene: Scene) -> None:
    if _fault(scene).hits == 0:
        raise CantTell("the target never reached the provider that hangs")
    if scene.answer.error:
        _expect_quick_control(scene, scene.answer.elapsed)
        raise Failed(
            "the answer while the provider hangs", expected="one", found=scene.answer.error
        )


def _expect_quick_control(scene: Scene, seconds: float) -> None:
    """Raise `CantTell` where a request takes as long with a provider that is well."""
    mail_faults.well_again(scene)
    payload = {"email": unknown_address()}
    if _patiently(scene, REQUEST, payload, seconds).error:
        raise CantTell(f"with a provider that is well there is no answer in {seconds:.0f} s either")


@when(
    parsers.parse(
        "{count:d} other users request a link, and half of the tokens are verified meanwhile"
    )
)
def verify_meanwhile(scene: Scene, count: int) -> None:
    tokens = list(scene.tokens_of.values())
    scene.answers = _verified_meanwhile(scene, tokens[::2], count)
    scene.control = partial(_control, scene, tokens[1::2], count)


def _control(scene: Scene, tokens: list[str], count: int) -> float:
    """Return the median time of the same verifies with a provider that takes no time."""
    scene.testbed.need_sink().set_delay(0.0, 0.0)
    return median(answer.elapsed for answer in _verified_meanwhile(scene, tokens, count))


def _verified_meanwhile(scene: Scene, tokens: list[str], count: int) -> list[Exchange]:
    sink = scene.testbed.need_sink()
    payloads = [{"token": token} for token in tokens]
    addresses = [account.email for account in scene.take("active", count)]
    before = sink.attempts()
    with _meanwhile(scene, addresses) as requests:
        _await(lambda: sink.attempts() > before, _REACHED_SECONDS)
        _await(lambda: sink.attempts() >= before + count, _GATHER_SECONDS)
        waiting = sum(not request.done() for request in requests)
        answers = scene.testbed.wire.burst(VERIFY, payloads)
    if not waiting and scene.control is None:
        raise CantTell("no request was waiting for the mail provider any more")
    return answers


@then(
    parsers.parse(
        "most answers came within {limit:d} milliseconds, or would have taken as long without it"
    )
)
def quick_enough(scene: Scene, limit: int) -> None:
    for answer in scene.answers:
        actions.expect_status(answer, 200, "the status for a live token")
    found = median(answer.elapsed for answer in scene.answers) * 1000
    scene.evidence.measurements.append(
        {
            "what": "seconds to verify while requests wait for the mail provider",
            "milliseconds": [round(answer.elapsed * 1000, 1) for answer in scene.answers],
        }
    )
    if found <= limit:
        return
    without = seen(scene.control, "a control")() * 1000
    if found - without <= limit:
        raise CantTell(f"{found:.0f} ms, and {without:.0f} ms where the provider takes no time")
    raise Failed(
        "the median time to verify while requests wait for the mail provider",
        expected=f"{limit} ms at most",
        found=f"{found:.0f} ms, and {without:.0f} ms where the provider takes no time",
    )


@then(
    parsers.parse(
        "no answer takes {limit:d} seconds more than with a mail provider that takes no time"
    )
)
def not_queued(scene: Scene, limit: int) -> None:
    found = max(answer.elapsed for answer in scene.answers)
    scene.testbed.need_sink().set_delay(0.0, 0.0)
    others = actions.request_at_once(scene, scene.take(count=len(scene.answers)))
    without = max(answer.elapsed for answer in others)
    if found - without >= limit:
        raise Failed(
            f"the slowest of {len(others)} answers to requests of the same moment",
            expected=f"less than {limit} s more than with a provider that takes no time",
            found=f"{found:.1f} s, and {without:.1f} s without",
        )


@contextmanager
def _meanwhile(scene: Scene, addresses: list[str]) -> Iterator[list[Future[Exchange]]]:
    """Request links in the background; all of them have ended when the block has."""
    with ThreadPoolExecutor(len(addresses)) as workers:
        yield [workers.submit(actions.ask, scene, address) for address in addresses]


def _await(reached: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not reached() and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)


def _fault(scene: Scene) -> ActiveFault:
    return seen(scene.fault, "a fault of the mail provider")
