"""Tables, lists and wrapped text, for everything that commands print or write as text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence


def table(headings: str, rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Yield the lines of a Markdown table; its cells are Markdown already.

    `headings` are divided by bars: `"id | passed:"`. A colon at the end aligns a column right.
    """
    names = [name.strip() for name in headings.split("|")]
    yield _row([name.removesuffix(":") for name in names])
    yield _row(["---:" if name.endswith(":") else "---" for name in names])
    yield from map(_row, rows)


def _row(cells: Sequence[object]) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def bullets(title: str, entries: Iterable[str]) -> Iterator[str]:
    """Yield a section of Markdown with a list; nothing when there are no entries."""
    lines = [f"- {entry}" for entry in entries]
    if lines:
        yield from ("", f"### {title}", "", *lines)


def wrapped(text: str, width: int, indent: str = "", hanging: str = "") -> list[str]:
    """Return plain text in lines of at most `width`; all but the first are indented further."""
    return textwrap.wrap(
        text,
        width,
        initial_indent=indent,
        subsequent_indent=indent + hanging,
        break_on_hyphens=False,
    )
