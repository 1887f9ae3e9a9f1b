"""Findings as SARIF 2.1.0, which code scanning of GitHub and others show beside the source."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

from conformance.report.lint_findings.checked import CheckedSpec
from conformance.report.safe_text import json_text, one_line, printable
from conformance.requirements.lint.finding import Finding
from conformance.requirements.lint.pages import Page, pages
from conformance.requirements.resources import version

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def as_sarif(checked: Sequence[CheckedSpec], level: str) -> str:
    """Return one run with all findings; `level` is error or warning."""
    rules = [_rule(page) for page in pages().values()]
    order = {code: number for number, code in enumerate(pages())}
    results = [
        _result(each.path, finding, level, order[finding.code])
        for each in checked
        for finding in each.findings
    ]
    driver = {"name": "magic-link-conformance lint", "version": version(), "rules": rules}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return json_text({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(page: Page) -> dict[str, Any]:
    return {
        "id": page.code,
        "shortDescription": {"text": page.code.replace("-", " ").capitalize()},
        "fullDescription": {"text": page.why},
        "help": {"text": page.text(), "markdown": page.text()},
    }


def _result(path: str, finding: Finding, level: str, index: int) -> dict[str, Any]:
    region = {
        "startLine": finding.line,
        "startColumn": finding.column,
        "endColumn": finding.end_column,
        "snippet": {"text": printable(finding.source)},
    }
    uri = PurePath("stdin" if path == "-" else path).as_posix()
    place = {"artifactLocation": {"uri": uri}, "region": region}
    digest = hashlib.sha256(finding.fingerprint.encode()).hexdigest()
    return {
        "ruleId": finding.code,
        "ruleIndex": index,
        "level": level,
        "message": {"text": one_line(finding.message)},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {"finding/v1": digest},
    }
