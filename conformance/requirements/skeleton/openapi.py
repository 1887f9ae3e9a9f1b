"""An OpenAPI stub from a spec: operations, JSON bodies, statuses and error codes.

What an entry says belongs to the operation that it names (`POST /cards`, `/cards`, or its last word
when no other operation is meant by it); else to that of the requirement before it. What is still
open goes to the operation that has its error code or its status already; when there is more than
one, the stub says that this is to be decided.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import yaml

from conformance.requirements.interface import (
    Operation,
    codes_in,
    codes_of,
    operations_in,
    operations_meant,
    path_key,
    shapes_in,
    status_places,
    statuses_in,
    statuses_of,
)
from conformance.requirements.project_trace import numbered
from conformance.requirements.skeleton.steps import TO_FILL_IN
from conformance.requirements.spec_forms.model import Entry, Kind, Spec

_TYPES = {"integer": "integer", "int": "integer", "number": "number", "boolean": "boolean"}
_PARAMETER = re.compile(r"<([^<>]+)>|(?<=/):(\w+)")
_NAMED_PARAMETER = re.compile(r"\{([^{}]+)\}")
_WITHOUT_BODY = ("GET", "HEAD", "DELETE", "OPTIONS")
_Members = dict[str, list[str]]


@dataclass
class _Answer:
    """What is said of one status: by whom, with which members of its body."""

    said: list[str] = field(default_factory=list)
    undecided: bool = True
    members: _Members = field(default_factory=dict)


@dataclass
class _Drafted:
    """What is said of one operation."""

    said: list[str] = field(default_factory=list)
    title: str = ""
    request: _Members = field(default_factory=dict)
    answers: dict[int, _Answer] = field(default_factory=dict)


def openapi_of(spec: Spec) -> str:
    """Return the stub as YAML; a spec that names no operation has none in it."""
    ids = numbered(spec)
    known = {op.key: op for entry in ids.values() for op in operations_in(entry.body)}
    owners = _owners(ids, tuple(known.values()))
    named = [op.key for each in spec.requirements for op in operations_in(each.body)]
    drafts = _drafted(spec, ids, known, owners)
    required = {key: drafts[key] for key in named or known}
    for id_, entry in ids.items():
        if statuses_in(entry.body) and not owners[id_]:
            owners[id_] = _most_alike(entry, required)
    drafts = _drafted(spec, ids, known, owners)
    paths: dict[str, dict[str, Any]] = {}
    spelled: dict[str, str] = {}
    for key, operation in known.items():
        written = _PARAMETER.sub(lambda match: f"{{{match[1] or match[2]}}}", operation.path)
        path = spelled.setdefault(path_key(written), written)
        method = operation.method.lower()
        paths.setdefault(path, {})[method] = _described(operation, path, drafts[key])
    info = {"title": spec.title or TO_FILL_IN, "version": "0.1.0"}
    document = {"openapi": "3.1.0", "info": info, "paths": paths}
    return str(yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100))


def _drafted(
    spec: Spec,
    ids: Mapping[str, Entry],
    known: Mapping[str, Operation],
    owners: Mapping[str, list[str]],
) -> dict[str, _Drafted]:
    """Return what the entries say of each operation that they belong to."""
    drafts = {key: _Drafted() for key in known}
    member = _member_of_codes(spec)
    for id_, entry in ids.items():
        own = statuses_of(entry.body, known.values())
        undecided = len(owners[id_]) > 1 and not own
        for key in owners[id_]:
            statuses = own.get(key, statuses_in(entry.body))
            _add(drafts[key], id_, entry, member, statuses, undecided=undecided)
    return drafts


def _most_alike(entry: Entry, drafts: Mapping[str, _Drafted]) -> list[str]:
    """Return the operations that have most of an entry's error codes, then of its statuses."""

    def alike(draft: _Drafted) -> tuple[int, int]:
        members = [values for each in draft.answers.values() for values in each.members.values()]
        literals = {value.strip('"') for values in members for value in values}
        codes, statuses = {*codes_in(entry.body)}, {*statuses_in(entry.body)}
        return len(literals & codes), len(statuses & {*draft.answers})

    most = max(map(alike, drafts.values()), default=None)
    return [key for key, draft in drafts.items() if alike(draft) == most]


