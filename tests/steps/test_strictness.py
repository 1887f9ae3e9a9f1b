"""Every check that can fail an implementation names the sentence that it rests on."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from conformance.requirements.specification import load_specification

ROOT = Path(__file__).resolve().parents[2]
STEPS = ROOT / "conformance" / "steps"
TABLE = ROOT / "spec" / "strictness.md"
RAISED = {"Failed", "NoAnswer"}
# Tries the points of a target and judges nothing.
NO_JUDGE = "probes"
OTHER_BASES = {"the scenario's ids", "the OpenAPI document", "nothing: advisory"}


def checks() -> Iterator[str]:
    """Yield the functions of the steps that say that an implementation fails."""
    for file in STEPS.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and file.stem != NO_JUDGE and _fails(node):
                yield f"{file.stem}.{node.name}"


def _fails(function: ast.FunctionDef) -> bool:
    calls = (node for node in ast.walk(function) if isinstance(node, ast.Call))
    return any(isinstance(call.func, ast.Name) and call.func.id in RAISED for call in calls)


def rows() -> list[tuple[str, list[str]]]:
    """Return each row of the table: what it rests on, and its checks."""
    lines = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if "| `" in line]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [(basis, re.findall(r"`([^`]+)`", names)) for basis, _, names in cells]


def test_every_check_has_one_row() -> None:
    assert Counter(name for _, names in rows() for name in names) == Counter(checks())


def test_every_basis_is_a_sentence() -> None:
    specification = load_specification()
    known = set(specification.requirements) | {f"reading {n}" for n in specification.readings}
    named = {basis for cell, _ in rows() if cell not in OTHER_BASES for basis in cell.split(", ")}
    assert named <= known
