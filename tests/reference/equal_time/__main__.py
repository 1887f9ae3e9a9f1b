"""`python -m tests.reference.equal_time [--markdown FILE]`: the table of AC-9, in five minutes.

Differences of the median times of unknown and of suspended addresses from those of known ones, for
each provider, delay and number of requests in flight.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from conformance.target.database.postgres import EmbeddedPostgres
from tests.benchmarks.page import measured_page, write_measured
from tests.reference.equal_time.measuring import (
    CONFIDENCE,
    Addresses,
    Cell,
    Difference,
    Times,
    filled_database,
    measure,
)
from tests.reference.equal_time.provider import JITTER

PROVIDERS = ("sendgrid", "smtp")
DELAYS_MS = (0, 50, 150, 400, 1000)
LIMIT_MS = 50
PER_KIND = 300
# Where many requests at once keep a processor busy, the times spread.
PER_KIND_WHERE_BUSY = 600
BUSY_BELOW_MS = 200
# One at a time is mostly waiting: these run side by side, the slowest with several references.
SIDE_BY_SIDE_SECONDS = 100.0
COPIES = {400: 3, 1000: 6}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m tests.reference.equal_time")
    parser.add_argument(
        "--markdown",
        type=measured_page,
        metavar="FILE",
        help="write it into its section Measured, too",
    )
    given = parser.parse_args(arguments)
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="equal-time-") as scratch:
        server = EmbeddedPostgres()
        try:
            table = _table(_all_times(server.url, Path(scratch)), load)
        finally:
            server.close()
    sys.stdout.write(table)
    if given.markdown:
        write_measured(given.markdown, table)
    return 0


def _all_times(server_url: str, scratch: Path) -> list[Times]:
    database_url = filled_database(server_url)
    addresses = Addresses()

    def quick(cell: Cell) -> Times:
        busy = cell.in_flight > 1 and cell.delay_ms < BUSY_BELOW_MS
        per_kind = PER_KIND_WHERE_BUSY if busy else PER_KIND
        return measure(cell, database_url, scratch, addresses, per_kind=per_kind)

    def waiting(cell: Cell) -> Times:
        return measure(
            cell,
            database_url,
            scratch,
            addresses,
            per_kind=PER_KIND,
            seconds=SIDE_BY_SIDE_SECONDS,
            copies=COPIES.get(cell.delay_ms, 1),
        )

    one = list(_cells(1))
    times = [quick(cell) for cell in one if cell.delay_ms == 0]
    slow = [cell for cell in one if cell.delay_ms]
    with ThreadPoolExecutor(len(slow)) as threads:
        times += threads.map(waiting, slow)
    return times + [quick(cell) for cell in _cells(50)]


def _cells(in_flight: int) -> Iterator[Cell]:
    for provider in PROVIDERS:
        for delay_ms in DELAYS_MS:
            yield Cell(provider, delay_ms, in_flight)


def _table(times: list[Times], load: float) -> str:
    order = {provider: n for n, provider in enumerate(PROVIDERS)}
    ordered = sorted(
        times, key=lambda t: (order[t.cell.provider], t.cell.in_flight, t.cell.delay_ms)
    )
    lines = [
        f"In milliseconds. Jitter {JITTER:.0%}; intervals of {CONFIDENCE:.0%}. "
        f"Processors: {os.cpu_count()}; load before: {load:.1f}.",
        "",
        "| mail | provider takes | in flight | requests of each kind | known: median "
        "| unknown - known | suspended - known |",
        "| --- | ---: | ---: | ---: | ---: | --- | --- |",
        *map(_row, ordered),
        "",
        _conclusion(times),
    ]
    return "\n".join(lines) + "\n"


def _conclusion(times: list[Times]) -> str:
    differences = [each.difference(kind) for each in times for kind in ("unknown", "suspended")]
    inside = sum(max(-each.low, each.high) < LIMIT_MS for each in differences)
    return f"{inside} of {len(differences)} intervals lie inside ±{LIMIT_MS} ms (AC-9)."


def _row(times: Times) -> str:
    cell = times.cell
    differences = " | ".join(_shown(times.difference(kind)) for kind in ("unknown", "suspended"))
    return (
        f"| {cell.provider} | {cell.delay_ms} | {cell.in_flight} | {times.per_kind} "
        f"| {times.median_ms('known'):.0f} | {differences} |"
    )


def _shown(difference: Difference) -> str:
    return f"{difference.milliseconds:+.1f} ({difference.low:+.1f} to {difference.high:+.1f})"


if __name__ == "__main__":
    sys.exit(main())
