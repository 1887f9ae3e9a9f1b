"""What the target logs, and what it must not log (NFR-4, NFR-1)."""

from __future__ import annotations

import re
from urllib.parse import quote

from pytest_bdd import parsers, then, when

from conformance.observe.logs import LogLine
from conformance.observe.token_forms import plain_forms
from conformance.outcomes import CantTell, Failed, Point, Untested
from conformance.steps import actions
from conformance.steps.scene import Scene

_TELLING_LENGTH = 10


@when("the log is read from then on")
def read_from_now(scene: Scene) -> None:
    # What came before is in the log by then.
    actions.log_barrier(scene)
    scene.log_mark = scene.testbed.need_logs().mark()


@then(parsers.parse('the log has "{event}" at level {level}'))
def log_has_event(scene: Scene, event: str, level: str) -> None:
    logs = scene.testbed.need_logs()
    pattern = logs.events.get(event)
    if pattern is None:
        scene.evidence.note(f"`log.events` has no pattern for {event}: only the level was judged")
    _expect_line(
        scene,
        level,
        event,
        lambda line: pattern is None or pattern.found_in(line.text),
    )


@then(parsers.parse("the log has a line at level {level}"))
def log_has_line(scene: Scene, level: str) -> None:
    _expect_line(scene, level, "the event", lambda line: bool(line.text))


def _expect_line(scene: Scene, level: str, event: str, fits: actions.LinePredicate) -> None:
    logs = scene.testbed.need_logs()
    wanted = level.lower()

    def found(line: LogLine) -> bool:
        return line.level == wanted and fits(line)

    lines = logs.wait_for(scene.log_mark, found)
    scene.evidence.log_lines += [line.text for line in lines[-12:]]
    if any(found(line) for line in lines):
        return
    fitting = [line for line in lines if fits(line)]
    if scene.testbed.description.log is None and logs.mark() == 0:
        raise Untested(Point.LOGS, "the target printed nothing; the key `log.file` names its log")
    if lines and all(line.level is None for line in lines):
        raise CantTell("no line of the log shows a level (`log.level_key` names where it is)")
    levels = sorted({line.level or "no level" for line in fitting})
    raise Failed(
        f"the log line for {event}",
        expected=f"one at level {level}",
        found=f"only at {', '.join(levels)}" if levels else "none",
    )


@then("the log holds no whole address")
def log_without_address(scene: Scene) -> None:
    _expect_domain_only(scene, _with_address(scene, _lines(scene)))


@then("the line about the request holds the domain of the address only")
def request_line_without_address(scene: Scene) -> None:
    lines = _lines(scene)
    pattern = scene.testbed.need_logs().events.get("request_received")
    # Without a pattern, the line is one of those at its level (reading 33).
    about = [
        line
        for line in lines
        if (pattern.found_in(line.text) if pattern else line.level in {"info", None})
    ]
    if not about:
        raise CantTell("the log has no line that says that a request was received")
    telling = _with_address(scene, about)
    if not pattern and 0 < len(telling) < len(about):
        raise CantTell(
            "some lines hold the address, and which of them is about the request is not described "
            "(the key `log.events.request_received`)"
        )
    _expect_domain_only(scene, telling)


def _with_address(scene: Scene, lines: list[LogLine]) -> list[LogLine]:
    """Return the lines that hold the address that was asked for, or its telling part."""
    address = scene.address.lower()
    local = address.partition("@")[0]
    forms = {address, quote(address, safe="")}
    if len(local) >= _TELLING_LENGTH:
        # An address that the harness made up: its first part alone is nowhere by chance.
        forms.add(local)
    return [
        line
        for line in lines
        if any(form in line.text.lower() for form in forms)
        or _shows_a_part(line.text.lower(), address)
    ]


def _shows_a_part(text: str, address: str) -> bool:
    """Tell whether a text shows how an address begins or ends before its at-sign: `a***z@…`."""
    local, _, domain = address.partition("@")
    if len(local) < _TELLING_LENGTH:
        return False
    masked = re.findall(rf"([^\s\"'=:,;<>()\[\]{{}}]+)@{re.escape(domain)}", text)
    parts = {part for each in masked for part in re.split(r"[^0-9a-z]+", each) if part}
    return any(local.startswith(part) or local.endswith(part) for part in parts)


def _expect_domain_only(scene: Scene, telling: list[LogLine]) -> None:
    if telling:
        scene.evidence.log_lines.append(telling[0].text)
        raise Failed("the address in the log", expected="its domain only", found="more of it")


@then("the log holds no token")
def log_without_token(scene: Scene) -> None:
    written = re.compile("|".join(map(re.escape, plain_forms(scene.token))), re.IGNORECASE)
    for line in _lines(scene):
        if written.search(line.text):
            scene.evidence.log_lines.append(line.text)
            raise Failed("the raw token in the log", expected="nowhere", found="it is there")


def _lines(scene: Scene) -> list[LogLine]:
    """Return what the scenario's requests logged; lines may come a moment late."""
    logs = scene.testbed.need_logs()
    lines = logs.wait_for(scene.log_mark, lambda line: bool(line.text), timeout=1.0)
    if not lines:
        raise CantTell("the log has no line about these requests")
    # A request of another user is logged after all that came before it.
    actions.log_barrier(scene)
    return logs.since(scene.log_mark)
