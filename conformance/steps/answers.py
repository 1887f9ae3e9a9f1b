"""What an answer says: status, body, session cookie."""

from __future__ import annotations

from urllib.parse import urlsplit

from pytest_bdd import parsers, then

from conformance.observe.session import cookies_in_words, session_cookies, session_of
from conformance.outcomes import Failed
from conformance.steps import actions
from conformance.steps.scene import Scene

# From here on a service may call a body too large; beyond the second bound, what refuses it may be
# something that never looks into it (reading 9).
_LARGE_BODY_BYTES = 500
_VERY_LARGE_BODY_BYTES = 100_000


@then(parsers.parse('the answer is {status:d} with the message "{message}"'))
def answer_with_message(scene: Scene, status: int, message: str) -> None:
    actions.expect_status(scene.answer, status)
    members = scene.answer.members
    if members.get("message") != message:
        raise Failed(
            "the body", expected=f'{{"message": "{message}"}}', found=scene.answer.shown_text
        )
    further = sorted(set(members) - {"message"})
    if further:
        scene.evidence.note(f"the answer to a request has further members: {', '.join(further)}")


@then("the answer is JSON")
def answer_is_json(scene: Scene) -> None:
    found = scene.answer.header("content-type") or "none"
    if found.split(";")[0].strip().lower() != "application/json":
        raise Failed("the content type", expected="application/json", found=found)


@then(parsers.re(r'the answer is (?P<status>\d+) with the error "(?P<one>\w+)" or "(?P<two>\w+)"$'))
def answer_with_either_error(scene: Scene, status: str, one: str, two: str) -> None:
    found = scene.answer.members.get("error")
    if scene.answer.status != int(status) or found not in (one, two):
        raise Failed(
            "the answer", expected=f"{status} {one} or {two}", found=scene.answer.summary()
        )


@then(parsers.re(r"every answer is (?P<status>\d+)$"))
def every_answer_is(scene: Scene, status: str) -> None:
    for number, answer in enumerate(scene.answers, 1):
        if status == "202":
            actions.suspect_further_limit(scene, answer, f"request {number} of an address")
        actions.expect_status(answer, int(status), f"the status of answer {number}")


@then(
    parsers.re(
        r'the answer is (?P<status>\d+) with the error "(?P<code>\w+)", '
        "or says that it is too large$"
    )
)
def answer_with_error_or_too_large(scene: Scene, status: str, code: str) -> None:
    size, refused = len(scene.answer.request_body), 400 <= scene.answer.status < 500
    if size > _LARGE_BODY_BYTES and (scene.answer.status in {413, 414, 431} or scene.answer.error):
        return
    if size > _VERY_LARGE_BODY_BYTES and refused:
        return
    if scene.answer.error:
        raise Failed("the answer", expected=f"{status} {code}", found=scene.answer.error)
    actions.expect_error(scene.answer, int(status), code)


@then("no answer so far holds the token")
def no_answer_holds_token(scene: Scene) -> None:
    for answer in scene.evidence.exchanges:
        places = [f"the header {name}" for name, value in answer.headers if scene.token in value]
        places += ["the body"] if scene.token in answer.text else []
        if places:
            found = f"in {' and '.join(places)} of {answer.method} {urlsplit(answer.url).path}"
            raise Failed("the token in an answer", expected="nowhere", found=found)


@then(
    parsers.re(r'the answer is (?P<status>\d+) with the error "(?P<code>\w+)"$'),
    converters={"status": int},
)
def answer_with_error(scene: Scene, status: int, code: str) -> None:
    actions.expect_error(scene.answer, status, code)


@then(
    parsers.re(
        r"the answer is (?P<status>\d+)$",
    ),
    converters={"status": int},
)
def answer_is(scene: Scene, status: int) -> None:
    actions.expect_status(scene.answer, status)


@then("the answer is a refusal")
def answer_refuses(scene: Scene) -> None:
    if not 400 <= scene.answer.status < 500:
        raise Failed("the status", expected="4xx", found=scene.answer.summary())


@then("the answer is 200 with the user's id")
def answer_with_user_id(scene: Scene) -> None:
    actions.expect_status(scene.answer, 200)
    members = scene.answer.members
    found = members.get("userId")
    if not isinstance(found, str):
        raise Failed("the body", expected='{"userId": string}', found=scene.answer.shown_text)
    known = scene.user.id
    if known is None:
        scene.evidence.note("the user's id is not described: the one in the answer is believed")
    elif found.lower() != known.lower():
        raise Failed("the userId in the answer", expected=known, found=found)
    scene.user_id = found
    further = sorted(set(members) - {"userId"})
    if further:
        scene.evidence.note(f"the answer to a verify has further members: {', '.join(further)}")


@then(parsers.parse('the answer sets the session cookie "{name}"'))
def answer_sets_cookie(scene: Scene, name: str) -> None:
    scene.session = session_of(scene.answer)
    cookie = scene.session.cookie
    if cookie.name != name or not cookie.is_http_only:
        found = cookies_in_words(scene.answer)
        raise Failed("the session cookie", expected=f"{name}; HttpOnly", found=found)


@then("the answer sets no session cookie")
def answer_sets_no_cookie(scene: Scene) -> None:
    for answer in scene.answers:
        if session_cookies(answer):
            raise Failed("the session cookie", expected="none", found=cookies_in_words(answer))
