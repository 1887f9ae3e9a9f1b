"""Entries while they are read: a draft collects its parts, and is finished into an `Entry`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from conformance.requirements.spec_forms.blocks import Block
from conformance.requirements.spec_forms.model import Entry, Kind

STEP = re.compile(r"\W*(given|when|then|and|but|if|while|where)\b", re.IGNORECASE)
DUTY = re.compile(r"\b(must|shall|should|has to|have to|needs to|will)\b", re.IGNORECASE)
_STORY = re.compile(r"(?:user story|story|priority|as an? )", re.IGNORECASE)
_GROUP = re.compile(r"group:\s*(.+)$", re.IGNORECASE)


@dataclass
class Draft:
    """An entry that is being read. `level` is that of its heading, `depth` that of its list."""

    kind: Kind
    id: str
    title: str
    line: int
    end: int
    level: int = 0
    depth: int = 0
    parent: str = ""
    group: str = ""
    parts: list[str] = field(default_factory=list)
    cells: dict[str, str] = field(default_factory=dict)

    def add(self, block: Block) -> None:
        """Take a block as a part; the line `Group: …` names the group instead."""
        if group := _GROUP.match(block.text):
            self.group = group[1]
        else:
            self.parts.append(block.text)
        self.end = max(self.end, block.end)

    @property
    def name(self) -> str:
        """What a criterion below it calls it."""
        return self.id or self.title

    @property
    def is_lead(self) -> bool:
        """Whether it is a paragraph that only announces a list."""
        return not self.id and not self.level and len(self.parts) == 1 and self.parts[0][-1:] == ":"

    def finished(self) -> Entry:
        """Return the entry."""
        text = _binding(self.parts) or self.title
        body = "\n".join([self.title, *self.parts]).strip()
        return Entry(
            self.kind, self.id, self.title, text, self.line, self.end, body, self.group,
            self.parent, cells=dict(self.cells),
        )  # fmt: skip


def _binding(parts: list[str]) -> str:
    """Return the first part, with those that it needs to be a sentence: steps, or a list."""
    parts = [part for part in parts if part]
    if not parts:
        return ""
    taken = [parts[0]]
    for part in parts[1:]:
        if taken[0].rstrip().endswith(":") or (STEP.match(taken[0]) and STEP.match(part)):
            taken.append(part)
        elif _STORY.match(taken[0]) and DUTY.search(part):
            taken = [part]
        else:
            break
    return " ".join(taken)


def scenarios_in(block: Block) -> Iterator[tuple[str, int, list[str]]]:
    """Yield (name, line, steps) of the scenarios in a block of Gherkin."""
    if block.language not in ("gherkin", "feature", "cucumber", "") or "Then" not in block.text:
        return
    name, start, steps = "", block.line, list[str]()
    for number, line in enumerate(block.text.splitlines(), block.line + 1):
        text = line.strip()
        if re.match(r"(?:Scenario|Example)(?: Outline)?:", text):
            if steps:
                yield name, start, steps
            name, start, steps = text.partition(":")[2].strip(), number, []
        elif STEP.match(text):
            steps.append(text)
    if steps:
        yield name, start, steps
