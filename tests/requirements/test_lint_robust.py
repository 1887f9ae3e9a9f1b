"""Whatever a text is, it is read and checked without an error, in bounded time."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from conformance.requirements.lint.check import lint
from conformance.requirements.lint.hunt import questions
from conformance.requirements.spec_forms.forms import read_spec

SPECS = sorted((Path(__file__).parent / "lint_specs" / "tuned").glob("*.md"))
SIGNS = "|*`#-:<>[]{}\n\t "


def check(text: str) -> None:
    spec = read_spec(text)
    for finding in lint(spec):
        assert finding.line <= max(len(spec.lines), 1)
        assert 1 <= finding.column < finding.end_column
    questions(spec)


@pytest.mark.parametrize(
    "text",
    [
        *("", "\n", "---", "---\n---", "|a|\n|-|", "| |\n|-|\n| |", "# ", "- ", "1. ", "```"),
        *(
            "\x00\u2028",
            "- [ ] ",
            "- FR-1:",
            "### FR-1",
            "|FR-1|\n|-|\n|FR-1|",
            "<!-- lint-off: -->",
        ),
    ],
)
def test_scraps(text: str) -> None:
    check(text)
    check(f"## Functional requirements\n\n{text}")


@pytest.mark.parametrize("seed", range(20))
def test_scrambled_specs(seed: int) -> None:
    draw = random.Random(seed)
    source = [line for path in SPECS for line in path.read_text(encoding="utf-8").splitlines()]
    lines = (draw.choice(source) for _ in range(60))
    check("\n".join("".join(_scrambled(draw, line)) for line in lines))


def _scrambled(draw: random.Random, line: str) -> list[str]:
    return [draw.choice(SIGNS) if draw.random() < 0.08 else letter for letter in line]


@pytest.mark.parametrize(
    "part",
    ["return the ", "given ", "store x, and ", "sign the ", "very ", "1 ", "as a user, ", "FR-1: "],
)
def test_long_lines(part: str) -> None:
    """Were a pattern to try every pair of places, this would take minutes."""
    check(f"## Functional requirements\n\n- FR-1: The system must {part * 2_000}requests.\n")
