"""A spec as data, whatever form it was written in: sections, entries, references, lines.

An entry is a requirement, an edge case or a criterion. Lines count from 1. Nothing here judges.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

_STORY = re.compile(
    r"(?:user story\W+)?as an? [^.]*,? (?:I|we) (?:want|need|can|would)", re.IGNORECASE
)
_NO_CELLS: Mapping[str, str] = MappingProxyType({})


class Role(StrEnum):
    """What a section is for. `OTHER` holds no requirements (glossary, scope, questions, …)."""

    CONTEXT = "context"
    PROBLEM = "problem statement"
    FUNCTIONAL = "functional requirements"
    NON_FUNCTIONAL = "non-functional requirements"
    EDGE_CASES = "edge cases and error handling"
    CRITERIA = "acceptance criteria"
    OTHER = "other"


class Kind(StrEnum):
    """What an entry is."""

    FUNCTIONAL = "functional requirement"
    NON_FUNCTIONAL = "non-functional requirement"
    EDGE_CASE = "edge case"
    CRITERION = "acceptance criterion"


KIND_OF_ROLE: Mapping[Role, Kind] = MappingProxyType(
    {
        Role.FUNCTIONAL: Kind.FUNCTIONAL,
        Role.NON_FUNCTIONAL: Kind.NON_FUNCTIONAL,
        Role.EDGE_CASES: Kind.EDGE_CASE,
        Role.CRITERIA: Kind.CRITERION,
    }
)


@dataclass(frozen=True)
class Section:
    """A heading with its prose: all that is below it and in no entry, one paragraph a line."""

    title: str
    role: Role
    level: int
    line: int
    prose: str = ""


@dataclass(frozen=True)
class Entry:
    """A requirement, an edge case or a criterion.

    `id` is as written, or "" when there is none. `text` is the binding sentence (the paragraph or
    list item after the id, a table row's cells), `body` everything that belongs to the entry,
    each on one line and without emphasis. `cells` are those of a row in a table of edge cases, by
    the names `scenario`, `status`, `body`, `side_effect`, `message` and `id`, and others as they
    are headed. `parent` is the name of the requirement that a criterion is under. `path` is
    the file when the entry is not of the spec itself.
    """

    kind: Kind
    id: str
    title: str
    text: str
    line: int
    end: int
    body: str = ""
    group: str = ""
    parent: str = ""
    references: tuple[str, ...] = ()
    cells: Mapping[str, str] = field(default_factory=lambda: _NO_CELLS)
    path: str = ""

    @property
    def name(self) -> str:
        """What to call it: its id, else its title, else how it begins."""
        return self.id or self.title or " ".join(self.text.split()[:6])

    @property
    def called(self) -> str:
        """What a sentence calls it: its id, else its title or beginning in quotes."""
        return self.id or f"“{self.name}”"

    @property
    def is_story(self) -> bool:
        """Whether it is a user story, which says what somebody wants and obliges nobody."""
        return bool(_STORY.match(self.text))

    @property
    def is_criterion(self) -> bool:
        """Whether it says how something is seen rather than what must hold."""
        return self.kind is Kind.CRITERION


@dataclass(frozen=True)
class Unread:
    """A part of a spec that the reader could make nothing of, and why, as one sentence."""

    line: int
    why: str


@dataclass(frozen=True)
class Spec:
    """A spec that was read; `form` is a name of `forms.FORMS`, `lines` is its source.

    `features` are criteria that are written elsewhere, as Gherkin.
    """

    form: str
    title: str
    sections: tuple[Section, ...]
    entries: tuple[Entry, ...]
    unread: tuple[Unread, ...]
    lines: tuple[str, ...]
    features: tuple[Entry, ...] = ()

    @property
    def requirements(self) -> tuple[Entry, ...]:
        """The functional and non-functional requirements, in their order."""
        wanted = Kind.FUNCTIONAL, Kind.NON_FUNCTIONAL
        return tuple(each for each in self.entries if each.kind in wanted)

    @property
    def edge_cases(self) -> tuple[Entry, ...]:
        """The edge cases: the rows of error tables among them."""
        return tuple(each for each in self.entries if each.kind is Kind.EDGE_CASE)

    @property
    def criteria(self) -> tuple[Entry, ...]:
        """The acceptance criteria, in their order."""
        return tuple(each for each in self.entries if each.is_criterion)

    def prose(self, *roles: Role) -> str:
        """Return the prose of the sections with these roles (of all, without a role)."""
        return "\n".join(each.prose for each in self.sections if not roles or each.role in roles)
