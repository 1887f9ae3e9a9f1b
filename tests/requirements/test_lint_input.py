"""Input that `lint` cannot read, and what it says then."""

from __future__ import annotations

import re
import signal
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from conformance.cli.main import cli, main
from conformance.outcomes import ExitCode, UsageError
from tests.place import REPOSITORY
from tests.requirements.test_lint import WEAK, run


@pytest.mark.parametrize(
    ("content", "arguments", "why"),
    [
        (None, [], "there is no such file"),
        (b"\xff\xfe", [], "it is not UTF-8"),
        (b"", ["--features", "/nowhere"], "/nowhere is not a folder"),
        (b"", ["--write-baseline", "/nowhere/known.json"], "cannot be written"),
    ],
)
def test_what_cannot_be_read(
    tmp_path: Path, content: bytes | None, arguments: list[str], why: str
) -> None:
    file = tmp_path / "spec.md"
    if content is not None:
        file.write_bytes(content)
    done = run(file, *arguments)
    assert isinstance(done.exception, UsageError)
    assert why in str(done.exception)


def test_standard_input_that_is_not_utf_8(monkeypatch: pytest.MonkeyPatch) -> None:
    done = CliRunner().invoke(cli, ["lint", "-"], input=b"\xff\xfe")
    assert isinstance(done.exception, UsageError)
    assert "standard input cannot be read" in str(done.exception)


def test_what_cannot_be_read_ends_with_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr(sys, "argv", ["magic-link-conformance", "lint", str(tmp_path / "none.md")])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == ExitCode.USAGE
    assert "none.md: there is no such file" in capsys.readouterr().err


def test_features_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "a.feature").write_text("Nothing: of that kind\n", encoding="utf-8")
    done = run(WEAK, "--features", tmp_path)
    assert isinstance(done.exception, UsageError)
    assert "a.feature" in str(done.exception)


def test_the_hook_takes_specs_only() -> None:
    [hook] = yaml.safe_load((REPOSITORY / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert hook["entry"].split() == ["magic-link-conformance", "lint"]
    taken = ["spec.md", "specs/001-lists/spec.md", ".kiro/specs/a/requirements.md"]
    assert all(re.search(hook["files"], path) for path in taken)
    assert not any(re.search(hook["files"], path) for path in ("README.md", "my-spec.md"))
