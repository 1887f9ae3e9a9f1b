"""A leaderboard as Markdown and as a page for people, both from `leaderboard.json`'s data alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.report.pages.shell import render
from conformance.report.pages.text import duration
from conformance.report.safe_text import markdown
from conformance.report.tables import table
from conformance.report.wording import ids_in_words
from conformance.sweep.leaderboard import Leaderboard

_MOST = 10
_MOST_NAMES = 5
_LINKS = (("report.html", "report"), ("feedback.md", "feedback"), ("output.txt", "output"))
# The page's colour and shape for each outcome.
_KINDS = {
    "conformant": "passed",
    "nonconformant": "failed",
    "incomplete": "cant_tell",
    "over_limit": "error",
    "not_judged": "untested",
    "wrong_description": "untested",
}


def outcome_in_words(outcome: str) -> str:
    """Return a candidate's outcome as people read it: `over_limit` is `over limit`."""
    return outcome.replace("_", " ")


def percent(share: float | None) -> str:
    """Return a share as a percentage, a dash for none."""
    return "-" if share is None else f"{100 * share:.0f} %"


def counts_in_words(board: Leaderboard) -> str:
    """Return how many candidates ended how, the best first: `3 conformant, 1 over limit`."""
    counts: dict[str, Any] = board["counts"]
    ended = [f"{count} {outcome_in_words(name)}" for name, count in counts.items() if count]
    return ", ".join(ended) or "no candidates"


def effort_in_words(board: Leaderboard) -> str:
    """Return what the sweep took: wall time, CPU time for each candidate, how busy the cores."""
    effort: dict[str, Any] = board["effort"]
    if not effort["judged"]:
        return "All results were kept from an earlier sweep."
    kept = f", {effort['kept']} kept from an earlier sweep" if effort["kept"] else ""
    words = f"{effort['judged']} judged{kept}, in {duration(board['seconds'])}"
    if effort["workers"] > 1:
        words += f", {effort['workers']} at once"
    words += f"; {duration(effort['cpu_seconds_per_candidate'])} of CPU time each"
    if effort["cores_busy"] is not None:
        cores = f"{effort['cores']} cores" if effort["cores"] > 1 else "core"
        words += f"; the {cores} busy with it {percent(effort['cores_busy'])} of the time"
    return f"{words}."


def as_markdown(board: Leaderboard) -> str:
    """Return the leaderboard as a Markdown document."""
    return "\n".join(_lines(board))


def _lines(board: Leaderboard) -> Iterator[str]:
    yield "# Leaderboard"
    yield ""
    yield (
        f"{counts_in_words(board)}, asked about {ids_in_words(board['asked'])}. "
        f"{effort_in_words(board)}"
    )
    yield ""
    columns = "rank: | candidate | score: | causes: | outcome | why | like | CPU: | wall: | report"
    yield from table(columns, map(_candidate, board["candidates"]))
    yield from ("", "## Requirements", "")
    requirements = (
        [each["id"], percent(each["pass_rate"])]
        + [each[name] for name in ("failed", "undecided", "not_judged")]
        for each in board["requirements"]
    )
    yield from table("id | passed by: | failed: | not decided: | no report:", requirements)
    yield from _faults(board)
    yield ""


def _candidate(each: dict[str, Any]) -> list[object]:
    return [
        each["rank"],
        markdown(each["name"]),
        f"{each['score']['passed']}/{each['score']['asked']}",
        each["score"]["causes"],
        outcome_in_words(each["outcome"]),
        markdown(each["message"]),
        markdown(each["fault"]["name"]) if each["fault"] else "",
        duration(each["cpu_seconds"]),
        duration(each["wall_seconds"]),
        _links(each["files"]),
    ]


def _links(files: dict[str, str]) -> str:
    return " ".join(f"[{word}]({files[name]})" for name, word in _LINKS if name in files)


def _faults(board: Leaderboard) -> Iterator[str]:
    faults = [
        (markdown(each["fault"]), ids_in_words(each["ids"]), _names(each))
        for each in board["faults"][:_MOST]
    ]
    failures = [
        (*map(markdown, (each["scenario"], each["step"])), ids_in_words(each["ids"]), _names(each))
        for each in board["failures"][:_MOST]
    ]
    if faults:
        yield from ("", "## What candidates look like", "")
        yield from table("known fault | violates | candidates", faults)
    if failures:
        yield from ("", "## What failed most often", "")
        yield from table("scenario | step | ids | candidates", failures)


def _names(each: dict[str, Any]) -> str:
    names = [markdown(name) for name in each["candidates"]]
    shown = ", ".join(names[:_MOST_NAMES])
    further = f", … ({len(names)} in all)" if len(names) > _MOST_NAMES else ""
    return f"{shown}{further}"


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
