"""Modules that workers share: one that cannot be imported is a fault of the description."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from conformance.outcomes import UsageError
from conformance.target.launch.in_process import preload


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path / "module_of_a_test.py"


def test_modules_are_imported(module: Path) -> None:
    module.write_text("is_there = True\n")
    preload([module.stem])
    assert sys.modules.pop(module.stem).is_there


def test_a_module_that_reads_its_environment_is_refused_in_a_sentence(module: Path) -> None:
    module.write_text("import os\nos.environ['NOT_SET_HERE']\n")
    with pytest.raises(UsageError, match=r"in_process\.preload: module_of_a_test: KeyError"):
        preload([module.stem])
