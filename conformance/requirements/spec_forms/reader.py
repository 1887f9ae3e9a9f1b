"""Reads a spec in Markdown: requirements, edge cases and criteria wherever a form has them.

One reader serves all forms. They differ in how an entry begins (an id in a heading, a bullet, a
paragraph or a row; `### Requirement:`; a numbered criterion), and no form uses another's beginning
for something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from conformance.requirements.spec_forms.blocks import Block, Shape, plain
from conformance.requirements.spec_forms.drafts import DUTY, STEP, Draft, scenarios_in
from conformance.requirements.spec_forms.headings import cleaned, opened_by, role_of
from conformance.requirements.spec_forms.ids import kind_of, leading_id
from conformance.requirements.spec_forms.model import (
    KIND_OF_ROLE,
    Entry,
    Kind,
    Role,
    Section,
    Unread,
)
from conformance.requirements.spec_forms.tables import (
    id_of_row,
    standard_cells,
    statement_of_row,
    states_edge_cases,
    states_requirements,
)

_DASHES = " :.-\u2013\u2014"
_THEN = re.compile(r"\b(then|shall|must)\b", re.IGNORECASE)
_WHOLE = re.compile(r"\W*given\b.*\bthen\b", re.IGNORECASE | re.DOTALL)
_NUMBER = re.compile(r"(\d+\.\d+)[.):]?\s+(?=\S)")


@dataclass
class Reading:
    """What was read so far; `read` goes over the blocks once."""

    title: str = ""
    sections: list[Section] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    _prose: list[str] = field(default_factory=list)
    _stack: list[tuple[int, Role | None]] = field(default_factory=list)
    _role: Role | None = None
    _group: str = ""
    _open: Draft | None = None
    _owner: Draft | None = None
    _table_read: bool = True

    def read(self, blocks: Iterable[Block]) -> None:
        """Read the blocks of a whole spec."""
        previous: Block | None = None
        for block in blocks:
            if block.shape is Shape.HEADING:
                self._heading(block)
            elif block.shape is Shape.ROW:
                self._row(block, first=previous is None or previous.shape is not Shape.ROW)
            elif block.shape is Shape.CODE:
                self._code(block)
            elif block.shape is not Shape.HTML:
                self._words(block)
            elif not block.text.startswith("<!--") and self._reads_entries:
                self.unread.append(Unread(block.line, "HTML is not read; write it as Markdown"))
            previous = block
        self._close()
        self._end_section()

    @property
    def _reads_entries(self) -> bool:
        return self._role in KIND_OF_ROLE

    def _close(self) -> None:
        if self._open is not None:
            self.entries.append(self._open.finished())
            self._open = None

    def _end_section(self) -> None:
        if self.sections and self._prose:
            last = self.sections[-1]
            prose = "\n".join(part for part in [last.prose, *self._prose] if part)
            self.sections[-1] = Section(last.title, last.role, last.level, last.line, prose)
        self._prose = []

    def _heading(self, block: Block) -> None:
        found = None if self._role is Role.OTHER and self._deeper(block) else opened_by(block.text)
        self._close()
        while self._stack and self._stack[-1][0] >= block.depth:
            self._stack.pop()
        if self._owner is not None and self._owner.level >= block.depth:
            self._owner = None
        inherited = self._stack[-1][1] if self._stack else None
        self._group = ""
        if found is not None:
            self._role = inherited
            self._open_heading(block, *found)
            return
        nested = block.depth != 2 or inherited is not None or self._owner is not None
        own = role_of(block.text, nested=nested)
        self._role = own or inherited
        if own is None:
            self._group = cleaned(block.text)
        if own is None and inherited is not None:
            self._prose.append(block.text)
        elif block.depth == 1 and own is None and not self.title:
            self._end_section()
            self.title = cleaned(block.text)
            self.sections.append(Section(self.title, Role.OTHER, 1, block.line))
        else:
            self._end_section()
            role = own or Role.OTHER
            self.sections.append(Section(cleaned(block.text), role, block.depth, block.line))
        self._stack.append((block.depth, self._role))

    def _deeper(self, block: Block) -> bool:
        return bool(self._stack) and block.depth > self._stack[-1][0]

    def _open_heading(self, block: Block, id_: str, title: str, scenario: bool) -> None:
        named = Kind.CRITERION if scenario else Kind.FUNCTIONAL
        kind = self._kind(id_) if id_ else named
        draft = self._draft(kind, id_, title, block)
        draft.level = block.depth
        self._open = draft
        if draft.kind is not Kind.CRITERION:
            self._owner = draft

    def _kind(self, id_: str) -> Kind:
        return kind_of(id_) or KIND_OF_ROLE.get(self._role or Role.OTHER, Kind.FUNCTIONAL)

    def _draft(self, kind: Kind, id_: str, title: str, block: Block) -> Draft:
        parent = self._owner.name if self._owner and kind is Kind.CRITERION else ""
        return Draft(
            kind, id_, title, block.line, block.end,
            depth=block.depth if block.shape is Shape.ITEM else 0,
            parent=parent, group=self._group,
        )  # fmt: skip

    def _words(self, block: Block) -> None:
        """Read a paragraph or a list item: a beginning, a part of what is open, or prose."""
        if self._open is not None and self._open.is_lead and leading_id(block.text):
            # “The system must:” above requirements with ids is none itself.
            self._prose.append(self._open.parts[0])
            self._open = None
        if self._role is Role.OTHER:
            self._prose.append(block.text)
        elif found := leading_id(block.text):
            self._begin(block, *found)
        elif self._is_label(block):
            self._label(block)
        elif self._belongs_to_open(block):
            assert self._open is not None
            self._open.add(block)
        elif self._reads_entries and self._states_something(block):
            self._begin_without_id(block)
        elif self._role is None and _WHOLE.match(block.text):
            # A criterion, whatever language its headings are in.
            self._role = Role.CRITERIA
            self._begin_without_id(block)
        else:
            self._close()
            self._prose.append(block.text)

    def _begin(self, block: Block, id_: str, title: str, rest: str) -> None:
        self._close()
        label = block.label.strip(" :.")
        named = leading_id(label)
        if named and named[2] and not title and rest.startswith(named[2]):
            title, rest = named[2], rest[len(named[2]) :].lstrip(_DASHES) or rest
        self._open = self._draft(self._kind(id_), id_, title, block)
        if rest:
            self._open.parts.append(rest)

    def _is_label(self, block: Block) -> bool:
        text = block.text.rstrip()
        whole = bool(block.label) and plain(block.label).rstrip(" :") == text.rstrip(" :")
        if self._open is not None and block.depth > self._open.depth > 0:
            return False
        return whole and not STEP.match(text) and not DUTY.search(text)

    def _label(self, block: Block) -> None:
        role = role_of(block.text.rstrip(" :"), nested=True)
        if role in (Role.CRITERIA, Role.EDGE_CASES):
            self._close()
            self._role = role
            return
        if self._open is not None and self._open.level:
            self._open.add(block)
            return
        self._close()
        self._group = block.text.rstrip(" :")

    def _belongs_to_open(self, block: Block) -> bool:
        draft = self._open
        if draft is None or draft.cells:
            return False
        if draft.level:
            return not (self._role is Role.CRITERIA and draft.kind is not Kind.CRITERION)
        if draft.depth:
            continues = block.depth == draft.depth and self._continues_steps(draft, block)
            inside = block.shape is Shape.PARAGRAPH and block.depth >= draft.depth
            return continues or inside or block.depth > draft.depth
        return block.shape is Shape.ITEM or self._continues_steps(draft, block)

    def _continues_steps(self, draft: Draft, block: Block) -> bool:
        """Whether a step goes on a criterion of several lines: When after Given, and so on."""
        if draft.kind is not Kind.CRITERION or not draft.parts:
            return False
        step = STEP.match(block.text)
        if step is None or not STEP.match(draft.parts[0]) or step[1].lower() == "given":
            return False
        follows = step[1].lower() in ("then", "and", "but")
        return follows or (block.number is None and not _THEN.search(" ".join(draft.parts)))

    def _states_something(self, block: Block) -> bool:
        if block.shape is Shape.ITEM:
            return bool(block.text)
        if self._role is Role.CRITERIA:
            step = STEP.match(block.text) or _NUMBER.match(block.text)
            return bool(step and _THEN.search(block.text)) or bool(
                step and step[1].lower() == "given"
            )
        return bool(DUTY.search(block.text))

    def _begin_without_id(self, block: Block) -> None:
        self._close()
        text, id_ = block.text, ""
        kind = self._kind("")
        if kind is Kind.CRITERION and (match := _NUMBER.match(text)):
            id_, text = match[1], text[match.end() :]
        elif kind is Kind.CRITERION and block.number is not None and self._owner is not None:
            owner = self._owner.id
            id_ = f"{owner}.{block.number}" if owner[:1].isdigit() else ""
        label = plain(block.label).rstrip(" :.")
        title = ""
        if (
            label
            and text.startswith(label)
            and not STEP.match(label)
            and len(text) > len(label) + 4
        ):
            title, text = label, text[len(label) :].lstrip(_DASHES)
        self._open = self._draft(kind, id_, title, block)
        self._open.parts.append(text)

    def _row(self, block: Block, *, first: bool) -> None:
        id_ = id_of_row(block.cells)
        if first:
            self._table_read = self._reads_table(block, id_)
        if not self._table_read:
            if self._open is not None and not self._open.cells:
                self._open.add(block)
            else:
                self._prose.append(block.text)
            return
        self._close()
        edge = self._role is Role.EDGE_CASES or (not id_ and states_edge_cases(block.cells))
        kind = (kind_of(id_) if id_ else None) or (Kind.EDGE_CASE if edge else self._kind(id_))
        draft = self._draft(kind, id_, "", block)
        cells = standard_cells(block.cells)
        draft.cells = cells
        draft.parts = [block.text if kind is Kind.EDGE_CASE else statement_of_row(block.cells)]
        if kind is Kind.EDGE_CASE:
            draft.title = cells.get("scenario", "")
        self._open = draft
        self._close()

    def _reads_table(self, block: Block, id_: str) -> bool:
        """Whether the rows of a table are entries: they have ids, or its headings say so."""
        if id_ or self._role is Role.OTHER:
            return bool(id_) and self._role is not Role.OTHER
        if states_edge_cases(block.cells):
            return self._open is None or not self._open.level
        if not self._reads_entries or self._open is not None:
            return False
        if self._role is not Role.EDGE_CASES and states_requirements(block.cells):
            return True
        headings = ", ".join(heading or "(none)" for heading, _ in block.cells)
        why = f"no column of this table is known to hold a requirement or a case: {headings}"
        self.unread.append(Unread(block.line, why))
        return False

    def _code(self, block: Block) -> None:
        scenarios = list(scenarios_in(block)) if self._role is not Role.OTHER else []
        if scenarios:
            self._close()
            for name, line, steps in scenarios:
                id_, inside, rest = leading_id(name) or ("", "", name)
                draft = self._draft(Kind.CRITERION, id_, rest or inside, block)
                draft.line, draft.end, draft.parts = line, line + len(steps), steps
                self.entries.append(draft.finished())
        elif self._open is not None:
            self._open.parts.append("\n".join(block.text.split("\n")).strip())
            self._open.end = max(self._open.end, block.end)
        else:
            self._prose.append(block.text)
