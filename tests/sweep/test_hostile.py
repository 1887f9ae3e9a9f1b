"""Hostile candidates beside a good one: each has its row, the good one is unharmed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.place import Ended, Place
from tests.sweep.made import HOSTILE, PART, make_good, make_hostile

pytestmark = pytest.mark.run

LIMITS = (
    *("--time-limit", "30", "--memory-limit", "500"),
    *("--disk-limit", "150", "--process-limit", "120"),
)


@dataclass(frozen=True)
class Swept:
    ended: Ended
    leftovers: list[str]
    out: Path
    board: dict[str, Any]

    def row(self, name: str) -> dict[str, Any]:
        [row] = [each for each in self.board["candidates"] if each["name"] == name]
        found: dict[str, Any] = row
        return found

    def output(self, name: str) -> str:
        file: str = self.row(name)["files"]["output.txt"]
        return (self.out / file).read_text()


@pytest.fixture(scope="module")
def swept() -> Iterator[Swept]:
    with Place() as place:
        candidates = place.directory / "candidates"
        make_good(candidates)
        for mode in (*HOSTILE, "kills-its-supervisor", "leaves-daemons", "tells"):
            make_hostile(candidates, mode)
        (candidates / "in-process").mkdir()
        (candidates / "in-process" / "target.toml").write_text('[in_process]\napp = "a:b"\n')
        command = place.start(
            *("sweep", "candidates", "--out", "out", "--workers", "9", *PART, *LIMITS),
            A_SECRET="of the one who sweeps",
        )
        ended = command.end()
        board = place.directory / "out" / "leaderboard.json"
        assert board.exists(), ended.err
        yield Swept(
            ended, place.leftovers(), place.directory / "out", json.loads(board.read_text())
        )


@pytest.mark.parametrize(
    ("name", "outcome", "message"),
    [
        ("eats-memory", "over_limit", "over its memory limit of 500 MB"),
        ("fills-its-log", "over_limit", "over its disk limit of 150 MB"),
        ("forks", "over_limit", "over its limit of 120 processes and threads"),
        ("hangs", "over_limit", "over its time limit of 30 s"),
        ("never-ready", "not_judged", "the target was not ready within 4 s"),
        ("kills-its-supervisor", "not_judged", "its supervisor ended with status -9"),
        ("leaves-daemons", "not_judged", "the target did not start: its process ended"),
        ("in-process", "wrong_description", "[in_process] shares the harness's process"),
    ],
)
def test_a_hostile_candidate_has_its_row(
    swept: Swept, name: str, outcome: str, message: str
) -> None:
    row = swept.row(name)
    assert row["outcome"] == outcome, row
    assert message in row["message"]
    assert row["score"] == {"passed": 0, "asked": 1, "share": 0.0, "causes": 0}


def test_the_good_one_is_unharmed_and_first(swept: Swept) -> None:
    first = swept.board["candidates"][0]
    assert first["name"] == "good"
    assert first["score"]["share"] == 1.0
    assert (first["outcome"], first["left_running"]) == ("incomplete", 0), "only a part was run"
    assert first["cpu_seconds"] > 0
    for file in first["files"].values():
        assert (swept.out / file).exists()


def test_nothing_is_left(swept: Swept) -> None:
    assert swept.leftovers == []


def test_daemons_are_found(swept: Swept) -> None:
    assert swept.row("leaves-daemons")["left_running"] == 2


def test_the_worst_decides_the_exit_code(swept: Swept) -> None:
    assert swept.ended.code == swept.board["exit_code"] == 4
    assert swept.ended.err == ""
    assert "1 incomplete, 4 over limit, 4 not judged, 1 wrong description" in swept.ended.out


def test_a_candidate_is_given_nothing_of_ours(swept: Swept) -> None:
    around, _, told = swept.output("tells").partition("told: ")
    assert told.startswith("['HOME', "), around
    assert "PYTHONPATH" not in told
    assert "A_SECRET" not in told
    # Nor is it in the environment of what runs the candidate.
    assert "'PYTHONPATH'" in around
    assert "A_SECRET" not in around


def test_a_candidate_works_in_a_copy(swept: Swept) -> None:
    assert "written-here" not in [
        path.name for path in (swept.out.parent / "candidates" / "tells").iterdir()
    ]
