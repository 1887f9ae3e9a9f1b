"""Runs the usual ways against the reference, mutants and variants, and tells what they caught.

An implementation counts as caught by a way when the way shows at least one failure that it does
not show for the plain reference. For a permitted variant the same is a false alarm.
"""

from __future__ import annotations

import functools
import statistics
import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tests.comparison.implementations import Implementation, plain_reference
from tests.comparison.ways import EXAMPLES, Finding, by_ordinary_tests, by_schemathesis

Way = Callable[[Implementation, str, Path], Finding]
WAYS = ("schemathesis", "ordinary")
# On a busy machine these may fail once for no fault: they must fail twice to count.
TIMED = frozenset(
    {
        "test_ac9_the_answers_take_the_same_time",
        "test_a_request_takes_less_than_2_seconds_and_a_verify_less_than_200_ms",
    }
)


@dataclass(frozen=True)
class Baseline:
    """What each way says against the plain reference, over several runs; seconds are medians."""

    findings: Mapping[str, Finding]


@dataclass(frozen=True)
class Measured:
    """What each way says against an implementation beyond the baseline; errors by way."""

    implementation: Implementation
    findings: Mapping[str, Finding]
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class How:
    """How it is measured: on which PostgreSQL, several at a time, with how many examples."""

    server_url: str
    workers: int = 1
    examples: int = EXAMPLES

    def ways(self) -> dict[str, Way]:
        """Return the usual ways by name."""
        schemathesis = functools.partial(by_schemathesis, examples=self.examples)
        return dict(zip(WAYS, (schemathesis, by_ordinary_tests), strict=True))


def baseline(how: How, runs: int) -> Baseline:
    """Run each way against the plain reference, `runs` times."""
    found = {
        name: [_run(way, plain_reference(), how) for _ in range(runs)]
        for name, way in how.ways().items()
    }
    return Baseline(
        {
            name: Finding(
                frozenset().union(*(finding.failures for finding in findings)),
                statistics.median(finding.seconds for finding in findings),
            )
            for name, findings in found.items()
        }
    )


def measure(
    implementations: list[Implementation],
    how: How,
    known: Baseline,
    tell: Callable[[Measured], None],
) -> list[Measured]:
    """Run each way against each implementation, several at a time."""

    def run(implementation: Implementation) -> Measured:
        measured = _measured(implementation, how, known)
        tell(measured)
        return measured

    with ThreadPoolExecutor(how.workers) as pool:
        return list(pool.map(run, implementations))


def _measured(implementation: Implementation, how: How, known: Baseline) -> Measured:
    findings, errors = {}, {}
    for name, way in how.ways().items():
        try:
            found = _run(way, implementation, how)
            failures = found.failures - known.findings[name].failures
            if failures & TIMED:
                failures &= _run(way, implementation, how).failures | (failures - TIMED)
            findings[name] = Finding(failures, found.seconds)
        except Exception as error:
            # One run that broke down must not cost the others.
            errors[name] = str(error)
    return Measured(implementation, findings, errors)


def _run(way: Way, implementation: Implementation, how: How) -> Finding:
    with tempfile.TemporaryDirectory(prefix="comparison-") as place:
        return way(implementation, how.server_url, Path(place))
