"""The pytest plugin: the features in a user's own pytest, `pytest --pyargs conformance --target …`.

It is loaded by every pytest of an environment that has this package, so it does nothing, and
imports nothing of weight, unless `--target` is given.
"""

from __future__ import annotations

import argparse
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conformance.cli import option_texts

if TYPE_CHECKING:
    from conformance.run.session import ConformanceRun

_RUN = "magic-link-conformance run"
_SUITE = Path(__file__).parent / "run" / "suite"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("magic-link-conformance")
    group.addoption("--target", metavar="FILE", help=option_texts.TARGET)
    group.addoption(
        "--require", action="append", default=[], metavar="IDS", help=option_texts.REQUIRE
    )
    group.addoption("--expected-failures", metavar="FILE", help=option_texts.EXPECTED_FAILURES)
    group.addoption("--pins", dest="expected_failures", help=argparse.SUPPRESS)
    group.addoption("--report-dir", metavar="DIR", help=option_texts.REPORT_DIR)
    group.addoption("--advisories", action="store_true", help=option_texts.ADVISORIES)
    group.addoption("--allow-remote", action="store_true", help=option_texts.ALLOW_REMOTE)


def pytest_configure(config: pytest.Config) -> None:
    """Register the run when a target is given."""
    if config.pluginmanager.has_plugin(_RUN) or not config.getoption("--target"):
        return
    config.pluginmanager.register(_run(config), _RUN)
    config.pluginmanager.register(_SafeText())
    config.pluginmanager.register(_FeaturesInTheRoot())


class _FeaturesInTheRoot:
    """Says that the features lie in the root directory, whatever place they were installed to.

    allure-pytest-bdd shows a feature by its path from there, and fails where there is none.
    """

    @pytest.hookimpl(tryfirst=True)
    def pytest_bdd_before_scenario(self, request: pytest.FixtureRequest, feature: Any) -> None:
        root, file = request.config.rootpath, Path(feature.filename)
        if not file.is_relative_to(root):
            feature.filename = str(root / "features" / file.name)


class _SafeText:
    """Keeps what a target says from steering the terminal that pytest prints it to."""

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        from conformance.report.safe_text import terminal_lines

        report = yield
        if isinstance(report.longrepr, str):
            report.longrepr = terminal_lines(report.longrepr)
        elif isinstance(report.longrepr, tuple):
            path, line, message = report.longrepr
            report.longrepr = (path, line, terminal_lines(message))
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        from conformance.report.safe_text import terminal_lines

        if isinstance(excinfo.value, pytest.exit.Exception):
            excinfo.value.args = (terminal_lines(excinfo.value.msg),)


def _run(config: pytest.Config) -> ConformanceRun:
    from conformance.outcomes import UsageError
    from conformance.report.files import clear_reports
    from conformance.report.safe_text import terminal_lines
    from conformance.requirements.selection import asked_ids
    from conformance.run.expected_failures import load_expected_failures
    from conformance.run.options import RunOptions
    from conformance.run.session import ConformanceRun
    from conformance.target.description import load_description
    from conformance.target.testbed_setup import Permissions

    expected = config.getoption("--expected-failures")
    directory = config.getoption("--report-dir")
    try:
        if directory is not None:
            if not directory:
                raise UsageError("--report-dir: an empty value was given")
            clear_reports(Path(directory))
        options = RunOptions(
            description=load_description(Path(config.getoption("--target"))),
            asked=asked_ids(config.getoption("--require")),
            expected_failures=load_expected_failures(Path(expected)) if expected else (),
            permissions=Permissions(remote=config.getoption("--allow-remote")),
            advisories=config.getoption("--advisories"),
        )
    except UsageError as error:
        raise pytest.UsageError(terminal_lines(error)) from error
    return ConformanceRun(options)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Refuse to collect the features without a target, instead of failing one by one."""
    if not config.pluginmanager.has_plugin(_RUN) and any(_SUITE in i.path.parents for i in items):
        raise pytest.UsageError("the conformance features need a target: give --target FILE")


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Write the reports and print the table of requirements."""
    run = config.pluginmanager.get_plugin(_RUN)
    if run is None or run.result is None:
        return
    from rich.console import Console

    from conformance.outcomes import ExitCode, HarnessFault
    from conformance.report.files import write_reports
    from conformance.report.model import report_of
    from conformance.report.safe_text import terminal_lines
    from conformance.report.terminal import print_result

    report = report_of(run.result)
    directory = config.getoption("--report-dir")
    report_dir = Path(directory) if directory else None
    if report_dir is not None:
        try:
            write_reports(report, report_dir)
        except HarnessFault as error:
            pytest.exit(terminal_lines(error), returncode=int(ExitCode.HARNESS))
    terminalreporter.section("magic-link conformance")
    console = Console(file=terminalreporter._tw._file, force_terminal=False, width=100)
    print_result(report, console, report_dir=report_dir)
