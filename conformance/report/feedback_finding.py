"""One finding as `feedback.md` tells it: in a line, in brief, or in full."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

from conformance.report.findings import Finding, Scenario, place_of
from conformance.report.reading import Report
from conformance.report.safe_text import code, fenced, markdown, one_line
from conformance.report.wording import counted, ids_in_words
from conformance.requirements.facts import facts
from conformance.requirements.specification import load_specification

_VALUE_LIMIT = 500
_LINE_LIMIT = 300
_OVERVIEW_LIMIT = 200
_REQUESTS_SHOWN = 3
_SEEN_SHOWN = 3
_SCENARIOS_NAMED = 4
_PLACES_NAMED = 2
_FAULTS_NAMED = 2
# Shown by most scenarios; they tell a place only when nothing else does.
_IN_PASSING = frozenset({"FR-1", "FR-2", "FR-5"})
# Headers that the harness always sends and that no answer depends on.
_DULL = frozenset({"accept", "accept-encoding", "connection"})


@dataclass(frozen=True)
class Told:
    """A finding with its number, the ids whose sentences stand above, and what it may fall with."""

    number: int
    finding: Finding
    explained: frozenset[str]
    falls_with: int | None


def in_a_line(told: Told) -> str:
    """Return the ids and the message of a finding."""
    ids = ids_in_words(told.finding.ids)
    message = code(told.finding.told["message"], _OVERVIEW_LIMIT)
    after = f" (may fall with {told.falls_with})" if told.falls_with is not None else ""
    return f"{told.number}. {ids}: {message}{after}"


def in_brief(told: Told, report: Report) -> list[str]:
    """Return a finding without its reproduction, and with one sentence of the spec only."""
    new = _new_ids(told)
    sentences = [_sentence(new[0], report)] if new else []
    if len(new) > 1:
        sentences.append(f"{ids_in_words(new[1:])}: see the spec")
    return [*_begun(told, report, sentences), ""]


def in_full(told: Told, report: Report) -> list[str]:
    """Return everything that helps to mend a finding."""
    sentences = [_sentence(id_, report) for id_ in _new_ids(told)]
    scenario = told.finding.told
    return [
        *_begun(told, report, sentences),
        *_others(told.finding),
        *("", "Reproduce:", ""),
        *_steps(scenario),
        "",
        *_requests(scenario),
        *_seen(scenario),
        "",
    ]


def _begun(told: Told, report: Report, sentences: Sequence[str]) -> list[str]:
    finding = told.finding
    if seen := [id_ for id_ in finding.ids if id_ in told.explained]:
        sentences = [*sentences, f"{ids_in_words(seen)}: see above"]
    quoted = "\n>\n".join(f"> {sentence}" for sentence in sentences)
    lines = [f"## {told.number}. {_title(finding)}", "", *quoted.split("\n"), ""]
    lines += _expectation(finding.told)
    if told.falls_with is not None:
        lines.append(f"- It may fall with {told.falls_with}: mend that first.")
    lines += [f"- Where to look: {place}" for place in _places(finding)]
    return lines + list(_faults(finding, report))


def _title(finding: Finding) -> str:
    if finding.fallen:
        return f"{ids_in_words(finding.ids)}: what they stand on fails"
    known = load_specification().requirements
    titles = [known[id_].title for id_ in finding.ids if id_ in known]
    return f"{', '.join(finding.ids)}: {titles[0] if titles else markdown(finding.told['name'])}"


def _new_ids(told: Told) -> list[str]:
    return [id_ for id_ in told.finding.ids if id_ not in told.explained]


def _sentence(id_: str, report: Report) -> str:
    """Return the spec's sentence; the report's own when the spec no longer has that id."""
    known = load_specification().requirements
    if id_ in known:
        return f"{id_}: {known[id_].sentence}"
    return f"{id_}: {markdown(report['requirements'][id_]['sentence'])}"


def _expectation(scenario: Scenario) -> Iterator[str]:
    expected, found = scenario["expected"], scenario["found"]
    what = str(scenario["message"]).removesuffix(f": expected {expected}, found {found}")
    yield f"- What: {code(what, _VALUE_LIMIT)}"
    if expected is not None:
        yield f"- Expected: {code(expected, _VALUE_LIMIT)}"
    if found is not None:
        yield f"- Found: {code(found, _VALUE_LIMIT)}"


def _places(finding: Finding) -> list[str]:
    if finding.fallen:
        return []
    # Of the ids that every scenario of it shows, since the others are only touched in passing.
    shared = [id_ for id_ in finding.ids if all(id_ in each["ids"] for each in finding.scenarios)]
    telling = shared or list(finding.ids)
    telling = [id_ for id_ in telling if id_ not in _IN_PASSING] or telling
    known = [facts()[id_].look_at for id_ in telling if id_ in facts()]
    return list(dict.fromkeys(known))[:_PLACES_NAMED]


def _faults(finding: Finding, report: Report) -> Iterator[str]:
    """Yield the known faults that fail in the same way, the most similar first."""
    known: Sequence[Mapping[str, Any]] = report.get("diagnosis", ())
    near = [fault for fault in known if {*fault["ids"]} & {*finding.ids}]
    for fault in sorted(near, key=lambda each: -each["similarity"])[:_FAULTS_NAMED]:
        similarity = f"{fault['similarity']:.0%} similar to this run"
        yield f"- Likely fault: {markdown(fault['fault'], _LINE_LIMIT)} ({similarity})"


def _others(finding: Finding) -> Iterator[str]:
    names = dict.fromkeys(markdown(s["name"]) for s in finding.scenarios if s is not finding.told)
    if not names:
        return
    shown = "; ".join(list(names)[:_SCENARIOS_NAMED])
    more = len(names) - _SCENARIOS_NAMED
    told = f"{shown}; and {more} more" if more > 0 else shown
    yield f"- {counted(len(names), 'more scenario fails', 'more scenarios fail')} so: {told}"


def _steps(scenario: Scenario) -> list[str]:
    marks = {"failed": "  # stopped here", "skipped": "  # not reached"}
    steps = [
        one_line(f"{step['keyword']} {step['text']}", _LINE_LIMIT) + marks.get(step["outcome"], "")
        for step in scenario["steps"]
    ]
    return fenced([f"# {place_of(scenario)}:{scenario['line']}", *steps], "gherkin")


def _requests(scenario: Scenario) -> list[str]:
    """Return the last requests as curl lines, each with its answer, repeats counted."""
    exchanges = scenario["evidence"].get("exchanges", [])
    groups = [list(same) for _, same in groupby(exchanges, _kind)][-_REQUESTS_SHOWN:]
    if not groups:
        commands = [one_line(each, _VALUE_LIMIT) for each in scenario["reproduce"]]
        return fenced(commands[-_REQUESTS_SHOWN:], "sh") if commands else []
    lines = [line for group in groups for line in _repeated(group)]
    earlier = scenario["evidence"].get("exchanges_in_all", 0) - sum(map(len, groups))
    if earlier > 0:
        lines.insert(0, f"# after {counted(earlier, 'earlier request', 'earlier requests')}")
    return fenced(lines, "sh")


def _kind(exchange: Mapping[str, Any]) -> tuple[object, ...]:
    request, response = exchange["request"], exchange["response"]
    return request["method"], urlsplit(request["url"]).path, response["status"]


def _repeated(exchanges: Sequence[Mapping[str, Any]]) -> list[str]:
    last = exchanges[-1]
    times = f"  # {len(exchanges)} times" if len(exchanges) > 1 else ""
    response = last["response"]
    answer = response["error"] or f"{response['status']} {response['body']}"
    return [
        one_line(_curl(last["request"]), _VALUE_LIMIT) + times,
        one_line(f"# {answer}", _LINE_LIMIT),
    ]


def _curl(request: Mapping[str, Any]) -> str:
    parts = ["curl", "-i", "-X", request["method"], request["url"]]
    for name, value in request["headers"]:
        if name.lower() not in _DULL:
            parts += ["-H", f"{name}: {value}"]
    if request["body"]:
        parts += ["--data-raw", request["body"]]
    return shlex.join(parts)


def _seen(scenario: Scenario) -> list[str]:
    """Return what else was looked at, the last of each."""
    evidence = scenario["evidence"]
    measurements = [_scalars(each) for each in evidence.get("measurements", [])]
    kinds = {
        "Measured": [_json(each) for each in measurements if each],
        "Rows": [_json(each) for each in evidence.get("rows", [])],
        "Log": evidence.get("log_lines", []),
    }
    lines: list[str] = []
    for what, seen in kinds.items():
        if seen:
            shown = [one_line(each, _LINE_LIMIT) for each in seen[-_SEEN_SHOWN:]]
            lines += ["", f"{what}:", "", *fenced(shown)]
    return lines


def _scalars(measurement: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in measurement.items() if not isinstance(v, (list, dict))}


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
