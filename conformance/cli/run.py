"""`magic-link-conformance run`: the features against one target, from the command line."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from conformance.cli import option_texts
from conformance.cli.earlier_run import EarlierRun, earlier_run, since_then
from conformance.cli.intentions import intentions
from conformance.cli.own_environment import drop_what_is_not_needed
from conformance.cli.parameters import SEED, given_path, given_text
from conformance.outcomes import INTERRUPTED, HarnessFault, UsageError
from conformance.report.console import PatientConsole, complain
from conformance.report.files import clear_reports, set_aside, write_reports
from conformance.report.github import (
    GITHUB_VARIABLES,
    error_lines,
    without_commands,
    write_for_github,
)
from conformance.report.model import Report, report_of
from conformance.report.progress import Progress
from conformance.report.score import code_by_score, score_in_words
from conformance.report.terminal import print_durations, print_intentions, print_result
from conformance.requirements.facts import ids_of_slice
from conformance.requirements.magic_link import SLICES
from conformance.requirements.selection import asked_ids, ids_of_part, known_part, scenarios_of_part
from conformance.requirements.tags import EXPLORATION
from conformance.run.conclusion import conclude_run
from conformance.run.expected_failures import load_expected_failures
from conformance.run.isolation import most_workers
from conformance.run.options import RunOptions, default_time_limit
from conformance.run.result import HarnessError
from conformance.run.supervised import run_supervised
from conformance.target import predefined
from conformance.target.description import load_description
from conformance.target.testbed_setup import Permissions


@click.command()
@click.option("--target", type=given_path, metavar="FILE", help=option_texts.TARGET)
@click.option("--spawn", is_flag=True, help="The reference, as a process of its own.")
@click.option(
    "--mail",
    type=click.Choice(["smtp", "sendgrid"]),
    help="How the reference sends mail.  [default: smtp]",
)
@click.option(
    "--clock",
    type=click.Choice(["age", "faketime"]),
    help="With --spawn: how time is moved.  [default: age]",
)
@click.option(
    "--base-url", type=given_text, metavar="URL", help="A service that is already running."
)
@click.option(
    "--email",
    type=given_text,
    metavar="ADDRESS",
    help="With --base-url: an address that is registered there.",
)
@click.option(
    "--password",
    envvar="MAGIC_LINK_PASSWORD",
    help="With --email: its password (or set the variable MAGIC_LINK_PASSWORD).",
)
@click.option("--only", multiple=True, metavar="IDS", help=option_texts.ONLY)
@click.option("--last-failed", "--lf", is_flag=True, help=option_texts.LAST_FAILED)
@click.option("--failed-first", "--ff", is_flag=True, help=option_texts.FAILED_FIRST)
@click.option("--exitfirst", "-x", is_flag=True, help=option_texts.EXITFIRST)
@click.option("--slice", type=click.Choice(sorted(SLICES)), help=option_texts.SLICE)
@click.option("--require", multiple=True, metavar="IDS", help=option_texts.REQUIRE)
@click.option("--gate", is_flag=True, help=option_texts.GATE)
@click.option(
    "--expected-failures", type=given_path, metavar="FILE", help=option_texts.EXPECTED_FAILURES
)
@click.option("--pins", "expected_failures", type=given_path, hidden=True)
@click.option("--min-score", type=click.FloatRange(0, 1), metavar="S", help=option_texts.MIN_SCORE)
@click.option(
    "--report-dir",
    type=given_path,
    metavar="DIR",
    default="conformance-report",
    show_default=True,
    help=option_texts.REPORT_DIR,
)
@click.option("--advisories", is_flag=True, help=option_texts.ADVISORIES)
@click.option("--allow-remote", is_flag=True, help=option_texts.ALLOW_REMOTE)
@click.option("--seed", type=SEED, help="Repeat what was drawn: requests and sequences of steps.")
@click.option(
    "--explore",
    type=click.IntRange(1),
    metavar="N",
    help="Also let people do N steps one after another, in drawn orders, and look at each.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 32),
    metavar="N",
    help="Run at most N scenarios at the same time, each on a target of its own.",
)
@click.option(
    "--durations",
    type=click.IntRange(0),
    metavar="N",
    help="Print where the time went, and the N slowest scenarios.",
)
@click.option(
    "--time-limit",
    type=click.FloatRange(0),
    metavar="SECONDS",
    help="Break the run off by then; 0: never.  [default: 1800, 21600 where the clock waits]",
)
@click.option("--quiet", is_flag=True, help="Print the result only.")
@click.option("--left-running", type=given_path, hidden=True)
def command(
    *,
    target: Path | None,
    spawn: bool,
    mail: predefined.MailKind | None,
    clock: str | None,
    base_url: str | None,
    email: str | None,
    password: str | None,
    only: tuple[str, ...],
    last_failed: bool,
    failed_first: bool,
    exitfirst: bool,
    slice: str | None,  # noqa: A002 - named as the option is
    require: tuple[str, ...],
    gate: bool,
    expected_failures: Path | None,
    min_score: float | None,
    report_dir: Path,
    advisories: bool,
    allow_remote: bool,
    seed: int | None,
    explore: int | None,
    workers: int | None,
    durations: int | None,
    time_limit: float | None,
    quiet: bool,
    left_running: Path | None,
) -> None:
    """Run the features against a target; without options, against the reference in process."""
    _refuse_contradictions(click.get_current_context().params)
    drop_what_is_not_needed(target)
    if target is not None:
        description = load_description(target)
    elif base_url is not None:
        description = predefined.bare_url(base_url, email, password, {})
    elif spawn:
        description = predefined.reference_launched(mail or "smtp", clock or "age")
    else:
        description = predefined.reference_in_process(mail or "smtp")
    earlier = earlier_run(report_dir) if last_failed or failed_first else None
    part = earlier.part if earlier and last_failed else known_part(only)
    if explore is None and any(EXPLORATION in each.tags for each in scenarios_of_part(part)):
        raise UsageError("one of these scenarios is an exploration: give --explore N, too")
    asked = asked_ids(require) if require or not part else ids_of_part(part)
    judged = ids_of_slice(slice) if slice else asked
    options = RunOptions(
        description=description,
        asked=tuple(id_ for id_ in asked if id_ in judged),
        only=part or (judged if slice else ()),
        first=earlier.failed if earlier else (),
        exitfirst=exitfirst,
        slice=slice,
        gate=gate,
        expected_failures=load_expected_failures(expected_failures) if expected_failures else (),
        permissions=Permissions(remote=allow_remote),
        advisories=advisories or "all" in require,
        seed=_seed(seed, earlier),
        workers=workers,
        explore=explore,
        time_limit=default_time_limit(description) if time_limit is None else time_limit,
    )
    code, ended = _run(options, report_dir, durations=durations, min_score=min_score, quiet=quiet)
    if left_running is not None:
        # For the supervisor of a sweep.
        left_running.write_text(str(ended), encoding="utf-8")
    sys.exit(code)


def _refuse_contradictions(given: Mapping[str, Any]) -> None:
    """Refuse options that exclude one another, and those that would change nothing."""
    if sum(bool(given[name]) for name in ("target", "spawn", "base_url")) > 1:
        raise UsageError("--target, --spawn and --base-url exclude one another: give one")
    if given["slice"] and given["only"]:
        raise UsageError("--slice and --only exclude one another: give one")
    parts = [name for name in ("only", "slice", "last_failed") if given[name]]
    if given["gate"] and parts:
        option = parts[0].replace("_", "-")
        raise UsageError(f"--gate and --{option} exclude one another: give one")
    if given["last_failed"] and (given["only"] or given["failed_first"]):
        raise UsageError("--last-failed, --failed-first and --only exclude one another: give one")
    if given["email"] and not given["base_url"]:
        raise UsageError("--email belongs to --base-url")
    if given["password"] and given["base_url"] and not given["email"]:
        raise UsageError("--password belongs to --email")
    if given["clock"] and not given["spawn"]:
        raise UsageError("--clock belongs to --spawn")
    if given["mail"] and (given["target"] or given["base_url"]):
        raise UsageError("--mail is about the reference: leave out --target and --base-url")


def _seed(given: int | None, earlier: EarlierRun | None) -> int:
    """Return the seed: the one that is given, or the earlier run's, to repeat what it drew."""
    if given is None and earlier is not None:
        given = earlier.seed
    return secrets.randbelow(2**31) if given is None else given


