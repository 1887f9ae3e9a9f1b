"""What all tests share."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import closing

import pytest

from conformance.control.postgres import EmbeddedPostgres

# With vfork, a process started from one thread while others run has been seen to fail with
# "Bad address" (EFAULT); several tests start processes from threads.
setattr(subprocess, "_USE_VFORK", False)  # noqa: B010 - the documented switch, untyped


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """One PostgreSQL for everybody; each takes a database of its own."""
    with closing(EmbeddedPostgres()) as server:
        yield server
