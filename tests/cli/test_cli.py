"""Calls that are wrong: exit code 2 and one sentence, before anything is touched."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from conformance.cli import main as cli
from conformance.outcomes import ExitCode
from conformance.target.launch import scratch


@dataclass
class Said:
    code: int
    out: str
    err: str


Call = Callable[..., Said]


@pytest.fixture
def call(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Iterator[Call]:
    """Call the command in this process, from an empty directory."""
    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MAGIC_LINK_PASSWORD", raising=False)

    def call(*arguments: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["magic-link-conformance", *arguments])
        code = 0
        try:
            cli.main()
        except SystemExit as end:
            code = int(end.code or 0)
        return Said(code, *capsys.readouterr())

    yield call
    signal.signal(signal.SIGTERM, before)


WRONG = [
    (["run", "--wrong"], "No such option '--wrong'"),
    (["run", "stray"], "unexpected extra argument (stray)"),
    (["walk"], "No such command 'walk'"),
    (["run", "--only", "AC-99"], '"AC-99"; nearest are AC-9'),
    (["run", "--only", ""], "an empty list of requirements"),
    (["run", "--only", "happy_path:1"], 'no scenario begins at "happy_path:1"; there are happy'),
    (["run", "--only", "sequences:11"], "is an exploration: give --explore N"),
    (["run", "--last-failed"], "conformance-report: no report of an earlier run is there"),
    (["run", "--failed-first"], "conformance-report: no report of an earlier run is there"),
    (["run", "--last-failed", "--only", "AC-1"], "exclude one another"),
    (["run", "--gate", "--only", "AC-1"], "--gate and --only exclude one another"),
    (["run", "--gate", "--last-failed"], "--gate and --last-failed exclude one another"),
    (["run", "--require", " , "], "an empty list of requirements"),
    (["run", "--require", "AC-1,FOO"], 'no requirement "FOO"'),
    (["run", "--target", "none.toml"], "none.toml: there is no such file"),
    (
        ["run", "--expected-failures", "none.toml"],
        "none.toml: there is no such file",
    ),
    (["run", "--spawn", "--base-url", "http://127.0.0.1:1"], "exclude one another"),
    (["run", "--spawn", "--target", "target.toml"], "exclude one another"),
    (["run", "--slice", "verify"], "'verify' is not 'request'"),
    (["run", "--slice", "request", "--only", "AC-1"], "exclude one another"),
    (["run", "--min-score", "80"], "80.0 is not in the range"),
    (["run", "--email", "ada@example.com"], "--email belongs to --base-url"),
    (["run", "--base-url", "http://127.0.0.1:1", "--password", "x"], "--password belongs"),
    (["run", "--clock", "faketime"], "--clock belongs to --spawn"),
    (["run", "--clock", "sundial"], "'sundial' is not one of"),
    (["run", "--mail", "pigeon"], "'pigeon' is not one of"),
    (["run", "--base-url", "http://127.0.0.1:1", "--mail", "smtp"], "--mail is about the ref"),
    (["run", "--base-url", "127.0.0.1:8000"], "expected a URL such as http://127.0.0.1:8000"),
    (["run", "--base-url", "http://127.0.0.1:99999"], "expected a URL such as"),
    (["run", "--base-url", "http://[::1"], "expected a URL such as"),
    (["run", "--base-url", "http://127.0.0.1:1", "--email", "ada"], "found 'ada'"),
    (["run", "--base-url", "https://192.0.2.1"], "unless --allow-remote"),
    (["run", "--seed", "-1"], "-1 is not in the range"),
    (["run", "--explore", "0"], "0 is not in the range"),
    (["run", "--report-dir", "/proc/nowhere"], "--report-dir: /proc/nowhere"),
    (["run", "--report-dir", "/proc"], "--report-dir: /proc"),
    (["run", "--report-dir", ""], "Invalid value for '--report-dir': an empty value was given"),
    (["run", "--target", ""], "Invalid value for '--target': an empty value was given"),
    (["run", "--base-url", ""], "Invalid value for '--base-url': an empty value was given"),
    (["run", "--report-dir", "a\r\nb"], "argument 3 holds a line break or a NUL"),
    (["run", "--email", "ada\0@example.com"], "argument 3 holds a line break or a NUL"),
    (["lint", "a\nb"], "argument 2 holds a line break or a NUL"),
    (["run", "--base-url", "http://ada:secret@127.0.0.1:1"], "found 'http://…@127.0.0.1:1'"),
    (["run", "--seed", "9" * 40], "is not in the range"),
    (["run", "--durations", "9" * 5000], "is not a valid integer"),
    (["sweep", ""], "an empty value was given"),
    (["init", "--go", "--out", ""], "an empty value was given"),
    (["brief", "--out", ""], "an empty value was given"),
    (["check-target", "none.toml"], "none.toml: there is no such file"),
    (["compare", "a.json", "b.json"], "a.json: no report.json was found"),
    (["serve", "--port", "70000"], "70000 is not in the range"),
]


@pytest.mark.parametrize(("arguments", "told"), WRONG, ids=[" ".join(a)[:60] for a, _ in WRONG])
def test_a_wrong_call_is_one_sentence(call: Call, arguments: list[str], told: str) -> None:
    said = call(*arguments)
    assert said.code == ExitCode.USAGE
    assert told in said.err
    assert said.err.startswith("magic-link-conformance: ")
    assert said.err.count("\n") == 1
    assert "secret" not in said.out + said.err


def test_without_a_command_the_help_is_shown(call: Call) -> None:
    said = call()
    assert said.code == ExitCode.USAGE
    assert said.out.startswith("Usage: ")
    assert said.err == ""


def test_an_error_nobody_foresaw_is_the_harness_s(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("the moon\nis in the way")

    monkeypatch.setattr("conformance.cli.serve._start", fail)
    said = call("serve")
    assert said.code == ExitCode.HARNESS
    assert "the harness failed: RuntimeError: the moon is in the way (at serve.py:" in said.err
    assert said.err.count("\n") == 1


def test_an_earlier_verdict_does_not_pass_for_this_one_s(call: Call, tmp_path: Path) -> None:
    reports = tmp_path / "reports"
    reports.mkdir()
    (reports / "report.json").write_text('{"conclusion": "conformant"}')
    (reports / "mine.txt").write_text("kept")
    call("run", "--base-url", "https://192.0.2.1", "--report-dir", str(reports))
    assert {path.name for path in reports.iterdir()} == {"mine.txt", "previous-report.json"}


def test_a_run_clears_away_only_what_is_its_own(call: Call) -> None:
    directory = scratch.make_directory("before")
    # Ends when one of its own children is killed.
    busy = subprocess.Popen(["sh", "-c", "while sleep 0.01; do :; done"])
    try:
        said = call("run", "--base-url", "http://127.0.0.1:1", "--report-dir", "report")
        assert said.code == ExitCode.HARNESS
        assert directory.exists()
        assert busy.poll() is None
    finally:
        busy.kill()
        busy.wait()
        directory.rmdir()
