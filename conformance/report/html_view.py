"""What the HTML report shows, put in order: groups, rows, scenarios under the row they belong to.

A scenario that shows several requirements is told in full under the first of them; the others link
to it. `kind` is an outcome, or `expected_failure` for a failure that was expected.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from conformance.report.plots import Comparison, Latency, comparison, latency
from conformance.report.wording import ids_in_words
from conformance.requirements.specification import sort_key

# Grouped as the spec is, what a run is asked about by default first.
GROUPS = {
    "AC": "Acceptance criteria",
    "FR": "Functional requirements",
    "NFR": "Non-functional requirements",
    "EC": "Edge cases and error handling",
}
KINDS = ("failed", "expected_failure", "cant_tell", "untested", "passed", "inapplicable")
_PLOTTED = frozenset(
    {"what", "milliseconds", "registered_ms", "others_ms", "registered", "others", "summary"}
)
# What a report's target says, in the words of the page; anything else keeps its own name.
_TARGET_WORDS = {
    "base_url": "Address",
    "reached": "Reached",
    "mail": "Mail seen by",
    "database": "Database seen",
    "clock": "Time moved",
    "logs": "Log read",
    "seed": "Seed",
}


@dataclass(frozen=True)
class Measurement:
    """A measurement: its plot, where there is one, and its other values as (name, text)."""

    what: str
    comparison: Comparison | None
    latency: Latency | None
    values: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Exchange:
    """An HTTP exchange; `place` is the path with its query, `status` the answer in a word."""

    method: str
    place: str
    status: str
    milliseconds: float
    data: Mapping[str, Any]


@dataclass(frozen=True)
class Scenario:
    """A scenario; `data` is the report's own, `message` leaves out expected and found."""

    anchor: str
    kind: str
    message: str
    exchanges: tuple[Exchange, ...]
    exchanges_in_all: int
    measurements: tuple[Measurement, ...]
    data: Mapping[str, Any]

    @property
    def open(self) -> bool:
        """Whether it is shown opened: when it is what a reader came for."""
        return self.kind in ("failed", "cant_tell")


@dataclass(frozen=True)
class Row:
    """A requirement with the scenarios told under it and those told under another."""

    id: str
    kind: str
    data: Mapping[str, Any]
    told_here: tuple[Scenario, ...]
    told_elsewhere: tuple[Scenario, ...]

    @property
    def open(self) -> bool:
        """Whether it is shown opened."""
        return any(scenario.open for scenario in self.told_here)


@dataclass(frozen=True)
class Undecided:
    """Asked requirements that ended alike, for the same reason."""

    kind: str
    ids: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class View:
    """A whole report. `counts` are (kind, number of requirements) of the kinds that occur."""

    conclusion: str
    score: str
    target_name: str
    facts: tuple[tuple[str, str], ...]
    groups: tuple[tuple[str, str, tuple[Row, ...]], ...]
    counts: tuple[tuple[str, int], ...]
    failures: tuple[Scenario, ...]
    expected_failures: tuple[Scenario, ...]
    undecided: tuple[Undecided, ...]
    advisories: tuple[Scenario, ...]
    report: Mapping[str, Any]


def view_of(report: Mapping[str, Any]) -> View:
    """Return what the page shows of a report in the shape of `report.schema.json`."""
    base_url = str(report["target"].get("base_url") or "")
    scenarios = [
        _scenario(data, f"scenario-{number}", base_url)
        for number, data in enumerate(report["scenarios"], start=1)
    ]
    advisories = [
        _scenario(data, f"advisory-{number}", base_url)
        for number, data in enumerate(report["advisories"], start=1)
    ]
    rows = _rows(report["requirements"], scenarios)
    counts = Counter(row.kind for row in rows)
    passed, asked = report["score"]["passed"], report["score"]["asked"]
    return View(
        conclusion=report["conclusion"],
        score=f"{passed} of {asked} asked {'requirement' if asked == 1 else 'requirements'} passed",
        target_name=str(report["target"].get("name") or base_url or "the target"),
        facts=tuple(_facts(report)),
        groups=tuple(_groups(rows)),
        counts=tuple((kind, counts[kind]) for kind in KINDS if counts[kind]),
        failures=tuple(each for each in scenarios if each.kind == "failed"),
        expected_failures=tuple(each for each in scenarios if each.kind == "expected_failure"),
        undecided=tuple(_undecided(report)),
        advisories=tuple(sorted(advisories, key=lambda each: KINDS.index(each.kind))),
        report=report,
    )


