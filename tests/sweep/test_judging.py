"""A sweep waits for no supervisor without end."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from conformance.sweep import judging
from conformance.sweep.judging import Task, judge
from conformance.sweep.order import Limits, Order

pytestmark = pytest.mark.run

HALTS_ITSELF = "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)"


def test_a_supervisor_that_was_halted_is_ended(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HALTS_ITSELF], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as halted:
        monkeypatch.setattr(judging._supervisors, "start", lambda _: halted)
        monkeypatch.setattr(judging, "_SLACK_SECONDS", 0.5)
        order = Order(str(tmp_path), (), "target.toml", (), Limits(seconds=0.5))
        judged = judge(Task("a sweep", order))
    assert judged.trouble == "its supervisor ended with status -9"
