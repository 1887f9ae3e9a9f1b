"""`python -m tests.sweep.measure`: what a sweep of mutants takes, with one worker and with more.

Prints a Markdown table: CPU seconds for each candidate, wall time, how busy all cores were, and the
efficiency: how much of the speed-up that the cores allow was reached. Everything else that runs on
the machine falsifies it. Exit code 1 when a leaderboard is wrong about a candidate; it says how.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import psutil

from conformance.sweep.judging import cores, default_workers
from tests.mutants.harness_run import EVENTS, ROOT, as_toml, served_environment
from tests.mutants.registry import all_mutants
from tests.sweep.made import HOSTILE, make_hostile

_DONE = (0, 1, 3, 4)
# Far from what a mutant needs, and within what the hostile candidates go to.
_LIMITS = (
    *("--time-limit", "300", "--memory-limit", "800"),
    *("--disk-limit", "300", "--process-limit", "140"),
)


@dataclass(frozen=True)
class Measured:
    """One sweep: seconds of wall time, share of all cores that was busy, the leaderboard."""

    workers: int
    seconds: float
    busy: float
    cpu_seconds: float
    counts: dict[str, int]
    wrong: list[str]


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the candidates, sweep them with each number of workers, print the table."""
    given = _parser().parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="sweep-measure-") as directory:
        folder = Path(directory)
        folder.chmod(0o755)
        _make(folder / "candidates", given.candidates, hostile=given.hostile)
        options = [f"--only={given.only}"] if given.only else []
        options += _LIMITS if given.hostile else ()
        measured = [
            _sweep(folder, workers, options) for workers in given.workers or [1, default_workers()]
        ]
    print("\n".join(_table(measured)))  # noqa: T201
    wrong = [each for sweep in measured for each in sweep.wrong]
    print("\n".join(wrong or ["Every candidate is judged as it should be."]))  # noqa: T201
    return int(bool(wrong))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.sweep.measure")
    parser.add_argument("--candidates", type=int, default=60)
    parser.add_argument("--workers", type=int, action="append", help="may be given more than once")
    parser.add_argument("--only", help="a part of the ids, to try it out")
    parser.add_argument("--hostile", action="store_true", help="five hostile ones among them")
    return parser


def _make(folder: Path, count: int, *, hostile: bool) -> None:
    """Write the descriptions of the reference itself and of mutants; and the hostile ones."""
    modes = tuple(HOSTILE) if hostile else ()
    for mode in modes:
        # First in the order of names: one of them takes as long as it may.
        make_hostile(folder / "0-hostile", mode)
    names = ["", *all_mutants()]
    for number, name in enumerate(islice(cycle(names), count - len(modes))):
        place = folder / f"{number:03}-{name or 'reference'}"
        place.mkdir(parents=True)
        (place / "target.toml").write_text(as_toml(_description(name)), encoding="utf-8")


def _description(mutant: str) -> dict[str, object]:
    environment = served_environment("smtp")
    environment.pop("LOG_FILE")
    return {
        "name": mutant or "reference",
        "protected": ["GET /auth/me", "GET /account"],
        "launch": {
            "command": ["{python}", "-m", "tests.sweep.mutant"],
            "ready_path": "/health/ready",
            "environment": {**environment, "MUTANT": mutant, "PYTHONPATH": str(ROOT)},
        },
        "database": {},
        "mail": {"kind": "smtp"},
        "accounts": {"kind": "insert", "password_hash": "argon2"},
        "log": {"format": "json", "events": EVENTS},
    }


def _sweep(folder: Path, workers: int, options: Sequence[str]) -> Measured:
    out = folder / f"out-{workers}"
    before = psutil.cpu_times()
    done = subprocess.run(
        [
            *(sys.executable, "-m", "conformance", "sweep", str(folder / "candidates")),
            *("--out", str(out), "--workers", str(workers), *options),
        ],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
        check=False,
    )
    if done.returncode not in _DONE:
        raise SystemExit(f"the sweep ended with {done.returncode}")
    busy = _busy(before, psutil.cpu_times())
    board = json.loads((out / "leaderboard.json").read_text(encoding="utf-8"))
    each = board["effort"]["cpu_seconds_per_candidate"]
    wrong = [
        told for row in board["candidates"] for told in complaints(row, partial=board["partial"])
    ]
    return Measured(workers, board["seconds"], busy, each, board["counts"], wrong)


def complaints(row: Mapping[str, Any], *, partial: bool = False) -> Iterator[str]:
    """Yield what a row says wrong; in a `partial` sweep a mutant may go unnoticed."""
    told = f"{row['name']}: {row['outcome']}, {', '.join(row['failed'])} failed, {row['message']}"
    mode = row["name"].removeprefix("0-hostile/")
    mutant, failed = all_mutants().get(row["target"]), frozenset(row["failed"])
    if mode in HOSTILE:
        if HOSTILE[mode] not in row["message"]:
            yield f"{told}; it should be {HOSTILE[mode]}"
    elif mutant is None:
        if failed or row["outcome"] not in ("conformant", "incomplete"):
            yield f"{told}; it should be conformant"
    elif not failed <= mutant.violates | mutant.falls_with:
        yield f"{told}; only {', '.join(sorted(mutant.violates | mutant.falls_with))} may"
    elif not failed & mutant.violates and not partial:
        yield f"{told}; one of {', '.join(sorted(mutant.violates))} should"


def _busy(before: object, after: object) -> float:
    """Return the share of all cores' time between two readings that was not idle."""
    spent = {
        name: getattr(after, name) - getattr(before, name)
        for name in ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal")
    }
    idle: float = spent["idle"] + spent["iowait"]
    total: float = sum(spent.values())
    return 1 - idle / total


def _table(measured: Sequence[Measured]) -> Iterator[str]:
    yield f"{cores()} cores."
    yield ""
    yield "| workers | wall, s | CPU s each | cores busy | speed-up | efficiency | outcomes |"
    yield "| ---: | ---: | ---: | ---: | ---: | ---: | --- |"
    alone = next((each for each in measured if each.workers == 1), None)
    for each in measured:
        speed_up = alone.seconds / each.seconds if alone else None
        efficiency = speed_up / min(each.workers, cores()) if speed_up else None
        counts = ", ".join(f"{count} {name}" for name, count in each.counts.items() if count)
        yield (
            f"| {each.workers} | {each.seconds:.0f} | {each.cpu_seconds:.1f} | {each.busy:.0%} "
            f"| {'-' if speed_up is None else f'{speed_up:.2f}'} "
            f"| {'-' if efficiency is None else f'{efficiency:.0%}'} | {counts} |"
        )


if __name__ == "__main__":
    sys.exit(main())
