"""The forms of specs, recognised by their headings, and the entry to all readers.

`read_spec` never raises for what a spec says: what cannot be read is in `Spec.unread`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from conformance.requirements.spec_forms.blocks import Block, Shape, blocks
from conformance.requirements.spec_forms.ids import mentioned, prefix_of
from conformance.requirements.spec_forms.model import Entry, Role, Spec, Unread
from conformance.requirements.spec_forms.reader import Reading


@dataclass(frozen=True)
class Form:
    """A form: how its headings give it away, and the sections that it asks for."""

    signs: str
    sections: tuple[Role, ...]


FORMS: Mapping[str, Form] = MappingProxyType(
    {
        "openspec": Form(r"^requirement:\s", (Role.FUNCTIONAL,)),
        "kiro": Form(r"^requirement\s+\d+", (Role.CONTEXT, Role.FUNCTIONAL)),
        "spec-kit": Form(
            r"^user scenarios\b|^feature specification\b|^user story \d+ ",
            (Role.FUNCTIONAL, Role.EDGE_CASES, Role.CRITERIA),
        ),
        "markdown": Form(
            r"",
            (
                Role.CONTEXT,
                Role.PROBLEM,
                Role.FUNCTIONAL,
                Role.NON_FUNCTIONAL,
                Role.EDGE_CASES,
                Role.CRITERIA,
            ),
        ),
    }
)
_ALWAYS_REFERENCES = {"FR", "NFR", "AC", "EC"}


def read_spec(text: str, form: str | None = None) -> Spec:
    """Read a spec; `form` is a name of `FORMS`, by default the one that its headings show."""
    parts = list(blocks(text))
    reading = Reading()
    reading.read(parts)
    entries = tuple(_with_references(reading.entries))
    unread = [*reading.unread]
    if not entries:
        why = (
            "no requirement was found: there is no id such as FR-1, and no section of requirements"
        )
        unread.append(Unread(1, why))
    return Spec(
        form=form or form_of(parts),
        title=reading.title,
        sections=tuple(reading.sections),
        entries=entries,
        unread=tuple(unread),
        lines=tuple(text.splitlines()),
    )


def form_of(parts: list[Block]) -> str:
    """Return the name of the form that the headings show."""
    headings = [part.text.strip().lower() for part in parts if part.shape is Shape.HEADING]
    for name, form in FORMS.items():
        if any(re.search(form.signs, heading) for heading in headings):
            return name
    return "markdown"


def _with_references(entries: list[Entry]) -> list[Entry]:
    """Return the entries with the ids that each names, its own left out."""
    prefixes = _ALWAYS_REFERENCES | {prefix_of(each.id) for each in entries if each.id}
    prefixes.discard("")
    return [
        replace(each, references=tuple(i for i in mentioned(each.body, prefixes) if i != each.id))
        for each in entries
    ]
