"""The command `magic-link-conformance`."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import click

from conformance.outcomes import INTERRUPTED, ExitCode


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="magic-link-conformance")
def cli() -> None:
    """Tell whether a magic-link login is right: AC-1 to AC-10 against any implementation.

    Exit codes: 0 conformant, 1 nonconformant, 2 the call or the description is wrong,
    3 incomplete, 4 the target could not be reached or the harness failed,
    5 an expected failure is stale.
    """


@cli.command()
@click.option("--target", type=click.Path(path_type=Path), help="Target description (TOML).")
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
@click.option("--base-url", metavar="URL", help="Whatever runs there.")
@click.option("--email", help="With --base-url: an address that is registered there.")
@click.option(
    "--password",
    envvar="MAGIC_LINK_PASSWORD",
    help="With --email: its password (or by the variable MAGIC_LINK_PASSWORD).",
)
@click.option("--only", multiple=True, metavar="ID", help="Run a part; never conformant then.")
@click.option(
    "--require",
    multiple=True,
    metavar="IDS",
    help="What must be decided: ids, or all.  [default: AC-1 to AC-10]",
)
@click.option(
    "--expected-failures",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Failures that do not count, each with a reason (TOML).",
)
@click.option("--pins", "expected_failures", type=click.Path(path_type=Path), hidden=True)
@click.option(
    "--report-dir",
    type=click.Path(path_type=Path, file_okay=False),
    default="conformance-report",
    show_default=True,
    help="Where the reports go.",
)
@click.option("--advisories", is_flag=True, help="Run what decides nothing, too.")
@click.option("--allow-remote", is_flag=True, help="Touch targets that are not on this machine.")
@click.option("--seed", type=click.IntRange(0), help="Repeat schemathesis's requests.")
@click.option(
    "--workers",
    type=click.IntRange(1, 32),
    metavar="N",
    help="At most so many scenarios side by side, each on a target of its own.",
)
@click.option(
    "--durations",
    type=click.IntRange(0),
    metavar="N",
    help="Print where the time went, and the N slowest scenarios.",
)
@click.option("--quiet", is_flag=True, help="Print the result only.")
def run(**given: object) -> None:
    """Run the features against a target; without options, against the reference in process."""
    from conformance.cli.run import RunCall, run_features

    sys.exit(run_features(RunCall(**given)))  # type: ignore[arg-type]


@cli.command()
@click.argument("paths", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default="sweep-report",
    show_default=True,
    help="Where leaderboard and reports go.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    metavar="N",
    help="How many are judged at once.  [default: three for each core]",
)
@click.option(
    "--time-limit",
    type=click.FloatRange(1),
    default=600,
    show_default=True,
    metavar="SECONDS",
    help="For each candidate, as all limits.",
)
@click.option(
    "--memory-limit", type=click.IntRange(64), default=2048, show_default=True, metavar="MB"
)
@click.option(
    "--disk-limit", type=click.IntRange(64), default=1024, show_default=True, metavar="MB"
)
@click.option(
    "--process-limit",
    type=click.IntRange(50),
    default=1000,
    show_default=True,
    metavar="N",
    help="Processes and threads.",
)
@click.option("--only", multiple=True, metavar="ID", help="Run a part; never conformant then.")
@click.option(
    "--require",
    multiple=True,
    metavar="IDS",
    help="What must be decided: ids, or all.  [default: AC-1 to AC-10]",
)
@click.option("--seed", type=click.IntRange(0), help="The same schemathesis requests for all.")
@click.option("--scheduler", metavar="ADDRESS", help="Judge on the workers of a Dask cluster.")
@click.option("--fresh", is_flag=True, help="Judge again what has a result already.")
@click.option("--quiet", is_flag=True, help="Print the summary only.")
def sweep(**given: object) -> None:
    """Judge many candidates, each on its own, and write a leaderboard.

    PATHS are target descriptions, or directories to search for them: every target.toml, or
    else the *.toml directly in the directory. Exit codes: 0 all are conformant, 1 one is
    nonconformant, 2 the call is wrong, 3 one is incomplete, 4 one could not be judged.
    """
    from conformance.cli.sweep import SweepCall, sweep_candidates

    sys.exit(sweep_candidates(SweepCall(**given)))  # type: ignore[arg-type]


@cli.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True)
@click.option("--mail-port", type=click.IntRange(0, 65535), default=8025, show_default=True)
def serve(port: int, mail_port: int) -> None:
    """Serve the reference with a database and a mailbox, to try the login by hand."""
    from conformance.cli.serve import serve_reference

    sys.exit(serve_reference(port, mail_port))


@cli.command("check-target")
@click.argument("target", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--allow-remote", is_flag=True, help="Touch targets that are not on this machine.")
def check_target(target: Path, allow_remote: bool) -> None:
    """Try every point of a description, without judging: what works, what can be judged."""
    from conformance.cli.check_target import check_target

    sys.exit(check_target(target, allow_remote=allow_remote))


_KINDS = {
    "express": "Express, or other Node.js.",
    "django": "Django.",
    "fastapi": "FastAPI, or other ASGI.",
    "flask": "Flask, or other WSGI.",
    "go": "Go, or another built program.",
    "url-only": "Whatever runs at a URL.",
}


def _service_kinds(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command an option for each kind of service that there is a description for."""
    for kind, told in reversed(_KINDS.items()):
        command = click.option(f"--{kind}", "kind", flag_value=kind, help=told)(command)
    return command


