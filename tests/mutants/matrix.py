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
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.mutants.model import Mutant
from tests.mutants.registry import all_mutants
from tests.mutants.runner import run_mutant
from tests.mutants.verdict import Catch, told
from tests.variants.model import Variant
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


@dataclass(frozen=True)
class How:
    """How the matrix is run.

    `exact`: an id that failed undeclared is a complaint, whatever its kind. `focused`: see
    `run_mutant`.
    """

    directory: Path
    workers: int
    exact: bool
    focused: bool


def mutant_row(mutant: Mutant, how: How) -> Row:
    """Run one mutant."""
    verdict = run_mutant(mutant, how.directory, focused=how.focused)
    good = verdict.catch is Catch.KILLED and not (how.exact and verdict.also_failed)
    remarks = verdict.complaints
    if verdict.also_failed:
        remarks += (f"undeclared: {told(verdict.also_failed)}",)
    return Row(
        mutant.name, told(mutant.violates), told(verdict.run.failed), verdict.catch, good, remarks
    )


def variant_row(variant: Variant, how: How) -> Row:
    """Run one permitted variant."""
    complaints = run_variant(variant, how.directory)
    verdict = "failed" if complaints else "passed"
    return Row(variant.name, "nothing", "; ".join(complaints), verdict, not complaints)


def _row(entry: Mutant | Variant, how: How) -> Row:
    try:
        if isinstance(entry, Mutant):
            return mutant_row(entry, how)
        return variant_row(entry, how)
    except Exception as error:
        # One run that broke down must not cost the others.
        return Row(entry.name, "", "", "error", good=False, remarks=(str(error),))


def matrix(entries: Sequence[Mutant | Variant], how: How, tell: Callable[[Row], None]) -> list[Row]:
    """Run mutants and variants, several at a time; `tell` hears of each when it is done."""

    def run(entry: Mutant | Variant) -> Row:
        row = _row(entry, how)
        tell(row)
        return row

    with ThreadPoolExecutor(how.workers) as pool:
        return list(pool.map(run, entries))


def chosen(names: Sequence[str]) -> list[Mutant | Variant]:
    """Return mutants and variants by name; all of them without names."""
    known: dict[str, Mutant | Variant] = {**all_mutants(), **all_variants()}
    unknown = sorted(set(names) - set(known))
    if unknown:
        raise SystemExit(f"there is no mutant or variant {', '.join(unknown)}")
    return [known[name] for name in names or known]


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
    parser.add_argument("--focused", action="store_true", help="the declared ids and AC only")
    parser.add_argument("--directory", type=Path, help="where the reports are kept")
    given = parser.parse_args(arguments)
    console, started = Console(highlight=False), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="kill-matrix-") as scratch:
        how = How(given.directory or Path(scratch), given.workers, given.exact, given.focused)
        rows = matrix(
            chosen(given.names),
            how,
            lambda row: console.print(f"{row.verdict:>14}  {row.name}", markup=False),
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
