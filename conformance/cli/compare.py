"""`magic-link-conformance compare OLD NEW`: what changed, as text, Markdown or JSON."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import click

from conformance.cli.parameters import FORMAT, given_path
from conformance.report.comparison import Change, Comparison, Direction, compare
from conformance.report.json_report import read_report
from conformance.report.safe_text import code_cell, json_text, markdown, terminal
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
    sys.exit(print_comparison(old, new, form))


def print_comparison(old: Path, new: Path, form: str) -> int:
    """Print what changed and return 1 when something got worse, else 0.

    Raises `UsageError` for a file that is no report.
    """
    found = compare(read_report(old), read_report(new))
    forms: dict[str, Callable[[Comparison], str]] = {
        "text": as_text,
        "markdown": as_markdown,
        "json": as_json,
    }
    click.echo(forms[form](found))
    return 1 if found.regressed else 0


def as_json(found: Comparison) -> str:
    """Return the members of `Comparison` as JSON, and `regressed`."""
    shape = {"regressed": found.regressed, **asdict(found)}
    return json_text(shape)


def as_text(found: Comparison) -> str:
    """Return the comparison for a terminal, 80 columns wide."""
    lines: list[str] = []
    for remark in found.remarks:
        lines += _wrapped(f"note: {terminal(remark)}", "")
    for title, changes in _groups(found):
        lines += ["", title, *(line for each in changes for line in _change_in_text(each))]
    for title, entries in _lists(found):
        lines += ["", title, *(line for each in entries for line in _wrapped(each, "  "))]
    return "\n".join([*lines, "", *_wrapped(_verdict(found), "")]).strip("\n")


def _change_in_text(change: Change) -> Iterator[str]:
    yield from _wrapped(f"{_subject(change)}: {change.old}, now {change.new}", "  ")
    if change.reason:
        yield from _wrapped(terminal(change.reason, _REASON_LIMIT), "    ")


def _subject(change: Change) -> str:
    ids = ids_in_words(change.ids)
    return ": ".join(part for part in (ids, terminal(change.name)) if part)


def _together(requirements: Sequence[Change]) -> list[Change]:
    """Return requirements that changed alike, for the same reason, as one without a name."""
    alike: dict[Change, list[str]] = {}
    for each in requirements:
        alike.setdefault(replace(each, name="", ids=()), []).extend(each.ids)
    return [replace(each, ids=tuple(ids)) for each, ids in alike.items()]


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=indent,
        subsequent_indent=f"{indent}  ",
        break_on_hyphens=False,
    )


def as_markdown(found: Comparison) -> str:
    """Return the comparison as Markdown, for a comment on a pull request."""
    verdict = "regressions" if found.regressed else "no regression"
    lines = [f"## Magic link: {verdict}", "", markdown(_verdict(found))]
    lines += ["", *(f"- {markdown(remark)}" for remark in found.remarks)] if found.remarks else []
    for title, changes in _groups(found):
        lines += ["", f"### {title}", "", "| | was | is | why |", "| --- | --- | --- | --- |"]
        lines += [
            f"| {markdown(_subject(each))} | {markdown(each.old)} | {markdown(each.new)} "
            f"| {code_cell(each.reason, _REASON_LIMIT) if each.reason else ''} |"
            for each in changes
        ]
    for title, entries in _lists(found):
        lines += ["", f"### {title}", "", *(f"- {markdown(each)}" for each in entries)]
    return "\n".join(lines)


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


def _lists(found: Comparison) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield everything else that differs, under a title."""
    seen = [
        f"{each.id} ({each.outcome}): "
        + ", ".join([*(f"+ {point}" for point in each.gained), *(f"- {p}" for p in each.lost)])
        for each in found.seen_otherwise
    ]
    for title, entries in (
        ("Errors of the new run", found.errors),
        ("Seen otherwise", seen),
        ("New scenarios", found.new),
        ("Scenarios that are gone", found.gone),
    ):
        if entries:
            yield title, [terminal(each) for each in entries]


def _verdict(found: Comparison) -> str:
    worse = [each.name for each in found.requirements if each.direction is Direction.WORSE]
    summary = "nothing got worse"
    if worse:
        summary = f"worse: {ids_in_words(worse)}"
    elif found.regressed:
        summary = "worse: errors of the run" if found.errors else "worse: scenarios, see above"
    conclusions = " -> ".join(dict.fromkeys(found.conclusions))
    scores = " -> ".join(dict.fromkeys(found.scores))
    return f"{summary}; {conclusions}; {scores} asked requirements passed"
