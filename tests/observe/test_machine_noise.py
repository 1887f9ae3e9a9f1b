"""How long our processes had to wait for a processor, read from a made-up /proc."""

from __future__ import annotations

import os
from pathlib import Path

import psutil
import pytest

from conformance.observe import machine_noise as noise
from conformance.observe.machine_noise import MachineNoise
from tests.components import need

MILLISECOND = 1_000_000  # in nanoseconds


@pytest.fixture
def proc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a /proc with this process in it, whose machine has lost no time to another one."""
    (tmp_path / "self").mkdir()
    (tmp_path / "self" / "schedstat").write_text("0 0 0\n")
    (tmp_path / "pressure").mkdir()
    monkeypatch.setattr(noise, "_PROC", tmp_path)
    monkeypatch.setattr(noise, "_stolen", lambda: 0.0)
    monkeypatch.setattr(psutil.Process, "children", lambda self, recursive: [])
    return tmp_path


def waited(proc: Path, thread: str, milliseconds: int) -> None:
    task = proc / str(os.getpid()) / "task" / thread
    task.mkdir(parents=True, exist_ok=True)
    (task / "schedstat").write_text(f"123456 {milliseconds * MILLISECOND} 7\n")


def pressure(proc: Path, microseconds: int) -> None:
    line = f"some avg10=0.00 avg60=0.00 avg300=0.00 total={microseconds}\n"
    (proc / "pressure" / "cpu").write_text(f"{line}full avg10=0.00 total=0\n")


def test_the_waiting_of_our_threads_adds_up(proc: Path) -> None:
    waited(proc, "1", 100)
    waited(proc, "2", 5)
    measured = MachineNoise(ours=True)
    mark = measured.mark()
    waited(proc, "1", 340)
    waited(proc, "2", 15)
    assert measured.precise
    assert measured.since(mark) == pytest.approx(0.25)


def test_the_longest_wait_is_that_of_one_thread(proc: Path) -> None:
    waited(proc, "1", 100)
    waited(proc, "2", 340)
    assert noise.longest_wait(os.getpid()) == pytest.approx(0.34)


def test_a_process_that_is_gone_waits_for_nothing() -> None:
    assert noise.longest_wait(2**22 + 1) == 0


def test_a_thread_that_came_meanwhile_adds_nothing(proc: Path) -> None:
    waited(proc, "1", 100)
    measured = MachineNoise(ours=True)
    mark = measured.mark()
    waited(proc, "2", 900)
    assert measured.since(mark) == 0


def test_a_target_that_is_not_ours_is_measured_by_the_machines_pressure(proc: Path) -> None:
    waited(proc, "1", 0)
    pressure(proc, 1_000_000)
    measured = MachineNoise(ours=False)
    mark = measured.mark()
    waited(proc, "1", 900)
    pressure(proc, 1_300_000)
    assert not measured.precise
    assert measured.since(mark) == pytest.approx(0.3)


def test_a_system_that_does_not_count_has_no_noise(proc: Path) -> None:
    (proc / "self" / "schedstat").unlink()
    measured = MachineNoise(ours=True)
    assert not measured.precise
    assert measured.since(measured.mark()) == 0


def test_on_this_machine_our_own_threads_are_read() -> None:
    measured = MachineNoise(ours=True)
    need(measured.precise, "a kernel that counts how long a thread waits")
    mark = measured.mark()
    assert any(thread.startswith(f"{os.getpid()}/") for thread in mark.threads)
    assert measured.since(mark) >= 0
