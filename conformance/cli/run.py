"""`magic-link-conformance run`: the features against one target, from the command line."""

from __future__ import annotations

import os
import secrets
import shlex
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import pytest

from conformance.outcomes import INTERRUPTED, ExitCode, UsageError
from conformance.report.console import PatientConsole, complain
from conformance.report.files import REPORT_FILES, write_reports
from conformance.report.github import (
    GITHUB_VARIABLES,
    error_lines,
    without_commands,
    write_for_github,
)
from conformance.report.progress import Progress
from conformance.report.reading import Report
from conformance.report.terminal import print_durations, print_intentions, print_result
from conformance.requirements.selection import asked_ids, known_ids
from conformance.run import suite as suite_package
from conformance.run.expected_failures import load_expected_failures
from conformance.run.isolation import most_workers
from conformance.run.options import RunOptions
from conformance.run.result import HarnessError, RunResult
from conformance.run.session import ConformanceRun
from conformance.target import predefined
from conformance.target.description import TargetDescription, load_description
from conformance.target.testbed_setup import Permissions


@dataclass(frozen=True)
class RunCall:
    """The options of the command, as they were given."""

    target: Path | None
    spawn: bool
    mail: predefined.MailKind | None
    clock: str | None
    base_url: str | None
    email: str | None
    password: str | None
    only: tuple[str, ...]
    require: tuple[str, ...]
    expected_failures: Path | None
    report_dir: Path
    advisories: bool
    allow_remote: bool
    seed: int | None
    workers: int | None
    durations: int | None
    quiet: bool


def run_features(call: RunCall) -> int:
    """Run the features, print and write what was found, and return the exit code."""
    console = PatientConsole(highlight=False)
    options = _options(call)
    _clear(call.report_dir)
    if not call.quiet:
        print_intentions(_intentions(options), console)
    progress = Progress(console, quiet=call.quiet)
    run = ConformanceRun(options, progress)
    written: list[tuple[RunResult, Report]] = []

    def finished(result: RunResult) -> None:
        # Before anything is stopped: whatever happens from here on, nothing found is lost.
        written.append((result, write_reports(result, call.report_dir)))

    run.finished = finished
    try:
        with without_commands(os.environ):
            _run_pytest(run)
    finally:
        progress.close()
    if run.complaint:
        complain(run.complaint)
        return int(run.exit_code)
    if not written:
        # pytest itself failed: it has said how.
        return int(ExitCode.HARNESS)
    [(result, report)] = written
    _tell_github(report, call)
    with without_commands(os.environ):
        if call.durations is not None:
            print_durations(result, console, call.durations)
        print_result(result, console, report_dir=call.report_dir)
        if result.errors:
            complain(_errors_in_words(result.errors))
    return INTERRUPTED if run.interrupted else int(run.exit_code)


def _tell_github(report: Report, call: RunCall) -> None:
    """In a job of GitHub Actions, write its summary and outputs and print its annotations."""
    if not any(os.environ.get(name) for name in GITHUB_VARIABLES):
        return
    for complaint in write_for_github(report, call.report_dir / "report.json", os.environ):
        complain(complaint)
    if not call.quiet:
        for line in error_lines(report, os.environ):
            click.echo(line)


def _errors_in_words(errors: Sequence[HarnessError]) -> str:
    """Return the first error, and how many others there are; the report has them all."""
    messages = list(dict.fromkeys(error.message for error in errors))
    further = f" (and {len(messages) - 1} more: see the report)" if len(messages) > 1 else ""
    return messages[0] + further


def _options(call: RunCall) -> RunOptions:
    only = known_ids(call.only)
    return RunOptions(
        description=_description(call),
        asked=asked_ids(call.require) if call.require or not only else only,
        only=only,
        expected_failures=tuple(load_expected_failures(call.expected_failures))
        if call.expected_failures
        else (),
        permissions=Permissions(remote=call.allow_remote),
        advisories=call.advisories or "all" in call.require,
        seed=secrets.randbelow(2**31) if call.seed is None else call.seed,
        workers=call.workers,
    )


def _description(call: RunCall) -> TargetDescription:
    ways = [call.target is not None, call.spawn, call.base_url is not None]
    if sum(ways) > 1:
        raise UsageError("--target, --spawn and --base-url exclude one another: give one")
    _refuse_strays(call)
    if call.target is not None:
        return load_description(call.target)
    if call.base_url is not None:
        return predefined.bare_url(call.base_url, call.email, call.password, {})
    if call.spawn:
        return predefined.reference_launched(call.mail or "smtp", call.clock or "age")
    return predefined.reference_in_process(call.mail or "smtp")


def _refuse_strays(call: RunCall) -> None:
    """Refuse options that would change nothing, since their giver expects them to."""
    if call.email and not call.base_url:
        raise UsageError("--email belongs to --base-url")
    if call.password and call.base_url and not call.email:
        raise UsageError("--password belongs to --email")
    if call.clock and not call.spawn:
        raise UsageError("--clock belongs to --spawn")
    if call.mail and (call.target or call.base_url):
        raise UsageError("--mail is about the reference: leave out --target and --base-url")


def _intentions(options: RunOptions) -> list[str]:
    told = intentions(options.description)
    workers = most_workers(options.description, options.workers)
    if workers > 1:
        told.append(f"does so up to {workers} times, side by side (--workers 1: once)")
    return told


def intentions(description: TargetDescription) -> list[str]:
    """Return what the run will do to the target, in sentences."""
    told = []
    database, accounts = description.database, description.accounts
    if description.in_process is not None:
        told.append(f"serves {description.in_process.app} in this process")
    elif description.launch is not None:
        told.append(f"starts {_command(description.launch.command)}")
    else:
        told.append(f"sends requests to {description.base_url}, a few hundred, some malformed")
    if database is None or database.url is None:
        if description.started_here and (database or "{database_" in description.model_dump_json()):
            told.append("makes a new database and drops it at the end")
    elif database.disposable:
        told.append(
            "writes to the database given (accounts, tokens, stored times): it is disposable"
        )
    else:
        told.append("only reads the database given")
    if accounts is not None and accounts.kind == "list":
        told.append(f"requests links for {len(accounts.listed)} given accounts: mail goes there")
    return told


def _command(words: Sequence[str]) -> str:
    """Return a described command as it will be run, as far as that is known yet."""
    return shlex.join(words).replace("'{python}'", Path(sys.executable).name)


def _clear(directory: Path) -> None:
    """Make sure of the report directory; what an earlier run found must not pass for this one's."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name in REPORT_FILES:
            (directory / name).unlink(missing_ok=True)
        tempfile.TemporaryFile(dir=directory).close()
    except OSError as error:
        raise UsageError(f"--report-dir: {directory}: {error.strerror}") from error


def _run_pytest(run: ConformanceRun) -> None:
    """Run the features in a pytest of our own: no configuration and no plugin of the caller's."""
    suite = Path(suite_package.__path__[0])
    for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS"):
        os.environ.pop(name, None)
    arguments = [
        str(suite),
        *("-c", os.devnull, "--rootdir", str(suite)),
        *("-p", "no:terminal", "-p", "no:cacheprovider", "-p", "no:faulthandler"),
        *("--disable-plugin-autoload", "-p", "pytest_bdd.plugin", "--capture=no"),
    ]
    pytest.main(arguments, plugins=[run])
