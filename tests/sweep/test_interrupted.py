"""A sweep that is broken off, and taken up again."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator

import pytest

from tests.place import Place
from tests.sweep.made import PART, make_good

pytestmark = pytest.mark.run

NAMES = ("one", "three", "two")


@pytest.fixture
def place() -> Iterator[Place]:
    with Place() as place:
        for name in NAMES:
            make_good(place.directory / "candidates", name)
        yield place


def test_what_is_left_runs_the_next_time(place: Place) -> None:
    call = ("sweep", "candidates", "--out", "out", "--workers", "1", *PART)
    command = place.start(*call)
    first = command.read_until("1/3")
    ended = command.interrupt(signal.SIGINT)
    assert ended.code == 130
    assert ended.err.strip() == "magic-link-conformance: interrupted"
    assert place.leftovers() == []
    assert not (place.directory / "out" / "leaderboard.json").exists()

    (place.directory / "out" / "leaderboard.json").write_text("of an earlier sweep")
    broken_off = place.start(*call)
    broken_off.read_until("1/3")
    assert broken_off.interrupt(signal.SIGTERM).code == 130
    assert not (place.directory / "out" / "leaderboard.json").exists()

    again = place.start(*call).end()
    assert again.code == 3, again.err
    board = json.loads((place.directory / "out" / "leaderboard.json").read_text())
    kept = {row["name"]: row["kept"] for row in board["candidates"]}
    assert kept == {name: f"  {name}:" in first for name in NAMES}
    assert (board["effort"]["judged"], board["effort"]["kept"]) == (2, 1)
    assert place.leftovers() == []

    # One is gone, one is not what it was: the third alone is kept.
    (place.directory / "candidates" / "two" / "target.toml").unlink()
    (place.directory / "candidates" / "three" / "further.txt").write_text("it was altered")
    altered = place.start(*call).end()
    lines = [line for line in altered.out.splitlines() if "/2  " in line]
    assert [" one: " in line or "three: " in line for line in lines] == [True, True]
    assert ["  kept  " in line for line in lines] == [True, False]
