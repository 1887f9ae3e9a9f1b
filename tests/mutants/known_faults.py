"""`python -m tests.mutants.known_faults MATRIX.json`: writes `known_faults.json` of the report.

That file is what a failed run is compared with, so that its report can name a likely fault.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.mutants.harness_run import ROOT

KNOWN_FAULTS = ROOT / "conformance" / "report" / "known_faults.json"


def known_faults(matrix: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the picture of every fault of the reference that the matrix killed."""
    return [
        {
            "name": row["name"],
            "fault": row["about"],
            "ids": row["violates"],
            "picture": {each["name"]: _symptom(each) for each in row["failures"]},
        }
        for row in sorted(matrix["mutants"], key=lambda row: str(row["name"]))
        if row["good"] and row["target"] == "reference"
    ]


def _symptom(failure: Mapping[str, Any]) -> dict[str, Any]:
    return {key: failure[key] for key in ("step", "found", "size") if failure[key] is not None}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants.known_faults")
    parser.add_argument("matrix", type=Path)
    given = parser.parse_args(arguments)
    found = known_faults(json.loads(given.matrix.read_text(encoding="utf-8")))
    KNOWN_FAULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(f"{KNOWN_FAULTS}: {len(found)} faults\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
