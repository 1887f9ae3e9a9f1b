"""The features as pages show them: nested as they are written, each scenario with its anchor.

`conformance.requirements.scenarios` says what a scenario shows; this adds what a reader sees of it:
keywords, descriptions, tables, comments.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pytest_bdd.gherkin_parser import (
    Child,
    Comment,
    ExamplesTable,
    Feature,
    Row,
    Scenario,
    Step,
    Tag,
    get_gherkin_document,
)

from conformance.report.pages.text import slug
from conformance.requirements.resources import features_dir
from conformance.requirements.scenarios import WrittenScenario, read_scenarios
from conformance.requirements.specification import sort_key


@dataclass(frozen=True)
class ShownStep:
    """A step with its keyword; `rows` is its data table, `comments` come before it."""

    keyword: str
    text: str
    rows: tuple[tuple[str, ...], ...] = ()
    docstring: str | None = None
    comments: tuple[str, ...] = ()


@dataclass(frozen=True)
class ShownTable:
    """The examples of an outline; every row is as long as `header`."""

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    comments: tuple[str, ...] = ()


@dataclass(frozen=True)
class ShownScenario:
    """A scenario or an outline; `own_tags` are without its rule's and its feature's."""

    anchor: str
    keyword: str
    description: str
    own_tags: tuple[str, ...]
    comments: tuple[str, ...]
    steps: tuple[ShownStep, ...]
    tables: tuple[ShownTable, ...]
    written: WrittenScenario

    @property
    def place(self) -> str:
        """Its file and line."""
        return f"{self.written.path}:{self.written.line}"


@dataclass(frozen=True)
class ShownRule:
    """A rule with its scenarios; one without a name holds those that belong to no rule."""

    anchor: str
    name: str
    description: str
    tags: tuple[str, ...]
    scenarios: tuple[ShownScenario, ...]


@dataclass(frozen=True)
class ShownFeature:
    """A feature file."""

    anchor: str
    file: str
    name: str
    description: str
    tags: tuple[str, ...]
    rules: tuple[ShownRule, ...]

    @property
    def scenarios(self) -> tuple[ShownScenario, ...]:
        """Every scenario of the file, in its order."""
        return tuple(scenario for rule in self.rules for scenario in rule.scenarios)


def read_features(folder: Path | None = None) -> tuple[ShownFeature, ...]:
    """Return every feature below a folder, by default the shipped ones: advice comes last.

    Raises `conformance.requirements.scenarios.UnreadableFeature`.
    """
    folder = folder or features_dir()
    written = {(each.path, each.line): each for each in read_scenarios(folder)}
    found = [_Reading(file, written).feature() for file in sorted(folder.rglob("*.feature"))]
    return tuple(sorted(found, key=_by_importance))


def _by_importance(feature: ShownFeature) -> tuple[object, ...]:
    """Order features by the first requirement that they show, as reports list them."""
    scenarios = [each.written for each in feature.scenarios]
    advice = all(each.advisory for each in scenarios)
    first = min((sort_key(id_) for each in scenarios for id_ in each.ids), default=sort_key(""))
    return advice, first, feature.file


class _Reading:
    """One file while it is read."""

    def __init__(self, file: Path, written: dict[tuple[str, int], WrittenScenario]) -> None:
        document = get_gherkin_document(str(file))
        self._file = file
        self._written = written
        self._parsed: Feature = document.feature
        self._comments: list[Comment] = sorted(
            document.comments, key=lambda each: each.location.line, reverse=True
        )
        self._anchors = Counter[str]()

    def feature(self) -> ShownFeature:
        parsed = self._parsed
        return ShownFeature(
            anchor=self._anchor(self._file.stem),
            file=self._file.name,
            name=parsed.name,
            description=_unwrapped(parsed.description),
            tags=_names(parsed.tags),
            rules=tuple(self._rules(parsed)),
        )

    def _rules(self, parsed: Feature) -> Iterator[ShownRule]:
        before = _background(parsed.children)
        loose = [child.scenario for child in parsed.children if child.scenario]
        if loose:
            anchor = self._anchor(f"{self._file.stem} scenarios")
            yield ShownRule(anchor, "", "", (), tuple(self._scenarios(loose, before)))
        for rule in (child.rule for child in parsed.children if child.rule):
            scenarios = [child.scenario for child in rule.children if child.scenario]
            within = [*before, *_background(rule.children)]
            yield ShownRule(
                anchor=self._anchor(f"{self._file.stem} rule {rule.name}"),
                name=rule.name,
                description=_unwrapped(rule.description),
                tags=_names(rule.tags),
                scenarios=tuple(self._scenarios(scenarios, within)),
            )

    def _scenarios(self, parsed: list[Scenario], before: list[Step]) -> Iterator[ShownScenario]:
        for each in parsed:
            yield ShownScenario(
                anchor=self._anchor(f"{self._file.stem} {each.name}"),
                keyword=each.keyword,
                description=_unwrapped(each.description),
                own_tags=_names(each.tags),
                comments=self._comments_above(each.location.line),
                steps=tuple(self._step(step) for step in [*before, *each.steps]),
                tables=tuple(self._table(table) for table in each.examples),
                written=self._written[self._file.name, each.location.line],
            )

    def _step(self, step: Step) -> ShownStep:
        return ShownStep(
            keyword=step.keyword,
            text=step.text,
            rows=_cells(step.datatable.rows) if step.datatable else (),
            docstring=step.docstring.content if step.docstring else None,
            comments=self._comments_above(step.location.line),
        )

    def _table(self, table: ExamplesTable) -> ShownTable:
        header = _cells([table.table_header]) if table.table_header else ()
        return ShownTable(
            name=table.name or "",
            header=header[0] if header else (),
            rows=_cells(table.table_body or []),
            comments=self._comments_above(table.location.line),
        )

    def _comments_above(self, line: int) -> tuple[str, ...]:
        """Return the comments above a line that were not returned yet."""
        found = []
        while self._comments and self._comments[-1].location.line < line:
            found.append(self._comments.pop().text.strip().removeprefix("#").strip())
        return tuple(found)

    def _anchor(self, text: str) -> str:
        anchor = slug(text)
        self._anchors[anchor] += 1
        number = self._anchors[anchor]
        return anchor if number == 1 else f"{anchor}-{number}"


def _background(children: Sequence[Child]) -> list[Step]:
    return [step for child in children if child.background for step in child.background.steps]


def _cells(rows: Iterable[Row]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(cell.value or "" for cell in row.cells) for row in rows)


def _names(tags: Sequence[Tag]) -> tuple[str, ...]:
    return tuple(tag.name for tag in tags)


def _unwrapped(description: str) -> str:
    return " ".join(description.split())
