"""Commands that only read files start fast: they import no database driver, no mail, no pytest."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {"psycopg", "aiosmtpd", "pytest", "_pytest", "schemathesis", "httpx2", "pydantic"}
SPEC = Path(__file__).parents[2] / "spec" / "magic-link.md"
FAST = [
    ["--help"],
    ["lint", "--help"],
    ["lint", str(SPEC)],
    ["trace"],
    ["init", "--go"],
    ["new", "x"],
]
FAST += [["trace", str(SPEC), "--openapi", str(SPEC.with_name("openapi.yaml"))]]
PRINT_MODULES = """
import atexit, sys
atexit.register(lambda: print(*{name.partition(".")[0] for name in sys.modules}, file=sys.stderr))
from conformance.cli.main import main
main()
"""


def imported(arguments: list[str], directory: Path) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", PRINT_MODULES, *arguments],
        cwd=directory,
        capture_output=True,
        text=True,
        check=True,
    )
    return {*done.stderr.splitlines()[-1].split()}


@pytest.mark.parametrize("arguments", FAST, ids=[each[0] for each in FAST])
def test_a_command_that_reads_files_imports_nothing_heavy(
    arguments: list[str], tmp_path: Path
) -> None:
    modules = imported(arguments, tmp_path)
    assert "click" in modules
    assert modules & HEAVY == set()


def test_what_is_heavy_is_recognised(tmp_path: Path) -> None:
    assert {"psycopg", "pytest"} <= imported(["run", "--help"], tmp_path)
