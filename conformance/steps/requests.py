"""Requesting links, and the limit on it (FR-1, FR-2, FR-7, EC-1, EC-3)."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from urllib.parse import urlencode, urlsplit

from pytest_bdd import parsers, then, when

from conformance.observe.evidence import Exchange
from conformance.observe.mail.links import token_of
from conformance.observe.reading import seconds_of_date
from conformance.observe.wire import JSON_IN_UTF8
from conformance.outcomes import CantTell, Failed
from conformance.requirements.magic_link import REQUEST, REQUEST_LIMIT, REQUEST_WINDOW
from conformance.steps import actions
from conformance.steps.scene import Scene
from conformance.steps.tokens import older_link_works
from conformance.target.accounts.supply import unknown_address
from conformance.target.clock.kinds import Clock

_FORGED_HOSTS = {
    "somebody else's": "evil.example.org",
    "one that begins with the right one": "{right}.example.org",
    "one that ends with the right one": "evil{right}",
}
# Both were asked for at the same time, a few requests apart.
_WAIT_TOLERANCE_SECONDS = 60.0
# What libraries and hosted services call the place that the link leads to, or that comes after it.
_PLACES = (
    *("callbackURL", "callbackUrl", "redirectTo", "redirect_to", "redirectUrl", "redirect_url"),
    *("redirect_uri", "returnTo", "return_to", "next", "continue", "url", "link", "host", "domain"),
    *("origin", "baseUrl", "base_url", "appUrl", "app_base_url", "APP_BASE_URL"),
)


@when("the user requests a link")
@when("a link is requested for the address")
def request(scene: Scene) -> None:
    _request(scene, 1)
    actions.suspect_further_limit(scene, scene.answer, "the first request for an address")


@when("the user requests a link with JSON that says that it is UTF-8")
def request_in_utf8(scene: Scene) -> None:
    scene.answers = [actions.request_link(scene, scene.address, headers=JSON_IN_UTF8)]


@when(parsers.parse("the user requests a link {count:d} times"))
@when(parsers.parse("a link is requested for the address {count:d} times"))
def request_times(scene: Scene, count: int) -> None:
    _request(scene, count)


@when("the user requests a link once more")
@when("a link is requested for the address once more")
def request_once_more(scene: Scene) -> None:
    _request(scene, 1)


@when(parsers.parse("{count:d} links are requested for each of them"))
def request_for_each(scene: Scene, count: int) -> None:
    addresses = [scene.address, scene.other_address] * count
    scene.answers = [actions.request_link(scene, address) for address in addresses]


@when("2 more links are requested for each of them")
def request_twice_for_each(scene: Scene) -> None:
    request_for_each(scene, 2)


@then("the refusals of both look alike")
def refused_alike(scene: Scene) -> None:
    # By turns; what one of them has each time and the other never, says who it is.
    users, strangers = scene.answers[::2], scene.answers[1::2]
    for what, shown in {
        "status": lambda answer: {answer.status},
        "members": lambda answer: set(answer.members),
        "headers": lambda answer: {name.lower() for name, _ in answer.headers},
    }.items():
        for ours, theirs in ((users, strangers), (strangers, users)):
            always = set.intersection(*map(shown, ours))
            if only := always - set.union(*map(shown, theirs)):
                raise Failed(
                    f"the {what} of the refusals of a user and of a stranger",
                    expected="the same",
                    found=f"only one of them has {', '.join(map(str, sorted(only)))}",
                )
    of_user, of_stranger = _retry_after(users[-1]), _retry_after(strangers[-1])
    if of_user is None or of_stranger is None:
        return
    if abs(of_user - of_stranger) > _WAIT_TOLERANCE_SECONDS:
        raise Failed(
            "the time in Retry-After for a user and for a stranger",
            expected="the same",
            found=f"{of_user:.0f} s and {of_stranger:.0f} s",
        )


def _retry_after(answer: Exchange) -> float | None:
    """Return `Retry-After` in seconds, a date as seconds since 1970; None where it is neither."""
    value = answer.header("retry-after") or ""
    return float(value) if re.fullmatch("[0-9]{1,9}", value) else seconds_of_date(value)


@when("one more link is requested for each of them")
def request_once_more_for_each(scene: Scene) -> None:
    request_for_each(scene, 1)


@when("the user requests another link")
def request_another(scene: Scene) -> None:
    scene.earlier_token = scene.token
    scene.token = actions.receive_token(scene, scene.user)


@when(parsers.parse("a link is requested with the body {body}"))
def request_with_body(scene: Scene, body: str) -> None:
    headers = {"content-type": "application/json"}
    scene.answers = [scene.testbed.wire.send("POST", REQUEST, body.encode(), headers)]


@when(parsers.parse("a link is requested for the user under a forged host: {which}"))
def request_under_forged_host(scene: Scene, which: str) -> None:
    configured = scene.testbed.app_base_url or scene.testbed.wire.base_url
    right = urlsplit(configured if "://" in configured else f"//{configured}").hostname
    forged = scene.forged_host = _FORGED_HOSTS[which].format(right=right)
    forgeries = (
        {"host": forged},
        {"x-forwarded-host": forged, "x-forwarded-proto": "http"},
        {"forwarded": f"host={forged};proto=http"},
        {"origin": f"http://{forged}", "referer": f"http://{forged}/"},
    )
    scene.answers = [
        actions.request_link(scene, scene.address, headers=headers) for headers in forgeries
    ]


@when("a link is requested for the user with a place to return to, in the body and in the query")
def request_with_place_to_return(scene: Scene) -> None:
    scene.forged_host = _FORGED_HOSTS["somebody else's"]
    place = dict.fromkeys(_PLACES, f"https://{scene.forged_host}")
    scene.testbed.requested.add(scene.address.lower())
    payload = {"email": scene.address}
    scene.answers = [
        scene.testbed.wire.post(REQUEST, {**place, **payload}),
        scene.testbed.wire.post(f"{REQUEST}?{urlencode(place)}", payload),
    ]


@when("the user requests a link once more under a forged client address")
def request_under_forged_client(scene: Scene) -> None:
    forged = dict.fromkeys(("x-forwarded-for", "x-real-ip", "client-ip"), "203.0.113.7")
    forged |= {"forwarded": "for=203.0.113.7", "cf-connecting-ip": "203.0.113.7"}
    forged |= {"user-agent": "Another/1.0", "accept-language": "eo", "cookie": "client=another"}
    scene.answers = [actions.request_link(scene, scene.address, headers=forged)]


@when(parsers.parse("{minutes:d} minutes pass"))
def minutes_pass(scene: Scene, minutes: int) -> None:
    _let_pass(scene, timedelta(minutes=minutes))


@when(parsers.parse("{minutes:d} minutes and {seconds:d} seconds pass"))
def minutes_and_seconds_pass(scene: Scene, minutes: int, seconds: int) -> None:
    _let_pass(scene, timedelta(minutes=minutes, seconds=seconds))


@when(parsers.parse("{minutes:d} minutes pass, if the time can be moved"))
def minutes_pass_if_they_can(scene: Scene, minutes: int) -> None:
    clock = scene.testbed.clock
    if clock is None or clock.how == "waited":
        scene.evidence.note(f"the {minutes} minutes did not pass: the time is not moved here")
        return
    _let_pass(scene, timedelta(minutes=minutes))


@when("an hour passes but for a few seconds")
def nearly_an_hour_passes(scene: Scene) -> None:
    _let_pass(scene, scene.nearly(REQUEST_WINDOW, scene.began))


def _let_pass(scene: Scene, time_passing: timedelta) -> None:
    spent = timedelta(seconds=time.monotonic() - scene.began)
    if time_passing < REQUEST_WINDOW <= time_passing + spent:
        raise CantTell(f"{spent.seconds} s had passed before the time was moved: the hour is over")
    scene.advance(time_passing, "limit")
    clock = scene.testbed.need_clock()
    other = clock.second_opinion
    if other is not None:
        scene.recheck = lambda: not _rolls_by(scene, clock) and _rolls_by(scene, other)


def _rolls_by(scene: Scene, clock: Clock) -> bool:
    """Return whether a full count is empty again after an hour has passed by a clock."""
    [account] = scene.take()
    for _ in range(REQUEST_LIMIT):
        actions.request_link(scene, account.email)
    clock.advance(REQUEST_WINDOW + timedelta(minutes=1))
    return actions.request_link(scene, account.email).status == 202


@then(parsers.parse("at most {most:d} of the requests for the address were accepted in all"))
def at_most_accepted_in_all(scene: Scene, most: int) -> None:
    found = actions.accepted(scene, scene.address)
    if found > most:
        raise Failed("accepted requests for the address", expected=f"at most {most}", found=found)


@then("the link that was mailed last still works, if older links survive a new one that is sent")
def last_link_works(scene: Scene) -> None:
    messages = actions.await_mail(scene, scene.address, REQUEST_LIMIT)
    links = messages[-1].magic_links() if messages else []
    if not links:
        raise CantTell("no link has arrived")
    scene.token = token_of(links[-1]) or ""
    older_link_works(scene)


@then("the answer is 202 or a refusal")
def accepted_or_refused(scene: Scene) -> None:
    if scene.answer.status != 202 and not 400 <= scene.answer.status < 500:
        raise Failed("the status", expected="202 or 4xx", found=scene.answer.summary())


def _request(scene: Scene, count: int) -> None:
    mailbox = scene.testbed.mailbox
    if mailbox is not None:
        scene.mailed_before = len(mailbox.messages())
    scene.answers = [actions.request_link(scene, scene.address) for _ in range(count)]


@then("the user gets a mail when asking again")
def mailed_when_asking_again(scene: Scene) -> None:
    actions.receive_link(scene, scene.user)


@then("another address can still request a link")
def another_address(scene: Scene) -> None:
    answer = actions.request_link(scene, unknown_address())
    actions.expect_accepted(scene, answer, "another address, from another client")


@then("a registered user who requests a link afterwards gets a mail")
def works_afterwards(scene: Scene) -> None:
    [other] = scene.take()
    actions.receive_link(scene, other)


@then("a registered user who requests a link at the same time gets a mail")
def control_mail(scene: Scene) -> None:
    [other] = scene.take()
    try:
        actions.receive_link(scene, other)
    except Failed as error:
        # A service that mails nobody has not shown that it mails no strangers.
        raise CantTell(f"the control failed: {error}") from error
    mailbox = scene.testbed.need_mailbox()
    late = mailbox.messages_to(scene.address)
    if late:
        actions.keep_mail(scene, late[0])
        raise Failed("mail to the address", expected="none", found=f"{len(late)}, a little later")
