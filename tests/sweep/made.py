"""Candidates in folders of their own, made for a test."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.place import STUB

# Ways to misbehave, each with a part of what its row of the leaderboard says.
HOSTILE = {
    "eats-memory": "over its memory limit",
    "fills-its-log": "over its disk limit",
    "forks": "processes and threads",
    "hangs": "over its time limit",
    "never-ready": "the target was not ready",
}
# What the stub is asked about: it can be seen to do this.
PART = ("--only", "AC-1")
_MISBEHAVES = Path(__file__).parent / "hostile" / "candidate.py"


def make_good(folder: Path, name: str = "good") -> Path:
    """Make a candidate that mails links; return its folder."""
    return _make(folder / name, STUB, "honest", ready_seconds=30)


def make_hostile(folder: Path, mode: str) -> Path:
    """Make a candidate that misbehaves in this mode; return its folder."""
    ready_seconds = 4 if mode == "never-ready" else 600
    return _make(folder / mode, _MISBEHAVES, mode, ready_seconds)


def _make(folder: Path, program: Path, mode: str, ready_seconds: int) -> Path:
    folder.mkdir(parents=True)
    shutil.copy(program, folder / "candidate.py")
    (folder / "target.toml").write_text(
        f"""
name = "a candidate that is {mode}"

[launch]
command = ["{{python}}", "candidate.py", "{{port}}", "{mode}"]
ready_seconds = {ready_seconds}
environment = {{ SMTP_PORT = "{{smtp_port}}" }}

[mail]
kind = "smtp"
delay_ms = 1

[accounts]
kind = "list"

[[accounts.listed]]
email = "somebody@example.com"
"""
    )
    return folder
