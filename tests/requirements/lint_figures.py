"""How many planted defects lint finds, and how much it says of clean specs.

`python -m tests.requirements.lint_figures` prints a table for the specs in `lint_specs/tuned`
(looked at while the rules were written); `--held-out` adds those that are for measuring only.
Each spec is clean; the file beside it lists the defects, each an edit with the codes of which one
has to be found on the edited line. What was missed, and what is said of clean specs, is listed; of
the held-out specs only with `--all`, and whoever changes a rule for what that shows moves the spec
to `tuned` and writes another.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from conformance.requirements.lint.check import lint
from conformance.requirements.lint.finding import Finding
from conformance.requirements.spec_forms.forms import read_spec

FOLDER = Path(__file__).parent / "lint_specs"
HALVES = ("tuned", "held_out")


@dataclass(frozen=True)
class Defect:
    """An edit of a clean spec; found by any of `codes` on a line that has one of `places`."""

    old: str
    new: str
    codes: tuple[str, ...]
    places: tuple[str, ...]


@dataclass(frozen=True)
class Figures:
    """What lint says of one spec."""

    name: str
    form: str
    defects: tuple[Defect, ...]
    missed: tuple[Defect, ...]
    false: tuple[Finding, ...]


def figures(half: str) -> Iterator[Figures]:
    """Yield the figures of each spec of a half."""
    for path in sorted((FOLDER / half).glob("*.md")):
        text = path.read_text(encoding="utf-8")
        defects = tuple(_defects(path.with_suffix(".toml")))
        spec = read_spec(text)
        planted = planted_in(text, defects)
        found = lint(read_spec(planted))
        missed = tuple(each for each in defects if not is_found(each, found, planted))
        yield Figures(path.stem, spec.form, defects, missed, tuple(lint(spec)))


def _defects(path: Path) -> Iterator[Defect]:
    for table in tomllib.loads(path.read_text(encoding="utf-8"))["defect"]:
        places = table.get("at", table["new"].strip().splitlines()[-1:] or [""])
        yield Defect(
            table["old"],
            table["new"],
            tuple(table["codes"]),
            tuple([places] if isinstance(places, str) else places),
        )


def planted_in(text: str, defects: tuple[Defect, ...]) -> str:
    """Return a clean spec with all its defects."""
    for defect in defects:
        assert text.count(defect.old) == 1, f"not there once: {defect.old}"
        text = text.replace(defect.old, defect.new)
    return text


def is_found(defect: Defect, found: list[Finding], text: str) -> bool:
    """Tell whether a finding with one of the codes is on a line of the defect."""
    lines = text.splitlines()
    return any(
        finding.code in defect.codes
        and any(place in lines[finding.line - 1] for place in defect.places)
        for finding in found
    )


def table(half: str) -> Iterator[str]:
    """Yield the lines of a half's table, and what was missed or is false."""
    every = list(figures(half))
    yield f"{half:<20} form      defects  found  said of the clean spec"
    for each in every:
        count = len(each.defects)
        found = count - len(each.missed)
        yield f"{each.name:<20} {each.form:<9} {count:7}  {found:5}  {len(each.false)}"
    count = sum(len(each.defects) for each in every)
    found = count - sum(len(each.missed) for each in every)
    yield f"{'all':<30} {count:7}  {found:5}  {found / count:.0%}"
    for each in every:
        for defect in each.missed:
            yield f"missed in {each.name}: {defect.codes} {defect.new.strip()[:140]!r}"
        for finding in each.false:
            yield f"said of {each.name}:{finding.line}: [{finding.code}] {finding.message}"


def main(arguments: list[str]) -> None:
    for half in HALVES if "--held-out" in arguments else HALVES[:1]:
        lines = table(half) if half == "tuned" or "--all" in arguments else _totals(half)
        sys.stdout.write("\n".join(lines) + "\n\n")


def _totals(half: str) -> Iterator[str]:
    yield from (line for line in table(half) if not line.startswith(("missed in", "said of")))


if __name__ == "__main__":
    main(sys.argv[1:])
