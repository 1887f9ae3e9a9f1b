"""How long a verdict takes: this harness, the ordinary tests and schemathesis, in turns."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from conformance.outcomes import ExitCode
from conformance.target.database.postgres import EmbeddedPostgres
from conformance.target.predefined import reference_launched
from tests.benchmarks.result import Result
from tests.comparison.implementations import plain_reference
from tests.comparison.ways import by_ordinary_tests, by_schemathesis
from tests.mutants.harness_run import ROOT, as_toml
from tests.targets.installing import installed_express

TURNS = 2
WALL, PROCESSOR = "seconds", "processor seconds"
_IN_PROCESS = "this harness, reference in process"
_SLOW = "this harness, launched, answers of 0.3 s"
_ORDINARY, _SCHEMATHESIS = "ordinary integration tests", "schemathesis alone"
_SERVE_SLOWLY = (
    *("{python}", "-m", "uvicorn", "--factory", "tests.benchmarks.slow:create_app"),
    *("--port", "{port}", "--no-access-log", "--log-level", "warning"),
)

Way = Callable[[Path], object]


@dataclass(frozen=True)
class Taken:
    """What a way took in one turn, in seconds, and the directory that it wrote to."""

    wall: float
    processor: float
    place: Path


def run(postgres: EmbeddedPostgres, scratch: Path) -> Result:
    """Take every way several times, in turns; the figures are medians."""
    result = Result("time to verdict")
    for name, turns in in_turns(_ways(postgres, scratch), scratch).items():
        result.add(name, WALL, median(each.wall for each in turns))
        result.add(name, PROCESSOR, median(each.processor for each in turns))
    wall = {name: figures[WALL] for name, figures in result.figures.items()}
    for other in (_ORDINARY, _SCHEMATHESIS):
        result.ratios[f"{_IN_PROCESS} : {other}"] = wall[_IN_PROCESS] / wall[other]
    result.aims["a verdict on the reference in process within 10 s"] = wall[_IN_PROCESS] <= 10
    result.aims["a verdict on a launched target with answers of 0.3 s within 15 s"] = (
        wall[_SLOW] <= 15
    )
    return result


def in_turns(ways: Mapping[str, Way], scratch: Path, turns: int = TURNS) -> dict[str, list[Taken]]:
    """Take every way once in each turn; what happens to the machine meanwhile meets all alike."""
    taken: dict[str, list[Taken]] = {name: [] for name in ways}
    for turn in range(turns):
        for name, way in ways.items():
            place = scratch / f"{turn}-{name.replace(' ', '-')}"
            place.mkdir()
            taken[name].append(measured(way, place))
    return taken


def _ways(postgres: EmbeddedPostgres, scratch: Path) -> dict[str, Way]:
    slow = scratch / "slow.toml"
    slow.write_text(as_toml(slow_description()), encoding="utf-8")
    workers = {
        f"this harness, reference in process, {_workers(count)}": harness(f"--workers={count}")
        for count in (1, 2, 8)
    }
    return {
        _IN_PROCESS: harness(),
        **workers,
        "this harness, reference launched": harness("--spawn"),
        "this harness, Express": harness(f"--target={installed_express() / 'target.toml'}"),
        _SLOW: harness(f"--target={slow}"),
        _ORDINARY: lambda place: by_ordinary_tests(plain_reference(), postgres.url, place),
        _SCHEMATHESIS: lambda place: by_schemathesis(plain_reference(), postgres.url, place),
    }


def _workers(count: int) -> str:
    return "one worker" if count == 1 else f"{count} workers"


def slow_description() -> dict[str, object]:
    """Return the description of the reference, launched, with requests that take 0.3 s."""
    described = launched_description()
    described["launch"]["command"] = list(_SERVE_SLOWLY)
    return described


def launched_description() -> dict[str, Any]:
    """Return the description of the reference, launched, that serves from any directory."""
    described = reference_launched().model_dump(by_alias=True, exclude_unset=True, mode="json")
    described["launch"]["environment"]["PYTHONPATH"] = str(ROOT)
    return described


def harness(*options: str, expected: ExitCode = ExitCode.CONFORMANT) -> Way:
    """Return a run of this harness; it raises RuntimeError for another exit code."""

    def way(place: Path) -> None:
        command = [sys.executable, "-m", "conformance", "run", "--quiet", *options]
        done = subprocess.run(
            [*command, f"--report-dir={place}"],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != expected:
            raise RuntimeError(f"{command}: {done.stdout[-1000:]}{done.stderr[-1000:]}")

    return way


def measured(way: Way, place: Path) -> Taken:
    """Take a way once; the processor seconds are those of all processes that have ended."""
    began, used = time.monotonic(), _used()
    way(place)
    return Taken(time.monotonic() - began, _used() - used, place)


def _used() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime
