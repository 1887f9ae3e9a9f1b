"""People who do one thing after another: what the model does not allow fails its own id."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from pytest_bdd import parsers, then, when

from conformance.observe.mail.faults import AFTER_ACCEPTANCE, Fault
from conformance.observe.mail.mailbox import Sink
from conformance.outcomes import CantTell, Failed, Inapplicable, Untested
from conformance.steps import actions
from conformance.steps.live_service import KINDS, LiveService
from conformance.steps.model.commands import Wait
from conformance.steps.model.exploring import Exploration, Explorer, Found
from conformance.steps.model.sequences import Abilities
from conformance.steps.model.world import Kind
from conformance.steps.scene import Scene, seen
from conformance.target.accounts.supply import Kind as AccountKind
from conformance.target.clock.kinds import Clock

_SHORTEN_SECONDS = 20.0
# What costs a timeout each time; and what is no refusal by its status (reading 36).
_LEFT_OUT = {
    *(Fault.HANG, Fault.HANG_AT_GREETING, Fault.HANG_AFTER_DATA, Fault.API_200),
    *AFTER_ACCEPTANCE,
}
# Clocks that move in no time, and as far as the others.
_QUICK_CLOCKS = {"aged", "frozen", "hooked"}


@dataclass
class Explored:
    """What came of an exploration of so many steps; `undecided` says why it decides nothing."""

    seed: int
    done: Exploration = field(default_factory=Exploration)
    steps: int = 0
    points: set[str] = field(default_factory=set)
    undecided: str = ""


@when("people do one thing after another, in many orders")
def explore(scene: Scene) -> None:
    # The same for every scenario of the run, so it is done once.
    shared = scene.testbed.shared
    if "exploration" not in shared:
        shared["exploration"] = _explore(scene)
    explored: Explored = shared["exploration"]
    scene.explored = explored
    scene.evidence.points |= explored.points
    measured = {
        "seed": explored.seed,
        "steps": explored.steps,
        "sequences": explored.done.sequences,
    }
    scene.evidence.measurements.append({"what": "what people did one after another", **measured})


@then(parsers.parse("nothing that people did contradicts {id_}"))
def nothing_contradicts(scene: Scene, id_: str) -> None:
    explored = seen(scene.explored, "an exploration")
    done, found = explored.done, explored.done.found
    for sentence in done.settled:
        scene.evidence.note(sentence)
    if explored.undecided:
        raise Inapplicable(explored.undecided)
    if found is not None and found.difference.rule.id == id_:
        _fail(scene, done, found)
    if found is not None:
        raise Inapplicable(f"it ended with what contradicts {found.difference.rule.id}")
    if not done.applied[id_]:
        raise Inapplicable("nothing that people could do here bears on it")


def _fail(scene: Scene, done: Exploration, found: Found) -> None:
    scene.evidence.exchanges += found.evidence
    scene.evidence.within_step += found.lines
    if not done.repeated:
        scene.evidence.note("this was seen once and did not show again when it was repeated")
    rule = found.difference.rule
    raise Failed(
        f"the last of {len(found.commands)} steps: {found.lines[-1][1]}",
        expected=rule.expected,
        found=found.difference.found,
    )


def _explore(scene: Scene) -> Explored:
    explored = Explored(scene.seed)
    try:
        abilities, service = _abilities(scene), LiveService(scene, _clock(scene))
        _play(scene, explored, service, abilities)
    except (CantTell, Failed, Inapplicable, Untested) as error:
        explored.undecided = str(error)
    return explored


def _play(scene: Scene, explored: Explored, service: LiveService, abilities: Abilities) -> None:
    explorer = Explorer(service)
    explored.done = explorer.done
    if isinstance(scene.testbed.mailbox, Sink):
        scene.testbed.mailbox.set_delay(0.0, 0.0)
    try:
        explorer.explore(Random(scene.seed), abilities, seen(scene.explore, "so many steps"))
        explored.steps = explored.done.steps
        if explored.done.found is not None:
            explorer.shorten(_after(_SHORTEN_SECONDS))
            explored.undecided = _doubts(scene, service, explorer, explored.done.found)
    finally:
        service.end()
        explored.points = service.points
        scene.testbed.resume(scene.evidence)


def _doubts(scene: Scene, service: LiveService, explorer: Explorer, found: Found) -> str:
    """Return why what was found may not be the target's fault."""
    last = found.evidence[-1] if found.evidence else None
    if last is not None and last.status == 429:
        actions.suspect_further_limit(scene, last, "a request within the limit")
    clock, other = service.clock, scene.testbed.clock
    if clock is None or not any(isinstance(command, Wait) for command in found.commands):
        return ""
    doubts = [*clock.doubts("tokens"), *clock.doubts("limit")]
    if other is not None and other is not clock and other.how in _QUICK_CLOCKS:
        service.clock = other
        if explorer.play(found.people, found.commands) is None:
            doubts.append(f"with the time {other.how} it does as it should")
    return "; ".join(doubts)


def _abilities(scene: Scene) -> Abilities:
    """Return what can be done here; raises `Inapplicable` where it is too little."""
    testbed = scene.testbed
    if testbed.mailbox is None:
        raise Inapplicable("without a mailbox nobody has a link to open")
    if not testbed.accounts.plentiful:
        raise Inapplicable("it takes accounts by the dozen, made as they are needed")
    kinds = [kind for kind, of in KINDS.items() if _can_be_had(scene, of)]
    if Kind.ACTIVE not in kinds:
        raise Inapplicable("no account can be made")
    [account] = scene.take()
    sink = testbed.mailbox if isinstance(testbed.mailbox, Sink) else None
    return Abilities(
        kinds=(*kinds, Kind.STRANGER),
        troubles=tuple(f.value for f in Fault if sink and f in sink.faults - _LEFT_OUT),
        time=_clock(scene) is not None,
        passwords=account.password is not None,
        suspending=testbed.accounts.changeable,
        protected=bool(testbed.description.protected),
        instances=testbed.instances is not None,
    )


def _can_be_had(scene: Scene, kind: AccountKind) -> bool:
    try:
        scene.take(kind)
    except Untested:
        return False
    return True


def _clock(scene: Scene) -> Clock | None:
    """Return a clock that moves at once; ageing, where there is a choice, serves every target."""
    own = scene.testbed.clock
    clocks = [own.second_opinion, own] if own is not None else []
    return next((clock for clock in clocks if clock and clock.how in _QUICK_CLOCKS), None)


def _after(seconds: float) -> Callable[[], bool]:
    end = time.monotonic() + seconds
    return lambda: time.monotonic() > end
