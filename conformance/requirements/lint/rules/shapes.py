"""Rules about shapes: of bodies, links and columns, which two sides have to agree on."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.requirements.lint.finding import Spot, on
from conformance.requirements.lint.phrases import METHOD_PATH, endpoints, pattern, stems
from conformance.requirements.spec_forms.model import Entry, Kind, Spec

# A file has the shape of its format.
_FILE = re.compile(r"\b(?:pdf|csv|file|image|picture|photo|page|html|png|zip)\b", re.IGNORECASE)
_RESULTS = stems("list result data details object record resource item entry")
_EMPTY_TYPE = re.compile(r"^\s*\|\s*`?([A-Za-z_]\w*)`?\s*\|\s*\|")


def no_shape(spec: Spec) -> Iterator[Spot]:
    """Find a body, a link or columns without their shape."""
    for entry in spec.requirements if spec.form != "kiro" else spec.criteria:
        rules = (_body, _returned, _link, _columns)
        found = next((spot for rule in rules if (spot := rule(spec, entry))), None)
        if found is not None:
            yield found
        yield from _column_without_type(spec, entry)


def _body(spec: Spec, entry: Entry) -> Spot | None:
    match = pattern("body").search(entry.text)
    if match is None or _has_shape(spec, entry):
        return None
    message = f"{entry.called} says “{match[0]}” and not its members and their types"
    return on(entry, match[0], message)


def _returned(spec: Spec, entry: Entry) -> Spot | None:
    """Return a spot where an endpoint takes or gives something that only has a name."""
    match = pattern("returned").search(entry.text)
    places = endpoints(entry.text)
    if match is None or not places or _has_shape(spec, entry):
        return None
    about = stems(" ".join(re.sub(r"\W+", " ", place) for place in places)) | _RESULTS
    if not about & stems(match["what"]) or _FILE.search(match["what"]):
        return None
    message = f"{entry.called} says “{match[0].strip()}” and not with which members"
    return on(entry, match[0], message)


def _has_shape(spec: Spec, entry: Entry) -> bool:
    """Whether a requirement, or another about the same endpoint, has the shape of a body."""
    places = endpoints(entry.text)
    bodies = [other.body for other in spec.requirements if places & endpoints(other.body)]
    return any(pattern("body_shape").search(body) for body in (entry.body, *bodies))


def _link(spec: Spec, entry: Entry) -> Spot | None:
    match = pattern("link").search(entry.text)
    if match is None or any(pattern("link_shape").search(other.body) for other in spec.entries):
        return None
    # Specs that name no path at all leave all paths to the plan.
    if not any(METHOD_PATH.search(other.body) for other in spec.entries):
        return None
    message = f"{entry.called} speaks of a link and not of its form (https://HOST/PATH…)"
    return on(entry, match[0].split()[-1], message)


def _columns(_: Spec, entry: Entry) -> Spot | None:
    match = pattern("columns").search(entry.text)
    if match is None or pattern("column_type").search(entry.body):
        return None
    return on(entry, match[0], f"{entry.called} speaks of columns without their names and types")


def _column_without_type(spec: Spec, entry: Entry) -> Iterator[Spot]:
    if entry.kind not in (Kind.FUNCTIONAL, Kind.NON_FUNCTIONAL) or entry.cells:
        return
    for number in range(entry.line, min(entry.end, len(spec.lines)) + 1):
        if match := _EMPTY_TYPE.match(spec.lines[number - 1]):
            yield Spot(number, number, match[1], f"the column {match[1]} has no type")
