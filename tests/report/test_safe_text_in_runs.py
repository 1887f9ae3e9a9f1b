"""What a target prints and how its folder is called gives a CI job no command, in real runs."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.place import REPOSITORY, Ended, Place
from tests.sweep.made import PART, make_good

pytestmark = pytest.mark.run

JOB = {"GITHUB_ACTIONS": "true", "CI": "true"}
SAYS = "print('::error::from the target\\n##[error]too \\x1b[2J', flush=True)"
NEVER_STARTS = f"""[launch]
command = ["{{python}}", "-c", '''{SAYS}''']
ready_seconds = 5
"""
PRINTS = f"""
{SAYS}
async def app(scope, receive, send):
    {SAYS}
    await send({{"type": "http.response.start", "status": 202, "headers": []}})
    await send({{"type": "http.response.body", "body": b"x"}})
"""
IN_PROCESS = '[in_process]\napp = "prints:app"\n'


@pytest.fixture
def place() -> Iterator[Place]:
    with Place() as place:
        yield place


def obeyed(printed: str) -> list[str]:
    """Return the lines that a runner of GitHub takes for commands and obeys."""
    found, mark = [], ""
    for line in printed.splitlines():
        if not mark and line.startswith("::stop-commands::"):
            mark = line.removeprefix("::stop-commands::")
        elif mark and line.strip() == f"::{mark}::":
            mark = ""
        elif not mark and (line.lstrip().startswith("::") or "##[" in line):
            found.append(line)
    assert not mark
    return found


def expect_nothing_obeyed(ended: Ended) -> None:
    assert obeyed(ended.out) == []
    assert obeyed(ended.err) == []
    assert "\x1b" not in ended.err


@pytest.mark.parametrize("options", [(), ("--quiet",)])
def test_the_last_lines_of_a_target_that_does_not_start(
    place: Place, options: tuple[str, ...]
) -> None:
    ended = place.run("--target", place.describe(NEVER_STARTS), *options, **JOB)

    assert ended.code == 4
    assert ": :error: :from the target\n# #[error]too \ufffd[2J" in ended.err
    expect_nothing_obeyed(ended)


@pytest.mark.parametrize("options", [(), ("--quiet",)])
def test_a_target_in_this_process_that_prints(place: Place, options: tuple[str, ...]) -> None:
    (place.directory / "prints.py").write_text(PRINTS)
    target = place.describe(IN_PROCESS)
    ended = place.run("--target", target, "--only", "AC-6", *options, **JOB)

    assert "::error::from the target" in ended.out
    expect_nothing_obeyed(ended)


def test_the_folder_of_a_candidate(place: Place) -> None:
    make_good(place.directory / "candidates", "::error::from a folder ##[error] \x1b[2J")
    make_good(place.directory / "candidates", "good")
    swept = place.start("sweep", "candidates", "--workers", "1", *PART, **JOB).end()

    assert ": :error: :from a folder # #[error] \ufffd[2J" in swept.out, swept.err
    assert "\x1b" not in swept.out
    expect_nothing_obeyed(swept)


def test_in_the_callers_own_pytest(place: Place) -> None:
    place.describe(NEVER_STARTS)
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "--pyargs", "conformance", "--target", "target.toml"],
        cwd=place.directory,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), **JOB},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ": :error: :from the target" in ended.stdout
    assert obeyed(ended.stdout + ended.stderr) == []
