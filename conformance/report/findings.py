"""The findings of a report: its causes, each under an id that is the same in every run."""

from __future__ import annotations

from hashlib import sha256

from conformance.report.causes import Cause, causes
from conformance.report.model import Report
from conformance.report.symptom import constant

_LENGTH = 12


def findings(report: Report) -> dict[str, Cause]:
    """Return the causes by id, in the order of mending.

    An id is made from what is broken, where, and what was expected instead: not from what was
    found, so that a finding keeps its id while it is being mended. Of several that are alike in
    this, all but the first have a number behind it.
    """
    found: dict[str, Cause] = {}
    for cause in causes(report):
        id_ = _id(cause)
        further = sum(other.partition("-")[0] == id_ for other in found)
        found[f"{id_}-{further + 1}" if further else id_] = cause
    return found


def _id(cause: Cause) -> str:
    shown = cause.shown_by
    parts = [
        *sorted(cause.ids),
        shown.rule or shown.feature,
        shown.failing_step or "",
        constant(shown.what),
        constant(shown.expected or ""),
    ]
    return sha256("\n".join(parts).encode()).hexdigest()[:_LENGTH]
