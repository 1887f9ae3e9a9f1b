"""`python -m tests.benchmarks [NAMES]`: measure, print Markdown, judge the aims.

`--markdown docs/reference/speed.md` writes the same into that page's section *Measured*, `--json`
writes the figures for a program.

Exit code 0 when it was measured, 1 with `--strict` when an aim was missed, 2 for a wrong call.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path

from conformance.target.database.postgres import EmbeddedPostgres
from tests.benchmarks import (
    boards,
    candidates,
    cost,
    growth,
    layers,
    login,
    parsing,
    sampling,
    verdict,
    verify,
)
from tests.benchmarks.page import measured_page, write_measured
from tests.benchmarks.result import Result

_BENCHMARKS: dict[str, Callable[[EmbeddedPostgres, Path], Result]] = {
    "verify": verify.run,
    "layers": layers.run,
    "login": login.run,
    "verify-growth": growth.verify,
    "request-growth": growth.request,
    "verdict": verdict.run,
    "sampling": sampling.run,
    "parsing-growth": parsing.run,
    "scenario-growth": cost.scenarios,
    "account-growth": cost.accounts,
    "candidate-growth": candidates.run,
    "leaderboard-growth": boards.run,
}


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmarks that were named, or all."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(_BENCHMARKS))
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    parser.add_argument(
        "--markdown",
        type=measured_page,
        metavar="FILE",
        help="write them into its section Measured, too",
    )
    parser.add_argument("--strict", action="store_true", help="fail when an aim is missed")
    called = parser.parse_args(arguments)
    unknown = [name for name in called.names if name not in _BENCHMARKS]
    if unknown:
        parser.error(f"there is no benchmark {unknown[0]}: known are {', '.join(_BENCHMARKS)}")
    machine = _machine()
    parts = [", ".join(f"{name} {value}" for name, value in machine.items()) + ".\n"]
    print(parts[0], flush=True)  # noqa: T201
    results = []
    for name in called.names or _BENCHMARKS:
        results.append(_run(name))
        parts.append(results[-1].markdown())
        print(parts[-1], flush=True)  # noqa: T201
    if called.markdown:
        write_measured(called.markdown, "\n".join(parts))
    if called.json:
        content = {"machine": machine, "results": [asdict(result) for result in results]}
        called.json.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    missed = not all(met for result in results for met in result.aims.values())
    return int(called.strict and missed)


def _run(name: str) -> Result:
    """Run one benchmark on a PostgreSQL of its own."""
    postgres = EmbeddedPostgres()
    try:
        with tempfile.TemporaryDirectory(prefix="mlc-bench-") as scratch:
            return _BENCHMARKS[name](postgres, Path(scratch))
    finally:
        postgres.close()


def _machine() -> dict[str, str]:
    fast = [name for name in ("uvloop", "httptools") if find_spec(name)]
    return {
        "Processors": str(os.cpu_count()),
        "load before": f"{os.getloadavg()[0]:.1f}",
        "Python": platform.python_version(),
        "with": " and ".join(fast) or "neither uvloop nor httptools",
    }


if __name__ == "__main__":
    sys.exit(main())
