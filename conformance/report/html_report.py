"""`report.html`: a run as one page for people.

Put in order: groups, rows, scenarios under the row they belong to. A scenario that shows several
requirements is shown in full under the first of them; the others link to it. `kind` is one of
`model.KINDS`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from conformance.outcomes import Outcome
from conformance.report.causes import causes
from conformance.report.model import Report, Requirement
from conformance.report.pages.shell import render
from conformance.report.plots import Comparison, Latency, comparison, latency
from conformance.report.wording import consequences_in_words, ids_in_words
from conformance.run.result import KINDS, ScenarioResult

# Grouped as the spec is, what a run is asked about by default first.
GROUPS = {
    "AC": "Acceptance criteria",
    "FR": "Functional requirements",
    "NFR": "Non-functional requirements",
    "EC": "Edge cases and error handling",
}
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
class _Measurement:
    """A measurement: its plot, where there is one, and its other values as (name, text)."""

    what: str
    comparison: Comparison | None
    latency: Latency | None
    values: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class _Shown:
    """A scenario with what the page adds; each of its exchanges comes after what it was sent to."""

    anchor: str
    data: ScenarioResult
    exchanges: tuple[tuple[str, Mapping[str, Any]], ...]
    measurements: tuple[_Measurement, ...]

    @property
    def kind(self) -> str:
        """How it ended."""
        return self.data.kind

    @property
    def open(self) -> bool:
        """Whether it is shown opened: when it is what a reader came for."""
        return self.kind in ("failed", "cant_tell")


@dataclass(frozen=True)
class _Row:
    """A requirement with the scenarios shown under it and those shown under another."""

    id: str
    kind: str
    data: Requirement
    here: tuple[_Shown, ...]
    elsewhere: tuple[_Shown, ...]

    @property
    def open(self) -> bool:
        """Whether it is shown opened."""
        return any(scenario.open for scenario in self.here)


def html_report(report: Report) -> str:
    """Return the page, one self-contained HTML document."""
    return render(
        "report/report.html",
        title=f"{report.conclusion.capitalize()}: {report.target_name} (magic-link conformance)",
        styles=("report/report.css",),
        scripts=("report/report.js",),
        report=report,
        **_shown_parts(report),
    )


def _shown_parts(report: Report) -> dict[str, Any]:
    """Return what the template shows; `counts` are (kind, number) of the kinds that there are."""
    base_url = str(report.target.get("base_url") or "")
    scenarios, advisories = (
        [_shown(each, f"{name}-{n}", base_url) for n, each in enumerate(given, start=1)]
        for name, given in (("scenario", report.scenarios), ("advisory", report.advisories))
    )
    anchors = {id(each.data): each.anchor for each in scenarios}
    rows = _rows(report.requirements, scenarios)
    counts = Counter(row.kind for row in rows)
    return {
        "facts": list(_facts(report)),
        "groups": list(_groups(rows)),
        "counts": [(kind, counts[kind]) for kind in KINDS if counts[kind]],
        "scenarios": scenarios,
        "causes": [(each, anchors[id(each.shown_by)]) for each in causes(report)],
        "consequences_in_words": consequences_in_words,
        "undecided": _undecided(report),
        "advisories": _worst_first(advisories),
    }


def _facts(report: Report) -> Iterable[tuple[str, str]]:
    target = report.target
    for key in (*_TARGET_WORDS, *(key for key in target if key not in (*_TARGET_WORDS, "name"))):
        if key in target:
            word = _TARGET_WORDS.get(key, key.replace("_", " ").capitalize())
            yield word, "not at all" if target[key] is None else _text(target[key])
    yield "Asked about", ids_in_words(report.asked) or "nothing"
    yield "Begun", report.begun
    yield "Harness", f"version {report.version}"


def _groups(rows: Sequence[_Row]) -> Iterable[tuple[str, str, tuple[_Row, ...]]]:
    for kind, title in GROUPS.items():
        members = tuple(row for row in rows if row.id.partition("-")[0] == kind)
        if members:
            yield kind, title, members


def _rows(requirements: Mapping[str, Requirement], scenarios: Sequence[_Shown]) -> list[_Row]:
    shown: set[int] = set()
    rows = []
    for id_, data in requirements.items():
        indices = [index for index in data.scenarios if index < len(scenarios)]
        here = [index for index in indices if index not in shown]
        shown.update(here)
        rows.append(
            _Row(
                id=id_,
                kind=data.kind,
                data=data,
                here=_worst_first(scenarios[index] for index in here),
                elsewhere=_worst_first(scenarios[i] for i in indices if i not in here),
            )
        )
    return rows


def _worst_first(scenarios: Iterable[_Shown]) -> tuple[_Shown, ...]:
    return tuple(sorted(scenarios, key=lambda each: KINDS.index(each.kind)))


def _undecided(report: Report) -> dict[tuple[str, str], list[str]]:
    """Return asked requirements by how they ended, and why."""
    together: dict[tuple[str, str], list[str]] = {}
    for id_, each in report.requirements.items():
        if each.asked and each.outcome in (Outcome.CANT_TELL, Outcome.UNTESTED):
            together.setdefault((each.outcome.value, each.reason), []).append(id_)
    return together


def _shown(data: ScenarioResult, anchor: str, base_url: str) -> _Shown:
    exchanges = data.evidence.get("exchanges", [])
    return _Shown(
        anchor=anchor,
        data=data,
        exchanges=tuple((_place(each["request"]["url"], base_url), each) for each in exchanges),
        measurements=tuple(_measurement(each) for each in data.evidence.get("measurements", [])),
    )


def _place(url: str, base_url: str) -> str:
    """Return the path and the query of a URL of the target's; any other URL as it is."""
    parts = urlsplit(url.removeprefix(base_url))
    return url if parts.netloc else f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"


def _measurement(data: Mapping[str, Any]) -> _Measurement:
    compared, times = comparison(data), latency(data)
    hidden = _PLOTTED if compared or times else {"what"}
    return _Measurement(
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
