"""The features in a user's own pytest: its exit status is the conclusion's."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.target.database.postgres import EmbeddedPostgres
from tests.reference_described import described

pytestmark = pytest.mark.run

NOT_FOUND = """
import http.server, os
class NotFound(http.server.BaseHTTPRequestHandler):
    def answer(self):
        self.send_response(404)
        self.end_headers()
    do_GET = do_POST = do_HEAD = answer
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), NotFound).serve_forever()
"""


def _pytest(directory: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "--pyargs", "conformance", *options],
        cwd=directory,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_conforming_target_ends_with_zero(tmp_path: Path, postgres: EmbeddedPostgres) -> None:
    (tmp_path / "target.toml").write_text(described(postgres.url, mail={"kind": "smtp"}))
    done = _pytest(tmp_path, "--target", "target.toml", "--report-dir", "report")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "conformant: 10 of 10 asked requirements passed" in done.stdout
    report = json.loads((tmp_path / "report" / "report.json").read_text())
    assert report["conclusion"] == "conformant"


def test_a_failing_target_ends_with_one(tmp_path: Path) -> None:
    (tmp_path / "server.py").write_text(NOT_FOUND)
    (tmp_path / "target.toml").write_text(
        '[launch]\ncommand = ["{python}", "server.py"]\nenvironment = { PORT = "{port}" }\n'
    )
    done = _pytest(tmp_path, "--target", "target.toml")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "nonconformant" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_a_part_is_incomplete_even_where_all_of_it_passes(
    tmp_path: Path, postgres: EmbeddedPostgres
) -> None:
    (tmp_path / "target.toml").write_text(described(postgres.url))
    done = _pytest(tmp_path, "--target", "target.toml", "-k", "a_link_is_used_twice")
    assert done.returncode == 3, done.stdout + done.stderr


def test_without_a_target_it_says_what_is_missing(tmp_path: Path) -> None:
    done = _pytest(tmp_path)
    assert done.returncode != 0
    assert "the conformance features need a target: give --target FILE" in done.stderr
