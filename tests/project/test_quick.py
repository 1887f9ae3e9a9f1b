"""`make quick` picks the tests of what was changed; `make help` lists every target."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.place import REPOSITORY
from tests.quick import added_entries, folders_of_tests


@pytest.mark.parametrize(
    ("changed", "folder"),
    [
        ("conformance/report/site/writing.py", "tests/report"),
        ("conformance/outcomes.py", "tests/run"),
        ("reference_app/auth/router.py", "tests/reference"),
        ("features/latency.feature", "tests/requirements"),
        ("tests/sweep/test_folder.py", "tests/sweep"),
        ("tests/conftest.py", "tests/project"),
        ("README.md", "tests/project"),
    ],
)
def test_a_changed_file_has_its_tests(changed: str, folder: str) -> None:
    assert folders_of_tests([changed, changed]) == [folder]


def test_every_room_has_a_folder_of_tests() -> None:
    rooms = [
        path for path in (REPOSITORY / "conformance").iterdir() if (path / "__init__.py").exists()
    ]
    assert len(rooms) == 8
    assert folders_of_tests(f"conformance/{room.name}/x.py" for room in rooms) == sorted(
        f"tests/{room.name}" for room in rooms
    )


def test_an_added_mutant_is_found_in_a_diff_and_in_a_new_file() -> None:
    diff = "@@ -1 +2 @@\n+def token_reusable(change: Change) -> None:\n-def always_200(change):\n"
    assert added_entries(diff) == ["token-reusable"]
    assert added_entries("def further_columns() -> None:\n    ...\ndef always_200(") == [
        "always-200"
    ]


def test_help_lists_every_target() -> None:
    makefile = (REPOSITORY / "Makefile").read_text()
    declared = re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    assert declared
    # Started by `make test`, another make would say which directory it enters.
    listed = subprocess.check_output(
        ["make", "--no-print-directory", "help"], cwd=REPOSITORY, text=True
    )
    assert {line.split()[0] for line in listed.splitlines()} == set(declared[1].split())
