"""Files that users write: a byte order mark is accepted, and what is wrong is one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.outcomes import UsageError
from conformance.requirements.scenarios import read_scenarios
from conformance.requirements.user_files import read_text, read_toml

BOM = b"\xef\xbb\xbf"


def test_a_byte_order_mark_is_accepted(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_bytes(BOM + b'name = "x"')
    assert read_text(file) == 'name = "x"'
    assert read_toml(file) == {"name": "x"}
    feature = b"Feature: A\n  @FR-1\n  Scenario: it answers\n    Then it answers\n"
    (tmp_path / "a.feature").write_bytes(BOM + feature)
    assert [each.name for each in read_scenarios(tmp_path)] == ["it answers"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a = " + b"9" * 5000, "is not TOML: "),
        (b"a = " + b"[" * 5000 + b"]" * 5000, "is nested too deeply"),
        (b"a.b = 1\na = 2", "is not TOML: "),
        (b'a = "\xff"', "cannot be read: it is not UTF-8"),
        (b'a = "\x00"', "is not TOML: "),
        (None, "there is no such file"),
    ],
    ids=["digits", "nested", "twice", "bytes", "NUL", "missing"],
)
def test_what_is_wrong_is_one_sentence(tmp_path: Path, content: bytes | None, message: str) -> None:
    file = tmp_path / "a.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(UsageError) as error:
        read_toml(file)
    assert str(error.value).startswith(f"{file}: {message}")
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < len(str(file)) + 200


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: Is a directory"):
        read_text(tmp_path)
