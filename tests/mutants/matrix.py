"""`python -m tests.mutants.matrix`: the harness against every mutant and every permitted variant.

Exits 0 when every mutant was caught as declared, every variant passed and (in a run of everything)
every scenario failed for some mutant; otherwise 1. With names, only these are run, and with
`--sample` a fair share (see `sample.py`); only their rows are replaced in the results of an earlier
run.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.mutants.express.model import ExpressMutant
from tests.mutants.express.runner import all_express_mutants, run_express_mutant
from tests.mutants.harness_run import HarnessRun, stored_run
from tests.mutants.model import Mutant
from tests.mutants.page import write_page
from tests.mutants.registry import all_mutants
from tests.mutants.results import (
    Row,
    broken_row,
    mutant_row,
    never_failed,
    variant_row,
    write_results,
)
from tests.mutants.runner import run_mutant
from tests.mutants.sample import sample, turn_of_the_commit
from tests.mutants.verdict import Verdict, judge, told
from tests.variants.model import Variant
from tests.variants.registry import all_variants
from tests.variants.runner import run_variant


@dataclass(frozen=True)
class How:
    """How the matrix is run.

    `focused`: see `run_mutant`. `stored`: nothing is run, the reports in `directory` are judged.
    """

    directory: Path
    workers: int
    focused: bool
    stored: bool


def _row(entry: Mutant | Variant, how: How) -> Row:
    try:
        if isinstance(entry, Variant):
            return variant_row(entry, _run_of_variant(entry, how))
        target = "express" if isinstance(entry, ExpressMutant) else "reference"
        return mutant_row(_verdict(entry, how), target)
    except Exception as error:
        # One run that broke down must not cost the others.
        return broken_row(entry, str(error))


def _verdict(mutant: Mutant, how: How) -> Verdict:
    if how.stored:
        return judge(mutant, stored_run(how.directory / mutant.name))
    if isinstance(mutant, ExpressMutant):
        return run_express_mutant(mutant, how.directory, focused=how.focused)
    return run_mutant(mutant, how.directory, focused=how.focused)


def _run_of_variant(variant: Variant, how: How) -> HarnessRun:
    if how.stored:
        return stored_run(how.directory / variant.name)
    return run_variant(variant, how.directory)


def matrix(entries: Sequence[Mutant | Variant], how: How, tell: Callable[[Row], None]) -> list[Row]:
    """Run mutants and variants, several at a time; `tell` hears of each when it is done."""

    def run(entry: Mutant | Variant) -> Row:
        row = _row(entry, how)
        tell(row)
        return row

    with ThreadPoolExecutor(how.workers) as pool:
        return list(pool.map(run, entries))


def run_again(
    rows: Sequence[Row], entries: Sequence[Mutant | Variant], how: How, tell: Callable[[Row], None]
) -> list[Row]:
    """Run once more, one at a time, what came out wrong; what it was then is kept in `first_run`.

    Several runs side by side may leave too little of a processor for a limit in seconds.
    """
    alone = replace(how, directory=how.directory / "again", workers=1)
    wrong = {row.name: row for row in rows if not row.good}
    again = matrix([entry for entry in entries if entry.name in wrong], alone, tell)
    second = {row.name: replace(row, first_run=wrong[row.name].complaints) for row in again}
    return [second.get(row.name, row) for row in rows]


def chosen(names: Sequence[str]) -> list[Mutant | Variant]:
    """Return mutants and variants by name; all of them without names."""
    known: dict[str, Mutant | Variant] = {
        **all_mutants(),
        **all_express_mutants(),
        **all_variants(),
    }
    unknown = sorted(set(names) - set(known))
    if unknown:
        raise SystemExit(f"there is no mutant or variant {', '.join(unknown)}")
    return [known[name] for name in names or known]


def as_table(rows: Sequence[Row]) -> Table:
    """Return the matrix for a terminal."""
    table = Table("name", "expected", "found", "verdict", box=None, pad_edge=False)
    for row in rows:
        expected = "nothing" if row.kind == "variant" else told(row.violates)
        table.add_row(row.name, expected, told(row.failed), row.verdict)
        for complaint in row.complaints:
            table.add_row("", "", f"  {complaint}", "")
        for complaint in row.first_run:
            table.add_row("", "", f"  in a first run: {complaint}", "")
    return table


def _announcement(entries: Sequence[Mutant | Variant], turn: int) -> str:
    """Say which entries a sample has, and how the same ones are run again."""
    mutants = [each.name for each in entries if isinstance(each, Mutant)]
    variants = [each.name for each in entries if isinstance(each, Variant)]
    return (
        f"{len(mutants)} mutants: {', '.join(mutants)}\n"
        f"{len(variants)} variants: {', '.join(variants)}\n"
        f"to run the same again: make kill-matrix ARGS='--focused --sample {turn}'"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants.matrix", description=__doc__)
    parser.add_argument("names", nargs="*", help="mutants and variants; all of them by default")
    parser.add_argument(
        "--sample",
        type=int,
        nargs="?",
        const=0,
        metavar="TURN",
        help="a fair share for the hour of the commit, or for the turn given",
    )
    parser.add_argument("--workers", type=int, default=min(3, os.cpu_count() or 1))
    parser.add_argument("--focused", action="store_true", help="AC but AC-9, and the declared ids")
    parser.add_argument("--directory", type=Path, help="where the reports are kept")
    parser.add_argument("--stored", action="store_true", help="judge the reports that are there")
    parser.add_argument("--out", type=Path, help="where kill-matrix.json and .md go")
    given = parser.parse_args(arguments)
    console, started = Console(highlight=False), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="kill-matrix-") as scratch:
        how = How(given.directory or Path(scratch), given.workers, given.focused, given.stored)
        entries = chosen(given.names)
        if given.sample is not None:
            turn = given.sample or turn_of_the_commit()
            entries = sample(entries, turn)
            console.print(_announcement(entries, turn), markup=False)

        def tell(row: Row) -> None:
            console.print(f"{row.verdict:>14}  {row.name}", markup=False)

        rows = matrix(entries, how, tell)
        if not given.stored:
            rows = run_again(rows, entries, how, tell)
    seconds = time.monotonic() - started
    if given.out:
        write_results(rows, given.out / "kill-matrix.json")
        write_page(given.out / "kill-matrix.json", given.out / "kill-matrix.md")
    console.print(as_table(rows))
    bad = [row for row in rows if not row.good]
    twice = sum(bool(row.first_run) for row in rows)
    console.print(
        f"{len(rows) - len(bad)} of {len(rows)} as they should be ({twice} run twice), "
        f"in {seconds:.0f} s"
    )
    idle = [] if given.names or given.sample is not None else never_failed(rows)
    for name in idle:
        console.print(f"no mutant fails: {name}", markup=False)
    return 1 if bad or idle else 0


if __name__ == "__main__":
    sys.exit(main())
