"""What a sweep costs as its candidates grow."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from conformance.outcomes import ExitCode
from conformance.target.database.postgres import EmbeddedPostgres
from tests.benchmarks.result import Result
from tests.benchmarks.verdict import PROCESSOR, WALL, launched_description, measured
from tests.mutants.harness_run import ROOT, as_toml

_COUNTS = (2, 6, 18)
_WITHIN = 1.5
_LOOK_SECONDS = 0.1
_PEAK = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)
_ID = "AC-1"
_WALL_EACH, _PROCESSOR_EACH = f"{WALL} per candidate", f"{PROCESSOR} per candidate"
_MEMORY = "MB, the sweep's own process at most"


def run(
    postgres: EmbeddedPostgres | None, scratch: Path, counts: Sequence[int] = _COUNTS
) -> Result:
    """Sweep ever more candidates, each of them the reference, with one id only."""
    del postgres
    result = Result("candidate-growth")
    for count in counts:
        place, sweep = scratch / str(count), _Sweep(count)
        _make(place / "candidates", count)
        taken = measured(sweep, place)
        subject = f"{count} candidates"
        result.add(subject, _WALL_EACH, taken.wall / count)
        result.add(subject, _PROCESSOR_EACH, taken.processor / count)
        result.add(subject, _MEMORY, sweep.peak_mb)
    names = list(result.figures)
    for quantity in (_PROCESSOR_EACH, _MEMORY):
        ratio = result.figures[names[-1]][quantity] / result.figures[names[0]][quantity]
        result.ratios[f"{names[-1]} : {names[0]}, {quantity}"] = ratio
        result.aims[f"{quantity}: less than {_WITHIN:g} times that of {names[0]}"] = ratio < _WITHIN
    return result


def _make(folder: Path, count: int) -> None:
    description = as_toml(launched_description())
    for number in range(count):
        candidate = folder / f"{number:03}"
        candidate.mkdir(parents=True)
        (candidate / "target.toml").write_text(description, encoding="utf-8")


class _Sweep:
    """A sweep of so many candidates; `peak_mb` is the most memory that its own process had."""

    def __init__(self, count: int) -> None:
        self.peak_mb = 0.0
        self._count = count

    def __call__(self, place: Path) -> None:
        """Sweep what lies in `candidates`; RuntimeError unless all of them hold."""
        out, output = place / "out", place / "output.txt"
        command = [sys.executable, "-m", "conformance", "sweep", str(place / "candidates")]
        with output.open("wb") as sink:
            process = subprocess.Popen(
                [*command, f"--only={_ID}", f"--out={out}", "--quiet"],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
            )
        try:
            self._watch(process)
        finally:
            # It ends its candidates when it is told to.
            process.terminate()
            process.wait()
        if process.returncode != ExitCode.INCOMPLETE or not self._all_pass(out):
            told = output.read_text(encoding="utf-8", errors="replace")[-2000:]
            raise RuntimeError(f"{command} ended with {process.returncode}: {told}")

    def _watch(self, process: subprocess.Popen[bytes]) -> None:
        status = Path(f"/proc/{process.pid}/status")
        while process.poll() is None:
            # Linux keeps the peak; a process that has just ended has none any more.
            if found := _PEAK.search(status.read_text(encoding="utf-8")):
                self.peak_mb = int(found[1]) / 1024
            with suppress(subprocess.TimeoutExpired):
                process.wait(_LOOK_SECONDS)

    def _all_pass(self, out: Path) -> bool:
        board = json.loads((out / "leaderboard.json").read_text(encoding="utf-8"))
        return [each["passed"] for each in board["requirements"]] == [self._count]
