"""Words that more than one report uses: ids, the conclusion."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from conformance.outcomes import ExitCode, Outcome
from conformance.report.causes import Cause
from conformance.report.model import Report, Requirement
from conformance.requirements.specification import load_specification, sort_key
from conformance.run.result import EXPECTED_FAILURE

EXIT_MEANING = {
    ExitCode.CONFORMANT: "everything that was asked about holds",
    ExitCode.NONCONFORMANT: "a requirement failed",
    ExitCode.USAGE: "the description or the call is wrong",
    ExitCode.INCOMPLETE: "not everything that was asked about is decided",
    ExitCode.HARNESS: "the target was lost or the harness failed",
    ExitCode.STALE_EXPECTED_FAILURE: "an expected failure is stale",
}
_SHORTEST_GROUP = 3


def ids_in_words(ids: Iterable[str]) -> str:
    """Return ids in the order of reports, three and more consecutive ones as `AC-1 to AC-10`."""
    groups: list[list[str]] = []
    for id_ in sorted(set(ids), key=sort_key):
        if groups and _follows(groups[-1][-1], id_):
            groups[-1].append(id_)
        else:
            groups.append([id_])
    return ", ".join(
        f"{group[0]} to {group[-1]}" if len(group) >= _SHORTEST_GROUP else ", ".join(group)
        for group in groups
    )


def consequences_in_words(cause: Cause) -> str:
    """Return `FR-5, FR-6, FR-8 fail by this`; "" where nothing else does."""
    if not cause.consequences:
        return ""
    verb = "fails" if len(cause.consequences) == 1 else "fail"
    return f"{ids_in_words(cause.consequences)} {verb} by this"


def _follows(earlier: str, later: str) -> bool:
    (kind, number), (kind_later, number_later) = sort_key(earlier)[:2], sort_key(later)[:2]
    return kind == kind_later and number_later == number + 1


def conclusion_in_words(report: Report) -> str:
    """Return the conclusion with its reason and, unless it is 0, the exit code with its meaning."""
    score = str(report.score)
    if passed := [id_ for id_ in report.ids(Outcome.PASSED) if id_ in report.asked]:
        score += f" ({ids_in_words(passed)})"
    words = f"{report.conclusion.value}: {'; '.join([*_reasons(report), score])}"
    code = report.exit_code
    if code is ExitCode.CONFORMANT:
        return words
    return f"{words}. Exit code {code.value}: {EXIT_MEANING[code]}."


def _reasons(report: Report) -> Iterator[str]:
    groups = {
        "failed": report.ids(Outcome.FAILED),
        "failed (expected)": report.ids(EXPECTED_FAILURE),
    } | {
        outcome.value: [id_ for id_ in report.asked if report.counted(id_) is outcome]
        for outcome in (Outcome.CANT_TELL, Outcome.UNTESTED, Outcome.INAPPLICABLE)
    }
    yield from (f"{ids_in_words(ids)} {what}" for what, ids in groups.items() if ids)
    if report.slice is not None:
        yield f"only the slice {report.slice} was looked at"
    elif report.partial:
        yield "only a part of the scenarios was asked for"
    if report.gate:
        yield "nothing else was looked at (--gate)"
    if report.broken_off:
        yield report.broken_off
    if errors := len(report.errors):
        yield counted(errors, "error of the run", "errors of the run")
    if stale := len(report.stale_expected_failures):
        yield counted(stale, "stale expected failure", "stale expected failures")


def counted(number: int, one: str, more: str) -> str:
    """Return a number with its noun."""
    return f"{number} {one if number == 1 else more}"


def about(id_: str, requirement: Requirement) -> str:
    """Return why a requirement did not pass, or what it is about."""
    if requirement.outcome is not Outcome.PASSED and requirement.reason:
        return requirement.reason
    known = load_specification().requirements.get(id_)
    return known.title if known and known.title else requirement.sentence
