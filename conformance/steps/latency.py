"""NFR-5: bounds on a percentile, with their confidence."""

from __future__ import annotations

import json

from pytest_bdd import given, parsers, then, when

from conformance.control.minting import TokenMint
from conformance.evidence import Exchange
from conformance.outcomes import CantTell, Failed, Untested
from conformance.statistics import Bound, PercentilePlan, describe, percentile_bound
from conformance.steps import actions, harvest
from conformance.steps.scene import Scene


@given("hundreds of live tokens")
def live_tokens(scene: Scene) -> None:
    """Mint them where that can be done, else take those that were mailed."""
    wanted = PercentilePlan().bound
    try:
        scene.remembered["live"] = _minted(scene, wanted)
    except Untested:
        scene.remembered["live"] = _mailed(scene)


def _minted(scene: Scene, wanted: int) -> list[str]:
    [account] = scene.take()
    mint = TokenMint(scene.testbed.need_database(), actions.receive_token(scene, account))
    if account.id is None:
        raise Untested("accounts", "the user's id is not described")
    answer = actions.verify(scene, mint.mint(account.id))
    if answer.status != 200:
        raise Untested("database", "the target does not accept tokens that it did not write")
    return [mint.mint(account.id) for _ in range(wanted)]


def _mailed(scene: Scene) -> list[str]:
    # Where time was moved meanwhile, the tokens of the shared harvest have expired.
    moved = scene.testbed.clock is not None
    gathered = harvest.gather_anew(scene) if moved else harvest.gather(scene)
    tokens = harvest.tokens_of(scene, gathered)
    if gathered.shortage is not None and len(tokens) < PercentilePlan().first:
        raise gathered.shortage
    return tokens


@when("each of them is verified")
def verify_each(scene: Scene) -> None:
    scene.remembered["measured"] = []


@then(
    parsers.parse(
        "with {confidence:d} percent confidence "
        "99 of 100 answers came within {limit:d} milliseconds"
    )
)
def within_limit(scene: Scene, confidence: int, limit: int) -> None:
    plan = PercentilePlan(confidence=confidence / 100)
    seconds = limit / 1000
    if "live" in scene.remembered:
        times = _verify_until_decided(scene, plan, seconds)
    else:
        times = _request_until_decided(scene, plan, seconds)
    over = sum(time > seconds for time in times)
    _keep(scene, times, over, limit)
    _conclude(plan, times, over, limit)


def _verify_until_decided(scene: Scene, plan: PercentilePlan, seconds: float) -> list[float]:
    times: list[float] = []
    for token in scene.remembered["live"]:
        answer = _verify(scene, token)
        actions.expect_status(answer, 200, "the status for a live token")
        times.append(answer.elapsed)
        over = sum(time > seconds for time in times)
        if len(times) >= plan.first and plan.next_look(len(times), over) is None:
            break
        if plan.decide(len(times), over) is Bound.FAILED:
            break
    return times


def _verify(scene: Scene, token: str) -> Exchange:
    body = json.dumps({"token": token}).encode()
    headers = {"content-type": "application/json"}
    return scene.testbed.wire.attempt("POST", actions.VERIFY, body, headers, keep=False)


def _request_until_decided(scene: Scene, plan: PercentilePlan, seconds: float) -> list[float]:
    """Judge the requests made side by side; only if those do not pass, make them one by one."""
    gathered = harvest.gather(scene)
    times = [answer.elapsed for answer in gathered.answers]
    if plan.decide(len(times), sum(time > seconds for time in times)) is Bound.PASSED:
        return times
    if gathered.shortage is not None:
        raise gathered.shortage
    alone: list[float] = []
    while plan.next_look(len(alone), sum(time > seconds for time in alone)) is not None:
        alone.append(actions.ask(scene, scene.take()[0].email).elapsed)
    return alone


def _keep(scene: Scene, times: list[float], over: int, limit: int) -> None:
    risk = percentile_bound(len(times), over)
    scene.evidence.points.update(("wire", "statistic"))
    scene.evidence.measurements.append(
        {
            "what": "seconds to answer",
            "limit_ms": limit,
            "over": over,
            "risk": risk.of_passing,
            "summary": describe(times).__dict__,
            "milliseconds": [round(time * 1000, 1) for time in times],
        }
    )


def _conclude(plan: PercentilePlan, times: list[float], over: int, limit: int) -> None:
    told = f"{over} of {len(times)} answers took longer than {limit} ms"
    verdict = plan.decide(len(times), over)
    if verdict is Bound.FAILED:
        slowest = describe(times).p99 * 1000
        raise Failed("P99", expected=f"under {limit} ms", found=f"{told} (P99 {slowest:.0f} ms)")
    if verdict is Bound.UNDECIDED:
        raise CantTell(f"{told}: too few answers to decide")
