"""The leaderboard: order, ranks, rates, faults, and its three forms."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator

from conformance.sweep.leaderboard import leaderboard_schema, sweep_exit_code
from conformance.sweep.rendering import as_markdown, as_page
from conformance.sweep.result import read_result
from tests.sweep.results import board, of_all_kinds, result


def test_it_is_what_its_schema_says() -> None:
    Draft202012Validator.check_schema(leaderboard_schema())
    validator = Draft202012Validator(
        leaderboard_schema() | {"additionalProperties": False},
        format_checker=Draft202012Validator.FORMAT_CHECKER,
    )
    validator.validate(json.loads(json.dumps(board())))
    validator.validate(json.loads(json.dumps(board([]))))


def test_the_best_stand_first_and_equal_ones_share_a_rank() -> None:
    rows = [(each["rank"], each["name"]) for each in board()["candidates"]]
    assert rows == [
        (1, "a-right"),
        (1, "b-right"),
        (3, "fails-unasked"),
        (4, "blind"),
        (5, "reuses"),
        (6, "reuses|<b>more</b>"),
        (7, "stops"),
        (8, "lost"),
        (9, "broken"),
    ]


def test_rates_count_all_that_a_requirement_applies_to() -> None:
    rates = {each["id"]: each for each in board()["requirements"]}
    assert list(rates) == ["AC-1", "AC-2", "AC-7", "EC-1"], "an unasked one that failed is there"
    assert rates["AC-1"]["pass_rate"] == round(6 / 9, 4)
    assert rates["AC-2"]["pass_rate"] == round(3 / 8, 4), "it does not apply to one"
    assert (rates["AC-7"]["failed"], rates["AC-7"]["undecided"]) == (1, 1)
    assert rates["AC-7"]["not_judged"] == 3


def test_the_most_frequent_faults_stand_first() -> None:
    found = board()
    assert [(each["name"], len(each["candidates"])) for each in found["faults"]] == [
        ("reusable", 2)
    ]
    steps = [(each["scenario"], len(each["candidates"])) for each in found["failures"]]
    assert steps == [("a used link is presented", 2), ("a sixth request", 1)]


def test_effort_leaves_out_what_was_kept() -> None:
    effort = board(kept=frozenset({"a-right", "b-right", "lost"}))["effort"]
    assert (effort["judged"], effort["kept"]) == (6, 3)
    assert effort["cpu_seconds"] == 60.0
    assert effort["cpu_seconds_per_candidate"] == 10.0
    assert effort["cores_busy"] == 0.5, "60 s of 60 s on two cores"


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        (("conformant", "conformant"), 0),
        (("conformant", "incomplete"), 3),
        (("incomplete", "nonconformant"), 1),
        (("nonconformant", "over_limit"), 4),
        (("conformant", "not_judged"), 4),
        (("conformant", "wrong_description"), 4),
    ],
)
def test_the_worst_decides_the_exit_code(outcomes: tuple[str, ...], code: int) -> None:
    assert sweep_exit_code([result(each, each, 0) for each in outcomes]) == code


@pytest.mark.parametrize("given", of_all_kinds(), ids=lambda each: each.name)
def test_a_result_survives_its_file(given: object) -> None:
    assert read_result(given.as_json()) == given  # type: ignore[attr-defined]


def test_names_stay_text() -> None:
    assert "reuses\\|\\<b>more\\</b>" in as_markdown(board())
    page = as_page(board())
    assert "reuses|&lt;b&gt;more&lt;/b&gt;" in page
    assert "<b>more" not in page


def test_markdown_has_a_row_for_each() -> None:
    text = as_markdown(board())
    assert (
        "| 5 | reuses | 2/3 | 1 | nonconformant | AC-2 failed | reusable | 10.0 s | 30.0 s | "
        "[report](candidates/1/report.html) [feedback](candidates/1/feedback.md) |" in text
    )
    assert "| AC-2 | 38 % | 2 | 0 | 3 |" in text
