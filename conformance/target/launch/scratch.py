"""Temporary directories, with a mark in their names that says which run they belong to.

A process that is forked has the mark of the process that it was forked from, which can so remove
what a fork left behind when it was killed.
"""

from __future__ import annotations

import secrets
import shutil
import tempfile
from pathlib import Path

_MARK = secrets.token_hex(4)


def prefix(kind: str) -> str:
    """Return how the name of a temporary directory of this run begins."""
    return f"mlc-{kind}-{_MARK}-"


def make_directory(kind: str) -> Path:
    """Make a temporary directory; whoever makes it removes it."""
    return Path(tempfile.mkdtemp(prefix=prefix(kind)))


def directories() -> set[Path]:
    """Return the directories of this run that there are, those of forks as well."""
    return set(Path(tempfile.gettempdir()).glob(f"{prefix('*')}*"))


def remove_all(spared: set[Path]) -> None:
    """Remove what forks of this process have left behind; `spared` was there before them."""
    for path in directories() - spared:
        shutil.rmtree(path, ignore_errors=True)
