"""The comparison as JSON."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any

from tests.comparison.implementations import Implementation
from tests.comparison.measuring import WAYS, Baseline, Measured
from tests.comparison.ways import SCHEMATHESIS


def as_json(
    known: Baseline,
    mutants: Sequence[Measured],
    variants: Sequence[Measured],
    left_out: Sequence[str],
    examples: int,
) -> dict[str, Any]:
    """Return the comparison.

    `caught` of a variant is a false alarm. `failures` are those beyond the plain reference's.
    `left_out` are variants that neither way can be run against.
    """
    mutant_rows = [_row(measured) for measured in mutants]
    variant_rows = [_row(measured) for measured in variants]
    return {
        "configuration": {
            "schemathesis": f"schemathesis run openapi.yaml --max-examples {examples} "
            + " ".join(SCHEMATHESIS),
            "ordinary": "pytest tests/comparison/ordinary/acceptance.py",
        },
        "reference": {
            way: {"failures": sorted(finding.failures), "seconds": round(finding.seconds, 2)}
            for way, finding in known.findings.items()
        },
        "summary": {way: _summary(way, mutant_rows, variant_rows) for way in WAYS},
        "mutants": mutant_rows,
        "variants": variant_rows,
        "left_out": list(left_out),
    }


def _row(measured: Measured) -> dict[str, Any]:
    implementation: Implementation = measured.implementation
    return {
        "name": implementation.name,
        "told": implementation.told,
        **{
            way: {
                "caught": bool(finding.failures),
                "failures": sorted(finding.failures),
                "seconds": round(finding.seconds, 2),
            }
            for way, finding in measured.findings.items()
        },
        "errors": dict(measured.errors),
    }


def _summary(
    way: str, mutants: Sequence[dict[str, Any]], variants: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    seen_mutants = [row[way] for row in mutants if way in row]
    seen_variants = [row[way] for row in variants if way in row]
    seconds = [row["seconds"] for row in (*seen_mutants, *seen_variants)]
    return {
        "mutants": len(seen_mutants),
        "caught": sum(row["caught"] for row in seen_mutants),
        "variants": len(seen_variants),
        "failed_wrongly": sum(row["caught"] for row in seen_variants),
        "median_seconds": round(statistics.median(seconds), 2) if seconds else None,
    }
