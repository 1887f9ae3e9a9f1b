"""The features as pages show them: nested as they are written, each scenario with its anchor.

`conformance.requirements.scenarios` says what a scenario shows; this adds what a reader sees of it.
What is `parsed` is a node of the Gherkin parser; every scenario, step and table of examples has,
beside the parser's members, the `comments` that are above it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gherkin.parser import Parser

from conformance.report.pages.text import slug
from conformance.requirements.resources import features_dir
from conformance.requirements.scenarios import WrittenScenario, read_scenarios
from conformance.requirements.specification import sort_key

Node = dict[str, Any]


@dataclass(frozen=True)
class ShownScenario:
    """A scenario or an outline; `steps` are its own after its background's."""

    anchor: str
    parsed: Node
    steps: tuple[Node, ...]
    written: WrittenScenario

    @property
    def place(self) -> str:
        """Its file and line."""
        return f"{self.written.path}:{self.written.line}"


@dataclass(frozen=True)
class ShownRule:
    """A rule with its scenarios; `parsed` is None for those that belong to no rule."""

    anchor: str
    parsed: Node | None
    scenarios: tuple[ShownScenario, ...]


@dataclass(frozen=True)
class ShownFeature:
    """A feature file."""

    anchor: str
    file: str
    parsed: Node
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
    files = sorted(folder.rglob("*.feature"))
    found = [_Reading(file, file.relative_to(folder), written).feature() for file in files]
    return tuple(sorted(found, key=_by_importance))


def _by_importance(feature: ShownFeature) -> tuple[object, ...]:
    """Order features by the first requirement that they show, as reports list them."""
    scenarios = [each.written for each in feature.scenarios]
    advice = all(each.advisory for each in scenarios)
    first = min((sort_key(id_) for each in scenarios for id_ in each.ids), default=sort_key(""))
    return advice, first, feature.file


class _Reading:
    """One file while it is read."""

    def __init__(
        self, file: Path, place: Path, written: dict[tuple[str, int], WrittenScenario]
    ) -> None:
        document: Any = Parser().parse(file.read_text(encoding="utf-8-sig"))
        self._path = place.as_posix()
        self._stem = place.with_suffix("").as_posix()
        self._written = written
        self._parsed: Node = document["feature"]
        self._anchors = Counter[str]()
        _attach(document["comments"], list(_nodes(self._parsed)))

    def feature(self) -> ShownFeature:
        anchor = self._anchor(self._stem)
        return ShownFeature(anchor, self._path, self._parsed, tuple(self._rules()))

    def _rules(self) -> Iterator[ShownRule]:
        children = self._parsed["children"]
        before = _background(children)
        if any("scenario" in child for child in children):
            anchor = self._anchor(f"{self._stem} scenarios")
            yield ShownRule(anchor, None, tuple(self._scenarios(children, before)))
        for rule in (child["rule"] for child in children if "rule" in child):
            within = [*before, *_background(rule["children"])]
            anchor = self._anchor(f"{self._stem} rule {rule['name']}")
            yield ShownRule(anchor, rule, tuple(self._scenarios(rule["children"], within)))

    def _scenarios(self, children: Sequence[Node], before: list[Node]) -> Iterator[ShownScenario]:
        for each in (child["scenario"] for child in children if "scenario" in child):
            yield ShownScenario(
                anchor=self._anchor(f"{self._stem} {each['name']}"),
                parsed=each,
                steps=(*before, *each["steps"]),
                written=self._written[self._path, each["location"]["line"]],
            )

    def _anchor(self, text: str) -> str:
        anchor = slug(text)
        self._anchors[anchor] += 1
        number = self._anchors[anchor]
        return anchor if number == 1 else f"{anchor}-{number}"


def _nodes(parsed: Node) -> Iterator[Node]:
    """Yield scenarios, steps and tables of examples, at any depth, in the order of their lines."""
    for child in parsed["children"]:
        [(kind, node)] = child.items()
        if kind == "rule":
            yield from _nodes(node)
        else:
            yield from (node, *node["steps"], *node.get("examples", ()))


def _attach(comments: Sequence[Node], nodes: Sequence[Node]) -> None:
    for node in nodes:
        node["comments"] = []
    for comment in comments:
        line = comment["location"]["line"]
        below = next((node for node in nodes if node["location"]["line"] > line), None)
        if below is not None:
            below["comments"].append(comment["text"].strip().removeprefix("#").strip())


def _background(children: Sequence[Node]) -> list[Node]:
    found = [child["background"] for child in children if "background" in child]
    return [step for background in found for step in background["steps"]]