@cli.command()
@_service_kinds
@click.option("--out", type=click.Path(path_type=Path), default="target.toml", show_default=True)
@click.option("--force", is_flag=True, help="Overwrite what is there.")
def init(kind: str | None, out: Path, force: bool) -> None:
    """Write a commented target description to start from."""
    from conformance.cli.init import write_description

    sys.exit(write_description(kind, out, force=force))


_form = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown", "json"]),
    default="text",
    show_default=True,
)


@cli.command()
@_form
def trace(form: str) -> None:
    """Print every sentence of the spec with its scenarios, or the reason why it has none."""
    from conformance.cli.trace import print_trace

    sys.exit(print_trace(form))


@cli.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--features",
    type=click.Path(path_type=Path),
    help="The scenarios that cover it.  [default: ../features, seen from the spec]",
)
def lint(file: Path, features: Path | None) -> None:
    """Tell what keeps a spec from being tested: 0 nothing, 1 findings, 2 it cannot be read."""
    from conformance.cli.lint import print_findings

    sys.exit(print_findings(file, features))


@cli.command()
@_service_kinds
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Where it goes.")
def brief(kind: str | None, out: Path | None) -> None:
    """Print what an agent needs before it builds: spec, features, judgement, description.

    The description is the one for --express unless another kind is named.
    """
    from conformance.cli.brief import print_brief

    sys.exit(print_brief(kind, out))


@cli.command()
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@_form
def compare(old: Path, new: Path, form: str) -> None:
    """Tell what changed from one report.json to another: 0 nothing got worse, 1 something did."""
    from conformance.cli.compare import print_comparison

    sys.exit(print_comparison(old, new, form))


@cli.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    metavar="DIR",
    help="Where the pages go.",
)
@click.option(
    "--report",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A report.json: its outcomes are shown too.",
)
def docs(out: Path, report: Path | None) -> None:
    """Write the spec, its scenarios and its ledger as static pages."""
    from conformance.cli.docs import write_documentation

    sys.exit(write_documentation(out, report))


def main() -> None:
    """Run the command; every expected mishap ends with one sentence and the right exit code."""
    from conformance.outcomes import HarnessFault, UsageError, harness_fault

    # SIGINT too: whoever starts us in the background of a shell has us ignore it.
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, signal.default_int_handler)
    try:
        cli(standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        sys.exit(ExitCode.USAGE)
    except click.ClickException as error:
        _complain(error.format_message(), ExitCode.USAGE)
    except UsageError as error:
        _complain(str(error), ExitCode.USAGE)
    except HarnessFault as error:
        _complain(str(error), ExitCode.HARNESS)
    except (KeyboardInterrupt, click.Abort):
        _complain("interrupted", INTERRUPTED)
    except BrokenPipeError:
        # The reader of our output went away (`| head`); there is nobody left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(INTERRUPTED)
    except Exception as error:
        _complain(harness_fault(error), ExitCode.HARNESS)


def _complain(sentence: str, code: int) -> None:
    from conformance.report.console import complain

    complain(sentence)
    sys.exit(code)
