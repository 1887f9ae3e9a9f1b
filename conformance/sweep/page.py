"""`leaderboard.html`: a leaderboard as one page for people, from its JSON data alone."""

from __future__ import annotations

from conformance.report.pages.shell import render
from conformance.report.wording import ids_in_words
from conformance.sweep.leaderboard import Leaderboard
from conformance.sweep.wording import counts_in_words, effort_in_words, percent

_MOST = 10
_LINKS = (("report.html", "report"), ("feedback.md", "feedback"), ("output.txt", "output"))
# The shell's colour and shape for each outcome.
_KINDS = {
    "conformant": "passed",
    "nonconformant": "failed",
    "incomplete": "cant_tell",
    "over_limit": "error",
    "not_judged": "untested",
    "wrong_description": "untested",
}


def as_page(board: Leaderboard) -> str:
    """Return the page of a leaderboard, one self-contained HTML document."""
    limits = board["limits"]
    return render(
        "sweep/leaderboard.html",
        title="Leaderboard",
        styles=("sweep/leaderboard.css",),
        board=board,
        asked=ids_in_words(board["asked"]),
        counts=counts_in_words(board),
        effort=effort_in_words(board),
        limits=f"{limits['seconds']:g} s, {limits['memory_mb']} MB of memory, "
        f"{limits['disk_mb']} MB of disk, {limits['tasks']} processes and threads",
        kinds=_KINDS,
        links=_LINKS,
        most=_MOST,
        percent=percent,
    )
