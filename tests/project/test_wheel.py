"""The built wheel holds all that a run needs: features, spec and reference included."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.run

ROOT = Path(__file__).parents[2]
_WHERE = "from conformance.requirements import resources; print(resources.features_dir())"


def test_the_wheel_runs_from_an_empty_directory(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "dist")],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    [wheel] = (tmp_path / "dist").glob("*.whl")
    installed, empty = tmp_path / "installed", tmp_path / "empty"
    zipfile.ZipFile(wheel).extractall(installed)
    empty.mkdir()
    # Ahead of the checkout that this environment has installed.
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    done = subprocess.run(
        [sys.executable, "-m", "conformance", "run", "--only", "AC-4", "--quiet"],
        cwd=empty,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3, done.stdout + done.stderr
    report = json.loads((empty / "conformance-report" / "report.json").read_text())
    assert report["requirements"]["AC-4"]["outcome"] == "passed"
    assert 'id="AC-4"' in (empty / "conformance-report" / "report.html").read_text()
    where = subprocess.run(
        [
            sys.executable,
            "-c",
            _WHERE,
        ],
        cwd=empty,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(where.stdout.strip()) == installed / "conformance" / "features"
