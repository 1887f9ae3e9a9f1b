"""`magic-link-conformance compare OLD NEW`: what changed, as text, Markdown or JSON."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import click

from conformance.cli.parameters import FORMAT, given_path
from conformance.report.comparison import Change, Comparison, Direction, Finding, compare
from conformance.report.json_report import read_report
from conformance.report.safe_text import code_cell, json_text, markdown, one_line, terminal
from conformance.report.tables import bullets, table, wrapped
from conformance.report.wording import ids_in_words

_WIDTH = 80
_REASON_LIMIT = 200
_TITLES = {
    Direction.WORSE: "Worse",
    Direction.BETTER: "Better",
    Direction.CHANGED: "Changed, neither better nor worse",
}


@click.command()
@click.argument("old", type=given_path, metavar="OLD")
@click.argument("new", type=given_path, metavar="NEW")
@FORMAT
def command(old: Path, new: Path, form: str) -> None:
    """Show what changed from one report.json to another: 0 nothing got worse, 1 something did."""
    found = compare(read_report(old), read_report(new))
    forms: dict[str, Callable[[Comparison], str]] = {
        "text": as_text,
        "markdown": as_markdown,
        "json": as_json,
    }
    click.echo(forms[form](found))
    sys.exit(1 if found.regressed else 0)


def as_json(found: Comparison) -> str:
    """Return the members of `Comparison` as JSON, and `regressed`."""
    return json_text({"regressed": found.regressed, **asdict(found)})


def as_text(found: Comparison) -> str:
    """Return the comparison for a terminal, 80 columns wide."""
    lines = [line for each in found.remarks for line in _wrapped(f"note: {terminal(each)}")]
    for title, changes in _groups(found):
        lines += ["", title]
        for each in changes:
            lines += _wrapped(f"{_subject(each)}: {each.old}, now {each.new}", "  ")
            lines += _wrapped(terminal(each.reason, _REASON_LIMIT), "    ")
    for title, entries in _lists(found):
        lines += ["", title, *(line for each in entries for line in _wrapped(each, "  "))]
    return "\n".join([*lines, "", *_wrapped(_verdict(found))]).strip("\n")


def _wrapped(text: str, indent: str = "") -> list[str]:
    return wrapped(text, _WIDTH, indent, hanging="  ")


def _subject(change: Change) -> str:
    ids = ids_in_words(change.ids)
    return ": ".join(part for part in (ids, terminal(change.name)) if part)


def _together(requirements: Sequence[Change]) -> list[Change]:
    """Return requirements that changed alike, for the same reason, as one without a name."""
    alike: dict[Change, list[str]] = {}
    for each in requirements:
        alike.setdefault(replace(each, name="", ids=()), []).extend(each.ids)
    return [replace(each, ids=tuple(ids)) for each, ids in alike.items()]


def as_markdown(found: Comparison) -> str:
    """Return the comparison as Markdown, for a comment on a pull request."""
    verdict = "regressions" if found.regressed else "no regression"
    lines = [f"## Magic link: {verdict}", "", markdown(_verdict(found))]
    lines += ["", *(f"- {markdown(remark)}" for remark in found.remarks)] if found.remarks else []
    for title, changes in _groups(found):
        lines += ["", f"### {title}", "", *table(" | was | is | why", map(_cells, changes))]
    for title, entries in _lists(found):
        lines += bullets(title, map(markdown, entries))
    return "\n".join(lines)


def _cells(change: Change) -> list[str]:
    reason = code_cell(change.reason, _REASON_LIMIT) if change.reason else ""
    return [*map(markdown, (_subject(change), change.old, change.new)), reason]


def _groups(found: Comparison) -> Iterator[tuple[str, Sequence[Change]]]:
    """Yield what changed its outcome, under a title; worse first."""
    for direction, title in _TITLES.items():
        for what, changes in (
            ("requirements", _together(found.requirements)),
            ("scenarios", found.scenarios),
        ):
            chosen = [each for each in changes if each.direction is direction]
            if chosen:
                yield f"{title}: {what}", chosen
    if found.advisories:
        yield "Advisories (they decide nothing)", found.advisories


def _in_a_line(finding: Finding) -> str:
    return f"{ids_in_words(finding.ids)}: {one_line(finding.message, _REASON_LIMIT)}"


def _lists(found: Comparison) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield everything else that differs, under a title."""
    seen = [
        f"{each.id} ({each.outcome}): "
        + ", ".join([*(f"+ {point}" for point in each.gained), *(f"- {p}" for p in each.lost)])
        for each in found.seen_otherwise
    ]
    for title, entries in (
        ("Errors of the new run", found.errors),
        ("Findings that are mended", [*map(_in_a_line, found.findings.gone)]),
        ("New findings", [*map(_in_a_line, found.findings.new)]),
        ("Seen otherwise", seen),
        ("New scenarios", found.new),
        ("Scenarios that are gone", found.gone),
    ):
        if entries:
            yield title, [terminal(each) for each in entries]


def _verdict(found: Comparison) -> str:
    worse = [each.name for each in found.requirements if each.direction is Direction.WORSE]
    verdict = "nothing got worse"
    if worse:
        verdict = f"worse: {ids_in_words(worse)}"
    elif found.regressed:
        verdict = "worse: errors of the run" if found.errors else "worse: scenarios, see above"
    conclusions = " -> ".join(dict.fromkeys(found.conclusions))
    scores = " -> ".join(dict.fromkeys(found.scores))
    return f"{verdict}; {conclusions}; {scores} asked requirements passed"
