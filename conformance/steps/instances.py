"""Further instances of the service, restarts, and machines in other time zones (FR-7, FR-8)."""

from __future__ import annotations

from pytest_bdd import given, parsers, when

from conformance.observe.wire import Wire
from conformance.requirements.magic_link import REQUEST
from conformance.steps.scene import Scene


def another_instance(scene: Scene) -> Wire:
    """Return the HTTP interface of a second instance, which lasts until the scenario ends."""
    if scene.instance is None:
        instance = scene.stack.enter_context(scene.testbed.need_instances().beside())
        scene.instance = scene.testbed.wire_to(instance.base_url)
    return scene.instance


@when(parsers.parse("the user requests a link {count:d} times on another instance"))
def request_on_another(scene: Scene, count: int) -> None:
    wire = another_instance(scene)
    scene.answers += [wire.post(REQUEST, {"email": scene.address}) for _ in range(count)]


@when("the user requests a link once more on another instance")
def request_once_more_on_another(scene: Scene) -> None:
    wire = another_instance(scene)
    scene.answers = [wire.post(REQUEST, {"email": scene.address})]


@when("the service is restarted")
def restart(scene: Scene) -> None:
    scene.testbed.need_restart()()


@given(parsers.parse('the service runs on a machine in the time zone "{zone}"'))
def in_time_zone(scene: Scene, zone: str) -> None:
    testbed = scene.testbed
    instance = scene.stack.enter_context(testbed.need_instances().beside(zone=zone))
    # From here on the scenario speaks to that instance, which frozen time does not reach.
    for name, value in {
        "wire": testbed.wire_to(instance.base_url),
        "clock": testbed.clock.second_opinion or testbed.clock if testbed.clock else None,
    }.items():
        scene.stack.callback(setattr, testbed, name, getattr(testbed, name))
        setattr(testbed, name, value)
