"""`python -m tests.diagnosis DIRECTORY …`: how far a report's diagnosis can be believed.

Reads the reports that `python -m tests.mutants.matrix --directory DIRECTORY` has left, prints the
figures, and with `--write` puts them into `docs/diagnosis.md`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.diagnosis.page import page
from tests.diagnosis.stored import stored_reports
from tests.mutants.harness_run import ROOT

PAGE = ROOT / "docs" / "diagnosis.md"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m tests.diagnosis", description=__doc__)
    parser.add_argument("directories", nargs="+", type=Path, metavar="DIRECTORY")
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.relative_to(ROOT)}")
    given = parser.parse_args(arguments)
    stored = stored_reports(given.directories)
    if not stored:
        parser.error("there is no report of a mutant that was killed in these directories")
    text = page(stored)
    sys.stdout.write(text)
    if given.write:
        PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
