"""What a text says of an HTTP interface: operations, statuses, error codes, JSON bodies."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
_PATH = r"/[\w\-./{}:<>~%]*"
_OPERATION = re.compile(
    rf"\b({'|'.join(METHODS)})\b[`*]*(?: requests?)?(?: (?:to|on|at|for))?(?: the)?"
    rf"\s+[`*]*({_PATH})"
)
# A path by itself; not a part of a URL, of a media type or of “and/or”.
_BARE_PATH = re.compile(rf"(?<![\w/:.*}}\])])(/[a-zA-Z{{]{_PATH[1:]})")
# What joins operations of which the same is said.
_JOINED = re.compile(r"[`*\s]*(?:,|and|or|/|, and|, or)[`*\s]*")
_PARAMETER = re.compile(r"\{[^{}]*\}|<[^<>]*>|(?<=/):\w+")
# A number is a status when it is a known one and what surrounds it does not make it a quantity.
_NUMBER = re.compile(
    r"(?<![\w.$€£:/-])([2-5]\d\d)(?![\w%.-]*[\w%]|\s*%|\s*[KMG]i?B\b)(?:[`*\"]*\s+(\w+))?"
)
_QUANTITY = re.compile(
    r"(?:under|within|most|least|than|up to|exceeds?|maximum(?: of)?|limit of|every|below|above"
    r"|about|only|[<>≤≥=])\s*[`*]*$",
    re.IGNORECASE,
)
_MAY_FOLLOW = frozenset({
    "a", "after", "an", "and", "any", "as", "at", "because", "before", "but", "by", "carrying",
    "code", "codes", "error", "for", "from", "if", "in", "instead", "is", "listing", "naming",
    "not", "on", "once", "only", "or", "plus", "regardless", "response", "responses", "status",
    "the", "then", "to", "unless", "until", "when", "whether", "whoever", "while", "with",
    "without",
})  # fmt: skip
# Informational ones (1xx) are never promised.
_STATUSES = frozenset(status.value for status in HTTPStatus if status >= HTTPStatus.OK)
_CODE = re.compile(r"(?<![\w{/$])([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?![\w}])")
# Members of a body that hold an error code.
CODE_MEMBERS = ("error", "code", "errorCode", "error_code", "reason")
_MEMBER_CODE = re.compile(rf"\"(?:{'|'.join(CODE_MEMBERS)})\":\s*\"([A-Z][A-Z0-9_]*)\"")
_SENTENCE_END = re.compile(r"(?<=[.;])\s+(?=[A-Z])|\n")
_SHAPE = re.compile(r"\{\s*\"[^{}]*\}")
_MEMBER = re.compile(r"\"([\w-]+)\"\s*:\s*(\"[^\"]*\"|[\w.-]+)")


@dataclass(frozen=True, order=True)
class Operation:
    """A method and a path, as they are written."""

    method: str
    path: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def key(self) -> str:
        """What two spellings have in common: `GET /users/{}` of `GET /users/:id/`."""
        return f"{self.method} {path_key(self.path)}"


def path_key(path: str) -> str:
    """Return a path without the names of its parameters and without a slash at its end."""
    return _PARAMETER.sub("{}", path).rstrip("/") or "/"


def operations_in(text: str) -> tuple[Operation, ...]:
    """Return the operations that a text names with method and path, each once."""
    found = (Operation(match[1], _path(match[2])) for match in _OPERATION.finditer(text))
    return tuple({each.key: each for each in found}.values())


def operations_meant(text: str, known: Iterable[Operation]) -> tuple[Operation, ...]:
    """Return the operations that a text names, also by their path alone or by its end.

    `/verify` means `POST /auth/verify` when only that one of the `known` ends so.
    """
    mentions = _mentions(text, known)
    return tuple({each.operation.key: each.operation for each in mentions}.values())


def statuses_in(text: str) -> tuple[int, ...]:
    """Return the HTTP statuses that a text names; quantities such as 200 ms are left out."""
    return tuple(dict.fromkeys(status for _, status in status_places(text)))


def statuses_of(text: str, known: Iterable[Operation]) -> dict[str, tuple[int, ...]]:
    """Return the statuses of each operation that a text means, by its key.

    A status belongs to the operation that is named before it, or to each of “`GET /a` or `GET /b`”;
    else to the first one after it.
    """
    groups: list[list[_Mention]] = []
    for each in _mentions(text, known):
        if groups and _JOINED.fullmatch(text[groups[-1][-1].end : each.start]):
            groups[-1].append(each)
        else:
            groups.append([each])
    found: dict[str, dict[int, None]] = {e.operation.key: {} for group in groups for e in group}
    for place, status in status_places(text) if groups else ():
        before = [group for group in groups if group[0].start < place]
        for each in before[-1] if before else groups[0]:
            found[each.operation.key][status] = None
    return {key: tuple(statuses) for key, statuses in found.items()}


def status_places(text: str) -> list[tuple[int, int]]:
    """Return (place, status) of each HTTP status in a text."""
    found = []
    for match in _NUMBER.finditer(text):
        follows = match[2] or ""
        if int(match[1]) not in _STATUSES or _QUANTITY.search(text[: match.start()]):
            continue
        if not follows or follows in _MAY_FOLLOW or follows[0].isupper():
            found.append((match.start(), int(match[1])))
    return found


@dataclass(frozen=True, order=True)
class _Mention:
    start: int
    end: int
    operation: Operation


def _mentions(text: str, known: Iterable[Operation]) -> list[_Mention]:
    """Return where a text names operations, in their order."""
    known = tuple(known)
    named = [
        _Mention(m.start(), m.end(), Operation(m[1], _path(m[2])))
        for m in _OPERATION.finditer(text)
    ]
    masked = _OPERATION.sub(lambda match: " " * len(match[0]), text)
    for match in _BARE_PATH.finditer(masked):
        end = path_key(_path(match[1]))
        ending = [each for each in known if path_key(each.path).endswith(end)]
        if len(ending) == 1:
            named.append(_Mention(match.start(), match.end(), ending[0]))
    return sorted(named)


def codes_in(text: str) -> tuple[str, ...]:
    """Return the error codes that a text names: see `codes_of`."""
    return tuple(codes_of(text))


def codes_of(text: str) -> dict[str, int | None]:
    """Return the error codes that a text names, each with its status (None: it has none).

    In a JSON body the name of the member tells a code. Elsewhere it is a name in capitals in a
    sentence that has a status of an error: the one before it, else the first one after it.
    """
    found: dict[str, int | None] = {}
    for sentence in _SENTENCE_END.split(text):
        errors = [each for each in status_places(sentence) if each[1] >= HTTPStatus.BAD_REQUEST]
        matches = [*_MEMBER_CODE.finditer(sentence), *(_CODE.finditer(sentence) if errors else ())]
        for match in sorted(matches, key=lambda each: each.start(1)):
            before = [status for place, status in errors if place < match.start(1)]
            after = errors[0][1] if errors else None
            found.setdefault(match[1], before[-1] if before else after)
    return found


def shapes_in(text: str) -> tuple[tuple[int, dict[str, str]], ...]:
    """Return (place, members) of each JSON object in a text, nested ones left out.

    A member's value is as it is written: `string`, or a literal in quotes.
    """
    return tuple(
        (match.start(), members)
        for match in _SHAPE.finditer(text)
        if (members := dict(_MEMBER.findall(match[0])))
    )


def _path(written: str) -> str:
    return written.rstrip(".,;:") or "/"
