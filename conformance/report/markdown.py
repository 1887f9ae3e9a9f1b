"""Markdown around text that others wrote: a target's answers must stay text."""

from __future__ import annotations

import re

from conformance.report.wording import one_line

# Emphasis, links, HTML, tables, formulas; and what GitHub makes mentions and references of.
_SPECIAL = re.compile(r"([\\`*_\[\]<|~&$@#])")
_TICKS = re.compile(r"`+")


def escaped(text: object, limit: int = 1_000) -> str:
    """Return `text` on one line so that Markdown shows it as it is, also in a table."""
    return _SPECIAL.sub(r"\\\1", one_line(text, limit))


def code(text: object, limit: int = 1_000) -> str:
    """Return `text` on one line as a code span that it cannot end."""
    line = one_line(text, limit)
    if not line:
        return "(nothing)"
    ticks = "`" * (_longest_run(line) + 1)
    pad = " " if line[0] == "`" or line[-1] == "`" else ""
    return f"{ticks}{pad}{line}{pad}{ticks}"


def code_cell(text: object, limit: int = 1_000) -> str:
    """Return a code span for a cell of a table."""
    return code(text, limit).replace("|", "\\|")


def fenced(lines: list[str], language: str = "") -> list[str]:
    """Return lines as a code block that none of them can end."""
    fence = "`" * max(3, 1 + max(map(_longest_run, lines), default=0))
    return [f"{fence}{language}", *lines, fence]


def _longest_run(text: str) -> int:
    return max((len(run) for run in _TICKS.findall(text)), default=0)
