"""`magic-link-conformance check-target`: what of a description works, and what can be judged."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import click
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from conformance.cli import option_texts
from conformance.cli.intentions import intentions
from conformance.cli.own_environment import drop_what_is_not_needed
from conformance.cli.parameters import given_path
from conformance.outcomes import ExitCode, HarnessFault, Point, UsageError
from conformance.report.github import without_commands
from conformance.report.safe_text import terminal
from conformance.report.terminal import print_intentions
from conformance.report.wording import ids_in_words
from conformance.requirements.facts import missing_for
from conformance.requirements.selection import asked_ids
from conformance.run.options import default_time_limit
from conformance.run.result import HarnessError
from conformance.run.supervised import supervise
from conformance.steps.probes import ProbeResult, Probes
from conformance.target.description import TargetDescription, load_description
from conformance.target.testbed_setup import Permissions, TestbedOpening

_WORDS = {True: ("works", "green"), False: ("no", "bold yellow"), None: ("not tried", "dim")}
_LIMIT = 400


@click.command()
@click.argument("target", type=given_path, metavar="FILE")
@click.option("--allow-remote", is_flag=True, help=option_texts.ALLOW_REMOTE)
def command(target: Path, *, allow_remote: bool) -> None:
    """Try every point of a target description, without judging anything.

    Prints what works and which requirements can be judged. Exit codes: 0 everything that a run is
    asked about by default, 2 the description is wrong, 3 not everything, 4 the target was lost.
    """
    drop_what_is_not_needed(target)
    console = Console(highlight=False)
    description = load_description(target)
    print_intentions(_intentions(description), console)
    with without_commands(os.environ):
        results = _tried(description, allow_remote)
    missing = missing_for(result.point for result in results if result.works is False)
    _print_results(results, console)
    _print_judgeable(missing, console)
    sys.exit(int(_conclude(missing, console)))


def _tried(description: TargetDescription, allow_remote: bool) -> list[ProbeResult]:
    """Return what was found by a child process, which what is served in it may end."""
    found: list[Any] = []

    def work(connection: Connection) -> None:
        connection.send(_tried_here(description, allow_remote))

    limit = default_time_limit(description)
    ended = supervise("the trial", work, found.append, limit)
    if ended.interrupted:
        raise KeyboardInterrupt
    if not ended.in_time:
        raise HarnessFault(f"the trial did not end within {limit:g} s")
    match [*found, ended.error]:
        case [UsageError() | HarnessFault() as error, *_]:
            raise error
        case [HarnessError(message=message), *_]:
            raise HarnessFault(message)
    results: list[ProbeResult] = found[0]
    return results


def _tried_here(
    description: TargetDescription, allow_remote: bool
) -> list[ProbeResult] | UsageError | HarnessFault:
    opening = TestbedOpening(description, Permissions(remote=allow_remote))
    try:
        return list(Probes(opening.open()).results())
    except (UsageError, HarnessFault) as error:
        return error
    finally:
        opening.close()


def _intentions(description: TargetDescription) -> list[str]:
    message = [line for line in intentions(description) if not line.startswith("sends requests to")]
    return [
        "a trial: nothing is judged",
        *message,
        "requests a dozen links, logs in, moves the target's time by 16 minutes",
    ]


def _print_results(results: Iterable[ProbeResult], console: Console) -> None:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column("point", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("what was found", ratio=1, overflow="fold")
    for result in results:
        word, style = _WORDS[result.works]
        message = Text(terminal(result.message, _LIMIT))
        table.add_row(Text(result.point), Text(word, style=style), message)
    console.print()
    console.print(table)


def _print_judgeable(missing: Mapping[str, tuple[Point, ...]], console: Console) -> None:
    judgeable = [id_ for id_, points in missing.items() if not points]
    message = f"can be judged: {ids_in_words(judgeable) or 'nothing'}"
    console.print()
    console.print(Text(message, style="green"))
    if len(judgeable) == len(missing):
        return
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column("cannot", no_wrap=True)
    table.add_column("because these are missing", ratio=1, overflow="fold")
    for id_, points in missing.items():
        if points:
            table.add_row(Text(id_, style="yellow"), Text(", ".join(points)))
    console.print(table)


def _conclude(missing: Mapping[str, tuple[Point, ...]], console: Console) -> ExitCode:
    gate = asked_ids(())
    lacking = [id_ for id_ in gate if missing[id_]]
    console.print()
    if not lacking:
        message = f"A run can decide all that it is asked about by default: {ids_in_words(gate)}."
        console.print(Text(message, style="bold green"))
        return ExitCode.CONFORMANT
    message = f"A run would be incomplete: {ids_in_words(lacking)} cannot be judged."
    console.print(Text(message, style="bold yellow"))
    return ExitCode.INCOMPLETE
