"""NFR-5: bounds on a percentile, with their confidence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from pytest_bdd import given, parsers, then, when

from conformance.observe.evidence import Exchange
from conformance.observe.machine_noise import MachineNoise
from conformance.observe.wire import Wire
from conformance.outcomes import CantTell, Failed, Method, Point, Untested
from conformance.requirements.magic_link import VERIFY
from conformance.steps import actions, harvest
from conformance.steps.scene import Scene
from conformance.steps.statistics.percentile import Bound, PercentilePlan, chance_of_so_few
from conformance.steps.statistics.summary import describe
from conformance.target.database.minting import TokenMint


@given("hundreds of live tokens")
def live_tokens(scene: Scene) -> None:
    """Mint them where that can be done, else take those that were mailed."""
    wanted = PercentilePlan().bound
    try:
        scene.live_tokens = _minted(scene, wanted)
    except Untested:
        scene.live_tokens = _mailed(scene)


def _minted(scene: Scene, wanted: int) -> list[str]:
    template, account = scene.take(count=2)
    mint = TokenMint(scene.testbed.need_database(), actions.receive_token(scene, template))
    # The second shows that a login leaves the user's other links as they are, which is open.
    for token in (mint.mint(account.known_id), mint.mint(account.known_id)):
        if actions.verify(scene, token).status != 200:
            raise Untested(Point.DATABASE, "the target refuses tokens that it did not write")
    return [mint.mint(account.known_id) for _ in range(wanted)]


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
    # As many as decide are verified by the step that judges them.
    assert scene.live_tokens


@then(
    parsers.parse(
        "with {confidence:d} percent confidence "
        "99 of 100 answers came within {limit:d} milliseconds"
    )
)
def within_limit(scene: Scene, confidence: int, limit: int) -> None:
    plan = PercentilePlan(confidence=confidence / 100)
    ours = scene.testbed.description.started_here
    series = _Series(limit / 1000, MachineNoise(ours=ours))
    if scene.live_tokens:
        _verify_until_decided(scene, plan, series)
    else:
        _request_until_decided(scene, plan, series)
    _keep(scene, series, limit)
    _conclude(scene, plan, series, limit)


@dataclass
class _Series:
    """Times of answers in seconds, and how long the machine kept those over the limit waiting."""

    limit: float
    noise: MachineNoise
    times: list[float] = field(default_factory=list)
    waited: list[float] = field(default_factory=list)

    def take(self, call: Callable[[], Exchange]) -> Exchange:
        """Make a call and add what it took."""
        mark = self.noise.mark()
        answer = call()
        self.times.append(answer.elapsed)
        # What a short answer waited changes nothing, and asking the system takes longer than it.
        is_over = answer.elapsed > self.limit
        self.waited.append(self.noise.since(mark) if is_over else 0.0)
        return answer

    @property
    def over(self) -> int:
        """How many answers took longer than the limit."""
        return sum(seconds > self.limit for seconds in self.times)

    @property
    def over_by_itself(self) -> int:
        """How many of them did so even without the machine's share."""
        pairs = zip(self.times, self.waited, strict=True)
        return sum(seconds - waited > self.limit for seconds, waited in pairs)

    @property
    def counted(self) -> int:
        """How many speak against the target, as far as that is known."""
        return self.over_by_itself if self.noise.precise else self.over


def _verify_until_decided(scene: Scene, plan: PercentilePlan, series: _Series) -> None:
    wire = _unslowed(scene)
    for token in scene.live_tokens:
        answer = series.take(partial(wire.try_post, VERIFY, {"token": token}, keep=False))
        if answer.status != 200:
            # Whether it should have been 200 is judged elsewhere; this is about time.
            raise CantTell(f"a live token was answered {answer.summary()}")
        taken = len(series.times)
        if taken >= plan.first and plan.next_look(taken, series.counted) is None:
            break
        if plan.decide(taken, series.counted) is Bound.FAILED:
            break


def _unslowed(scene: Scene) -> Wire:
    """Return the target, or an instance in real time: libfaketime makes every look at it slow."""
    testbed = scene.testbed
    if testbed.clock is None or testbed.clock.how != "faked":
        return testbed.wire
    instance = scene.stack.enter_context(testbed.need_instances().beside(real_time=True))
    scene.evidence.note("measured on a further instance whose time is not faked")
    return testbed.wire_to(instance.base_url)


def _request_until_decided(scene: Scene, plan: PercentilePlan, series: _Series) -> None:
    """Judge the requests made side by side; only if those do not pass, make them one by one."""
    gathered = harvest.gather(scene)
    series.times = [answer.elapsed for answer in gathered.answers]
    series.waited = [0.0] * len(series.times)
    if plan.decide(len(series.times), series.over) is Bound.PASSED:
        return
    if gathered.shortage is not None:
        raise gathered.shortage
    series.times, series.waited = [], []
    while plan.next_look(len(series.times), series.counted) is not None:
        series.take(partial(actions.ask, scene, scene.take()[0].email))


def _keep(scene: Scene, series: _Series, limit: int) -> None:
    scene.evidence.points.update((Point.WIRE, Method.STATISTIC))
    scene.evidence.measurements.append(
        {
            "what": "seconds to answer",
            "limit_ms": limit,
            "over": series.over,
            "over_by_noise": series.over - series.over_by_itself,
            "risk": chance_of_so_few(len(series.times), series.counted),
            "summary": describe(series.times).__dict__,
            "milliseconds": [round(time * 1000, 1) for time in series.times],
        }
    )


def _conclude(scene: Scene, plan: PercentilePlan, series: _Series, limit: int) -> None:
    taken = len(series.times)
    slow = f"{series.over} of {taken} answers took longer than {limit} ms"
    verdict = plan.decide(taken, series.counted)
    if verdict is Bound.UNDECIDED:
        raise CantTell(f"{slow}: too few answers to decide")
    if verdict is Bound.PASSED:
        if series.over > series.counted:
            scene.evidence.notes.append(
                f"{slow}, {series.over - series.counted} of them because no processor was free"
            )
        return
    if plan.decide(taken, series.over_by_itself) is not Bound.FAILED:
        raise CantTell(f"{slow}, but the machine is too busy to tell why")
    if scene.testbed.clock is not None and scene.testbed.clock.how == "faked":
        raise CantTell(f"{slow}, but libfaketime slows the target down")
    slowest = describe(series.times).p99 * 1000
    raise Failed("P99", expected=f"under {limit} ms", found=f"{slow} (P99 {slowest:.0f} ms)")
