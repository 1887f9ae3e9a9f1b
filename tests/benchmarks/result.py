"""What a benchmark returns, and how it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass
class Result:
    """Figures by subject and quantity (the unit stands in the quantity), ratios, and aims.

    An aim is met or not; `missing` says in a sentence each what could not be measured here.
    """

    name: str
    figures: dict[str, dict[str, float]] = field(default_factory=dict)
    ratios: dict[str, float] = field(default_factory=dict)
    aims: dict[str, bool] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)

    def add(self, subject: str, quantity: str, value: float) -> None:
        """Note one figure."""
        self.figures.setdefault(subject, {})[quantity] = value

    def markdown(self) -> str:
        """Return a section with a table, the ratios and the aims."""
        quantities = list(dict.fromkeys(each for row in self.figures.values() for each in row))
        table = [
            _row([f"`{self.name}`", *quantities]),
            _row(["---", *["---:"] * len(quantities)]),
            *(
                _row([subject, *(_shown(row.get(quantity)) for quantity in quantities)])
                for subject, row in self.figures.items()
            ),
        ]
        notes = [
            *(f"- {what}: **{value:.2f}**" for what, value in self.ratios.items()),
            *(f"- {aim}: {'met' if met else '**missed**'}" for aim, met in self.aims.items()),
            *(f"- Not measured: {reason}." for reason in self.missing),
        ]
        return "\n".join([*table, "", *notes]).rstrip() + "\n"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _shown(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"
