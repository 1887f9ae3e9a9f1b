"""An existing service that has taken over the magic link (docs/reference/adopt.md) conforms."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.run
TARGET = Path(__file__).parent / "adopting" / "target.toml"


def test_it_passes_every_requirement(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "conformance", "run", "--quiet", "--target", str(TARGET)),
            *("--require", "all", "--workers", "4", "--report-dir", str(tmp_path)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    report = json.loads((tmp_path / "report.json").read_text())
    outcomes = [entry["outcome"] for entry in report["requirements"].values()]
    assert outcomes == ["passed"] * 31, done.stdout + done.stderr
    assert (done.returncode, report["conclusion"]) == (0, "conformant"), done.stdout
