"""The features as they are written: every scenario with its place, its tags and its steps.

Read with the parser that pytest-bdd uses, and not from its `Feature`: that keeps only one of
several scenarios of one name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pytest_bdd.exceptions import GherkinParseError
from pytest_bdd.gherkin_parser import (
    Background,
    Child,
    Feature,
    Rule,
    Step,
    Tag,
    get_gherkin_document,
)
from pytest_bdd.gherkin_parser import Scenario as ParsedScenario

from conformance.requirements.resources import features_dir
from conformance.requirements.tags import ADVISORY, readings, requirement_ids

_PARAMETER = re.compile(r"<([^<>]+)>")


class UnreadableFeature(ValueError):
    """A feature file that is no Gherkin; the message says where and why."""


@dataclass(frozen=True)
class WrittenStep:
    """A step; `kind` is given, when or then, whatever keyword (And, But) it begins with."""

    kind: str
    text: str
    line: int


@dataclass(frozen=True)
class WrittenScenario:
    """A scenario or an outline; `tags` are its own, its rule's and its feature's.

    `rows` are the values that an outline is filled in with, one mapping for each row; a plain
    scenario has one empty row. `table_tags` are tags of the tables, which no run looks at.
    """

    name: str
    feature: str
    rule: str
    path: str
    line: int
    tags: frozenset[str]
    steps: tuple[WrittenStep, ...]
    rows: tuple[dict[str, str], ...] = ({},)
    table_tags: frozenset[str] = frozenset()

    @property
    def ids(self) -> tuple[str, ...]:
        """The requirements that it shows."""
        return requirement_ids(self.tags)

    @property
    def readings(self) -> tuple[int, ...]:
        """The entries of the ledger that it depends on."""
        return readings(self.tags)

    @property
    def advisory(self) -> bool:
        """Whether it is advice, which decides nothing."""
        return ADVISORY in self.tags

    def filled_in(self) -> Iterator[WrittenStep]:
        """Yield the steps of every row, with its values in their places."""
        for row in self.rows:
            for step in self.steps:
                yield WrittenStep(step.kind, fill_in(step.text, row), step.line)


def fill_in(text: str, row: dict[str, str]) -> str:
    """Return an outline's text with a row's values in their places."""
    return _PARAMETER.sub(lambda match: row.get(match[1], match[0]), text)


def read_scenarios(folder: Path | None = None) -> tuple[WrittenScenario, ...]:
    """Return the scenarios of every feature below a folder (by default the shipped ones).

    They come by file name and then by line. Raises `UnreadableFeature`.
    """
    files = sorted((folder or features_dir()).rglob("*.feature"))
    return tuple(scenario for file in files for scenario in _scenarios(file))


def _scenarios(file: Path) -> Iterator[WrittenScenario]:
    try:
        document = get_gherkin_document(str(file))
    except (GherkinParseError, OSError, UnicodeDecodeError) as error:
        raise UnreadableFeature(f"{file}: {error}") from error
    except (KeyError, TypeError) as error:
        # What the parser makes of a file without a feature.
        raise UnreadableFeature(f"{file}: there is no feature in it") from error
    feature = document.feature
    before = _background(feature.children)
    for child in feature.children:
        if child.scenario is not None:
            yield _scenario(file, feature, None, child.scenario, before)
        if child.rule is not None:
            within = [*before, *_background(child.rule.children)]
            for each in child.rule.children:
                if each.scenario is not None:
                    yield _scenario(file, feature, child.rule, each.scenario, within)


def _background(children: Sequence[Child]) -> list[Step]:
    found: list[Background] = [child.background for child in children if child.background]
    return [step for background in found for step in background.steps]


def _scenario(
    file: Path, feature: Feature, rule: Rule | None, parsed: ParsedScenario, before: list[Step]
) -> WrittenScenario:
    tags = _names(feature.tags) | _names(parsed.tags)
    return WrittenScenario(
        name=parsed.name,
        feature=feature.name,
        rule=rule.name if rule is not None else "",
        path=file.name,
        line=parsed.location.line,
        tags=tags | _names(rule.tags) if rule is not None else tags,
        steps=tuple(_steps([*before, *parsed.steps])),
        rows=tuple(_rows(parsed)) or ({},),
        table_tags=frozenset[str]().union(*(_names(table.tags) for table in parsed.examples)),
    )


def _steps(parsed: Sequence[Step]) -> Iterator[WrittenStep]:
    kind = ""
    for step in parsed:
        kind = _KINDS.get(step.keyword_type, kind)
        yield WrittenStep(kind, step.text, step.location.line)


_KINDS = {"Context": "given", "Action": "when", "Outcome": "then"}


def _rows(parsed: ParsedScenario) -> Iterator[dict[str, str]]:
    for table in parsed.examples:
        names = [cell.value for cell in table.table_header.cells] if table.table_header else []
        for row in table.table_body or []:
            yield dict(zip(names, (cell.value or "" for cell in row.cells), strict=True))


def _names(tags: Sequence[Tag]) -> frozenset[str]:
    return frozenset(tag.name.lstrip("@") for tag in tags)
