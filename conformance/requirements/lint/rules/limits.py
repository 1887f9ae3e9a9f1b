"""Rules about limits and performance: a number alone is not a requirement."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.requirements.lint.finding import Spot, on
from conformance.requirements.lint.phrases import pattern, sentences
from conformance.requirements.spec_forms.model import Entry, Kind, Spec

_OF_GOALS = {"bound": "a bound", "percentile": "a percentile", "load": "the load"}


def incomplete_limit(spec: Spec) -> Iterator[Spot]:
    """Find a limit of how often without number, window, subject or place where it is counted."""
    for entry in spec.entries:
        if not _may_set_limit(spec, entry):
            continue
        for sentence in sentences(entry.text):
            names = ("limit_number", "limit_set")
            match = next((m for name in names if (m := pattern(name).search(sentence))), None)
            if match is None:
                continue
            if missing := _missing_of_limit(sentence, entry, spec):
                message = f"{entry.called} sets a limit and does not say {_listed(missing)}"
                yield on(entry, match[0], message)
            break


def _may_set_limit(spec: Spec, entry: Entry) -> bool:
    if spec.form == "kiro":
        return entry.is_criterion
    return entry.kind in (Kind.FUNCTIONAL, Kind.NON_FUNCTIONAL)


def _missing_of_limit(sentence: str, entry: Entry, spec: Spec) -> list[str]:
    whole = f"{entry.title} {entry.body}"
    if pattern("limit_uncounted").search(sentence):
        return ["how many in which time"]
    if not re.search(r"\d|\b(?:two|three|four|five|six|ten|twenty)\b", whole):
        # It may say so elsewhere, by reference.
        return [] if entry.references else ["how many"]
    missing = []
    if not pattern("limit_window").search(whole):
        missing.append("in which time")
    if not pattern("limit_subject").search(whole):
        missing.append("for whom (per account, per address, …)")
    if not pattern("limit_place").search(whole) and not _counted_elsewhere(spec, entry):
        missing.append("where it is counted")
    return missing


def _counted_elsewhere(spec: Spec, entry: Entry) -> bool:
    """Whether another entry says where limits are counted."""
    about = re.compile(r"\blimit|\bcount", re.IGNORECASE)
    return any(
        about.search(other.body) and pattern("limit_place").search(other.body)
        for other in spec.requirements
        if other is not entry
    )


def unspecified_performance(spec: Spec) -> Iterator[Spot]:
    """Find a performance goal without the share of requests, the bound or the load."""
    for entry in spec.entries:
        if entry.kind is Kind.EDGE_CASE or not _is_performance_goal(spec, entry):
            continue
        missing = [word for name, word in _OF_GOALS.items() if not pattern(name).search(entry.body)]
        if missing:
            message = f"{entry.called} sets a performance goal without {_listed(missing)}"
            yield on(entry, "", message)


def _is_performance_goal(spec: Spec, entry: Entry) -> bool:
    if entry.is_criterion and spec.form != "kiro":
        return False
    topic = entry.kind is Kind.NON_FUNCTIONAL or spec.form == "openspec"
    named = f"{entry.title} {entry.group}" + (entry.body if entry.cells else "")
    return bool(
        pattern("performance").search(entry.text)
        or pattern("performance_wish").search(entry.text)
        or (topic and pattern("performance_topic").search(named))
        or (entry.kind is Kind.NON_FUNCTIONAL and pattern("performance_time").search(entry.text))
    )


def is_measured(entry: Entry) -> bool:
    """Whether it says in which time something is answered: only a measurement shows that."""
    return bool(pattern("performance").search(entry.text) and pattern("bound").search(entry.text))


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
