"""`python -m tests.stability`: the reference and two variants, again and again, on busy cores.

Exits 0 when every run was conformant and no outcome changed, otherwise 1.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any

from tests.stability.load import busy_cores
from tests.stability.runs import repeat
from tests.variants.model import Variant
from tests.variants.registry import all_variants

# Another clock, and other processes: the two that have most to go wrong.
VARIANTS = ("database-clock", "two-processes")


def _unaltered(description: dict[str, Any], _: Path) -> None:
    description["in_process"]["environment"]["VARIANT"] = ""


REFERENCE = Variant("reference", "The reference as it is.", lambda change: None, _unaltered)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m tests.stability")
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--at-once", type=int, default=3, help="implementations side by side")
    parser.add_argument(
        "--burners",
        type=int,
        default=os.cpu_count() or 1,
        help="processes that keep cores busy: one per core; fewer where other work does that",
    )
    parser.add_argument("--directory", type=Path, help="where the reports are kept")
    given = parser.parse_args(arguments)
    implementations = [REFERENCE, *(all_variants()[name] for name in VARIANTS)]
    with tempfile.TemporaryDirectory(prefix="stability-") as scratch, busy_cores(given.burners):
        directory = given.directory or Path(scratch)
        with ThreadPoolExecutor(given.at_once) as pool:
            series = list(
                pool.map(lambda each: repeat(each, given.times, directory), implementations)
            )
    complaints = [line for each in series for line in [*each.not_conformant(), *each.changes()]]
    for each in series:
        sys.stdout.write(
            f"{each.name}: {len(each.runs)} runs, {median(each.seconds):.0f} s each (median), "
            f"{len(each.changes())} outcomes changed\n"
        )
    for line in complaints:
        sys.stdout.write(f"{line}\n")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
