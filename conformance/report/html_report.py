"""`report.html`: a run as one page for people, made from `report.json`'s data alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from conformance.report.html_view import view_of
from conformance.report.pages.shell import render
from conformance.report.writing import write_whole


def render_report(report: Mapping[str, Any]) -> str:
    """Return the page of a report, whose shape is that of `report.schema.json`.

    The page is one self-contained HTML document. What the report holds is masked already; here it
    is only escaped.
    """
    view = view_of(report)
    return render(
        "report/report.html",
        title=f"{view.conclusion.capitalize()}: {view.target_name} (magic-link conformance)",
        styles=("report/report.css",),
        scripts=("report/report.js",),
        view=view,
    )


def write_html(report: Mapping[str, Any], path: Path) -> None:
    """Write the page of a report to `path`; the file is either whole or not there."""
    write_whole(path, render_report(report))