def _run(
    options: RunOptions,
    report_dir: Path,
    *,
    durations: int | None,
    min_score: float | None,
    quiet: bool,
) -> tuple[int, int]:
    """Run the features, print and write what was found.

    Returns the exit code, and how many processes the target had left running.
    """
    console = PatientConsole(highlight=False)
    set_aside(report_dir)
    clear_reports(report_dir)
    if not quiet:
        print_intentions(_intentions(options), console)
    progress = Progress(console, quiet=quiet)
    try:
        with without_commands(os.environ):
            findings = run_supervised(options, progress.handle)
    finally:
        progress.close()
    # Once more: nothing that the target wrote there may pass for a report.
    clear_reports(report_dir)
    if findings.refusal is not None:
        complain(findings.refusal.message)
        return int(findings.refusal.code), findings.left_running
    report = report_of(conclude_run(options, findings))
    try:
        write_reports(report, report_dir)
    except HarnessFault:
        print_result(report, console, report_dir=None)
        raise
    _print_for_github(report, report_dir, quiet=quiet)
    with without_commands(os.environ):
        if durations is not None:
            print_durations(report, console, durations)
        print_result(report, console, report_dir=report_dir)
        if options.first:
            click.echo(since_then(report, options.first))
        if report.broken_off:
            complain(report.broken_off)
        if report.errors:
            complain(_errors_in_words(report.errors))
    if findings.interrupted:
        return INTERRUPTED, findings.left_running
    code = report.exit_code
    if min_score is not None:
        code = code_by_score(report, min_score)
        click.echo(score_in_words(report, min_score, code))
    return int(code), findings.left_running


def _print_for_github(report: Report, report_dir: Path, *, quiet: bool) -> None:
    """In a job of GitHub Actions, write its summary and outputs and print its annotations."""
    if not any(os.environ.get(name) for name in GITHUB_VARIABLES):
        return
    for complaint in write_for_github(report, report_dir / "report.json", os.environ):
        complain(complaint)
    if not quiet:
        for line in error_lines(report, os.environ):
            click.echo(line)


def _errors_in_words(errors: Sequence[HarnessError]) -> str:
    """Return the first error, and how many others there are; the report has them all."""
    messages = list(dict.fromkeys(error.message for error in errors))
    further = f" (and {len(messages) - 1} more: see the report)" if len(messages) > 1 else ""
    return messages[0] + further


def _intentions(options: RunOptions) -> list[str]:
    lines = intentions(options.description)
    workers = most_workers(options.description, options.workers)
    if workers > 1:
        lines.append(f"does so up to {workers} times, side by side (--workers 1: once)")
    return lines
