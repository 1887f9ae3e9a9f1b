"""Whose time runs out on a machine with too much to do is judged again, alone."""

from __future__ import annotations

import psutil
import pytest

from conformance.sweep import judging
from conformance.sweep.judging import Task, ThisMachine
from conformance.sweep.order import Judged, Limits, Order

LATE = Judged(over="its time limit of 600 s")
TASKS = {name: Task("a sweep", Order(name, (), "target.toml", (), Limits())) for name in ("a", "b")}


def judged(monkeypatch: pytest.MonkeyPatch, load: float, first: Judged) -> list[tuple[str, int]]:
    """Return how often each was judged where the first time gives `first`, and then a 0."""
    times = dict.fromkeys(TASKS, 0)

    def judge(task: Task) -> Judged:
        times[task.order.folder] += 1
        again = times[task.order.folder] > 1 or task.order.folder == "b"
        return Judged(exit_code=0) if again else first

    monkeypatch.setattr(judging, "judge", judge)
    monkeypatch.setattr(psutil, "getloadavg", lambda: (load, 0.0, 0.0))
    results = dict(ThisMachine(2).judge(TASKS))
    assert set(results) == set(TASKS)
    return sorted(times.items())


def test_a_starved_candidate_has_a_second_try(monkeypatch: pytest.MonkeyPatch) -> None:
    busy = judging.cores() + 1.0
    assert judged(monkeypatch, busy, LATE) == [("a", 2), ("b", 1)]


@pytest.mark.parametrize("first", [LATE, Judged(over="its memory limit of 2048 MB")])
def test_what_is_slow_or_large_by_itself_has_none(
    monkeypatch: pytest.MonkeyPatch, first: Judged
) -> None:
    busy = judging.cores() + 1.0
    load = 0.5 if first is LATE else busy
    assert judged(monkeypatch, load, first) == [("a", 1), ("b", 1)]
