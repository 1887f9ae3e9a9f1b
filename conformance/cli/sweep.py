"""`magic-link-conformance sweep`: many candidates, each on its own, and their leaderboard."""

from __future__ import annotations

import secrets
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.text import Text

from conformance.cli import option_texts
from conformance.cli.own_environment import drop_what_is_not_needed
from conformance.cli.parameters import SEED, given_path, given_text
from conformance.outcomes import UsageError
from conformance.report.console import PatientConsole
from conformance.report.safe_text import terminal
from conformance.requirements.resources import version
from conformance.requirements.selection import asked_ids, known_ids
from conformance.sweep.candidates import Candidate, find_candidates, refusal
from conformance.sweep.cluster import Cluster
from conformance.sweep.judging import Task, ThisMachine, options_of_run
from conformance.sweep.leaderboard import Leaderboard, Sweep, leaderboard
from conformance.sweep.order import Limits, Order
from conformance.sweep.progress import SweepProgress
from conformance.sweep.rendering import counts_in_words, effort_in_words
from conformance.sweep.result import CandidateResult, refused
from conformance.sweep.store import LEADERBOARD_FILES, Store, clear_leaderboard, write_leaderboard
from conformance.sweep.workplace import fingerprint, pack

_Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def _limit(name: str, least: int, default: int, unit: str, text: str = "") -> _Decorator:
    """Return an option for a limit that each candidate has."""
    kind = click.FloatRange(least) if unit == "SECONDS" else click.IntRange(least)
    return click.option(
        name, type=kind, default=default, show_default=True, metavar=unit, help=text
    )


@click.command()
@click.argument("paths", type=given_path, nargs=-1, required=True, metavar="PATHS...")
@click.option(
    "--out",
    type=given_path,
    metavar="DIR",
    default="sweep-report",
    show_default=True,
    help="Where the leaderboard and the reports are written.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    metavar="N",
    help="How many are judged at the same time.  [default: three for each core]",
)
@_limit("--time-limit", 1, 600, "SECONDS", "For each candidate, like every limit.")
@_limit("--memory-limit", 64, 2048, "MB")
@_limit("--disk-limit", 64, 1024, "MB")
@_limit("--process-limit", 50, 1000, "N", "Processes and threads.")
@click.option("--only", multiple=True, metavar="IDS", help=option_texts.ONLY_IDS)
@click.option("--require", multiple=True, metavar="IDS", help=option_texts.REQUIRE)
@click.option("--seed", type=SEED, help="The same schemathesis requests for all.")
@click.option(
    "--scheduler",
    type=given_text,
    metavar="ADDRESS",
    help="Use the workers of a Dask cluster.",
)
@click.option("--fresh", is_flag=True, help="Judge again what already has a result.")
@click.option("--quiet", is_flag=True, help="Print the summary only.")
def command(
    *,
    paths: tuple[Path, ...],
    out: Path,
    workers: int | None,
    time_limit: float,
    memory_limit: int,
    disk_limit: int,
    process_limit: int,
    only: tuple[str, ...],
    require: tuple[str, ...],
    seed: int | None,
    scheduler: str | None,
    fresh: bool,
    quiet: bool,
) -> None:
    """Judge many candidates, each on its own, and write a leaderboard.

    PATHS are target descriptions, or directories to search for them: every target.toml, or
    else the *.toml directly in the directory. Exit codes: 0 all are conformant, 1 one is
    nonconformant, 2 the call is wrong, 3 one is incomplete, 4 one could not be judged.
    """
    if workers and scheduler:
        raise UsageError("--workers: the cluster has its own: leave out one of the options")
    drop_what_is_not_needed(None)
    some = known_ids(only)
    sweeping = _Sweeping(
        find_candidates(paths, out),
        Store(out),
        Limits(time_limit, memory_limit, disk_limit, process_limit),
        asked=asked_ids(require) if require or not some else some,
        only=some,
        seed=seed,
        fresh=fresh,
    )
    clear_leaderboard(out)
    judges = Cluster(scheduler) if scheduler else ThisMachine(workers)
    console = PatientConsole(highlight=False)
    progress = SweepProgress(console, len(sweeping.candidates), quiet=quiet)
    with closing(judges), closing(progress):
        board = sweeping.run(judges, progress)
    write_leaderboard(board, out)
    if not quiet:
        console.print()
    console.print(Text(f"{counts_in_words(board)}. {effort_in_words(board)}"))
    console.print(Text(terminal(f"leaderboard: {out / LEADERBOARD_FILES[-1]}")), soft_wrap=True)
    sys.exit(int(board["exit_code"]))


class _Sweeping:
    """One sweep: its candidates, and what is known of them so far."""

    def __init__(
        self,
        candidates: Sequence[Candidate],
        store: Store,
        limits: Limits,
        *,
        asked: tuple[str, ...],
        only: tuple[str, ...],
        seed: int | None,
        fresh: bool,
    ) -> None:
        self.candidates = candidates
        self._name = secrets.token_hex(8)
        self._store, self._limits = store, limits
        self._asked, self._only, self._fresh = asked, only, fresh
        self._options = options_of_run(asked, only, seed)
        self._results: list[CandidateResult] = []
        self._kept: set[str] = set()

    def run(self, judges: Cluster | ThisMachine, progress: SweepProgress) -> Leaderboard:
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
        order = Order(
            folder=str(candidate.folder),
            others=tuple(sorted(candidate.others)),
            description=candidate.description.name,
            options=self._options,
            limits=self._limits,
        )
        content = pack(candidate.folder, candidate.others) if packed else None
        return Task(self._name, order, content)
