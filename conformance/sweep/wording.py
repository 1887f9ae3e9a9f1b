"""Words that a leaderboard has on every page."""

from __future__ import annotations

from typing import Any

from conformance.report.pages.text import duration
from conformance.sweep.leaderboard import Leaderboard


def outcome_in_words(outcome: str) -> str:
    """Return a candidate's outcome as people read it: `over_limit` is `over limit`."""
    return outcome.replace("_", " ")


def percent(share: float | None) -> str:
    """Return a share as a percentage, a dash for none."""
    return "-" if share is None else f"{100 * share:.0f} %"


def counts_in_words(board: Leaderboard) -> str:
    """Return how many candidates ended how, the best first: `3 conformant, 1 over limit`."""
    counts: dict[str, Any] = board["counts"]
    told = [f"{count} {outcome_in_words(name)}" for name, count in counts.items() if count]
    return ", ".join(told) or "no candidates"


def effort_in_words(board: Leaderboard) -> str:
    """Return what the sweep took: wall time, CPU time for each candidate, how busy the cores."""
    effort: dict[str, Any] = board["effort"]
    if not effort["judged"]:
        return "All results were kept from an earlier sweep."
    kept = f", {effort['kept']} kept from an earlier sweep" if effort["kept"] else ""
    told = f"{effort['judged']} judged{kept}, in {duration(board['seconds'])}"
    if effort["workers"] > 1:
        told += f", {effort['workers']} at once"
    told += f"; {duration(effort['cpu_seconds_per_candidate'])} of CPU time each"
    if effort["cores_busy"] is not None:
        cores = f"{effort['cores']} cores" if effort["cores"] > 1 else "core"
        told += f"; the {cores} busy with it {percent(effort['cores_busy'])} of the time"
    return f"{told}."
