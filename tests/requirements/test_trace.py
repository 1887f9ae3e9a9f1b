"""The join of sentences and scenarios is whole, and a hole in it is found."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner

from conformance.cli.main import cli
from conformance.requirements.scenarios import WrittenScenario, WrittenStep
from conformance.requirements.specification import load_specification, parse_specification
from conformance.requirements.trace import Trace, gaps, level_of, load_trace, trace

SPEC = """\
## Functional requirements
### FR-1 · Request
It must answer.
### FR-2 · Nothing to see
It must be told why.

No scenario: nobody
can see it.
"""
LEDGER = """\
## 1 · Which?
**What conforms:** Either.

**Bears on:** FR-1
## 2 · Is it wise?
**What conforms:** Either. *Advisory.*

**Bears on:** FR-1
## 3 · What for?
**Bears on:** FR-2

**No scenario:** It is about FR-2.
"""
SHOWS = WrittenScenario(
    name="it answers",
    feature="Answers",
    rule="",
    path="answers.feature",
    line=3,
    tags=frozenset({"FR-1", "reading-1"}),
    steps=(WrittenStep("then", "it answers", 4),),
)
ADVISES = replace(SHOWS, name="it is wise", tags=frozenset({"FR-1", "reading-2", "advisory"}))


def joined(*scenarios: WrittenScenario, spec: str = SPEC, ledger: str = LEDGER) -> Trace:
    return trace(parse_specification(spec, ledger), scenarios)


def tagged(*tags: str) -> WrittenScenario:
    return replace(SHOWS, name="another", tags=frozenset(tags))


def test_the_shipped_join_is_whole() -> None:
    assert gaps(load_trace()) == []


def test_the_shipped_join_has_every_sentence_and_every_reading() -> None:
    found, spec = load_trace(), load_specification()
    assert {each.id: each.sentence for each in found.requirements} == {
        each.id: each.sentence for each in spec.requirements.values()
    }
    assert {entry.number for entry in found.readings} == set(spec.readings)
    assert all(each.scenarios or each.reason for each in found.requirements)


def test_a_whole_join_has_no_gaps() -> None:
    assert gaps(joined(SHOWS, ADVISES)) == []


@pytest.mark.parametrize(
    ("scenarios", "gap"),
    [
        ((tagged("reading-1", "FR-2"), ADVISES), "FR-1 has no scenario and states no reason"),
        ((SHOWS, ADVISES, tagged("FR-2")), "FR-2 has scenarios and states a reason"),
        ((tagged("FR-1"), ADVISES), "reading 1 has no scenario and states no reason"),
        ((SHOWS, tagged("FR-1", "reading-2")), "reading 2 is marked as advisory and no advisory"),
        ((SHOWS, ADVISES, tagged("FR-1", "FR-3")), "names FR-3, which the spec does not have"),
        ((SHOWS, ADVISES, tagged("FR-1", "reading-9")), "names reading 9, which the ledger"),
        ((SHOWS, ADVISES, tagged("FR-1", "reading-3")), "names reading 3, which bears on none"),
        ((SHOWS, ADVISES, tagged()), "names no requirement"),
        ((SHOWS, ADVISES, tagged("FR-1", "reading-1", "advisory")), "is advice that no entry"),
    ],
)
def test_a_gap_is_found(scenarios: tuple[WrittenScenario, ...], gap: str) -> None:
    assert any(gap in found for found in gaps(joined(*scenarios)))


def test_advice_alone_covers_no_requirement() -> None:
    found = joined(ADVISES).requirements[0]
    assert (found.scenarios, found.advisories) == ((), (ADVISES,))
    assert "FR-1 has no scenario and states no reason why" in gaps(joined(ADVISES))


def test_a_reason_is_read_on_one_line() -> None:
    assert joined().requirements[1].reason == "nobody can see it."


@pytest.mark.parametrize(
    ("sentence", "level"),
    [("It must answer.", "must"), ("It should answer.", "should"), ("When a, then b.", "must")],
)
def test_levels(sentence: str, level: str) -> None:
    assert level_of(sentence) == level


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_the_table_names_every_id_with_its_scenarios(form: str) -> None:
    done = CliRunner().invoke(cli, ["trace", "--format", form])
    assert done.exit_code == 0
    flat = " ".join(done.stdout.split())
    for each in load_trace().requirements:
        assert each.id in flat
        for scenario in each.scenarios:
            name = scenario.name if form == "text" else scenario.name.replace("<", "&lt;")
            assert name in flat
    assert "No scenario" not in flat
    assert "The spec has no operation that deletes a user" in flat


def test_the_table_as_json() -> None:
    done = CliRunner().invoke(cli, ["trace", "--format", "json"])
    found = json.loads(done.stdout)
    first = found["requirements"][0]
    assert (first["id"], first["level"], first["reason"]) == ("AC-1", "must", None)
    assert first["scenarios"][0]["path"] == "happy_path.feature"
    assert {"@AC-1", "@FR-1"} <= set(first["scenarios"][0]["tags"])
    assert found["gaps"] == []
    assert all(entry["scenarios"] or entry["reason"] for entry in found["readings"])


def test_gaps_end_the_command_with_1(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformance.cli.trace.load_trace", lambda: joined(SHOWS))
    done = CliRunner().invoke(cli, ["trace"])
    assert done.exit_code == 1
    assert "reading 2 has no scenario" in done.stderr
    assert "FR-1 (must): Request" in done.stdout
