"""`magic-link-conformance run`: the features against one target, from the command line."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

import pytest
from rich.console import Console

from conformance import builtin, resources
from conformance.choices import asked_ids, known_ids
from conformance.opening import Permissions
from conformance.outcomes import ExitCode
from conformance.pins import load_pins
from conformance.report.files import write_reports
from conformance.report.progress import Progress
from conformance.report.terminal import print_intentions, print_result
from conformance.results import RunResult
from conformance.run import ConformanceRun, RunOptions
from conformance.target import DescriptionError, TargetDescription, load_description

_INTERRUPTED = 130


@dataclass(frozen=True)
class RunCall:
    """The options of the command, as they were given."""

    target: Path | None
    spawn: bool
    mail: builtin.MailKind
    clock: str
    base_url: str | None
    email: str | None
    password: str | None
    only: tuple[str, ...]
    require: tuple[str, ...]
    pins: Path | None
    report_dir: Path
    allow_remote: bool
    seed: int | None
    quiet: bool


def run_features(call: RunCall) -> int:
    """Run the features, print and write what was found, and return the exit code."""
    console = Console(highlight=False)
    options = _options(call)
    _check_writable(call.report_dir)
    if not call.quiet:
        print_intentions(intentions(options.description), console)
    progress = Progress(console, quiet=call.quiet)
    run = ConformanceRun(options, progress)
    written: list[RunResult] = []

    def finished(result: RunResult) -> None:
        # Before anything is stopped: whatever happens from here on, nothing found is lost.
        write_reports(result, call.report_dir)
        written.append(result)

    run.finished = finished
    try:
        status = _run_pytest(run)
    finally:
        progress.close()
    if run.complaint:
        Console(stderr=True, highlight=False, soft_wrap=True).print(
            f"magic-link-conformance: {run.complaint}", markup=False
        )
        return int(run.exit_code)
    if not written:
        # pytest itself failed: it has said how.
        return int(ExitCode.HARNESS)
    print_result(written[0], console, report_dir=call.report_dir)
    return _INTERRUPTED if status == pytest.ExitCode.INTERRUPTED else int(run.exit_code)


def _options(call: RunCall) -> RunOptions:
    only = known_ids(call.only)
    return RunOptions(
        description=_description(call),
        asked=asked_ids(call.require) if call.require or not only else only,
        only=only,
        pins=tuple(load_pins(call.pins)) if call.pins else (),
        permissions=Permissions(remote=call.allow_remote),
        seed=secrets.randbelow(2**31) if call.seed is None else call.seed,
    )


def _description(call: RunCall) -> TargetDescription:
    ways = [call.target is not None, call.spawn, call.base_url is not None]
    if sum(ways) > 1:
        raise DescriptionError("--target, --spawn and --base-url exclude one another: give one")
    if call.email and not call.base_url:
        raise DescriptionError("--email belongs to --base-url")
    if call.target is not None:
        return load_description(call.target)
    if call.base_url is not None:
        return builtin.bare_url(call.base_url, call.email, call.password, {})
    if call.spawn:
        return builtin.reference_launched(call.mail, call.clock)
    return builtin.reference_in_process(call.mail)


def intentions(description: TargetDescription) -> list[str]:
    """Return what the run will do to the target, in sentences."""
    told = []
    database, accounts = description.database, description.accounts
    if description.in_process is not None:
        told.append(f"serves {description.in_process.app} in this process")
    elif description.launch is not None:
        told.append(f"starts {' '.join(description.launch.command)}")
    else:
        told.append(f"sends requests to {description.base_url}, a few hundred, some malformed")
    if database is None or database.url is None:
        if description.started_here:
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


def _check_writable(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DescriptionError(f"--report-dir: {directory}: {error.strerror}") from error


def _run_pytest(run: ConformanceRun) -> int:
    """Run the features in a pytest of our own: no configuration and no plugin of the caller's."""
    suite = Path(resources.__file__).parent / "suite"
    for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS"):
        os.environ.pop(name, None)
    arguments = [
        str(suite),
        *("-c", os.devnull, "--rootdir", str(suite)),
        *("-p", "no:terminal", "-p", "no:cacheprovider", "-p", "no:faulthandler"),
        *("--disable-plugin-autoload", "-p", "pytest_bdd.plugin", "--capture=no"),
    ]
    return int(pytest.main(arguments, plugins=[run]))
