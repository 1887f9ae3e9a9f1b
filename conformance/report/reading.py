"""Reading a `report.json` that some run has written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from conformance.outcomes import UsageError
from conformance.report.json_report import report_schema

Report = Mapping[str, Any]
"""A run as `report.schema.json` describes it."""


def read_report(path: Path) -> Report:
    """Read a `report.json`, 1.x as 2.0 has it; raises `UsageError` for what is none."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    try:
        report = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(f"{path}: there is no such report") from None
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise UsageError(f"{path}: this is no report.json: {error}") from error
    version = report.get("schema_version") if isinstance(report, dict) else None
    if isinstance(version, str) and not version.startswith(("1.", "2.")):
        raise UsageError(f"{path}: a report of version {version}; 1.x and 2.x can be read")
    if isinstance(version, str) and version.startswith("1."):
        report = _upgraded(report)
    if fault := best_match(Draft202012Validator(report_schema()).iter_errors(report)):
        where = f"{fault.json_path}: " if fault.absolute_path else ""
        message = " ".join(fault.message.split())[:200]
        raise UsageError(f"{path}: this is no report.json: {where}{message}")
    assert isinstance(report, dict)
    return report


# What 2.0 renamed: in the report, in each requirement, in each scenario and advisory.
_RENAMED = {"stale_pins": "stale_expected_failures"}
_RENAMED_IN_REQUIREMENTS = {"pinned": "failed_as_expected"}
_RENAMED_IN_SCENARIOS = {"pin": "expected_failure"}


def _upgraded(report: dict[str, Any]) -> dict[str, Any]:
    """Return a report of version 1.x as 2.0 has it; what is malformed stays as it is."""
    report = _renamed(report, _RENAMED) | {"schema_version": "2.0"}
    if isinstance(requirements := report.get("requirements"), dict):
        report["requirements"] = {
            id_: _renamed(each, _RENAMED_IN_REQUIREMENTS) for id_, each in requirements.items()
        }
    for key in ("scenarios", "advisories"):
        if isinstance(scenarios := report.get(key), list):
            report[key] = [_renamed(each, _RENAMED_IN_SCENARIOS) for each in scenarios]
    return report


def _renamed(data: Any, names: Mapping[str, str]) -> Any:
    if not isinstance(data, dict):
        return data
    return {names.get(key, key): value for key, value in data.items()}
