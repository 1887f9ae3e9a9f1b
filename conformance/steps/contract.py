"""The OpenAPI document against the target, by schemathesis; run once, judged id by id."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TypeVar

from pytest_bdd import parsers, then, when

from conformance.outcomes import CantTell, Failed, HarnessFault, Inapplicable, Point, Untested
from conformance.requirements.magic_link import REQUEST
from conformance.steps import actions
from conformance.steps.openapi.model import ContractInputs, ContractResult
from conformance.steps.openapi.run import run_contract
from conformance.steps.scene import Scene, seen
from conformance.target.database.minting import TokenMint

# Counted, not timed, so that a busy machine sends what a quiet one does.
_FUZZED = 90
_SECONDS = 60.0
_Made = TypeVar("_Made")


@when("requests of every shape that the OpenAPI document allows, and others, are sent")
def run(scene: Scene) -> None:
    # The same for every scenario of the run, so it is sent once.
    shared = scene.testbed.shared
    if "contract" not in shared:
        shared["contract"] = _run(scene)
        # Once, with the scenario that sent the requests.
        for note in shared["contract"].notes:
            scene.evidence.note(note)
    result: ContractResult = shared["contract"]
    scene.contract = result
    scene.evidence.points.add(Point.WIRE)
    scene.evidence.measurements.append(
        {
            "what": "requests made by schemathesis",
            "seed": result.seed,
            "requests": result.requests,
            "phases": result.phases,
            "statuses": result.statuses,
        }
    )


def _run(scene: Scene) -> ContractResult:
    testbed = scene.testbed
    inputs = ContractInputs(
        base_url=testbed.wire.base_url,
        headers=testbed.wire.headers,
        next_token=_tokens(scene),
        next_email=lambda: _or_none(lambda: scene.take()[0].email),
        credentials=_credentials(scene),
        absent=testbed.wire.absent,
    )
    return run_contract(
        inputs,
        time_limit=_SECONDS,
        seed=scene.seed,
        max_fuzzed=_FUZZED,
    )


def _tokens(scene: Scene) -> Callable[[], str | None]:
    """Return a supply of live tokens: minted where that can be done, else mailed."""
    mint = _or_none(lambda: _mint(scene))

    def mailed() -> str:
        return actions.receive_token(scene, scene.take()[0])

    def minted() -> str:
        [account] = scene.take()
        assert mint is not None
        return mint.mint(account.known_id)

    supplies = deque([minted, mailed] if mint else [mailed])

    def next_token() -> str | None:
        while supplies:
            token = _or_none(supplies[0])
            if token is not None:
                return token
            # Not asked again: waiting for a mail that never comes takes its time.
            supplies.popleft()
        return None

    return next_token


def _mint(scene: Scene) -> TokenMint:
    # The template's owner never logs in: that may make the other links of the same user invalid.
    template, account = scene.take(count=2)
    mint = TokenMint(scene.testbed.need_database(), actions.receive_token(scene, template))
    # A target may know its tokens by more than their row.
    actions.expect_status(actions.verify(scene, mint.mint(account.known_id)), 200)
    return mint


def _or_none(make: Callable[[], _Made]) -> _Made | None:
    try:
        return make()
    except (Untested, Failed, CantTell, Inapplicable):
        return None


def _credentials(scene: Scene) -> tuple[str, str] | None:
    account = _or_none(scene.testbed.accounts.with_password)
    return (account.email, account.password) if account and account.password else None


@then(parsers.parse("no answer contradicts {id_}"))
def nothing_contradicts(scene: Scene, id_: str) -> None:
    result = seen(scene.contract, "a contract run")
    broken = [failure for failure in result.failures if id_ in failure.requirement_ids]
    if broken:
        first = broken[0]
        scene.evidence.measurements[-1]["failures"] = [
            {"expected": f.expected, "found": f.found, "curl": f.reproduce} for f in broken
        ]
        raise Failed(
            f"{first.operation}, with {first.reproduce}", expected=first.expected, found=first.found
        )
    if not result.reached:
        _explain_unreached(scene, result)


def _explain_unreached(scene: Scene, result: ContractResult) -> None:
    if result.failures:
        raise CantTell("other answers contradict the document, so that not every path was reached")
    try:
        actions.receive_token(scene, scene.take()[0])
    except Failed as failure:
        raise CantTell(f"there was no live token to present: {failure}") from failure
    requested = result.statuses.get(f"POST {REQUEST}", {})
    if 429 in requested and 202 not in requested:
        raise CantTell("fresh addresses are refused with 429: the target has a further limit")
    if result.elapsed >= _SECONDS:
        raise CantTell(
            f"{result.requests} requests in {result.elapsed:.0f} s, too few to see all answers"
        )
    raise HarnessFault(f"the contract run never saw 202, 200 and 400: {result.statuses}")
