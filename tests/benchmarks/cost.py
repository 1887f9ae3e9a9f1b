"""What a run costs as its scenarios grow, and as the rows grow that its target has already."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from conformance.outcomes import ExitCode
from conformance.target.database.postgres import EmbeddedPostgres
from tests.benchmarks.result import Result
from tests.benchmarks.verdict import (
    PROCESSOR,
    TURNS,
    WALL,
    Way,
    harness,
    in_turns,
    launched_description,
)
from tests.mutants.harness_run import as_toml, stored_run

_PARTS = {
    "AC-1": ("AC-1",),
    "AC-1 to AC-5": tuple(f"AC-{number}" for number in range(1, 6)),
    "AC-1 to AC-10": tuple(f"AC-{number}" for number in range(1, 11)),
    "everything": (),
}
_SIZES = (100, 10_000, 300_000)
_WITHIN = 1.5
_SETTLED = {"passed", "inapplicable"}
_FILLING = "filling.json"


def scenarios(
    postgres: EmbeddedPostgres | None,
    scratch: Path,
    parts: Mapping[str, Sequence[str]] = _PARTS,
    turns: int = TURNS,
) -> Result:
    """Run ever more ids against the reference in process; the figures are medians."""
    del postgres
    result = Result("scenario-growth")
    ways = {name: _run(ids) for name, ids in parts.items()}
    for name, taken in in_turns(ways, scratch, turns).items():
        count = len(stored_run(taken[0].place).scenarios)
        processor = median(each.processor for each in taken)
        subject = f"{name} ({count} scenario{'' if count == 1 else 's'})"
        result.add(subject, WALL, median(each.wall for each in taken))
        result.add(subject, PROCESSOR, processor)
        result.add(subject, f"{PROCESSOR} per scenario", processor / count)
    first, *_, last = result.figures
    for quantity in (WALL, PROCESSOR):
        ratio = result.figures[first][quantity] / result.figures[last][quantity]
        result.ratios[f"{first} : {last}, {quantity}"] = ratio
    return result


@dataclass(frozen=True)
class Rows:
    """What the target's database holds before the run: users, and past requests of theirs."""

    users: int
    requests: int = 0

    def __str__(self) -> str:
        told = f"{self.users:,} users"
        return f"{told}, a past request of each" if self.requests else told


def accounts(
    postgres: EmbeddedPostgres | None,
    scratch: Path,
    sizes: Sequence[int] = _SIZES,
    ids: Sequence[str] = (),
    turns: int = TURNS,
) -> Result:
    """Run `ids`, or everything, against the launched reference with ever more rows.

    The figures are medians. What it takes to fill the tables is no part of them. The last subject
    has a past request of each user, too.
    """
    del postgres
    result = Result("account-growth")
    rows = {str(each): each for each in (*map(Rows, sizes), Rows(sizes[-1], sizes[-1]))}
    ways = {name: _run_on(each, ids) for name, each in rows.items()}
    for name, taken in in_turns(ways, scratch, turns).items():
        filling = [json.loads((each.place / _FILLING).read_bytes()) for each in taken]
        pairs = list(zip(taken, filling, strict=True))
        result.add(name, WALL, median(each.wall - filled["wall"] for each, filled in pairs))
        result.add(
            name, PROCESSOR, median(each.processor - filled["processor"] for each, filled in pairs)
        )
        result.add(name, "seconds to fill the tables", median(each["wall"] for each in filling))
    wall = {name: figures[WALL] for name, figures in result.figures.items()}
    fewest, *_ = wall
    for name in list(wall)[-2:]:
        result.ratios[f"{name} : {fewest}"] = wall[name] / wall[fewest]
        aim = f"{name}: less than {_WITHIN:g} times as long as with {fewest}"
        result.aims[aim] = wall[name] < _WITHIN * wall[fewest]
    return result


def _run_on(rows: Rows, ids: Sequence[str]) -> Way:
    """Return a run against the launched reference, whose database holds rows from the start."""
    described = launched_description()
    fill = ["{python}", "-m", "tests.benchmarks.seed", str(rows.users), str(rows.requests)]
    described["launch"]["prepare"] = [[*fill, _FILLING]]

    def way(place: Path) -> None:
        target = place / "target.toml"
        target.write_text(as_toml(described), encoding="utf-8")
        _run(ids, f"--target={target}")(place)

    return way


def _run(ids: Sequence[str], *options: str) -> Way:
    """Return a run of some ids, or of everything, in which every scenario has to hold."""
    # A part is never conformant, however well it goes.
    expected = ExitCode.INCOMPLETE if ids else ExitCode.CONFORMANT
    part = [f"--only={','.join(ids)}"] if ids else []
    run = harness(*part, *options, expected=expected)

    def way(place: Path) -> None:
        run(place)
        found = stored_run(place).scenarios
        others = [each.name for each in found if each.outcome not in _SETTLED]
        if others or not found:
            raise RuntimeError(f"{part or 'everything'}: not every scenario holds: {others}")

    return way
