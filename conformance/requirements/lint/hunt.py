"""The hunt for edge cases: what can go wrong with most features, asked where a spec says nothing.

A question is asked only when nothing in the spec looks like its answer. Some open cases are not
asked about for that reason; asking what the spec answers would be the worse mistake.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from conformance.requirements.spec_forms.model import Entry, Role, Spec

# A link carries a token or a key: what is said of one holds for the other.
_ONE_SECRET = ("token", "link", "key", "code")


@dataclass(frozen=True)
class Mode:
    """A way in which features fail; `edge_cases.toml` says what its members mean."""

    name: str
    triggers: tuple[re.Pattern[str], ...]
    answers: re.Pattern[str]
    question: str
    requirement: str
    sources: tuple[str, ...]
    thing: str
    about_thing: bool
    in_context: bool


@dataclass(frozen=True)
class Question:
    """What nobody has decided: where it arose, a question, and a requirement to edit."""

    mode: str
    line: int
    because_of: str
    question: str
    requirement: str
    sources: tuple[str, ...]


def questions(spec: Spec) -> list[Question]:
    """Return a question for each mode that a spec gives reason to ask about and does not answer."""
    return [found for mode in modes() if (found := _question(mode, spec)) is not None]


@lru_cache(maxsize=1)
def modes() -> tuple[Mode, ...]:
    """Return the catalogue."""
    text = (Path(__file__).parent / "edge_cases.toml").read_text(encoding="utf-8")
    return tuple(
        Mode(
            name=table["name"],
            triggers=tuple(re.compile(each, re.IGNORECASE) for each in table["triggers"]),
            answers=re.compile("|".join(table["answers"]), re.IGNORECASE),
            question=table["question"],
            requirement=table["requirement"],
            sources=tuple(table["sources"]),
            thing=table.get("thing", ""),
            about_thing=table.get("about_thing", False),
            in_context=table.get("in_context", False),
        )
        for table in tomllib.loads(text)["mode"]
    )


def _question(mode: Mode, spec: Spec) -> Question | None:
    for line, name, text in _reasons(mode, spec):
        for trigger in mode.triggers:
            for match in trigger.finditer(text):
                thing = (match.groupdict().get("thing") or mode.thing).lower()
                if not _is_answered(mode, thing, spec):
                    return Question(
                        mode.name,
                        line,
                        name,
                        _filled(mode.question, thing),
                        _filled(mode.requirement, thing),
                        mode.sources,
                    )
    return None


def _reasons(mode: Mode, spec: Spec) -> Iterator[tuple[int, str, str]]:
    """Yield (line, name, text) of what may be the reason for a question."""
    if mode.in_context:
        for section in spec.sections:
            if section.role is Role.CONTEXT:
                yield section.line, section.title, section.prose
        return
    for entry in spec.entries:
        if not entry.is_criterion or (spec.form == "kiro" and entry.parent):
            yield entry.line, entry.called, entry.text


def _is_answered(mode: Mode, thing: str, spec: Spec) -> bool:
    """Whether anything in the spec looks like an answer (about the same thing, if that matters)."""
    answers = [_said(entry) for entry in spec.entries]
    if not mode.in_context:
        answers += spec.prose(Role.CONTEXT, Role.PROBLEM).splitlines()
    word = thing.split()[-1] if thing else ""
    named = "|".join(_ONE_SECRET) if word in _ONE_SECRET else re.escape(word)
    about = re.compile(rf"\b(?:{named})" if mode.about_thing else "", re.IGNORECASE)
    return any(mode.answers.search(said) for said in answers if about.search(said))


def _said(entry: Entry) -> str:
    """Return all that an entry says; an open question is no answer."""
    return "" if entry.text.rstrip().endswith("?") else f"{entry.title} {entry.body}"


def _filled(template: str, thing: str) -> str:
    article = "an" if thing[:1] in "aeiou" else "a"
    fields = {
        "{thing}": thing,
        "{a_thing}": f"{article} {thing}",
        "{A_thing}": f"{article} {thing}".capitalize(),
        "{THING}": re.sub(r"\W+", "_", thing).upper(),
    }
    for name, value in fields.items():
        template = template.replace(name, value)
    return template
