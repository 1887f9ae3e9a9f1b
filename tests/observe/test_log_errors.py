"""What a target logs as errors of its own, quoted beside a failure."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.observe.log_errors import errors_since
from conformance.observe.logs import MOST_BYTES, Logs
from conformance.observe.settings import LogPart

TOKEN = "0123456789abcdef" * 4
TRACE = [
    "ERROR:    Exception in ASGI application",
    "Traceback (most recent call last):",
    *(f'  File "app.py", line {n}, in call' for n in range(20)),
    "KeyError: 'tokenHash'",
]


def quoted(path: Path, lines: list[str]) -> list[str]:
    path.write_text("".join(f"{line}\n" for line in lines))
    return errors_since(Logs(path, LogPart()), 0, 0.0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "app.log"


def test_only_errors_are_quoted(path: Path) -> None:
    lines = ["INFO asked", "ERROR no mail", "INFO asked", "WARN slow"]
    assert quoted(path, lines) == ["ERROR no mail"]


def test_a_trace_is_quoted_with_what_was_raised(path: Path) -> None:
    shown = quoted(path, ["INFO asked", *TRACE, "INFO asked"])
    assert shown[0] == TRACE[0]
    assert shown[1] == "… 17 lines …"
    assert shown[-1] == "KeyError: 'tokenHash'"
    assert len(shown) == 7


def test_of_many_errors_the_last_are_quoted(path: Path) -> None:
    assert quoted(path, [f"ERROR {n}" for n in range(9)]) == ["ERROR 7", "ERROR 8"]


def test_a_long_line_keeps_both_ends(path: Path) -> None:
    record = f'{{"level": "error", "trace": "{"x" * 900} ValueError: no hash"}}'
    [shown] = quoted(path, [record])
    assert shown.startswith('{"level": "error"')
    assert shown.endswith('ValueError: no hash"}')
    assert len(shown) <= 300


def test_a_token_is_masked_before_its_line_is_cut(path: Path) -> None:
    [shown] = quoted(path, [f"ERROR {'x' * 130} {TOKEN} {'y' * 300}"])
    assert TOKEN[:20] not in shown


def test_a_log_that_cannot_be_read_has_none(path: Path) -> None:
    path.mkdir()
    assert errors_since(Logs(path, LogPart()), 0, 0.0) == []


def test_a_log_that_grew_out_of_bounds_has_none(path: Path) -> None:
    assert quoted(path, ["ERROR", "x" * MOST_BYTES]) == []
