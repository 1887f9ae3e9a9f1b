"""Rules about what is seen: results of criteria, answers, and rows of error tables."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.requirements.lint.finding import Spot, on
from conformance.requirements.lint.phrases import (
    CODE_SPAN,
    ERROR_CODE,
    PATH,
    QUOTED,
    endpoints,
    pattern,
    sentences,
    statuses,
    words,
)
from conformance.requirements.spec_forms.model import Entry, Kind, Spec

_THEN = re.compile(r"\b(?:then|shall|must)\b", re.IGNORECASE)
_GIVEN = re.compile(r"\W*(?:(?:given|when|if|while|for)\b[^,]*,\s*)+", re.IGNORECASE)
_DIGIT = re.compile(r"\d")
_CLAUSES = re.compile(r",|\band\b|;", re.IGNORECASE)
_EMPTY = re.compile(r"^[\s?\u2013\u2014-]*$")
_NEEDED = {"status": "status", "body": "body", "side_effect": "side effect"}


def no_observable(spec: Spec) -> Iterator[Spot]:
    """Find a criterion whose result nobody can see."""
    for entry in spec.criteria:
        result = result_of(entry.text)
        if entry.is_story or not result or _is_seen(result):
            continue
        # A spec for people may use any verb for what they see; one for machines names it.
        if spec.form == "markdown" or words("unseen").search(result):
            message = f"{entry.called} names nothing that can be seen (a status, a mail, a row, …)"
            yield on(entry, " ".join(result.split()[:4]), message)


def result_of(text: str) -> str:
    """Return what a criterion expects: all after *then* or *shall*, else its main clause."""
    parts = _THEN.split(text, maxsplit=1)
    return (parts[1] if len(parts) == 2 else _GIVEN.sub("", text, count=1)).strip(" ,:")


def _is_seen(text: str) -> bool:
    """Whether a result has a number, a name or a quotation, or a clause that says what appears."""
    evidence = (_DIGIT, QUOTED, CODE_SPAN, ERROR_CODE, PATH)
    if any(each.search(text) for each in evidence):
        return True
    clauses = _CLAUSES.split(text)
    return any(_appears(each) and not words("unseen_verbs").search(each) for each in clauses)


def _appears(clause: str) -> bool:
    return bool(words("observable").search(clause) or pattern("state").search(clause))


def unspecified_response(spec: Spec) -> Iterator[Spot]:
    """Find an answer without its status, its body or its text."""
    speaks_http = any(endpoints(entry.text) for entry in spec.entries)
    for entry in spec.entries:
        if entry.cells and entry.kind is Kind.EDGE_CASE:
            continue
        for sentence in sentences(entry.text):
            answer = pattern("answer").search(sentence)
            refusal = pattern("refusal").search(sentence) if speaks_http else None
            match = answer or refusal
            if match and not _is_specified(sentence, match.end(), entry):
                message = f"{entry.called} says “{match[0]}”: with which status, body or text?"
                yield on(entry, match[0], message)
                break


def _is_specified(sentence: str, end: int, entry: Entry) -> bool:
    """Whether a sentence has a status, or what comes after the answer a body or a text."""
    rest = entry.text[entry.text.find(sentence) + end :]
    after = (QUOTED, ERROR_CODE, CODE_SPAN)
    return bool(
        entry.references
        or statuses(sentence)
        or statuses(rest)
        or "{" in rest
        or any(each.search(rest) for each in after)
        or QUOTED.search(sentence)
    )


def incomplete_error_row(spec: Spec) -> Iterator[Spot]:
    """Find a row of an error table that leaves open what is answered or what else happens."""
    rows = [entry for entry in spec.edge_cases if entry.cells]
    speaks_http = any(endpoints(entry.text) for entry in spec.entries)
    headed = {name for row in rows for name in row.cells}
    for row in rows:
        asked = [name for name in _NEEDED if name in headed]
        if missing := [_NEEDED[name] for name in asked if _is_missing(row, name)]:
            yield on(row, "", f"“{row.title}” has no {' and no '.join(missing)}")
    absent = [word for name, word in _NEEDED.items() if name not in headed]
    if not rows or not speaks_http or not absent:
        return
    if "handling" not in headed:
        yield on(rows[0], "", f"the table has no column for: {', '.join(absent)}")
        return
    for row in rows:
        if "status" not in headed and not _says_answer(row):
            message = f"“{row.title}” does not say with which status or text it is answered"
            yield on(row, "", message)


def _is_missing(row: Entry, name: str) -> bool:
    cell = row.cells.get(name, "")
    # A dash says “none”, which a status cannot be.
    return cell.strip() == "" or (name == "status" and bool(_EMPTY.match(cell)))


def _says_answer(row: Entry) -> bool:
    handling = row.cells.get("handling", "")
    return bool(
        statuses(handling)
        or QUOTED.search(handling)
        or CODE_SPAN.search(handling)
        or ERROR_CODE.search(handling)
    )