def _owners(ids: Mapping[str, Entry], known: tuple[Operation, ...]) -> dict[str, list[str]]:
    """Return the keys of the operations that each entry speaks of, none when that is open."""
    owners: dict[str, list[str]] = {}
    before: list[str] = []
    for id_, entry in ids.items():
        meant = operations_in(entry.body) or operations_meant(entry.body, known)
        named = [each.key for each in meant]
        called = [each.key for each in known if _is_called(each, entry.body)]
        if entry.kind is Kind.FUNCTIONAL:
            before = named or (called if len(called) == 1 else before)
            owners[id_] = before
        else:
            owners[id_] = named or (called if len(called) == 1 else [])
    return owners


def _is_called(operation: Operation, text: str) -> bool:
    """Return whether a text holds the last word of an operation's path (verify, verified)."""
    words = re.findall(r"[a-zA-Z]{4,}", path_key(operation.path))
    stem = re.escape(words[-1].rstrip("yes")) if words else ""
    return bool(stem and re.search(rf"(?<![\w/]){stem}\w*", text, re.IGNORECASE))


def _member_of_codes(spec: Spec) -> str:
    """Return the member of a body that holds the error codes: the one that most bodies have."""
    counts = Counter(
        name
        for entry in spec.entries
        for _, members in shapes_in(entry.body)
        for name, value in members.items()
        if value.strip('"') in codes_in(entry.body)
    )
    return counts.most_common(1)[0][0] if counts else "error"


def _add(
    draft: _Drafted,
    id_: str,
    entry: Entry,
    member: str,
    statuses: tuple[int, ...],
    *,
    undecided: bool,
) -> None:
    """Add what an entry says to what is said of an operation; `statuses` are the operation's."""
    titled = bool(entry.title) and entry.title != entry.text
    if not undecided:
        draft.said.append(id_)
    if entry.kind is Kind.FUNCTIONAL and titled and operations_in(entry.body):
        draft.title = draft.title or entry.title
    for status in statuses:
        answer = draft.answers.setdefault(status, _Answer())
        answer.said.append(f"{entry.title} ({id_})" if titled else id_)
        answer.undecided &= undecided
    for place, shape in shapes_in(entry.body):
        of = _status_of(place, shape, entry.body)
        if of in statuses:
            _merge(draft.answers[of].members, shape)
        elif of is None and entry.kind is Kind.FUNCTIONAL:
            _merge(draft.request, shape)
    for code, of in codes_of(entry.body).items():
        if of in statuses:
            _merge(draft.answers[of].members, {member: f'"{code}"'})


def _status_of(place: int, shape: Mapping[str, str], text: str) -> int | None:
    """Return the status that a body comes with: the one before it, of an error for an error."""
    is_error = bool({value.strip('"') for value in shape.values()} & {*codes_in(text)})
    found = status_places(text)
    alike = [each for each in found if (each[1] >= HTTPStatus.BAD_REQUEST) == is_error] or found
    before = [status for at, status in alike if at < place]
    if before:
        return before[-1]
    return alike[0][1] if is_error and alike else None


def _merge(members: _Members, shape: Mapping[str, str]) -> None:
    for name, value in shape.items():
        values = members.setdefault(name, [])
        if value not in values:
            values.append(value)


def _described(operation: Operation, path: str, draft: _Drafted) -> dict[str, Any]:
    described: dict[str, Any] = {
        "summary": draft.title or TO_FILL_IN,
        "description": f"{', '.join(draft.said)}.",
    }
    if parameters := [*_parameters(path)]:
        described["parameters"] = parameters
    if draft.request and operation.method not in _WITHOUT_BODY:
        described["requestBody"] = {"required": True, **_content(draft.request)}
    described["responses"] = {
        str(status): _response(answer) for status, answer in sorted(draft.answers.items())
    } or {"default": {"description": f"{TO_FILL_IN}: which statuses?"}}
    return described


def _parameters(path: str) -> Iterator[dict[str, Any]]:
    for name in _NAMED_PARAMETER.findall(path):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _response(answer: _Answer) -> dict[str, Any]:
    question = f" {TO_FILL_IN}: of this operation?" if answer.undecided else ""
    described: dict[str, Any] = {"description": f"{'; '.join(answer.said)}.{question}"}
    return described | (_content(answer.members) if answer.members else {})


def _content(members: _Members) -> dict[str, Any]:
    schema = {
        "type": "object",
        "required": list(members),
        "properties": {name: _schema(values) for name, values in members.items()},
    }
    return {"content": {"application/json": {"schema": schema}}}


def _schema(values: list[str]) -> dict[str, Any]:
    literals = [value.strip('"') for value in values if value.startswith('"')]
    literals = [each for each in literals if not each.endswith(("...", "…"))]
    if len(literals) == 1:
        return {"const": literals[0]}
    if literals:
        return {"enum": literals}
    return {"type": _TYPES.get(values[0].lower(), "string")}
