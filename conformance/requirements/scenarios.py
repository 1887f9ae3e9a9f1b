"""The features as they are written: every scenario with its place, its tags and its steps.

Read with the parser that pytest-bdd uses, but not through pytest-bdd: importing that imports
pytest, and its `Feature` keeps only one of several scenarios of one name.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePath
from typing import Any

from gherkin.errors import CompositeParserException
from gherkin.parser import Parser

from conformance.requirements.resources import features_dir
from conformance.requirements.tags import ADVISORY, EXPLORATION, readings, requirement_ids

# A node of the parser's tree.
_Node = dict[str, Any]
_PARAMETER = re.compile(r"<([^<>]+)>")


class UnreadableFeature(ValueError):
    """A feature file that cannot be parsed; the message says where and why."""


@dataclass(frozen=True)
class WrittenStep:
    """A step; `kind` is given, when or then, whatever keyword (And, But) it begins with."""

    kind: str
    text: str
    line: int


@dataclass(frozen=True)
class WrittenScenario:
    """A scenario or an outline; `tags` are its own, its rule's and its feature's.

    `rule_tags` are its rule's alone. `rows` are the values that an outline is filled in with, one
    mapping for each row; a plain scenario has one empty row. `table_tags` are tags of the tables,
    which no run looks at.
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
    rule_tags: frozenset[str] = frozenset()

    @property
    def ids(self) -> tuple[str, ...]:
        """The requirements that it shows."""
        return requirement_ids(self.tags)

    @property
    def selector(self) -> str:
        """What names it in a command; see `selector_of`."""
        return selector_of(self.path, self.line)

    @property
    def readings(self) -> tuple[int, ...]:
        """The entries of the ledger that it depends on."""
        return readings(self.tags)

    @property
    def advisory(self) -> bool:
        """Whether it is advice, which decides nothing."""
        return ADVISORY in self.tags

    @property
    def by_choice(self) -> bool:
        """Whether it runs only where somebody asks for it."""
        return self.advisory or EXPLORATION in self.tags


def selector_of(path: str, line: int) -> str:
    """Return what names a scenario, or all rows of an outline: `verifying_a_token:31`."""
    return f"{PurePath(path).stem}:{line}"


def fill_in(text: str, row: dict[str, str]) -> str:
    """Return an outline's text with a row's values in their places."""
    return _PARAMETER.sub(lambda match: row.get(match[1], match[0]), text)


def read_scenarios(folder: Path | None = None) -> tuple[WrittenScenario, ...]:
    """Return the scenarios of every feature below a folder (by default the shipped ones).

    They come by file name and then by line. Raises `UnreadableFeature`.
    """
    folder = folder or features_dir()
    files = sorted(folder.rglob("*.feature"))
    return tuple(
        scenario for file in files for scenario in _scenarios(file, file.relative_to(folder))
    )


def scenario_counts() -> Counter[str]:
    """Return how many scenarios decide about each id, and how many have each name.

    Each row of an outline is one.
    """
    counts: Counter[str] = Counter()
    for scenario in read_scenarios():
        if not scenario.by_choice:
            counts.update(dict.fromkeys(scenario.ids, len(scenario.rows)))
            counts.update(fill_in(scenario.name, row) for row in scenario.rows)
    return counts


@lru_cache(maxsize=1)
def ids_of_rules() -> Mapping[tuple[str, str], tuple[str, ...]]:
    """Return the ids that each rule of the shipped features is about, by its file and name."""
    return {
        (scenario.path, scenario.rule): requirement_ids(scenario.rule_tags)
        for scenario in read_scenarios()
    }


def _scenarios(file: Path, place: Path) -> Iterator[WrittenScenario]:
    feature = _feature(file)
    before = _background(feature["children"])
    for child in feature["children"]:
        if "scenario" in child:
            yield _scenario(place, feature, None, child["scenario"], before)
        if "rule" in child:
            rule = child["rule"]
            within = [*before, *_background(rule["children"])]
            for each in rule["children"]:
                if "scenario" in each:
                    yield _scenario(place, feature, rule, each["scenario"], within)


def _feature(file: Path) -> _Node:
    try:
        feature = Parser().parse(file.read_text(encoding="utf-8-sig")).get("feature")
    except (CompositeParserException, OSError, UnicodeDecodeError) as error:
        raise UnreadableFeature(f"{file}: {' '.join(str(error).split())}") from error
    if feature is None:
        raise UnreadableFeature(f"{file}: it holds no feature")
    return dict(feature)


def _background(children: Sequence[_Node]) -> list[_Node]:
    found = [child["background"] for child in children if "background" in child]
    return [step for background in found for step in background["steps"]]


def _scenario(
    place: Path, feature: _Node, rule: _Node | None, parsed: _Node, before: list[_Node]
) -> WrittenScenario:
    of_rule = _tags(rule) if rule is not None else frozenset[str]()
    return WrittenScenario(
        name=parsed["name"],
        feature=feature["name"],
        rule=rule["name"] if rule is not None else "",
        path=place.as_posix(),
        line=parsed["location"]["line"],
        tags=_tags(feature) | _tags(parsed) | of_rule,
        steps=tuple(_steps([*before, *parsed["steps"]])),
        rows=tuple(_rows(parsed)) or ({},),
        table_tags=frozenset[str]().union(*(_tags(table) for table in parsed["examples"])),
        rule_tags=of_rule,
    )


def _steps(parsed: Sequence[_Node]) -> Iterator[WrittenStep]:
    kind = ""
    for step in parsed:
        kind = _KINDS.get(step["keywordType"], kind)
        yield WrittenStep(kind, step["text"], step["location"]["line"])


_KINDS = {"Context": "given", "Action": "when", "Outcome": "then"}


def _rows(parsed: _Node) -> Iterator[dict[str, str]]:
    for table in parsed["examples"]:
        header = table.get("tableHeader")
        names = [cell["value"] for cell in header["cells"]] if header else []
        for row in table.get("tableBody", []):
            yield dict(zip(names, (cell["value"] for cell in row["cells"]), strict=True))


def _tags(node: _Node) -> frozenset[str]:
    return frozenset(tag["name"].lstrip("@") for tag in node["tags"])
