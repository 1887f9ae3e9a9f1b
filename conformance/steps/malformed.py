"""Presenting what is not a live token (EC-6, FR-5)."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable

from pytest_bdd import parsers, then, when

from conformance.observe.evidence import Exchange
from conformance.outcomes import TargetLost
from conformance.requirements.magic_link import VERIFY
from conformance.steps import actions
from conformance.steps.scene import Scene

_STRINGS = {
    "an empty string": "",
    "a short string": "abc",
    "a long string": "a" * 5_000,
    "a string that is not hexadecimal": "z" * 64,
    "a string with a NUL in it": "ab\x00" + "c" * 61,
    "a string in another script": "ключ-🔑-\u202e-鍵",
    "a megabyte": "a" * 1_000_000,
    "a piece of SQL": "' OR '1'='1'; --",
}
_CHANGES: dict[str, Callable[[str], str]] = {
    "a character added": lambda token: token + "0",
    "its last character cut off": lambda token: token[:-1],
    "its last character changed": lambda token: token[:-1] + ("0" if token[-1] != "0" else "1"),
    "a second copy of it appended": lambda token: token + token,
    "the whole link around it": lambda token: f"https://example.com{VERIFY}?token={token}",
    "its name in front of it": lambda token: f"token={token}",
}


# Bodies that hold a live token and are not what FR-5 asks for; `%s` is the token.
_FORMS = {
    "as a form": ("application/x-www-form-urlencoded", "token=%s"),
    "as plain text": ("text/plain", "%s"),
    "in a list": ("application/json", '["%s"]'),
    "under another name": ("application/json", '{"magicToken": "%s"}'),
    "in JSON that is broken off": ("application/json", '{"token": "%s"'),
}


@when(parsers.re("the token is presented (?P<how>" + "|".join(_FORMS) + ")$"))
def present_in_another_form(scene: Scene, how: str) -> None:
    kind, body = _FORMS[how]
    headers = {"content-type": kind}
    text = (body % scene.token).encode()
    scene.answers = [scene.testbed.wire.send("POST", VERIFY, text, headers)]


@when(parsers.re("(?P<what>" + "|".join(_STRINGS) + ") is presented as a token$"))
def present_string(scene: Scene, what: str) -> None:
    scene.answers = [_present(scene, _STRINGS[what])]


@when("a token that was never made is presented as a token")
def present_unknown(scene: Scene) -> None:
    scene.answers = [_present(scene, secrets.token_hex(32))]


@when(parsers.parse("a token that was never made is verified {times:d} times at the same moment"))
def present_unknown_at_once(scene: Scene, times: int) -> None:
    scene.answers = scene.testbed.wire.burst(VERIFY, [{"token": secrets.token_hex(32)}] * times)


@then(parsers.parse('every attempt is refused with 400 and "{code}"'))
def every_attempt_refused(scene: Scene, code: str) -> None:
    for answer in scene.answers:
        actions.expect_error(answer, 400, code)


@when("the hash of a live token is presented as a token")
def present_hash(scene: Scene) -> None:
    [account] = scene.take()
    token = actions.receive_token(scene, account)
    scene.answers = [_present(scene, hashlib.sha256(token.encode()).hexdigest())]


@when(parsers.re("the token is presented with (?P<change>" + "|".join(_CHANGES) + ")$"))
def present_changed(scene: Scene, change: str) -> None:
    scene.answers = [_present(scene, _CHANGES[change](scene.token))]


@when(parsers.parse("a token is presented with the body {body}"))
def present_body(scene: Scene, body: str) -> None:
    headers = {"content-type": "application/json"}
    scene.answers = [scene.testbed.wire.send("POST", VERIFY, body.encode(), headers)]


def _present(scene: Scene, token: str) -> Exchange:
    """Present a string; a connection that is closed is an answer of a kind (reading 9)."""
    answer = scene.testbed.wire.try_post(VERIFY, {"token": token})
    if answer.error and (why := scene.testbed.wire.lost()):
        raise TargetLost(why)
    return answer
