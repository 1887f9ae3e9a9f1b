"""A test that starts the harness is not in the tier of the quick ones."""

from __future__ import annotations

import re

from tests.place import REPOSITORY

_STARTS_A_RUN = re.compile(r"\bwith Place\(|\b(run_mutant|run_variant|run_express_mutant)\(")


def test_what_starts_a_run_is_marked() -> None:
    modules = {path: path.read_text() for path in (REPOSITORY / "tests").rglob("test_*.py")}
    starting = {path for path, text in modules.items() if _STARTS_A_RUN.search(text)}
    assert len(starting) > 10
    marked = {path for path in starting if "pytest.mark.run" in modules[path]}
    browser = {path for path in starting if "Browser" in modules[path]}
    assert starting - marked - browser == set()
