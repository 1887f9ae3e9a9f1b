"""The environment of a command that runs a target: nothing is in it that the run does not need.

A target can read the environment of the process that started it (`/proc/PID/environ`), and in CI
there are secrets in it. It cannot be cleared there afterwards, so the command replaces itself.
"""

from __future__ import annotations

import os
import sys
import tomllib
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from conformance.report.github import GITHUB_VARIABLES
from conformance.target.launch.placeholders import INHERITED

_KEPT = frozenset(
    {
        *INHERITED,
        *GITHUB_VARIABLES,
        *("CI", "COLORTERM", "COLUMNS", "FORCE_COLOR", "LINES", "NO_COLOR", "TERM", "TZ"),
        *("MAGIC_LINK_PASSWORD", "SSL_CERT_DIR", "SSL_CERT_FILE"),
    }
)
# Dask's are for a sweep on a cluster.
_KEPT_PREFIXES = ("DASK_", "LC_", "PYTHON")


def drop_what_is_not_needed(target: Path | None) -> None:
    """Start this command again without the variables that a run does not need, if there are any.

    What the description at `target` passes on by `launch.inherit` is kept.
    """
    inherited = _inherited(target)
    kept = {name: value for name, value in os.environ.items() if _is_needed(name, inherited)}
    if len(kept) < len(os.environ) and _is_this_process():
        sys.stdout.flush()
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], kept)  # noqa: S606


def _is_this_process() -> bool:
    """Return whether this process was started for the call; code can call a command, too."""
    return sys.orig_argv[-len(sys.argv) + 1 :] == sys.argv[1:]


def _is_needed(name: str, inherited: Iterable[str]) -> bool:
    return name in _KEPT or name in inherited or name.startswith(_KEPT_PREFIXES)


def _inherited(target: Path | None) -> frozenset[str]:
    """Return `launch.inherit`; what is wrong with the description is said when it is loaded."""
    if target is None:
        return frozenset()
    with suppress(OSError, ValueError, RecursionError):
        data: dict[str, Any] = tomllib.loads(target.read_text(encoding="utf-8-sig"))
        launch = data.get("launch")
        names = launch.get("inherit") if isinstance(launch, dict) else None
        if isinstance(names, list):
            return frozenset(name for name in names if isinstance(name, str))
    return frozenset()
