"""How much lint finds of what was planted, and how little it says of clean specs."""

from __future__ import annotations

import pytest

from tests.requirements.lint_figures import (
    FOLDER,
    HALVES,
    Defect,
    Figures,
    figures,
    is_found,
    table,
)


@pytest.fixture(scope="module", params=HALVES)
def half(request: pytest.FixtureRequest) -> tuple[str, list[Figures]]:
    return request.param, list(figures(request.param))


def test_most_defects_are_found(half: tuple[str, list[Figures]]) -> None:
    name, every = half
    planted = sum(len(each.defects) for each in every)
    missed = sum(len(each.missed) for each in every)
    # Of the half that nobody tunes to, a little less has to be found.
    assert 1 - missed / planted >= {"tuned": 0.95, "held_out": 0.85}[name]


def test_little_is_said_of_clean_specs(half: tuple[str, list[Figures]]) -> None:
    _, every = half
    assert sum(len(each.false) for each in every) <= len(every)


def test_every_form_is_in_both_halves(half: tuple[str, list[Figures]]) -> None:
    _, every = half
    assert {each.form for each in every} == {"markdown", "spec-kit", "kiro", "openspec"}
    assert len(every) >= 6


def test_a_defect_is_found_on_its_line_only() -> None:
    [spec] = [each for each in figures("tuned") if each.name == "table-booking"]
    assert spec.missed == ()
    elsewhere = Defect("", "", ("vague-word",), ("no line has this",))
    assert not is_found(elsewhere, list(spec.false), "")


def test_the_table_has_a_line_for_each_spec() -> None:
    names = {path.stem for path in (FOLDER / "tuned").glob("*.md")}
    assert names <= {line.split()[0] for line in table("tuned")}
