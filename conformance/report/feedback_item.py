"""One cause as `feedback.md` shows it: in a line, in brief, or in full."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from conformance.report.causes import Cause, subject
from conformance.report.diagnosis import Likeness
from conformance.report.model import Report
from conformance.report.reproduction import Request, last_requests, seen
from conformance.report.safe_text import code, fenced, markdown, one_line
from conformance.report.wording import consequences_in_words, counted, ids_in_words
from conformance.requirements.facts import facts
from conformance.requirements.specification import load_specification
from conformance.run.result import ScenarioResult

_VALUE_LIMIT = 500
_LINE_LIMIT = 300
_OVERVIEW_LIMIT = 200
_SCENARIOS_NAMED = 4
_PLACES_NAMED = 2
_FAULTS_NAMED = 2
_SEEN_TITLES = {
    "log_errors": "What the service itself logged as errors meanwhile",
    "mails": "Mail",
    "measurements": "Measured",
    "rows": "Rows",
    "log_lines": "Log",
}


@dataclass(frozen=True)
class Item:
    """A cause with its number, the ids explained above it, and the number of its possible root."""

    number: int
    cause: Cause
    explained: frozenset[str]
    root: int | None


def in_a_line(item: Item) -> str:
    """Return the ids and the message of a cause."""
    ids = ids_in_words(item.cause.ids)
    message = code(item.cause.shown_by.message, _OVERVIEW_LIMIT)
    along = f"; {along}" if (along := consequences_in_words(item.cause)) else ""
    after = f" (may disappear with {item.root})" if item.root is not None else ""
    return f"{item.number}. {ids}: {message}{along}{after}"


def in_brief(item: Item, report: Report) -> list[str]:
    """Return a cause without its reproduction, and with one sentence of the spec only."""
    new = _new_ids(item)
    sentences = [_sentence(new[0], report)] if new else []
    if len(new) > 1:
        sentences.append(f"{ids_in_words(new[1:])}: see the spec")
    return [*_begun(item, report, sentences), ""]


def in_full(item: Item, report: Report) -> list[str]:
    """Return everything that helps to fix a cause."""
    sentences = [_sentence(id_, report) for id_ in _new_ids(item)]
    scenario = item.cause.shown_by
    return [
        *_begun(item, report, sentences),
        *_others(item.cause),
        *("", f"Reproduce, or run it alone (`--only {scenario.selector}`):", ""),
        *_steps(scenario),
        "",
        *_requests(scenario),
        *_seen(scenario),
        "",
    ]


def _begun(item: Item, report: Report, sentences: Sequence[str]) -> list[str]:
    cause = item.cause
    if seen := [id_ for id_ in cause.ids if id_ in item.explained]:
        sentences = [*sentences, f"{ids_in_words(seen)}: see above"]
    quoted = "\n>\n".join(f"> {sentence}" for sentence in sentences)
    lines = [f"## {item.number}. {_title(cause)}", "", *quoted.split("\n"), ""]
    lines += _expectation(cause.shown_by)
    if along := consequences_in_words(cause):
        lines.append(f"- {along}.")
    if item.root is not None:
        lines.append(f"- It may disappear with {item.root}: fix that first.")
    lines += [f"- Where to look: {place}" for place in places(cause)]
    return lines + list(_faults(cause, report))


def _title(cause: Cause) -> str:
    known = load_specification().requirements
    titles = [known[id_].title for id_ in cause.ids if id_ in known]
    return f"{', '.join(cause.ids)}: {titles[0] if titles else markdown(cause.shown_by.name)}"


def _new_ids(item: Item) -> list[str]:
    return [id_ for id_ in item.cause.ids if id_ not in item.explained]


def _sentence(id_: str, report: Report) -> str:
    """Return the spec's sentence; the report's own when the spec no longer has that id."""
    known = load_specification().requirements
    if id_ in known:
        return f"{id_}: {known[id_].sentence}"
    return f"{id_}: {markdown(report.requirements[id_].sentence)}"


def _expectation(scenario: ScenarioResult) -> Iterator[str]:
    yield f"- What: {code(scenario.what, _VALUE_LIMIT)}"
    for label, value in (("Expected", scenario.expected), ("Found", scenario.found)):
        if value is not None:
            yield f"- {label}: {code(value, _VALUE_LIMIT)}"


def places(cause: Cause) -> list[str]:
    """Return where to look for a cause, two places at most: where what it breaks is met first."""
    known = facts()
    near = (id_ for scenario in cause.fallen for id_ in subject(scenario))
    looks = [known[id_].look_at for id_ in (*cause.ids, *near) if id_ in known]
    return list(dict.fromkeys(looks))[:_PLACES_NAMED]


def likely_faults(cause: Cause, report: Report) -> list[Likeness]:
    """Return the known faults that fail in the same way, the most similar first."""
    near = [fault for fault in report.diagnosis if {*fault.ids} & {*cause.ids}]
    return sorted(near, key=lambda each: -each.similarity)[:_FAULTS_NAMED]


def _faults(cause: Cause, report: Report) -> Iterator[str]:
    for fault in likely_faults(cause, report):
        similarity = f"{fault.similarity:.0%} similar to this run"
        yield f"- Likely fault: {markdown(fault.fault, _LINE_LIMIT)} ({similarity})"
        if fault.evidence:
            yield f"  - What speaks for it: {code(fault.evidence, _LINE_LIMIT)}"


def _others(cause: Cause) -> Iterator[str]:
    others = (*cause.scenarios[1:], *cause.fallen)
    names = dict.fromkeys(markdown(each.name) for each in others)
    if not names:
        return
    shown = "; ".join(list(names)[:_SCENARIOS_NAMED])
    more = len(names) - _SCENARIOS_NAMED
    shown += f"; and {more} more" if more > 0 else ""
    yield f"- {counted(len(names), 'more scenario fails', 'more scenarios fail')} alike: {shown}"


def _steps(scenario: ScenarioResult) -> list[str]:
    marks = {"failed": "  # stopped here", "skipped": "  # not reached"}
    steps = [
        one_line(f"{step.keyword} {step.text}", _LINE_LIMIT) + marks.get(step.outcome, "")
        for step in scenario.steps
    ]
    return fenced([f"# {scenario.place}:{scenario.line}", *steps], "gherkin")


def _requests(scenario: ScenarioResult) -> list[str]:
    """Return the last requests as curl lines, each with its answer."""
    earlier, requests = last_requests(scenario)
    if not requests:
        return []
    lines = [line for request in requests for line in _with_answer(request)]
    if earlier > 0:
        lines.insert(0, f"# after {counted(earlier, 'earlier request', 'earlier requests')}")
    return fenced(lines, "sh")


def _with_answer(request: Request) -> list[str]:
    times = f"  # {request.times} times" if request.times > 1 else ""
    answer = (f"# {line}" for line in (request.answer, *request.headers))
    return [f"{request.curl}{times}", *answer]


def _seen(scenario: ScenarioResult) -> list[str]:
    """Return what else was looked at."""
    lines: list[str] = []
    for kind, shown in seen(scenario).items():
        lines += ["", f"{_SEEN_TITLES[kind]}:", "", *fenced(shown)]
    return lines
