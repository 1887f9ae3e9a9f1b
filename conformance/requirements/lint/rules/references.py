"""Rules about ids: none, twice the same, or one that does not exist."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.requirements.lint.finding import Spot, on
from conformance.requirements.spec_forms.ids import mentioned, prefix_of
from conformance.requirements.spec_forms.model import Entry, Kind, Role, Spec

# In these forms a heading is the id.
_NAMED_BY_HEADINGS = ("openspec", "kiro")


def no_id(spec: Spec) -> Iterator[Spot]:
    """Find a requirement or criterion that nothing can refer to."""
    if spec.form in _NAMED_BY_HEADINGS:
        return
    for kind in (Kind.FUNCTIONAL, Kind.NON_FUNCTIONAL, Kind.CRITERION):
        entries = [entry for entry in spec.entries if entry.kind is kind and _needs_id(spec, entry)]
        bare = [entry for entry in entries if not entry.id]
        if len(bare) > 2 and len(bare) == len(entries):
            yield on(
                bare[0],
                "",
                f"none of the {len(bare)} {_plural(kind)} has an id such as {_example(kind)}",
            )
            continue
        for entry in bare:
            yield on(entry, "", f"“{_shortened(entry.text)}” has no id such as {_example(kind)}")


def _needs_id(spec: Spec, entry: Entry) -> bool:
    """Scenarios have names instead, and those of spec-kit have numbers in their story."""
    scenario = entry.is_criterion and (bool(entry.title) or spec.form == "spec-kit")
    return not scenario


def repeated_id(spec: Spec) -> Iterator[Spot]:
    """Find an id that two entries have."""
    first: dict[str, Entry] = {}
    for entry in spec.entries:
        if entry.id and first.setdefault(entry.id, entry) is not entry:
            yield on(entry, entry.id, f"{entry.id} is on line {first[entry.id].line} already")


def dangling_reference(spec: Spec) -> Iterator[Spot]:
    """Find an id that is named and not defined."""
    known = {entry.id for entry in spec.entries}
    for entry in spec.entries:
        for id_ in entry.references:
            if id_ not in known:
                yield on(entry, id_, f"{entry.called} names {id_}, which does not exist")
    prefixes = {prefix_of(id_) for id_ in known} - {""}
    for section in spec.sections:
        for id_ in mentioned(section.prose, prefixes) if section.role is not Role.OTHER else ():
            if id_ not in known:
                message = f"“{section.title}” names {id_}, which does not exist"
                yield Spot(section.line, len(spec.lines), id_, message)


def _plural(kind: Kind) -> str:
    return "acceptance criteria" if kind is Kind.CRITERION else f"{kind.value}s"


def _example(kind: Kind) -> str:
    return {Kind.NON_FUNCTIONAL: "NFR-1", Kind.CRITERION: "AC-1"}.get(kind, "FR-1")


def _shortened(text: str, limit: int = 60) -> str:
    words = " ".join(text.split())
    return words if len(words) <= limit else f"{words[:limit].rstrip()}…"
