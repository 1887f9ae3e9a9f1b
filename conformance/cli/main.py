"""The command `magic-link-conformance`: the group; each command is in a file of its own."""

from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType

import click

from conformance.outcomes import (
    INTERRUPTED,
    ExitCode,
    HarnessFault,
    UsageError,
    harness_fault,
)

# What `--help` says of each command. Its module is imported only when the command is used: most of
# them import a database driver, mail servers or pytest.
SUMMARIES: Mapping[str, str] = MappingProxyType(
    {
        "run": "Run the features against a target.",
        "check-target": "Try every point of a target description, without judging.",
        "new": "Write a spec to fill in, its scenarios and an OpenAPI stub.",
        "init": "Write a commented target description to start from.",
        "brief": "Print what an agent needs before it builds.",
        "sweep": "Judge many candidates and write a leaderboard.",
        "compare": "Show what changed from one report.json to another.",
        "docs": "Write the spec, its scenarios and its ledger as static pages.",
        "trace": "Print each requirement with its scenarios, and what is missing.",
        "lint": "Show what an implementer of a spec would have to guess.",
        "serve": "Serve the reference, to try the login by hand.",
    }
)


# No option takes them, and in a message they would begin a line of their own.
_CONTROL = re.compile(r"[\0\r\n]")


class _Commands(click.Group):
    """The commands of `SUMMARIES`, each imported when it is used."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        for number, argument in enumerate(args, 1):
            if _CONTROL.search(argument):
                raise UsageError(f"argument {number} holds a line break or a NUL: remove it")
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(SUMMARIES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in SUMMARIES:
            return None
        module = import_module(f"conformance.cli.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(SUMMARIES.items()))


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="magic-link-conformance")
def cli() -> None:
    """Return whether a magic-link login is right: AC-1 to AC-10 against any implementation.

    Exit codes: 0 conformant, 1 nonconformant, 2 the call or the description is wrong,
    3 incomplete, 4 the target could not be reached or the harness failed,
    5 an expected failure is stale.
    """


def main() -> None:
    """Run the command; every error ends with one sentence and the right exit code."""
    # SIGINT too: a shell that starts the command in the background has it ignored.
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
        # The reader of the output is gone (`| head`), so nobody is left to read a message.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(INTERRUPTED)
    except Exception as error:
        _complain(harness_fault(error), ExitCode.HARNESS)


def _complain(sentence: str, code: int) -> None:
    from conformance.report.console import complain

    complain(sentence)
    sys.exit(code)
