"""The spec as data: requirements by id, and the ledger's readings, parsed from their prose.

The form is plain Markdown: level-2 headings are sections, a level-3 heading `### FR-1 · Title`
opens a requirement, its first paragraph is the binding sentence, a line `Group: …` names the
acceptance group. In the ledger a level-2 heading `## 1 · Question?` opens a reading, and its
paragraph `Bears on:` lists ids. Parsing collects and never raises: judging is the reader's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from types import MappingProxyType

from conformance.requirements.resources import spec_dir

KINDS = ("AC", "FR", "NFR", "EC")
_ID = re.compile(r"\b(?:AC|FR|NFR|EC)-\d+\b")
_HEADING = re.compile(r"(#{1,6})\s+(.*?)\s*#*\s*$")
_FENCE = re.compile(r"\s{0,3}(```|~~~)")
_REQUIREMENT_TITLE = re.compile(rf"({_ID.pattern})[^\w`]*(.*)$")
_READING_TITLE = re.compile(r"(\d+)[^\w`]+(.*)$")
_GROUP = re.compile(r"\**Group:\**\s*(.+)$")
_READINGS_LINE = re.compile(r"\**Readings?:")
_READING_LINK = re.compile(r"\[reading (\d+)\]", re.IGNORECASE)
_BEARS_ON = re.compile(r"\**Bears on:")


@dataclass(frozen=True)
class Requirement:
    """One requirement: `sentence` is the binding paragraph on one line, `text` all its prose."""

    id: str
    title: str
    section: str
    group: str | None
    sentence: str
    text: str
    readings: tuple[int, ...]
    line: int = 0


@dataclass(frozen=True)
class Reading:
    """One ledger entry; `ids` are the requirements that it bears on."""

    number: int
    title: str
    text: str
    ids: tuple[str, ...]
    line: int = 0


@dataclass(frozen=True)
class Passage:
    """Prose of a section without a requirement's id; `heading` may be empty."""

    section: str
    heading: str
    text: str
    line: int


class UnknownRequirement(LookupError):
    """An id that the spec does not have; its message is a sentence for the user."""


@dataclass(frozen=True)
class Specification:
    """A parsed spec; mappings keep the document's order, repeats are kept beside them."""

    sections: tuple[str, ...]
    requirements: Mapping[str, Requirement]
    readings: Mapping[int, Reading]
    unidentified: tuple[Passage, ...] = ()
    repeated: tuple[Requirement | Reading, ...] = ()

    @property
    def gate(self) -> tuple[str, ...]:
        """The acceptance criteria, which a run is asked about by default: AC-1 to AC-10."""
        return tuple(sorted((i for i in self.requirements if i.startswith("AC-")), key=sort_key))

    def get(self, requirement_id: str) -> Requirement:
        """Return the requirement with this id, or raise `UnknownRequirement`."""
        if requirement_id in self.requirements:
            return self.requirements[requirement_id]
        near = get_close_matches(requirement_id.upper(), self.requirements, n=3, cutoff=0.0)
        hint = f"; nearest are {', '.join(near)}" if near else ", nor any other"
        raise UnknownRequirement(f'The spec has no requirement "{requirement_id}"{hint}.')


def sort_key(requirement_id: str) -> tuple[int, int, str]:
    """Order ids as reports list them: AC, FR, NFR, EC, each by number; anything else last."""
    kind, _, number = requirement_id.partition("-")
    rank = KINDS.index(kind) if kind in KINDS else len(KINDS)
    return rank, int(number) if number.isdecimal() else 0, requirement_id


@lru_cache(maxsize=1)
def load_specification() -> Specification:
    """Return the spec and the ledger that this package ships, parsed once per process."""
    folder = spec_dir()
    return parse_specification(
        (folder / "magic-link.md").read_text(encoding="utf-8"),
        (folder / "ledger.md").read_text(encoding="utf-8"),
    )


def parse_specification(text: str, ledger: str = "") -> Specification:
    """Collect what the prose holds, in its order; malformed parts are kept, never raised."""
    sections: list[str] = []
    requirements: list[Requirement] = []
    unidentified: list[Passage] = []
    for level, title, line, body in _blocks(text):
        if level == 2:
            sections.append(title)
        section = sections[-1] if sections else ""
        if level > 2 and (match := _REQUIREMENT_TITLE.match(title)):
            requirements.append(_requirement(match[1], match[2], section, body, line))
        elif section and (level > 2 or "".join(body).strip()):
            prose = "\n\n".join(_paragraphs(body))
            unidentified.append(Passage(section, title if level > 2 else "", prose, line))
    readings = list(_readings(ledger))
    by_id: dict[str, Requirement] = {}
    by_number: dict[int, Reading] = {}
    repeated: list[Requirement | Reading] = []
    repeated += [each for each in requirements if by_id.setdefault(each.id, each) is not each]
    repeated += [each for each in readings if by_number.setdefault(each.number, each) is not each]
    return Specification(
        sections=tuple(sections),
        requirements=MappingProxyType(by_id),
        readings=MappingProxyType(by_number),
        unidentified=tuple(unidentified),
        repeated=tuple(repeated),
    )


def _blocks(text: str) -> Iterator[tuple[int, str, int, list[str]]]:
    """Yield (level, title, line number, body lines) per heading that opens something.

    Headings in code fences, and those below level 3 without an id, are part of the text.
    """
    level, title, start, body, fence = 0, "", 1, list[str](), ""
    for number, line in enumerate(text.splitlines(), start=1):
        if mark := _FENCE.match(line):
            fence = mark[1] if not fence else "" if mark[1] == fence else fence
        heading = None if fence else _HEADING.match(line)
        if heading is None or (len(heading[1]) > 3 and not _REQUIREMENT_TITLE.match(heading[2])):
            body.append(line)
            continue
        yield level, title, start, body
        level, title, start, body = len(heading[1]), heading[2], number, []
    yield level, title, start, body


def _paragraphs(lines: list[str]) -> list[str]:
    return [part.strip("\n") for part in re.split(r"\n\s*\n", "\n".join(lines)) if part.strip()]


def _requirement(
    requirement_id: str, title: str, section: str, body: list[str], line: int
) -> Requirement:
    groups = [match[1].strip() for each in body if (match := _GROUP.match(each))]
    paragraphs = _paragraphs([each for each in body if not _GROUP.match(each)])
    prose = [each for each in paragraphs if not _READINGS_LINE.match(each)]
    readings = (int(number) for number in _READING_LINK.findall("\n".join(body)))
    return Requirement(
        id=requirement_id,
        title=title.strip(),
        section=section,
        group=groups[0] if groups else None,
        sentence=" ".join(prose[0].split()) if prose else "",
        text="\n\n".join(prose),
        readings=tuple(dict.fromkeys(readings)),
        line=line,
    )


def _readings(ledger: str) -> Iterator[Reading]:
    for level, title, line, body in _blocks(ledger):
        if level == 2 and (match := _READING_TITLE.match(title)):
            paragraphs = _paragraphs(body)
            bears_on = " ".join(part for part in paragraphs if _BEARS_ON.match(part))
            ids = tuple(dict.fromkeys(_ID.findall(bears_on)))
            yield Reading(int(match[1]), match[2], "\n\n".join(paragraphs), ids, line)
