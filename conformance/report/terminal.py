"""What a run prints: what it is about to do, and what it found.

Outcomes stand there as words; colour only repeats them. Whatever a target answered is printed
literally, without markup, control characters or secrets.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from conformance.outcomes import Conclusion, Outcome
from conformance.report.safe_text import terminal
from conformance.report.wording import (
    by_outcome,
    conclusion_in_words,
    counted,
    fails_as_expected,
    ids_in_words,
    requirement_fails_as_expected,
)
from conformance.requirements.specification import KINDS, load_specification, sort_key
from conformance.run.durations import PARTS
from conformance.run.result import RequirementResult, RunResult, ScenarioResult

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


def print_result(result: RunResult, console: Console, *, report_dir: Path | None) -> None:
    """Print the requirements, what went wrong, and last the conclusion.

    `report_dir` is where the reports lie, None when none were written.
    """
    console.print()
    console.print(_table(result))
    for line in _not_asked(result):
        console.print(Text(line))
    console.print()
    report = None if report_dir is None else report_dir / "report.html"
    for title, blocks in _sections(result, console, report):
        _print_section(title, blocks, console)
    if report is not None:
        console.print(Text(f"report: {terminal(report)} (for machines: report.json)"))
    style = _CONCLUSION_STYLES[result.conclusion]
    console.print(Text(terminal(conclusion_in_words(result)), style=style))


def print_durations(result: RunResult, console: Console, slowest: int) -> None:
    """Print where the time went, and the `slowest` scenarios."""
    console.print(Text("where the time went (seconds; parts overlap, workers sum)", style="bold"))
    for part, seconds in {"the run": result.seconds, **_named(result.durations)}.items():
        console.print(Text(f"{seconds:8.1f}  {part}"))
    for each in sorted(result.scenarios, key=lambda each: -each.seconds)[:slowest]:
        ids = ", ".join(each.ids)
        line = Text(f"{each.seconds:8.1f}  {terminal(f'{ids}: {each.name}')}")
        line.truncate(console.width, overflow="ellipsis")
        console.print(line)
    console.print()


def _named(durations: Mapping[str, float]) -> dict[str, float]:
    return {told: durations[part] for part, told in PARTS.items() if part in durations}


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


def _table(result: RunResult) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column("id", no_wrap=True)
    table.add_column("outcome", no_wrap=True)
    table.add_column("seen by", max_width=_POINTS_WIDTH)
    table.add_column("requirement, or why it did not pass", ratio=1, overflow="fold")
    for requirement in _listed(result):
        outcome = requirement.outcome
        expected = ", expected" if requirement_fails_as_expected(requirement) else ""
        table.add_row(
            Text(requirement.id),
            Text(f"{outcome.value}{expected}", style=STYLES[outcome]),
            Text(terminal(", ".join(requirement.points)), style="dim"),
            Text(_about(requirement)),
        )
    return table


def _listed(result: RunResult) -> list[RequirementResult]:
    """Return what has a row: asked about, or failed. An asked id without a result is untested."""
    known = {each.id for each in result.requirements}
    rows = [each for each in result.requirements if _has_row(each)]
    rows += [
        RequirementResult(id_, "", Outcome.UNTESTED, True, (), "no scenario of it ran")
        for id_ in result.asked
        if id_ not in known
    ]
    return sorted(rows, key=lambda each: sort_key(each.id))


def _has_row(requirement: RequirementResult) -> bool:
    return requirement.asked or requirement.outcome is Outcome.FAILED


def _about(requirement: RequirementResult) -> str:
    if requirement.outcome is not Outcome.PASSED and requirement.reason:
        return terminal(requirement.reason, _REASON_LIMIT)
    known = load_specification().requirements.get(requirement.id)
    return terminal(known.title if known and known.title else requirement.sentence, _REASON_LIMIT)


def _not_asked(result: RunResult) -> Iterable[str]:
    """Yield `FR, NFR, EC: 18 passed, 3 untested (…)` for what has no row."""
    rest = [each for each in result.requirements if not _has_row(each)]
    if not rest:
        return
    present = {each.id.partition("-")[0] for each in rest}
    outcomes = by_outcome(rest)
    parts = []
    for outcome in Outcome:
        if ids := outcomes.get(outcome):
            which = "" if outcome is Outcome.PASSED else f" ({ids_in_words(ids)})"
            parts.append(f"{len(ids)} {outcome.value}{which}")
    kinds = ", ".join(kind for kind in KINDS if kind in present)
    yield f"{kinds} (not asked about): {', '.join(parts)}"


def _sections(
    result: RunResult, console: Console, report: Path | None
) -> Iterable[tuple[str, list[list[Text]]]]:
    layout = _Layout(console, report)
    numbered = list(enumerate(result.scenarios, start=1))
    failed = [
        (n, s) for n, s in numbered if s.outcome is Outcome.FAILED and not fails_as_expected(s)
    ]
    unclear = [(n, s) for n, s in numbered if s.outcome is Outcome.CANT_TELL]
    expected = [s for _, s in numbered if fails_as_expected(s)]
    found = [s for s in result.advisories if s.outcome is Outcome.FAILED]
    yield (
        counted(len(failed), "scenario failed", "scenarios failed"),
        [layout.scenario(scenario, f"scenario-{number}") for number, scenario in failed],
    )
    yield (
        f"{counted(len(unclear), 'scenario', 'scenarios')} could not be decided",
        [layout.scenario(scenario, f"scenario-{number}") for number, scenario in unclear],
    )
    yield (
        "Errors of the run",
        [layout.paragraph(f"{each.where}: {each.message}", 6) for each in result.errors],
    )
    yield (
        "Stale expected failures",
        [layout.paragraph(each, 3) for each in result.stale_expected_failures],
    )
    yield (
        "Expected failures",
        [layout.paragraph(f"{_title(each)}: {each.expected_failure}", 3) for each in expected],
    )
    yield (
        "Advisories (they decide nothing)",
        [layout.paragraph(f"{each.name}: {each.message}", 3) for each in found],
    )


def _title(scenario: ScenarioResult) -> str:
    return f"{ids_in_words(scenario.ids)}: {scenario.name}" if scenario.ids else scenario.name


class _Layout:
    """Puts findings into lines that fit the console; at most ten for a scenario."""

    def __init__(self, console: Console, report: Path | None) -> None:
        self._console = console
        self._report = report

    def scenario(self, scenario: ScenarioResult, anchor: str) -> list[Text]:
        """Return a scenario that did not pass, with the place of its evidence."""
        evidence = f"{self._report}#{anchor}" if self._report else None
        lines = self.paragraph(_title(scenario), 1)
        lines[0].stylize(STYLES[scenario.outcome])
        lines += self._labelled("", _without_values(scenario), 2)
        lines += self._labelled("step", scenario.failing_step, 1)
        lines += self._labelled("expected", scenario.expected, 2)
        lines += self._labelled("found", scenario.found, 2)
        return lines + self._labelled("evidence", evidence, 2)

    def paragraph(self, text: str, limit: int) -> list[Text]:
        """Return `text` indented, on at most `limit` lines."""
        return [self._indented("", line) for line in self._wrapped(text, _INDENT, limit)]

    def _labelled(self, label: str, value: str | None, limit: int) -> list[Text]:
        if value is None or not value:
            return []
        indent = 2 * _INDENT + (_LABEL_WIDTH if label else 0)
        lines = self._wrapped(value, indent, limit)
        blank = " " * len(f"{label:{_LABEL_WIDTH}}") if label else ""
        labels = [f"{label:{_LABEL_WIDTH}}" if label else "", *[blank] * (len(lines) - 1)]
        return [
            self._indented(f"{' ' * _INDENT}{shown}", line)
            for shown, line in zip(labels, lines, strict=True)
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


def _without_values(scenario: ScenarioResult) -> str:
    """Return the message without expected and found, which have lines of their own."""
    values = f": expected {scenario.expected}, found {scenario.found}"
    return scenario.message.removesuffix(values)
