"""What a run prints: what it is about to do, and what it found.

Outcomes are words; colour only repeats them. What a target answered is printed literally, without
markup, control characters or secrets.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from conformance.outcomes import Conclusion, Outcome
from conformance.report.causes import Cause, causes
from conformance.report.model import Report
from conformance.report.safe_text import terminal
from conformance.report.wording import (
    about,
    conclusion_in_words,
    consequences_in_words,
    counted,
    ids_in_words,
)
from conformance.requirements.specification import KINDS
from conformance.run.result import EXPECTED_FAILURE, PARTS, ScenarioResult

STYLES = {
    Outcome.PASSED: "green",
    Outcome.FAILED: "bold red",
    Outcome.CANT_TELL: "yellow",
    Outcome.UNTESTED: "yellow",
    Outcome.INAPPLICABLE: "dim",
}
_CONCLUSION_STYLES = {
    Conclusion.CONFORMANT: "bold green",
    Conclusion.NONCONFORMANT: "bold red",
    Conclusion.INCOMPLETE: "bold yellow",
}
_INDENT = 2
_LABEL_WIDTH = 10
_BLOCKS_SHOWN = 20
_REASON_LIMIT = 120
_POINTS_WIDTH = 20


def print_intentions(lines: Sequence[str], console: Console) -> None:
    """Print what the run is about to do, a line (or a wrapped one) each."""
    for line in lines:
        console.print(Text(terminal(line)))


def print_result(report: Report, console: Console, *, report_dir: Path | None) -> None:
    """Print the requirements, what went wrong, and last the conclusion.

    `report_dir` is where the reports are, None when none were written.
    """
    console.print()
    console.print(_table(report))
    for line in _not_asked(report):
        console.print(Text(line))
    console.print()
    page = None if report_dir is None else report_dir / "report.html"
    for title, blocks in _sections(report, _Layout(console, page)):
        _print_section(title, blocks, console)
    if page is not None:
        console.print(Text(f"report: {terminal(page)} (for machines: report.json)"))
    style = _CONCLUSION_STYLES[report.conclusion]
    console.print(Text(terminal(conclusion_in_words(report)), style=style))


def print_durations(report: Report, console: Console, slowest: int) -> None:
    """Print where the time went, and the `slowest` scenarios."""
    console.print(Text("where the time went (seconds; parts overlap, workers sum)", style="bold"))
    for part, seconds in {"the run": report.seconds, **_named(report.durations)}.items():
        console.print(Text(f"{seconds:8.1f}  {part}"))
    for each in sorted(report.scenarios, key=lambda each: -each.seconds)[:slowest]:
        ids = ", ".join(each.ids)
        line = Text(f"{each.seconds:8.1f}  {terminal(f'{ids}: {each.name}')}")
        line.truncate(console.width, overflow="ellipsis")
        console.print(line)
    console.print()


def _named(durations: Mapping[str, float]) -> dict[str, float]:
    return {name: durations[part] for part, name in PARTS.items() if part in durations}


def _print_section(title: str, blocks: Sequence[list[Text]], console: Console) -> None:
    if not blocks:
        return
    console.print(Text(title, style="bold"))
    for block in blocks[:_BLOCKS_SHOWN]:
        for line in block:
            console.print(line)
    if len(blocks) > _BLOCKS_SHOWN:
        console.print(Text(f"  and {len(blocks) - _BLOCKS_SHOWN} more"))
    console.print()


def _table(report: Report) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column("id", no_wrap=True)
    table.add_column("outcome", no_wrap=True)
    table.add_column("seen by", max_width=_POINTS_WIDTH)
    table.add_column("requirement, or why it did not pass", ratio=1, overflow="fold")
    for id_, requirement in report.requirements.items():
        if requirement.listed:
            expected = ", expected" if requirement.failed_as_expected else ""
            table.add_row(
                Text(id_),
                Text(f"{requirement.outcome}{expected}", style=STYLES[requirement.outcome]),
                Text(terminal(", ".join(requirement.points)), style="dim"),
                Text(terminal(about(id_, requirement), _REASON_LIMIT)),
            )
    return table


def _not_asked(report: Report) -> Iterable[str]:
    """Yield `FR, NFR, EC: 18 passed, 3 untested (…)` for what has no row."""
    rest = {id_: each.outcome for id_, each in report.requirements.items() if not each.listed}
    if not rest:
        return
    parts = []
    for outcome in Outcome:
        if ids := [id_ for id_, each in rest.items() if each is outcome]:
            which = "" if outcome is Outcome.PASSED else f" ({ids_in_words(ids)})"
            parts.append(f"{len(ids)} {outcome.value}{which}")
    present = {id_.partition("-")[0] for id_ in rest}
    kinds = ", ".join(kind for kind in KINDS if kind in present)
    yield f"{kinds} (not asked about): {', '.join(parts)}"


def _sections(report: Report, layout: _Layout) -> Iterator[tuple[str, list[list[Text]]]]:
    anchors = {id(each): f"scenario-{n}" for n, each in enumerate(report.scenarios, start=1)}
    findings = [layout.cause(each, anchors[id(each.shown_by)]) for each in causes(report)]
    unclear = [
        layout.scenario(each, anchors[id(each)])
        for each in report.scenarios
        if each.kind == Outcome.CANT_TELL
    ]
    expected = [each for each in report.scenarios if each.kind == EXPECTED_FAILURE]
    found = [each for each in report.advisories if each.outcome is Outcome.FAILED]
    failed = counted(len(report.failures), "scenario failed", "scenarios failed")
    if len(findings) < len(report.failures):
        failed += f", by {counted(len(findings), 'cause', 'causes')}"
    yield failed, findings
    yield f"{counted(len(unclear), 'scenario', 'scenarios')} could not be decided", unclear
    for title, texts, limit in (
        ("Errors of the run", [str(each) for each in report.errors], 6),
        ("Stale expected failures", report.stale_expected_failures, 3),
        ("Expected failures", [f"{_title(each)}: {each.expected_failure}" for each in expected], 3),
        (
            "Advisories (they decide nothing)",
            [f"{each.name}: {each.message}" for each in found],
            3,
        ),
    ):
        yield title, [layout.paragraph(text, limit) for text in texts]


def _title(scenario: ScenarioResult) -> str:
    return f"{ids_in_words(scenario.ids)}: {scenario.name}" if scenario.ids else scenario.name


class _Layout:
    """Puts findings into lines that fit the console; at most eleven for each."""

    def __init__(self, console: Console, report: Path | None) -> None:
        self._console = console
        self._report = report

    def scenario(self, scenario: ScenarioResult, anchor: str) -> list[Text]:
        """Return a scenario that did not pass, with the place of its evidence."""
        evidence = f"{self._report}#{anchor}" if self._report else None
        lines = self.paragraph(_title(scenario), 1)
        lines[0].stylize(STYLES[scenario.outcome])
        lines += self._labelled("", scenario.what, 2)
        lines += self._labelled("step", scenario.failing_step, 1)
        lines += self._labelled("expected", scenario.expected, 2)
        lines += self._labelled("found", scenario.found, 2)
        return lines + self._labelled("evidence", evidence, 2)

    def cause(self, cause: Cause, anchor: str) -> list[Text]:
        """Return a cause: the scenario that shows it, and what fails by it."""
        lines = self.scenario(replace(cause.shown_by, ids=cause.ids), anchor)
        return lines + self._labelled("along", consequences_in_words(cause), 1)

    def paragraph(self, text: str, limit: int) -> list[Text]:
        """Return `text` indented, on at most `limit` lines."""
        return [self._indented("", line) for line in self._wrapped(text, _INDENT, limit)]

    def _labelled(self, label: str, value: str | None, limit: int) -> list[Text]:
        if not value:
            return []
        column = _LABEL_WIDTH if label else 0
        lines = self._wrapped(value, 2 * _INDENT + column, limit)
        return [
            self._indented(" " * _INDENT + (label if at == 0 else "").ljust(column), line)
            for at, line in enumerate(lines)
        ]

    def _indented(self, label: str, line: Text) -> Text:
        return Text.assemble(" " * _INDENT, (label, "dim"), line)

    def _wrapped(self, text: str, indent: int, limit: int) -> list[Text]:
        width = max(self._console.width - indent, 20)
        lines = list(Text(terminal(text)).wrap(self._console, width))
        if len(lines) > limit:
            lines = lines[:limit]
            lines[-1].rstrip()
            lines[-1].truncate(width - 1)
            lines[-1].append("…")
        return lines or [Text()]
