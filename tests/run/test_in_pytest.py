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


# What allure-pytest-bdd and allure-pytest do.
OTHER_PLUGIN = """
from pathlib import Path
import pytest

def pytest_bdd_before_scenario(request, feature):
    assert Path(feature.filename).relative_to(request.config.rootpath).parts[0] == "features"

@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    with open("seen.txt", "a") as file:
        print(report.when, report.outcome, file=file)
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


def test_other_plugins_see_outcomes_places_and_links(tmp_path: Path) -> None:
    (tmp_path / "server.py").write_text(NOT_FOUND)
    (tmp_path / "other.py").write_text(OTHER_PLUGIN)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "target.toml").write_text(
        '[launch]\ncommand = ["{python}", "server.py"]\nenvironment = { PORT = "{port}" }\n'
    )
    options = ("-c", "pytest.ini", "-p", "other", "-k", "right_away", "--junitxml", "junit.xml")
    done = _pytest(tmp_path, "--target", "target.toml", *options)
    assert done.returncode == 3, done.stdout + done.stderr
    # Untested, since there is no mailbox: nothing has failed.
    seen = (tmp_path / "seen.txt").read_text().splitlines()
    assert seen == ["setup passed", "call skipped", "teardown passed"]
    written = (tmp_path / "junit.xml").read_text()
    for name, value in (("requirement", "AC-2"), ("feature", "features/happy_path.feature")):
        assert f'<property name="{name}" value="{value}"' in written


def test_without_a_target_it_says_what_is_missing(tmp_path: Path) -> None:
    done = _pytest(tmp_path)
    assert done.returncode != 0
    assert "the conformance features need a target: give --target FILE" in done.stderr
