"""A sweep on a Dask cluster of two worker processes."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from distributed import LocalCluster

from conformance.outcomes import UsageError
from conformance.sweep.cluster import Cluster
from tests.place import REPOSITORY, Place, eventually_none
from tests.sweep.made import PART, make_good, make_hostile

pytestmark = pytest.mark.run


@dataclass(frozen=True)
class Workers:
    """A running cluster; `temporary` is its workers' directory for temporary files."""

    scheduler: str
    temporary: Path

    def leftovers(self) -> list[str]:
        """Return candidates' directories, and what runs with one of them in its environment."""
        found = [str(path) for path in self.temporary.glob("mlc-*")]
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                values = process.environ().values()
                if any(value.startswith(f"{self.temporary}/mlc-") for value in values):
                    found.append(str(process))
        return found


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with Place() as place, pytest.MonkeyPatch.context() as patch:
        # The workers are new interpreters: they have to find the package, too.
        patch.setenv("PYTHONPATH", str(REPOSITORY))
        patch.setenv("TMPDIR", str(place.temporary))
        with LocalCluster(  # type: ignore[no-untyped-call]
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster:
            yield Workers(cluster.scheduler_address, place.temporary)


@pytest.fixture
def place() -> Iterator[Place]:
    with Place() as place:
        yield place


def test_candidates_travel_and_reports_come_back(workers: Workers, place: Place) -> None:
    candidates = place.directory / "candidates"
    make_good(candidates, "one")
    make_good(candidates, "two")
    make_hostile(candidates, "never-ready")
    command = place.start(
        "sweep", "candidates", "--out", "out", "--scheduler", workers.scheduler, *PART
    )
    ended = command.end()
    assert ended.code == 4, ended.err
    out = place.directory / "out"
    board = json.loads((out / "leaderboard.json").read_text())
    rows = [(row["name"], row["score"]["passed"]) for row in board["candidates"]]
    assert rows == [("one", 1), ("two", 1), ("never-ready", 0)]
    assert (board["effort"]["workers"], board["effort"]["cores"]) == (2, None)
    for file in board["candidates"][0]["files"].values():
        assert (out / file).stat().st_size


def test_an_interruption_reaches_the_workers(workers: Workers, place: Place) -> None:
    make_good(place.directory / "candidates", "one")
    make_hostile(place.directory / "candidates", "hangs")
    command = place.start(
        "sweep", "candidates", "--out", "out", "--scheduler", workers.scheduler, *PART
    )
    command.read_until("1/2")
    assert command.interrupt(signal.SIGINT).code == 130
    assert not [path for path in place.directory.rglob("result.json") if "hangs" in str(path)]
    assert eventually_none(workers.leftovers) == []


def test_dask_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match=r"install magic-link-conformance\[sweep\]"):
        Cluster("tcp://127.0.0.1:1")


def test_an_address_without_a_scheduler(place: Place) -> None:
    make_good(place.directory / "candidates")
    ended = place.start("sweep", "candidates", "--scheduler", "nowhere").end()
    assert ended.code == 2
    assert ended.err.startswith("magic-link-conformance: --scheduler: nowhere cannot be reached")
    assert len(ended.err.splitlines()) == 1
