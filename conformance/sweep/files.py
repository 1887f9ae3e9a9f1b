"""The leaderboard's files."""

from __future__ import annotations

import json
from pathlib import Path

from conformance.report.writing import write_whole
from conformance.sweep.leaderboard import Leaderboard
from conformance.sweep.markdown import as_markdown
from conformance.sweep.page import as_page

LEADERBOARD_FILES = ("leaderboard.json", "leaderboard.md", "leaderboard.html")


def write_leaderboard(board: Leaderboard, directory: Path) -> None:
    """Write the leaderboard as JSON, Markdown and HTML; each file is whole or not there."""
    for name, text in zip(LEADERBOARD_FILES, _texts(board), strict=True):
        write_whole(directory / name, text)


def clear_leaderboard(directory: Path) -> None:
    """Remove an earlier sweep's leaderboard: it must not pass for that of a sweep broken off."""
    for name in LEADERBOARD_FILES:
        (directory / name).unlink(missing_ok=True)


def _texts(board: Leaderboard) -> tuple[str, str, str]:
    # Names of files can hold lone surrogates, which no file's text can.
    as_json, markdown = (
        text.encode("utf-8", "replace").decode("utf-8")
        for text in (json.dumps(board, indent=2, ensure_ascii=False) + "\n", as_markdown(board))
    )
    return as_json, markdown, as_page(board)
