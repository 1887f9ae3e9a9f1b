"""However time is moved, the reference does as it should, and the report says how."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.run

WAYS = {
    "frozen": (),
    "aged": ("--spawn",),
    "faked": ("--spawn", "--clock", "faketime"),
}
IDS = ("AC-2", "AC-5", "FR-8")


@pytest.mark.parametrize("how", WAYS)
def test_a_clock_moves_the_reference(how: str, tmp_path: Path) -> None:
    only = [word for id_ in IDS for word in ("--only", id_)]
    done = subprocess.run(
        [
            *(sys.executable, "-m", "conformance", "run", "--quiet", *WAYS[how], *only),
            *("--report-dir", str(tmp_path)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    report = json.loads((tmp_path / "report.json").read_text())
    outcomes = {id_: report["requirements"][id_]["outcome"] for id_ in IDS}
    assert outcomes == dict.fromkeys(IDS, "passed"), done.stdout
    assert f"clock: {how}" in report["requirements"]["AC-5"]["points"]
