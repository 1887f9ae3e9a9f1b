"""`magic-link-conformance sweep`: many candidates, each on its own, and their leaderboard."""

from __future__ import annotations

import secrets
import time
from collections.abc import Generator, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from rich.text import Text

from conformance.outcomes import UsageError
from conformance.report.console import PatientConsole
from conformance.report.safe_text import terminal
from conformance.requirements.resources import version
from conformance.requirements.selection import asked_ids, known_ids
from conformance.sweep.candidates import Candidate, find_candidates
from conformance.sweep.cluster import Cluster
from conformance.sweep.files import LEADERBOARD_FILES, clear_leaderboard, write_leaderboard
from conformance.sweep.folder import fingerprint, pack
from conformance.sweep.judging import Task, options_of_run
from conformance.sweep.leaderboard import Leaderboard, Sweep, leaderboard
from conformance.sweep.limits import Limits
from conformance.sweep.local import ThisMachine
from conformance.sweep.order import Judged
from conformance.sweep.progress import SweepProgress
from conformance.sweep.refusal import refusal
from conformance.sweep.result import CandidateResult, refused
from conformance.sweep.store import Store
from conformance.sweep.wording import counts_in_words, effort_in_words


@dataclass(frozen=True)
class SweepCall:
    """The options of the command, as they were given."""

    paths: tuple[Path, ...]
    out: Path
    workers: int | None
    time_limit: float
    memory_limit: int
    disk_limit: int
    process_limit: int
    require: tuple[str, ...]
    only: tuple[str, ...]
    seed: int | None
    scheduler: str | None
    fresh: bool
    quiet: bool


class Judges(Protocol):
    """Where candidates are judged, `workers` at once; `packs` if folders have to travel there."""

    packs: bool
    workers: int
    cores: int | None

    def judge(self, tasks: Mapping[str, Task]) -> Generator[tuple[str, Judged]]:
        """Judge tasks and yield each with its name, as they end."""

    def close(self) -> None:
        """Let go of what was opened."""


def sweep_candidates(call: SweepCall) -> int:
    """Judge every candidate, write and tell what was found, and return the exit code.

    Raises `UsageError` for a call that is wrong and `HarnessFault` for a cluster that cannot
    be used; what is wrong with a candidate is its result.
    """
    if call.workers and call.scheduler:
        raise UsageError("--workers: the cluster has its own: leave out one of the options")
    console = PatientConsole(highlight=False)
    sweeping = _Sweeping(call)
    clear_leaderboard(call.out)
    judges: Judges = Cluster(call.scheduler) if call.scheduler else ThisMachine(call.workers)
    progress = SweepProgress(console, len(sweeping.candidates), quiet=call.quiet)
    with closing(judges), closing(progress):
        board = sweeping.run(judges, progress)
    write_leaderboard(board, call.out)
    if not call.quiet:
        console.print()
    console.print(Text(f"{counts_in_words(board)}. {effort_in_words(board)}"))
    console.print(
        Text(terminal(f"leaderboard: {call.out / LEADERBOARD_FILES[-1]}")), soft_wrap=True
    )
    return int(board["exit_code"])


class _Sweeping:
    """One sweep: its candidates, and what is known of them so far."""

    def __init__(self, call: SweepCall) -> None:
        self._name = secrets.token_hex(8)
        self._fresh = call.fresh
        self._only = known_ids(call.only)
        given = call.require or not self._only
        self._asked = asked_ids(call.require) if given else self._only
        self._options = options_of_run(self._asked, self._only, call.seed)
        self._limits = Limits(
            call.time_limit, call.memory_limit, call.disk_limit, call.process_limit
        )
        self.candidates = find_candidates(call.paths, call.out)
        self._store = Store(call.out)
        self._results: list[CandidateResult] = []
        self._kept: set[str] = set()

    def run(self, judges: Judges, progress: SweepProgress) -> Leaderboard:
        """Judge what is not known yet and return the leaderboard."""
        started_at, begun = datetime.now(UTC), time.monotonic()
        prints = {each: self._fingerprint(each) for each in self.candidates}
        tasks: dict[str, Task] = {}
        for candidate, print_ in prints.items():
            known = self._known(candidate, print_)
            if known is not None:
                self._add(known, progress)
            else:
                tasks[candidate.name] = self._task(candidate, packed=judges.packs)
        by_name = {each.name: each for each in self.candidates}
        with closing(judges.judge(tasks)) as judging:
            for name, judged in judging:
                candidate = by_name[name]
                result = self._store.add(candidate, prints[candidate], judged, self._asked)
                self._add(result, progress)
        return leaderboard(
            self._results,
            Sweep(
                asked=self._asked,
                partial=bool(self._only),
                started_at=started_at,
                seconds=time.monotonic() - begun,
                workers=judges.workers,
                cores=judges.cores,
                limits=asdict(self._limits),
                kept=frozenset(self._kept),
                places={each.name: self._store.place(each).as_posix() for each in self.candidates},
            ),
        )

    def _add(self, result: CandidateResult, progress: SweepProgress) -> None:
        self._results.append(result)
        progress.finished(result, kept=result.name in self._kept)

    def _fingerprint(self, candidate: Candidate) -> str:
        limits = [str(each) for each in asdict(self._limits).values()]
        further = (version(), candidate.name, candidate.description.name, *self._options, *limits)
        try:
            return fingerprint(candidate.folder, candidate.others, *further)
        except OSError as error:
            raise UsageError(f"{error.filename}: {error.strerror}") from error

    def _known(self, candidate: Candidate, fingerprint: str) -> CandidateResult | None:
        """Return the result of a candidate that need not be run, None for one that has to be."""
        kept = None if self._fresh else self._store.kept(candidate, fingerprint)
        if kept is not None:
            self._kept.add(candidate.name)
            return kept
        if why := refusal(candidate):
            result = refused(candidate.name, fingerprint, why, self._asked)
            return self._store.refuse(candidate, result)
        return None

    def _task(self, candidate: Candidate, *, packed: bool) -> Task:
        folder = candidate.folder
        return Task(
            sweep=self._name,
            folder=pack(folder, candidate.others) if packed else str(folder),
            others=tuple(sorted(candidate.others)),
            description=candidate.description.name,
            options=self._options,
            limits=self._limits,
        )
