"""The features are readable, whole, and free of plumbing; every step of them has a function."""

from __future__ import annotations

import importlib
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_bdd.steps import StepFunctionContext, step_function_context_registry

from conformance.requirements.resources import features_dir
from conformance.requirements.scenarios import (
    UnreadableFeature,
    WrittenScenario,
    WrittenStep,
    fill_in,
    read_scenarios,
)
from conformance.requirements.tags import (
    ADVISORY,
    EXPLORATION,
    REALISTIC_MAIL,
    SHARES,
    SLOW,
    WHOLE_RUN,
)
from conformance.run.scenario import step_modules

SCENARIOS = read_scenarios()
KNOWN_TAG = re.compile(
    rf"(AC|FR|NFR|EC)-\d+|reading-\d+|{ADVISORY}|{REALISTIC_MAIL}|{SLOW}|{SHARES}[a-z]+"
    rf"|{WHOLE_RUN}|{EXPLORATION}"
)
# What is looked up, sent or called is the harness's business; a reader cares for what is seen.
PLUMBING = re.compile(
    r"\b(GET|POST|PUT|HEAD|PATCH|DELETE|SELECT|INSERT|UPDATE|headers?|Set-Cookie|Content-Type|"
    r"ports?|SQL|SMTP|SendGrid|HTTP|endpoint path|query string|JWT|socket|127\.0\.0\.1|localhost|"
    r"freezegun|pytest|fixture|mock)\b"
)
# Where one of these is itself what somebody types, or what gives an account away (reading 15).
ITS_SUBJECT = re.compile(
    r"a piece of SQL|no header of the answers distinguishes the two|the headers are the same for "
    r"known and unknown addresses"
)


def of_each(scenario: WrittenScenario) -> str:
    return f"{scenario.path}:{scenario.line}"


def definitions() -> list[StepFunctionContext]:
    """Every step function that the run registers."""
    modules = [importlib.import_module(name) for name in step_modules()]
    known = {id(context): context for context in step_function_context_registry.values()}
    own = {module.__name__ for module in modules}
    return [context for context in known.values() if context.step_func.__module__ in own]


def matching(step: WrittenStep) -> list[StepFunctionContext]:
    return [
        context
        for context in definitions()
        if context.type in {None, step.kind} and context.parser.is_matching(step.text)
    ]


def filled_in(scenario: WrittenScenario) -> Iterator[WrittenStep]:
    """Yield the steps of every row, with its values in their places."""
    for row in scenario.rows:
        for step in scenario.steps:
            yield WrittenStep(step.kind, fill_in(step.text, row), step.line)


def steps() -> Iterator[WrittenStep]:
    yield from {(s.kind, s.text): s for each in SCENARIOS for s in filled_in(each)}.values()


def test_every_file_has_scenarios() -> None:
    files = {file.name for file in features_dir().glob("*.feature")}
    assert files == {scenario.path for scenario in SCENARIOS}
    assert len(files) > 10


def test_names_are_unique_in_a_file() -> None:
    # Of two of one name pytest-bdd would run the second alone.
    names = Counter((scenario.path, scenario.name) for scenario in SCENARIOS)
    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize("scenario", SCENARIOS, ids=of_each)
def test_tags_are_known_and_name_a_requirement(scenario: WrittenScenario) -> None:
    assert [tag for tag in scenario.tags if not KNOWN_TAG.fullmatch(tag)] == []
    assert scenario.ids or scenario.advisory
    assert not scenario.table_tags, "tags of a table of examples reach no scenario"


@pytest.mark.parametrize("scenario", SCENARIOS, ids=of_each)
def test_a_scenario_expects_something(scenario: WrittenScenario) -> None:
    assert scenario.steps[-1].kind == "then"


@pytest.mark.parametrize("scenario", SCENARIOS, ids=of_each)
def test_outlines_fill_in_every_value(scenario: WrittenScenario) -> None:
    texts = [scenario.name, *(step.text for step in scenario.steps)]
    for row in scenario.rows:
        assert not any(re.search(r"<\w+>", fill_in(text, row)) for text in texts)
        written = {name for text in texts for name in re.findall(r"<(\w+)>", text)}
        assert written == set(row), "a column that nothing shows, or the other way round"
    names = [fill_in(scenario.name, row) for row in scenario.rows]
    assert not any(re.search(r"\b(\w+) \1\b", name) for name in names), "a word stands there twice"
    assert len(names) == len(set(names)), "rows that a report could not tell apart"


def test_every_step_has_exactly_one_function() -> None:
    found = {f"{step.kind} {step.text}": len(matching(step)) for step in steps()}
    assert {text: count for text, count in found.items() if count != 1} == {}


def test_every_function_has_a_step() -> None:
    used = {id(context.step_func) for step in steps() for context in matching(step)}
    unused = {c.step_func.__name__ for c in definitions() if id(c.step_func) not in used}
    assert unused == set()


@pytest.mark.parametrize("scenario", SCENARIOS, ids=of_each)
def test_words_are_a_readers_words(scenario: WrittenScenario) -> None:
    texts = [scenario.name, scenario.rule, *(step.text for step in filled_in(scenario))]
    assert [text for text in texts if PLUMBING.search(ITS_SUBJECT.sub("", text))] == []


def test_advisories_stand_apart() -> None:
    assert {scenario.path for scenario in SCENARIOS if scenario.advisory} == {"advisories.feature"}
    assert all(s.advisory for s in SCENARIOS if s.path == "advisories.feature")


@pytest.mark.parametrize(
    "text", ["", "no gherkin", "Feature: A\n  Scenario: B\n    Given c\n    Maybe d\n"]
)
def test_what_is_no_feature_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "broken.feature").write_text(text, encoding="utf-8")
    with pytest.raises(UnreadableFeature, match=r"broken\.feature"):
        read_scenarios(tmp_path)


def test_backgrounds_rules_and_rows_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.feature").write_text(
        """\
@FR-1
Feature: A
  Background:
    Given all
  @AC-1
  Rule: R
    Background:
      Given within
    @reading-2 @advisory
    Scenario Outline: <n> is
      When <n>
      And more
      Then seen
      @lost
      Examples:
        | n |
        | 1 |
        | 2 |
  Rule: other
    Example: 1 is
      Then seen
    Example: 1 is
      Then seen
""",
        encoding="utf-8",
    )
    first, *others = read_scenarios(tmp_path)
    assert (first.feature, first.rule, first.path, first.line) == ("A", "R", "a.feature", 10)
    assert (first.ids, first.readings, first.advisory) == (("AC-1", "FR-1"), (2,), True)
    assert first.table_tags == {"lost"}
    assert [(step.kind, step.text) for step in filled_in(first)][:5] == [
        ("given", "all"),
        ("given", "within"),
        ("when", "1"),
        ("when", "more"),
        ("then", "seen"),
    ]
    assert [step.text for step in filled_in(first)].count("2") == 1
    assert [scenario.name for scenario in others] == ["1 is", "1 is"]