def _facts(report: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    target = report["target"]
    for key in (*_TARGET_WORDS, *(key for key in target if key not in (*_TARGET_WORDS, "name"))):
        if key in target:
            word = _TARGET_WORDS.get(key, key.replace("_", " ").capitalize())
            yield word, "not at all" if target[key] is None else _text(target[key])
    yield "Asked about", ids_in_words(report["asked"]) or "nothing"
    yield "Begun", str(report["started_at"])[:16].replace("T", " ") + " UTC"
    yield "Harness", f"version {report['version']}"


def _groups(rows: Sequence[Row]) -> Iterable[tuple[str, str, tuple[Row, ...]]]:
    for kind, title in GROUPS.items():
        members = tuple(row for row in rows if row.id.partition("-")[0] == kind)
        if members:
            yield kind, title, members


def _rows(requirements: Mapping[str, Any], scenarios: Sequence[Scenario]) -> list[Row]:
    told: set[int] = set()
    rows = []
    for id_ in sorted(requirements, key=sort_key):
        data = requirements[id_]
        indices = [index for index in data["scenarios"] if index < len(scenarios)]
        here = [index for index in indices if index not in told]
        told.update(here)
        elsewhere = [index for index in indices if index not in here]
        rows.append(
            Row(
                id=id_,
                kind="expected_failure" if data["failed_as_expected"] else data["outcome"],
                data=data,
                told_here=_worst_first(scenarios[index] for index in here),
                told_elsewhere=_worst_first(scenarios[index] for index in elsewhere),
            )
        )
    return rows


def _worst_first(scenarios: Iterable[Scenario]) -> tuple[Scenario, ...]:
    return tuple(sorted(scenarios, key=lambda each: KINDS.index(each.kind)))


def _undecided(report: Mapping[str, Any]) -> Iterable[Undecided]:
    together: dict[tuple[str, str], list[str]] = {}
    for id_ in sorted(report["asked"], key=sort_key):
        data = report["requirements"].get(id_, {"outcome": "untested", "reason": "it was not run"})
        if data["outcome"] in ("cant_tell", "untested"):
            together.setdefault((data["outcome"], data["reason"]), []).append(id_)
    for (outcome, reason), ids in together.items():
        yield Undecided(outcome, tuple(ids), reason)


def _scenario(data: Mapping[str, Any], anchor: str, base_url: str) -> Scenario:
    evidence = data["evidence"]
    exchanges = tuple(_exchange(each, base_url) for each in evidence.get("exchanges", []))
    values = f": expected {data['expected']}, found {data['found']}"
    expected = data["outcome"] == "failed" and data["expected_failure"] is not None
    return Scenario(
        anchor=anchor,
        kind="expected_failure" if expected else data["outcome"],
        message=data["message"].removesuffix(values),
        exchanges=exchanges,
        exchanges_in_all=evidence.get("exchanges_in_all", len(exchanges)),
        measurements=tuple(_measurement(each) for each in evidence.get("measurements", [])),
        data=data,
    )


def _exchange(data: Mapping[str, Any], base_url: str) -> Exchange:
    request, response = data["request"], data["response"]
    url = str(request["url"])
    parts = urlsplit(url.removeprefix(base_url))
    place = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
    elsewhere = bool(parts.netloc)
    return Exchange(
        method=request["method"],
        place=url if elsewhere else place,
        status=str(response["status"]) if response["status"] else "no answer",
        milliseconds=data["elapsed_ms"],
        data=data,
    )


def _measurement(data: Mapping[str, Any]) -> Measurement:
    compared, times = comparison(data), latency(data)
    hidden = _PLOTTED if compared or times else {"what"}
    return Measurement(
        what=str(data.get("what", "measurement")),
        comparison=compared,
        latency=times,
        values=tuple(
            (name.replace("_", " "), _text(value))
            for name, value in data.items()
            if name not in hidden
        ),
    )


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return f"{value:.4g}"
    return json.dumps(value, ensure_ascii=False)
