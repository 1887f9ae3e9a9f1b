"""Writes what was measured into a section of a documentation page: generated, not typed."""

from __future__ import annotations

import re
from argparse import ArgumentTypeError
from pathlib import Path

_MEASURED = re.compile(r"^## Measured\n.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)


def measured_page(name: str) -> Path:
    """Return the path of a page that has the heading `## Measured`: a type for argparse."""
    page = Path(name)
    if not page.is_file() or not _MEASURED.search(page.read_text(encoding="utf-8")):
        raise ArgumentTypeError(f"{name} is no page with the heading `## Measured`")
    return page


def write_measured(page: Path, text: str) -> None:
    """Replace what stands between the heading `## Measured` of a page and its next heading."""
    section = f"## Measured\n\n{text.strip()}\n\n"
    written = _MEASURED.sub(lambda _: section, page.read_text(encoding="utf-8"), count=1)
    page.write_text(written.rstrip() + "\n", encoding="utf-8")
