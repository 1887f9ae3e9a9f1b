"""`report.json`: everything that a run found, in the shape of `report.schema.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from conformance.outcomes import UsageError
from conformance.report.model import Report, plain
from conformance.report.safe_text import json_text

# What 2.0 renamed: in the report, in each requirement, in each scenario and advisory.
_RENAMED = {"stale_pins": "stale_expected_failures"}
_RENAMED_IN_REQUIREMENTS = {"pinned": "failed_as_expected"}
_RENAMED_IN_SCENARIOS = {"pin": "expected_failure"}


@lru_cache(maxsize=1)
def _schema_text() -> str:
    return Path(__file__).with_name("report.schema.json").read_text(encoding="utf-8")


def report_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of `report.json`; it only ever grows within a version."""
    schema: dict[str, Any] = json.loads(_schema_text())
    return schema


def as_json(report: Report) -> str:
    """Return the text of `report.json`."""
    return f"{json_text(report.model_dump(mode='json'))}\n"


def read_report(path: Path) -> Report:
    """Read a `report.json`, also one of version 1.x. Raises `UsageError` for any other file."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise UsageError(f"{path}: no report.json was found") from None
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise UsageError(f"{path}: the file is not a report.json: {error}") from error
    version = data.get("schema_version") if isinstance(data, dict) else None
    if isinstance(version, str) and not version.startswith(("1.", "2.")):
        raise UsageError(
            f"{path}: the report has schema version {version}; versions 1.x and 2.x can be read"
        )
    data = _upgraded(data) if isinstance(version, str) else data
    if fault := best_match(Draft202012Validator(report_schema()).iter_errors(data)):
        where = f"{fault.json_path}: " if fault.absolute_path else ""
        message = " ".join(fault.message.split())[:200]
        raise UsageError(f"{path}: the file is not a report.json: {where}{message}")
    return report_from(data)


def report_from(data: Mapping[str, Any]) -> Report:
    """Return the report that `data` holds, which the schema describes."""
    return Report.model_validate(plain(data))


def _upgraded(data: dict[str, Any]) -> dict[str, Any]:
    """Return a report of an older version as this one has it; what is malformed stays as it is."""
    if str(data["schema_version"]).startswith("1."):
        data = _renamed(data, _RENAMED) | {"schema_version": "2.0"}
    if isinstance(requirements := data.get("requirements"), dict):
        data["requirements"] = {
            id_: _renamed(each, _RENAMED_IN_REQUIREMENTS) for id_, each in requirements.items()
        }
    for key in ("scenarios", "advisories"):
        if isinstance(scenarios := data.get(key), list):
            data[key] = [_with_what(_renamed(each, _RENAMED_IN_SCENARIOS)) for each in scenarios]
    return data


def _renamed(data: Any, names: Mapping[str, str]) -> Any:
    if not isinstance(data, dict):
        return data
    return {names.get(key, key): value for key, value in data.items()}


def _with_what(scenario: Any) -> Any:
    """Return a scenario with its `what`, which there is since 2.1: its message without values."""
    if not isinstance(scenario, dict) or not isinstance(scenario.get("message"), str):
        return scenario
    values = f": expected {scenario.get('expected')}, found {scenario.get('found')}"
    return {"what": scenario["message"].removesuffix(values), **scenario}
