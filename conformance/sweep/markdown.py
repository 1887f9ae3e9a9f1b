"""`leaderboard.md`: a leaderboard as Markdown, from `leaderboard.json`'s data alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.report.pages.text import duration
from conformance.report.safe_text import markdown
from conformance.report.wording import ids_in_words
from conformance.sweep.leaderboard import Leaderboard
from conformance.sweep.wording import counts_in_words, effort_in_words, outcome_in_words, percent

_MOST_FAULTS = 10
_MOST_NAMES = 5


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
    yield "| rank | candidate | score | outcome | why | like | CPU | wall | report |"
    yield "| ---: | --- | ---: | --- | --- | --- | ---: | ---: | --- |"
    yield from map(_candidate, board["candidates"])
    yield from ("", "## Requirements", "")
    yield "| id | passed by | failed | not decided | no report |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    for each in board["requirements"]:
        counts = f"{each['failed']} | {each['undecided']} | {each['not_judged']}"
        yield f"| {each['id']} | {percent(each['pass_rate'])} | {counts} |"
    yield from _faults(board)
    yield ""


def _candidate(each: dict[str, Any]) -> str:
    score = f"{each['score']['passed']}/{each['score']['asked']}"
    cells = [
        str(each["rank"]),
        markdown(each["name"]),
        score,
        outcome_in_words(each["outcome"]),
        markdown(each["message"]),
        markdown(each["fault"]["name"]) if each["fault"] else "",
        duration(each["cpu_seconds"]),
        duration(each["wall_seconds"]),
        _links(each["files"]),
    ]
    return f"| {' | '.join(cells)} |"


def _links(files: dict[str, str]) -> str:
    wanted = {"report.html": "report", "feedback.md": "feedback", "output.txt": "output"}
    return " ".join(f"[{word}]({files[name]})" for name, word in wanted.items() if name in files)


def _faults(board: Leaderboard) -> Iterator[str]:
    if board["faults"]:
        yield from ("", "## What candidates look like", "")
        yield "| known fault | violates | candidates |"
        yield "| --- | --- | --- |"
        for each in board["faults"][:_MOST_FAULTS]:
            yield f"| {markdown(each['fault'])} | {ids_in_words(each['ids'])} | {_names(each)} |"
    if board["failures"]:
        yield from ("", "## What failed most often", "")
        yield "| scenario | step | ids | candidates |"
        yield "| --- | --- | --- | --- |"
        for each in board["failures"][:_MOST_FAULTS]:
            scenario, step = markdown(each["scenario"]), markdown(each["step"])
            yield f"| {scenario} | {step} | {ids_in_words(each['ids'])} | {_names(each)} |"


def _names(each: dict[str, Any]) -> str:
    names = [markdown(name) for name in each["candidates"]]
    shown = ", ".join(names[:_MOST_NAMES])
    further = f", … ({len(names)} in all)" if len(names) > _MOST_NAMES else ""
    return f"{shown}{further}"
