"""`python -m tests.comparison`: the usual ways against every mutant and every permitted variant.

Writes `comparison.json`. Exits 0 when every run could be made, otherwise 1.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from conformance.target.database.postgres import EmbeddedPostgres
from tests.comparison.implementations import chosen, of_mutant, of_variant
from tests.comparison.measuring import WAYS, How, Measured, baseline, measure
from tests.comparison.report import as_json
from tests.comparison.ways import EXAMPLES

_LEFT_OUT = "sends its mail by another protocol than the mailbox's SMTP"


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.comparison")
    parser.add_argument("--names", nargs="*", default=[], help="mutants and variants; all of them")
    parser.add_argument("--workers", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--directory", type=Path, default=Path("build"), help="for comparison.json")
    parser.add_argument("--reference-runs", type=int, default=3, help="of the plain reference")
    parser.add_argument("--max-examples", type=int, default=EXAMPLES, help="schemathesis's")
    return parser.parse_args(arguments)


def _told(measured: Measured) -> str:
    cells = []
    for way in WAYS:
        finding = measured.findings.get(way)
        word = "error" if finding is None else "caught" if finding.failures else "-"
        cells.append(f"{way} {word:6} {finding.seconds if finding else 0:5.1f} s")
    return f"{'  '.join(cells)}  {measured.implementation.name}"


def _table(summary: dict[str, dict[str, int | float | None]]) -> Table:
    table = Table("way", "caught", "failed wrongly", "seconds each", box=None, pad_edge=False)
    for way, found in summary.items():
        table.add_row(
            way,
            f"{found['caught']} of {found['mutants']} mutants",
            f"{found['failed_wrongly']} of {found['variants']} variants",
            str(found["median_seconds"]),
        )
    return table


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command."""
    given = _arguments(arguments)
    console, started = Console(highlight=False), time.monotonic()
    chosen_mutants, chosen_variants = chosen(given.names)
    with tempfile.TemporaryDirectory(prefix="comparison-variants-") as scratch:
        made = {each.name: of_variant(each, Path(scratch) / each.name) for each in chosen_variants}
        variants = [each for each in made.values() if each is not None]
        server = EmbeddedPostgres()
        try:
            how = How(server.url, given.workers, given.max_examples)
            known = baseline(how, given.reference_runs)
            found = measure(
                [*(of_mutant(mutant) for mutant in chosen_mutants), *variants],
                how,
                known,
                lambda measured: console.print(_told(measured), markup=False, soft_wrap=True),
            )
        finally:
            server.close()
    report = as_json(
        known,
        found[: len(chosen_mutants)],
        found[len(chosen_mutants) :],
        [f"{name}: {_LEFT_OUT}" for name, each in made.items() if each is None],
        given.max_examples,
    )
    given.directory.mkdir(parents=True, exist_ok=True)
    path = given.directory / "comparison.json"
    path.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    console.print(_table(report["summary"]))
    errors = [
        f"{measured.implementation.name}: {way}: {error}"
        for measured in found
        for way, error in measured.errors.items()
    ]
    console.print(*errors, sep="\n", markup=False)
    console.print(f"{path}, in {time.monotonic() - started:.0f} s")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
