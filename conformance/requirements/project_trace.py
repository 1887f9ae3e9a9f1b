"""The join of any project's spec, features and OpenAPI document, both ways.

A scenario shows what its tags name (`@FR-1`; `@FR-001` is the same), or the criterion whose title
is its name. A requirement or an edge case is shown, too, by way of a criterion: one that cites it,
stands under it, or expects the same: an error code, or a status of an operation. Entries without
an id are numbered in their order: the second edge case of a spec without ids is EC-2.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from conformance.requirements.interface import (
    Operation,
    codes_in,
    operations_in,
    operations_meant,
    statuses_in,
    statuses_of,
)
from conformance.requirements.openapi_files import Described, found_in
from conformance.requirements.scenarios import WrittenScenario
from conformance.requirements.spec_forms.ids import ID, prefix_of
from conformance.requirements.spec_forms.model import Entry, Kind, Role, Spec
from conformance.requirements.trace import is_reason

PREFIXES: Mapping[Kind, str] = {
    Kind.FUNCTIONAL: "FR",
    Kind.NON_FUNCTIONAL: "NFR",
    Kind.EDGE_CASE: "EC",
    Kind.CRITERION: "AC",
}
_NUMBERED = re.compile(r"\d+(?:\.\d+)*")


@dataclass(frozen=True)
class TracedEntry:
    """An entry of a spec; `id` is its own or its number. `through` are criteria that show it."""

    id: str
    entry: Entry
    scenarios: tuple[WrittenScenario, ...]
    through: tuple[str, ...]
    reason: str

    @property
    def is_shown(self) -> bool:
        """Whether a scenario shows it, by itself or by way of a criterion."""
        return bool(self.scenarios or self.through)


@dataclass(frozen=True)
class TracedOperation:
    """An operation with the entries that name it, and its description in the OpenAPI document."""

    operation: Operation
    ids: tuple[str, ...]
    described: Described | None


@dataclass(frozen=True)
class Gap:
    """A place at which the join is not whole. `file` is `spec`, `features` or `openapi`."""

    kind: str
    file: str
    message: str
    path: str = ""
    line: int = 0


@dataclass(frozen=True)
class ProjectTrace:
    """The whole join; `gaps` come in the order spec, features, OpenAPI."""

    title: str
    entries: tuple[TracedEntry, ...]
    operations: tuple[TracedOperation, ...]
    gaps: tuple[Gap, ...]


def trace_project(
    spec: Spec,
    scenarios: Sequence[WrittenScenario],
    openapi: Mapping[str, Described] | None = None,
) -> ProjectTrace:
    """Join a spec with scenarios and, if there is one, with an OpenAPI document."""
    ids = numbered(spec)
    known = {_plain(id_): id_ for id_ in ids}
    deciding = [each for each in scenarios if not each.advisory]
    shown = {id_: tuple(s for s in deciding if _shows(s, id_, e)) for id_, e in ids.items()}
    entries = tuple(_traced(id_, entry, ids, shown) for id_, entry in ids.items())
    operations = tuple(_operations(spec, ids, openapi or {}))
    gaps = [*_not_shown(entries), *_loose(scenarios, known, entries)]
    if openapi is not None:
        gaps += [*_not_described(operations, ids, openapi), *_not_specified(spec, operations)]
    return ProjectTrace(spec.title, entries, operations, tuple(gaps))


def numbered(spec: Spec) -> dict[str, Entry]:
    """Return the entries by their ids; those without one are numbered within their kind."""
    taken = {each.id for each in spec.entries}
    found: dict[str, Entry] = {}
    counts = dict.fromkeys(PREFIXES, 0)
    for each in spec.entries:
        id_ = each.id.replace(" ", "-")
        while not id_:
            counts[each.kind] += 1
            number = f"{PREFIXES[each.kind]}-{counts[each.kind]}"
            id_ = number if number not in taken else ""
        found.setdefault(id_, each)
    return found


def _traced(
    id_: str,
    entry: Entry,
    ids: Mapping[str, Entry],
    shown: Mapping[str, tuple[WrittenScenario, ...]],
) -> TracedEntry:
    criteria = ((name, each) for name, each in ids.items() if each.is_criterion)
    through = tuple(name for name, each in criteria if shown[name] and speaks_of(each, entry))
    lines = [line for line in entry.body.split("\n") if is_reason(line)]
    reason = lines[0].partition(":")[2].strip(" *") if lines else ""
    return TracedEntry(id_, entry, shown[id_], through, reason)


def _shows(scenario: WrittenScenario, id_: str, entry: Entry) -> bool:
    if _plain(id_) in {_plain(tag) for tag in scenario.tags}:
        return True
    return entry.is_criterion and bool(entry.title) and entry.title == scenario.name


def speaks_of(criterion: Entry, entry: Entry) -> bool:
    """Return whether a criterion shows an entry: see above."""
    if entry.is_criterion:
        return False
    cites = _plain(entry.id) in map(_plain, criterion.references) if entry.id else False
    under = bool(criterion.parent) and criterion.parent in (entry.id, entry.title)
    return cites or under or _expect_the_same(criterion.body, entry.body)


def _expect_the_same(one: str, other: str) -> bool:
    """Return whether two texts have an error code in common, or an operation with its status."""
    if set(codes_in(one)) & {*codes_in(other)}:
        return True
    operations = ({each.key for each in operations_in(text)} for text in (one, other))
    same = set.intersection(*operations)
    return bool(same and set(statuses_in(one)) & {*statuses_in(other)})


def _plain(id_: str) -> str:
    """Return an id as it is compared: FR-1, `fr-001` and `FR 1` are the same."""
    return re.sub(r"(?<!\d)0+(?=\d)", "", re.sub(r"[- ]", "", id_)).upper()


def _not_shown(entries: Iterable[TracedEntry]) -> Iterator[Gap]:
    for each in entries:
        if not each.is_shown and not each.reason:
            name = f"{each.id} ({each.entry.title})" if each.entry.title else each.id
            yield Gap("no-scenario", "spec", f"{name} has no scenario", line=each.entry.line)
        if each.scenarios and each.reason:
            message = f"{each.id} has scenarios and states a reason why it has none"
            yield Gap("needless-reason", "spec", message, line=each.entry.line)


def _loose(
    scenarios: Iterable[WrittenScenario],
    known: Mapping[str, str],
    entries: Sequence[TracedEntry],
) -> Iterator[Gap]:
    prefixes = {prefix_of(id_) for id_ in known.values()} | set(PREFIXES.values())
    joined = {(s.path, s.line) for each in entries for s in each.scenarios}
    for each in scenarios:
        unknown = [t for t in sorted(each.tags) if _is_id(t, prefixes) and _plain(t) not in known]
        for tag in unknown:
            message = f"“{each.name}” names {tag}, which the spec does not have"
            yield Gap("unknown-id", "features", message, each.path, each.line)
        if (each.path, each.line) not in joined and not unknown and not each.advisory:
            message = f"“{each.name}” names no requirement"
            yield Gap("no-requirement", "features", message, each.path, each.line)


def _is_id(tag: str, prefixes: set[str]) -> bool:
    if _NUMBERED.fullmatch(tag):
        return "" in prefixes
    return bool(re.fullmatch(ID, tag)) and prefix_of(tag) in prefixes


def _operations(
    spec: Spec, ids: Mapping[str, Entry], openapi: Mapping[str, Described]
) -> Iterator[TracedOperation]:
    named = [op for entry in ids.values() for op in operations_in(entry.body)]
    known = {each.key: each for each in [*operations_in(spec.prose(Role.CONTEXT)), *named]}
    described = [each.operation for each in openapi.values()]
    everything = [*known.values(), *(op for op in described if op.key not in known)]
    by: dict[str, list[str]] = {}
    for id_, entry in ids.items():
        for meant in operations_meant(entry.body, everything):
            by.setdefault(meant.key, []).append(id_)
    met = set[str]()
    for operation in known.values():
        there = found_in(openapi, operation)
        met |= {there.operation.key} if there else set()
        yield TracedOperation(operation, tuple(by.get(operation.key, ())), there)
    for each in openapi.values():
        if each.operation.key not in met:
            yield TracedOperation(each.operation, tuple(by.get(each.operation.key, ())), each)


def _not_described(
    operations: Iterable[TracedOperation],
    ids: Mapping[str, Entry],
    openapi: Mapping[str, Described],
) -> Iterator[Gap]:
    """Yield what the spec says and the OpenAPI document does not."""
    operations = list(operations)
    for each in operations:
        if each.ids and each.described is None:
            line = ids[each.ids[0]].line
            message = f"{each.operation} ({each.ids[0]}) is not in the OpenAPI document"
            yield Gap("operation-not-described", "spec", message, line=line)
    codes = {code for each in openapi.values() for code in each.codes}
    described = {each.operation.key: each.described for each in operations if each.described}
    said = set[str]()
    for id_, entry in ids.items():
        for operation, status in _expected(entry.body, [each.operation for each in operations]):
            of_one = described.get(operation)
            where = [of_one] if of_one else list(openapi.values())
            if not any(each.answers(status) for each in where):
                place = f" for {of_one.operation}" if of_one else ""
                message = f"{id_}: the OpenAPI document has no {status}{place}"
                yield Gap("status-not-described", "spec", message, line=entry.line)
        for code in codes_in(entry.body):
            if code not in codes and code not in said:
                said.add(code)
                message = f"{id_}: the OpenAPI document has no {code}"
                yield Gap("code-not-described", "spec", message, line=entry.line)


def _expected(text: str, known: Sequence[Operation]) -> Iterator[tuple[str, int]]:
    """Yield the statuses in a text with the key of their operation, "" when it names none."""
    by_operation = statuses_of(text, known) or {"": statuses_in(text)}
    for key, statuses in by_operation.items():
        yield from ((key, status) for status in statuses)


def _not_specified(spec: Spec, operations: Iterable[TracedOperation]) -> Iterator[Gap]:
    """Yield what the OpenAPI document says and no requirement does."""
    text = "\n".join(each.body for each in spec.entries)
    statuses = {str(status) for status in statuses_in(text)}
    for each in operations:
        if each.described is None:
            continue
        name = each.described.operation
        if not each.ids:
            yield Gap("operation-not-specified", "openapi", f"no requirement speaks of {name}")
            continue
        for status in each.described.statuses:
            if status.isdecimal() and status not in statuses:
                message = f"{name} answers {status}, which no requirement names"
                yield Gap("status-not-specified", "openapi", message)
        for code in each.described.codes:
            if not re.search(rf"(?<!\w){re.escape(code)}(?!\w)", text):
                message = f"{name} has the error code {code}, which no requirement names"
                yield Gap("code-not-specified", "openapi", message)
