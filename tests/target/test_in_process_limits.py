"""Code that is served in process: it may take only so long until it is there."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from conformance.outcomes import TargetLost
from conformance.target.launch import in_process
from conformance.target.launch.in_process import InProcessTarget, preload
from conformance.target.launch.ports import free_port

SLEEPS = "import time\ntime.sleep(1_000)\n"
SPINS = "while True:\n    pass\n"
RETRIES = """
import time
while True:
    try:
        time.sleep(0.01)
        raise ConnectionRefusedError
    except Exception:
        pass
"""
BUILDS = "import threading\ndef app():\n    threading.Event().wait()\n"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(in_process, "_BUILD_SECONDS", 0.2)
    monkeypatch.syspath_prepend(tmp_path)


@pytest.mark.parametrize(
    ("name", "code"),
    [("sleeps", SLEEPS), ("spins", SPINS), ("retries", RETRIES), ("builds", BUILDS)],
)
def test_an_application_that_is_never_built_is_a_target_that_does_not_start(
    tmp_path: Path, name: str, code: str
) -> None:
    (tmp_path / f"never_{name}.py").write_text(code)
    app = f"never_{name}:app"
    with pytest.raises(TargetLost, match=f"{app} was not imported and built within 0\\.2 s"):
        InProcessTarget(app, {}, free_port())
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_a_module_that_is_never_imported_is_not_preloaded(tmp_path: Path) -> None:
    (tmp_path / "never_preloaded.py").write_text(SLEEPS)
    with pytest.raises(TargetLost, match=r"never_preloaded: it was not imported within 0\.2 s"):
        preload(["never_preloaded"])
