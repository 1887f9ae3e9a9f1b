"""`python -m tests.mutants.matrix`: the harness against every mutant and every permitted variant.

Exits 0 when every mutant was caught as declared and every variant passed, otherwise 1.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.mutants.model import Mutant
from tests.mutants.registry import all_mutants
from tests.mutants.runner import run_mutant
from tests.mutants.verdict import Catch, told
from tests.variants.registry import all_variants
from tests.variants.runner import run_variant


@dataclass(frozen=True)
class Row:
    """One line of the matrix."""

    name: str
    expected: str
    found: str
    verdict: str
    good: bool
    remarks: tuple[str, ...] = ()


def mutant_row(mutant: Mutant, directory: Path, *, exact: bool) -> Row:
    """Run one mutant; with `exact`, an undeclared id of any kind is a complaint."""
    verdict = run_mutant(mutant, directory)
    good = verdict.catch is Catch.KILLED and not (exact and verdict.also_failed)
    remarks = verdict.complaints
    if verdict.also_failed:
        remarks += (f"undeclared: {told(verdict.also_failed)}",)
    return Row(
        mutant.name, told(mutant.violates), told(verdict.run.failed), verdict.catch, good, remarks
    )


def variant_row(name: str, directory: Path) -> Row:
    """Run one permitted variant."""
    complaints = run_variant(all_variants()[name], directory)
    verdict = "failed" if complaints else "passed"
    return Row(name, "nothing", "; ".join(complaints), verdict, not complaints)


def _safely(name: str, make: Callable[[], Row]) -> Row:
    try:
        return make()
    except Exception as error:
        return Row(name, "", "", "error", good=False, remarks=(str(error),))


def matrix(
    names: Sequence[str], directory: Path, workers: int, *, exact: bool, tell: Callable[[Row], None]
) -> list[Row]:
    """Run the named mutants and variants, `workers` at a time; all of them without names."""
    mutants, variants = all_mutants(), all_variants()
    unknown = set(names) - set(mutants) - set(variants)
    if unknown:
        raise SystemExit(f"there is no mutant or variant {', '.join(sorted(unknown))}")
    futures: list[Future[Row]] = []
    with ThreadPoolExecutor(workers) as pool:
        for name in names or [*mutants, *variants]:
            if name in mutants:
                make = _mutant_task(mutants[name], directory, exact=exact)
            else:
                make = _variant_task(name, directory)
            future = pool.submit(_safely, name, make)
            future.add_done_callback(lambda done: tell(done.result()))
            futures.append(future)
    return [future.result() for future in futures]


def _mutant_task(mutant: Mutant, directory: Path, *, exact: bool) -> Callable[[], Row]:
    return lambda: mutant_row(mutant, directory, exact=exact)


def _variant_task(name: str, directory: Path) -> Callable[[], Row]:
    return lambda: variant_row(name, directory)


def as_table(rows: Sequence[Row]) -> Table:
    """Return the matrix for a terminal."""
    table = Table("name", "expected", "found", "verdict", box=None, pad_edge=False)
    for row in rows:
        table.add_row(row.name, row.expected, row.found, row.verdict)
        for remark in row.remarks:
            table.add_row("", "", f"  {remark}", "")
    return table


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants.matrix")
    parser.add_argument("names", nargs="*", help="mutants and variants; all of them by default")
    parser.add_argument("--workers", type=int, default=min(3, os.cpu_count() or 1))
    parser.add_argument("--exact", action="store_true", help="every failed id must be declared")
    parser.add_argument("--directory", type=Path, help="where the reports are kept")
    given = parser.parse_args(arguments)
    console, started = Console(highlight=False), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="kill-matrix-") as scratch:
        rows = matrix(
            given.names,
            given.directory or Path(scratch),
            given.workers,
            exact=given.exact,
            tell=lambda row: console.print(f"{row.verdict:>14}  {row.name}", markup=False),
        )
    console.print(as_table(rows))
    bad = [row for row in rows if not row.good]
    console.print(
        f"{len(rows) - len(bad)} of {len(rows)} as they should be, "
        f"in {time.monotonic() - started:.0f} s"
    )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
