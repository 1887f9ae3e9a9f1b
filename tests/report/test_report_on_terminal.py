"""The command on a terminal of 80 columns, in CI, quiet, and without colour."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from conformance.report.files import REPORT_FILES
from tests.place import REPOSITORY, Place, launch

pytestmark = pytest.mark.run

TARGET = launch(
    "html",
    "[accounts]",
    'kind = "list"',
    'listed = [{ email = "a@example.com" }, { email = "b@example.com" }]',
    "[mail]",
    'kind = "smtp"',
)
ONLY = ("--only", "AC-1,AC-6")
ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
COLOUR = re.compile(r"\x1b\[(?:\d+;)*(?:3[0-7]|4[0-7]|9[0-7])m")
CURSOR = re.compile(r"\x1b\[[0-9?]*[ABCDGHJKhl]")


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    with Place() as place:
        yield place


def on_terminal(place: Place, *arguments: str, **variables: str) -> str:
    """Run the command on a terminal of 80 columns and return everything that it wrote there."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "conformance", "run"),
            *("--target", place.describe(TARGET), *ONLY, *arguments),
        ],
        cwd=place.directory,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(REPOSITORY),
            "TMPDIR": str(place.temporary),
            "TERM": "xterm-256color",
            **variables,
        },
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    chunks: list[bytes] = []
    with suppress(OSError):  # how a terminal ends
        while chunk := os.read(ours, 65_536):
            chunks.append(chunk)
    os.close(ours)
    assert process.wait(60) == 1
    return b"".join(chunks).decode()


def shown(text: str) -> list[str]:
    """Return the lines without escape sequences; what was written over stands on its own."""
    return ESCAPE.sub("", text).replace("\r\n", "\n").replace("\r", "\n").splitlines()


@pytest.fixture(scope="module")
def usual(place: Place) -> str:
    return on_terminal(place)


def test_progress_names_the_scenario_under_way(usual: str) -> None:
    assert any(
        re.search(r"\d of \d+  AC-1  a registered user asks for a link", line)
        for line in shown(usual)
    )


def test_when_all_have_ended_it_says_what_takes_time(usual: str) -> None:
    assert any("stopping what was started" in line for line in shown(usual))


def test_nothing_is_wider_than_the_terminal(usual: str) -> None:
    assert max(map(len, shown(usual))) <= 80


def test_the_terminal_is_left_as_it_was(usual: str) -> None:
    assert COLOUR.search(usual)
    assert usual.rindex("\x1b[?25h") > usual.rindex("\x1b[?25l")
    assert "nonconformant: AC-1, AC-6" in " ".join(shown(usual))


def test_without_colour_the_words_are_the_same(place: Place, usual: str) -> None:
    plain = on_terminal(place, NO_COLOR="1")

    assert not COLOUR.search(plain)
    assert table(plain) == table(usual)


def table(text: str) -> list[str]:
    lines = [line.rstrip() for line in shown(text)]
    start = next(n for n, line in enumerate(lines) if line.split()[:2] == ["id", "outcome"])
    return lines[start:]


@pytest.fixture(scope="module")
def files(place: Place) -> dict[str, Path]:
    return {name: place.directory / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}


@pytest.fixture(scope="module")
def job(place: Place, files: dict[str, Path]) -> str:
    named = {name: str(path) for name, path in files.items()}
    return on_terminal(place, CI="true", GITHUB_ACTIONS="true", **named)


def test_in_ci_nothing_is_written_over(job: str) -> None:
    assert not CURSOR.search(job)
    assert any(re.match(r"failed +AC-1 +a registered user asks", line) for line in shown(job))


def test_a_job_of_github_gets_annotations_summary_and_outputs(
    job: str, files: dict[str, Path]
) -> None:
    errors = [line for line in job.splitlines() if line.startswith("::error")]

    assert errors
    assert errors == obeyed(job)
    assert errors[0].startswith("::error file=features/")
    assert "conclusion<<" in files["GITHUB_OUTPUT"].read_text()
    assert "| AC-1 | failed |" in files["GITHUB_STEP_SUMMARY"].read_text()


def obeyed(log: str) -> list[str]:
    """Return the lines that a runner takes for commands, with those that it must not obey."""
    found, mark = [], ""
    for line in log.splitlines():
        if not mark and line.startswith("::stop-commands::"):
            mark = line.removeprefix("::stop-commands::")
        elif mark and line == f"::{mark}::":
            mark = ""
        elif not mark:
            found.append(line)
    assert not mark
    return [line for line in found if not line.startswith(("starts ", "requests "))]


def test_quiet_prints_the_result_only(place: Place) -> None:
    summary = "/proc/nowhere/summary"
    text = on_terminal(place, "--quiet", GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=summary)
    printed = [line for line in shown(text) if line.strip()]
    complaint, *lines = [line for line in printed if not line.startswith("::")]

    assert not CURSOR.search(text)
    assert complaint.endswith(f"GITHUB_STEP_SUMMARY: {summary}: No such file or directory")
    assert lines[0].split()[:2] == ["id", "outcome"]
    assert "::error" not in text


def test_in_a_pipe_there_are_plain_lines_of_80_columns(place: Place) -> None:
    ended = place.run("--target", place.describe(TARGET), *ONLY)

    assert ended.code == 1
    assert "\x1b" not in ended.out
    assert max(map(len, ended.out.splitlines())) <= 80
    assert "::error" not in ended.out
    folder = place.directory / "conformance-report"
    assert set(REPORT_FILES) <= {path.name for path in folder.iterdir()}
    assert "is nonconformant" in (folder / "feedback.md").read_text()
