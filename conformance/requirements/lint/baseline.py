"""A baseline: what is known in old specs, so that only new findings are reported."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from conformance.outcomes import UsageError
from conformance.requirements.lint.finding import Finding
from conformance.requirements.user_files import read_text

_VERSION = 1


def read_baseline(path: Path) -> dict[str, Counter[str]]:
    """Return how often each finding is known in each spec; raises `UsageError`."""
    try:
        data = json.loads(read_text(path))
        if data["version"] != _VERSION:
            raise UsageError(f"{path}: is a baseline of version {data['version']}, not {_VERSION}")
        return {spec: Counter(dict(known)) for spec, known in data["known"].items()}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        why = f"{path}: is not a baseline; --write-baseline writes one"
        raise UsageError(why) from error


def baseline_text(found: Mapping[str, Iterable[Finding]]) -> str:
    """Return the baseline that knows all these findings, by the path of the spec."""
    known = {
        path: dict(sorted(Counter(each.fingerprint for each in findings).items()))
        for path, findings in sorted(found.items())
    }
    return json.dumps({"version": _VERSION, "known": known}, indent=2, ensure_ascii=False) + "\n"


def new_ones(findings: Iterable[Finding], known: Mapping[str, int]) -> list[Finding]:
    """Return the findings that a baseline does not know; the first of equal ones are known."""
    left = Counter(known)
    new = []
    for finding in findings:
        left[finding.fingerprint] -= 1
        if left[finding.fingerprint] < 0:
            new.append(finding)
    return new
