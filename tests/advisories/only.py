"""`python -m tests.advisories.only run …`: the command, with nothing run but the advisories."""

from __future__ import annotations

import pytest

from conformance.cli.main import main
from conformance.run.session import ConformanceRun

_keep_what_was_asked_for = ConformanceRun.pytest_collection_modifyitems


@pytest.hookimpl(trylast=True)
def _keep_advisories(self: ConformanceRun, config: pytest.Config, items: list[pytest.Item]) -> None:
    _keep_what_was_asked_for(self, config, items)
    items[:] = [
        item
        for item in items
        if any(mark.args == ("advisory",) for mark in item.iter_markers("requirement"))
    ]


if __name__ == "__main__":
    setattr(ConformanceRun, "pytest_collection_modifyitems", _keep_advisories)  # noqa: B010
    main()
