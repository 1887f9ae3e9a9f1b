"""The Express target, launched by the harness as a user would: everything passes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance.target.database.postgres import EmbeddedPostgres
from tests.components import need, need_node
from tests.targets.installing import installed_express

pytestmark = pytest.mark.run

POSTGRES_15 = Path("/usr/lib/postgresql/15/bin")


@pytest.fixture(scope="module")
def express() -> Path:
    """Return the folder of the Express target, its packages installed from its lock file."""
    need_node()
    return installed_express()


def _run(target: Path, report_dir: Path, *options: str) -> tuple[int, dict[str, Any], str]:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "conformance", "run", "--quiet"),
            *("--target", str(target), "--report-dir", str(report_dir), *options),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    report = json.loads((report_dir / "report.json").read_text())
    return done.returncode, report, done.stdout + done.stderr


def test_it_passes_every_requirement(express: Path, tmp_path: Path) -> None:
    status, report, output = _run(express / "target.toml", tmp_path, "--require", "all")
    outcomes = {id_: entry["outcome"] for id_, entry in report["requirements"].items()}
    assert set(outcomes.values()) == {"passed"}, output
    assert (status, report["conclusion"]) == (0, "conformant"), output


@pytest.fixture
def postgres_15() -> Iterator[EmbeddedPostgres]:
    need((POSTGRES_15 / "postgres").exists(), "PostgreSQL 15")
    server = EmbeddedPostgres(POSTGRES_15)
    yield server
    server.close()


def test_it_passes_on_a_server_of_the_users(
    express: Path, postgres_15: EmbeddedPostgres, tmp_path: Path
) -> None:
    """`database.server` names any PostgreSQL; here Debian's 15 instead of the wheel's 18."""
    description = (express / "target.toml").read_text()
    description = description.replace("[launch]\n", f'[launch]\ndirectory = "{express}"\n', 1)
    description += f'\n[database]\nserver = "{postgres_15.url}"\n'
    target = tmp_path / "target.toml"
    target.write_text(description)
    status, report, output = _run(target, tmp_path / "report")
    assert (status, report["conclusion"]) == (0, "conformant"), output
    assert report["requirements"]["NFR-2"]["outcome"] == "passed", output
