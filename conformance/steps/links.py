"""The link and its token: where it leads, what it looks like, whether it can be guessed."""

from __future__ import annotations

import re

from pytest_bdd import then, when

from conformance.outcomes import CantTell, Failed, Method, Point, Untested
from conformance.requirements.magic_link import VERIFY
from conformance.steps import actions, harvest
from conformance.steps.generators import generator_behind
from conformance.steps.scene import Scene
from conformance.steps.statistics.tokens import token_findings


@then("the link leads to the configured address")
def leads_to_configured(scene: Scene) -> None:
    configured = scene.testbed.app_base_url
    if configured is None:
        raise Untested(Point.APP_BASE_URL, "what it is set to is not described (`app_base_url`)")
    base = configured if "://" in configured else f"https://{configured}"
    before_token = f"{base.rstrip('/')}{VERIFY}?token="
    if not re.fullmatch(re.escape(before_token) + "[^&#]+", scene.link):
        found = scene.link.replace(scene.token, "…") if scene.token else scene.link
        raise Failed("the link", expected=f"{before_token}… and nothing else", found=found)


@then("the request is refused, or the link that is mailed leads to no forged host")
def no_forged_host(scene: Scene) -> None:
    for answer in scene.answers:
        # A redirect to the right host refuses as well as a 4xx does.
        if answer.status != 202 and not 300 <= answer.status < 500:
            raise Failed(
                "the answer under a forged host", expected="202 or 4xx", found=answer.summary()
            )
    accepted = sum(answer.status == 202 for answer in scene.answers)
    messages = actions.await_mail(scene, scene.address, accepted)
    for message in messages:
        link = actions.link_in(scene, message)
        if scene.forged_host in link:
            raise Failed("the link", expected="the configured host", found=scene.forged_host)


@then("the token is 64 hexadecimal characters")
def token_form(scene: Scene) -> None:
    if not re.fullmatch(r"[0-9a-fA-F]{64}", scene.token):
        shape = re.sub(r"[0-9]", "0", re.sub(r"[a-z]", "a", re.sub(r"[A-Z]", "A", scene.token)))
        raise Failed(
            "the token",
            expected="64 hexadecimal characters",
            found=f"{len(scene.token)} characters, of the shape {shape[:20]}…",
        )


@then("the new token is another one than the one before")
def another_token(scene: Scene) -> None:
    if scene.token == scene.earlier_token:
        raise Failed("the token of the second link", expected="another one", found="the first one")


@when("hundreds of registered users request a link")
def hundreds_of_requests(scene: Scene) -> None:
    harvest.gather(scene)


@then("their tokens show no repeats, no shared parts and no bias")
def no_pattern(scene: Scene) -> None:
    gathered = harvest.gather(scene)
    tokens = harvest.tokens_of(scene, gathered)
    scene.evidence.points.add(Method.REPETITION)
    scene.evidence.measurements.append({"what": "tokens looked at", "tokens": len(tokens)})
    if len(tokens) < harvest.FEWEST_TOKENS and gathered.shortage is not None:
        raise gathered.shortage
    if len(tokens) < harvest.FEWEST_TOKENS:
        raise CantTell(f"only {len(tokens)} tokens arrived, too few to see a pattern")
    findings = token_findings([token.lower() for token in tokens])
    if findings:
        raise Failed("the tokens", expected="no pattern", found="; ".join(findings))


@when("dozens of registered users request a link, one after another")
def dozens_of_requests(scene: Scene) -> None:
    scene.issued = harvest.one_after_another(scene)


@then("no generator is found that predicts their tokens")
def no_generator(scene: Scene) -> None:
    if not all(re.fullmatch(r"[0-9a-f]{64}", each.token) for each in scene.issued):
        raise CantTell("some mails have no token of 64 hexadecimal characters: nothing to predict")
    scene.evidence.points.add("repetition")
    scene.evidence.note(f"tokens in the order in which they were made: {len(scene.issued)}")
    if found := generator_behind(scene.issued):
        raise Failed("the tokens", expected="a cryptographic random source", found=found)
