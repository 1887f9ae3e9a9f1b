"""Advice about the link, the token, the session and the address: what no requirement forbids."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from urllib.parse import urlencode

from pytest_bdd import parsers, then, when

from conformance.observe.evidence import Exchange
from conformance.observe.mail.html import Tag, read_html
from conformance.observe.mail.links import query_of
from conformance.observe.session import session_cookies
from conformance.outcomes import CantTell, Failed, Inapplicable
from conformance.requirements.magic_link import VERIFY
from conformance.steps import actions
from conformance.steps.scene import Scene
from conformance.target.database.holding import hold_token

_BROWSER = {"accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}
_OTHER_SITE = "https://elsewhere.example.org"
_SPELLINGS: dict[str, Callable[[str], str]] = {
    "in capitals": str.upper,
    "with blanks around it": lambda token: f" {token} ",
    "with a line break behind it": lambda token: f"{token}\r\n",
}


@when("a mail scanner opens the link")
def scanner_opens(scene: Scene) -> None:
    scene.answers = [scene.testbed.wire.send(method, _place(scene)) for method in ("HEAD", "GET")]


@when("the link is opened in a browser")
def browser_opens(scene: Scene) -> None:
    scene.answers = [scene.testbed.wire.get(_place(scene), _BROWSER)]


@when("the token is verified while its row is held")
def verify_while_held(scene: Scene) -> None:
    with hold_token(scene.testbed.need_database(), scene.token) as hold:
        scene.answers = scene.testbed.wire.burst(
            VERIFY, [{"token": scene.token}], meanwhile=partial(hold.until_all_wait, 1)
        )
    scene.statements = hold.statements


@then("the statement that waits for the row does not hold the token")
def statement_without_token(scene: Scene) -> None:
    # The database writes a statement that fails, or takes long, into its own log.
    if not scene.statements:
        raise CantTell("no statement waited for the row")
    if any(scene.token in statement for statement in scene.statements):
        raise Failed("the statement", expected="no raw token in it", found="the token")


def _place(scene: Scene) -> str:
    return f"{VERIFY}?{query_of(scene.link)}"


@then("the page asks browsers to send no referrer and to store nothing")
def page_is_discreet(scene: Scene) -> None:
    page = scene.answer
    if not 200 <= page.status < 300:
        raise Inapplicable(f"the target has no page behind the link: {page.status}")
    lacking = []
    if not _sends_no_referrer(page):
        lacking.append("Referrer-Policy: no-referrer")
    if "no-store" not in ",".join(page.header_values("cache-control")).lower():
        lacking.append("Cache-Control: no-store")
    if lacking:
        raise Failed("the page behind the link", expected=", ".join(lacking), found="none of it")


def _sends_no_referrer(page: Exchange) -> bool:
    policies = ",".join(page.header_values("referrer-policy")).lower().split(",")
    # Of several, a browser takes the last one that it knows.
    return policies[-1].strip() == "no-referrer" or _says_so_in_page(page)


def _says_so_in_page(page: Exchange) -> bool:
    metas = [dict(tag.attributes) for tag in read_html(page.text) if isinstance(tag, Tag)]
    return any(
        meta.get("name", "").lower() == "referrer" and "no-referrer" in meta.get("content", "")
        for meta in metas
    )


@then("the log holds no session")
def log_without_session(scene: Scene) -> None:
    logs = scene.testbed.need_logs()
    # A request of another user is logged after all that came before it.
    actions.log_barrier(scene)
    secrets = [cookie.value for answer in scene.answers for cookie in session_cookies(answer)]
    for line in logs.since(scene.log_mark):
        if any(secret in line.text for secret in secrets):
            scene.evidence.log_lines.append(line.text)
            raise Failed("the session in the log", expected="nowhere", found="it is there")


@when(parsers.re("the token is presented (?P<spelling>" + "|".join(_SPELLINGS) + ")$"))
def present_respelt(scene: Scene, spelling: str) -> None:
    scene.answers = [actions.verify(scene, _SPELLINGS[spelling](scene.token))]


@when(parsers.re("another site posts the token as (?P<what>a form|plain text)$"))
def post_from_elsewhere(scene: Scene, what: str) -> None:
    payload = {"token": scene.token}
    body, kind = json.dumps(payload), "text/plain"
    if what == "a form":
        body, kind = urlencode(payload), "application/x-www-form-urlencoded"
    headers = {
        "content-type": kind,
        "origin": _OTHER_SITE,
        "referer": f"{_OTHER_SITE}/",
        "sec-fetch-site": "cross-site",
    }
    scene.answers = [scene.testbed.wire.send("POST", VERIFY, body.encode(), headers)]


@then("the session cookie travels over https alone and never comes along from other sites")
def cookie_stays_home(scene: Scene) -> None:
    assert scene.session is not None
    attributes = scene.session.cookie.lasting
    lacking = [] if "secure" in attributes else ["Secure"]
    if attributes.get("samesite") not in {"lax", "strict"}:
        lacking.append("SameSite=Lax or Strict")
    if lacking:
        raise Failed("the session cookie", expected=", ".join(lacking), found=sorted(attributes))


@when("another password is stored for the user")
def change_password(scene: Scene) -> None:
    scene.testbed.accounts.change_password(scene.user)
    scene.evidence.note(
        "the password was changed in the table itself: what a service does to links in a change "
        "of password of its own is not seen"
    )


@when("the user requests a link once more with the address in capitals")
def request_in_capitals(scene: Scene) -> None:
    mailbox = scene.testbed.need_mailbox()
    scene.mailed_before = len(mailbox.settle(scene.address, actions.QUIET_SECONDS))
    scene.answers = [actions.request_link(scene, scene.address.upper())]


@then("the request is refused, or no further mail goes out to the user")
def refused_or_no_mail(scene: Scene) -> None:
    if 400 <= scene.answer.status < 500:
        return
    mailbox = scene.testbed.need_mailbox()
    arrived = mailbox.settle(scene.address, actions.QUIET_SECONDS)
    if len(arrived) > scene.mailed_before:
        raise Failed(
            "mails within the hour to an address that is spelt another way",
            expected=scene.mailed_before,
            found=len(arrived),
        )
