"""What a benchmark returns, and how it is shown."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Result:
    """Figures by name (the unit stands in the name), and aims with whether each was met."""

    name: str
    figures: dict[str, float] = field(default_factory=dict)
    aims: dict[str, bool] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """Return the result as text."""
        width = max(map(len, [*self.figures, *self.aims]), default=0)
        figures = [f"  {name:<{width}}  {value:>10,.2f}" for name, value in self.figures.items()]
        aims = [
            f"  {aim:<{width}}  {'met' if met else 'MISSED':>10}" for aim, met in self.aims.items()
        ]
        return [self.name, *figures, *aims, *(f"  not measured: {text}" for text in self.missing)]
