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
    """Read a `report.json`; raises `UsageError` for what is none."""
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
    if isinstance(version, str) and not version.startswith("1."):
        raise UsageError(f"{path}: a report of version {version}; 1.x can be read")
    if fault := best_match(Draft202012Validator(report_schema()).iter_errors(report)):
        where = f"{fault.json_path}: " if fault.absolute_path else ""
        message = " ".join(fault.message.split())[:200]
        raise UsageError(f"{path}: this is no report.json: {where}{message}")
    assert isinstance(report, dict)
    return report
