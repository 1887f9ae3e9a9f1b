"""Further instances of the service, restarts, and machines in other time zones (FR-7, FR-8)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pytest_bdd import given, parsers, when

from conformance.observe.wire import Wire
from conformance.outcomes import Inapplicable
from conformance.requirements.magic_link import REQUEST
from conformance.steps.scene import Scene
from conformance.target.launch.instances import Zones


def another_instance(scene: Scene) -> Wire:
    """Return the HTTP interface of a second instance, which lasts until the scenario ends."""
    if scene.instance is None:
        instance = scene.stack.enter_context(scene.testbed.need_instances().beside())
        scene.instance = scene.testbed.wire_to(instance.base_url)
    return scene.instance


@contextmanager
def speaking_to(scene: Scene, wire: Wire) -> Iterator[None]:
    """Have the scenario speak to another instance inside the with-block."""
    testbed = scene.testbed
    usual, testbed.wire = testbed.wire, wire
    try:
        yield
    finally:
        testbed.wire = usual


@when(parsers.parse("the user requests a link {count:d} times on another instance"))
@when(parsers.parse("a link is requested for the address {count:d} times on another instance"))
def request_on_another(scene: Scene, count: int) -> None:
    wire = another_instance(scene)
    scene.answers += [wire.post(REQUEST, {"email": scene.address}) for _ in range(count)]


@when("the user requests a link once more on another instance")
@when("a link is requested for the address once more on another instance")
def request_once_more_on_another(scene: Scene) -> None:
    wire = another_instance(scene)
    scene.answers = [wire.post(REQUEST, {"email": scene.address})]


@given("a service that can be restarted")
def restartable(scene: Scene) -> None:
    if scene.testbed.restart is None:
        raise Inapplicable("only a target that the harness starts is restarted")


@when("the service is restarted")
def restart(scene: Scene) -> None:
    scene.testbed.need_restart()()


@given(parsers.parse('the service is configured with the address "{address}"'))
def configured_with(scene: Scene, address: str) -> None:
    testbed = scene.testbed
    usual = testbed.app_base_url
    if usual is None or testbed.instances is None or "{app_base_url" not in _written(scene):
        raise Inapplicable("only a target that the harness starts and configures gets another one")
    scheme = usual.rpartition("://")[0]
    base = f"{scheme}://{address}" if scheme else address
    full = f"{scheme or 'https'}://{address}"
    values = {"app_base_url": base, "app_base_url_with_scheme": full}
    instance = scene.stack.enter_context(testbed.instances.beside(other_values=values))
    scene.stack.enter_context(speaking_to(scene, testbed.wire_to(instance.base_url)))
    scene.stack.callback(setattr, testbed, "app_base_url", usual)
    testbed.app_base_url = base


def _written(scene: Scene) -> str:
    return scene.testbed.description.model_dump_json()


@given(parsers.parse('the service runs on a machine in the time zone "{zone}"'))
def in_time_zone(scene: Scene, zone: str) -> None:
    _run_in(scene, Zones(zone, zone))


@given(parsers.parse('the service runs in the time zone "{zone}", and its database in "{other}"'))
def in_two_time_zones(scene: Scene, zone: str, other: str) -> None:
    _run_in(scene, Zones(zone, other))


def _run_in(scene: Scene, zones: Zones) -> None:
    testbed = scene.testbed
    instance = scene.stack.enter_context(testbed.need_instances().beside(zones=zones))
    # From here on the scenario speaks to that instance, which frozen time does not reach.
    scene.stack.enter_context(speaking_to(scene, testbed.wire_to(instance.base_url)))
    scene.stack.callback(setattr, testbed, "clock", testbed.clock)
    testbed.clock = testbed.clock.second_opinion or testbed.clock if testbed.clock else None
