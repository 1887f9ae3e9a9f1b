"""Rules about the words of a requirement: vague, no duty, several duties, nobody who acts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.requirements.lint.finding import Spot, on
from conformance.requirements.lint.phrases import (
    CODE_SPAN,
    ERROR_CODE,
    METHOD_PATH,
    MODAL,
    MUST,
    PATH,
    QUOTED,
    SNAKE,
    pattern,
    sentences,
    unique,
    unquoted,
    words,
)
from conformance.requirements.spec_forms.model import Entry, Kind, Spec

_SHOULD = re.compile(r"\b(should|may|can|could|might|would)\b", re.IGNORECASE)
_FEW_WORDS = 9
_CONCRETE = re.compile(r"\d|`|\{")


def said(entry: Entry) -> str:
    """Return the words of an entry that state something: those of a row without its scenario."""
    if not entry.cells or entry.kind is not Kind.EDGE_CASE:
        return entry.text
    return " | ".join(cell for name, cell in entry.cells.items() if name not in ("scenario", "id"))


def _binding(spec: Spec) -> Iterator[Entry]:
    """Yield what binds: a user story says what is wished for, in whatever words."""
    return (entry for entry in spec.entries if not entry.is_story)


def vague_word(spec: Spec) -> Iterator[Spot]:
    """Find a word on which two readers would decide differently."""
    known = pattern("terms")
    for entry in _binding(spec):
        text = known.sub(" ", unquoted(said(entry)))
        matches = (*words("vague").finditer(text), *pattern("vague_amount").finditer(text))
        for word in unique(match[0] for match in matches):
            yield on(entry, word, f"{entry.called} says “{word}”: who decides whether it is?")


def escape_clause(spec: Spec) -> Iterator[Spot]:
    """Find words that take a duty back."""
    for entry in _binding(spec):
        for word in unique(m[0] for m in words("escapes").finditer(unquoted(said(entry)))):
            yield on(
                entry, word, f"{entry.called} says “{word}”: it leaves open whether the duty holds"
            )


def no_duty(spec: Spec) -> Iterator[Spot]:
    """Find a functional requirement that obliges nobody."""
    bare = [each for each in spec.entries if _owes_duty(spec, each) and not MUST.search(each.text)]
    stating = [each for each in bare if words("states").search(unquoted(each.text))]
    if len(stating) > 2:
        first, *rest = stating
        message = f"{first.called} and {len(rest)} more say what is, and not what must be"
        yield on(first, "", message)
        bare = [each for each in bare if each not in stating]
    for entry in bare:
        should = _SHOULD.search(unquoted(entry.text))
        why = f"says “{should[0]}”: is it required?" if should else "has no “must” or “shall”"
        yield on(entry, should[0] if should else "", f"{entry.called} {why}")


def _owes_duty(spec: Spec, entry: Entry) -> bool:
    """Whether it has to say must: in Kiro's form each criterion does, and its story does not."""
    if entry.is_story or entry.text.endswith("?"):
        return False
    if spec.form == "kiro":
        return entry.is_criterion and bool(entry.parent)
    return entry.kind is Kind.FUNCTIONAL


def several_duties(spec: Spec) -> Iterator[Spot]:
    """Find one id for more than one requirement: it can be half met."""
    for entry in spec.entries:
        if entry.kind is not Kind.FUNCTIONAL:
            continue
        duties = len(MODAL.findall(unquoted(entry.text)))
        second = pattern("second_duty").search(unquoted(entry.text))
        if duties > 2 or (second and duties > 1):
            phrase = second[0].strip(" .,;") if second else ""
            yield on(entry, phrase, f"{entry.called} states {duties} duties: give each an id")


def not_testable(spec: Spec) -> Iterator[Spot]:
    """Find a duty that says nothing of what happens."""
    soft = pattern("soft_duty")
    for entry in spec.entries:
        for sentence in sentences(entry.text):
            match = soft.search(sentence)
            if match and not _is_concrete(sentence) and _is_short(sentence[match.end() :]):
                message = f"{entry.called} says “{match[0]}” and not what happens then"
                yield on(entry, match[0], message)
                break


def _is_short(text: str) -> bool:
    """Whether so little follows that it cannot say what happens."""
    return len(text.split()) <= _FEW_WORDS


def _is_concrete(text: str) -> bool:
    """Whether something in a text can be looked for: a number, a name, a quotation, a path."""
    return any(
        each.search(text)
        for each in (_CONCRETE, QUOTED, CODE_SPAN, ERROR_CODE, SNAKE, PATH, METHOD_PATH)
    )


def no_actor(spec: Spec) -> Iterator[Spot]:
    """Find a passive duty that says neither who acts nor upon what."""
    duties = words("passive_duties")
    for entry in spec.entries:
        if entry.is_criterion and not entry.parent:
            continue
        for sentence in sentences(entry.text):
            match = pattern("passive").search(sentence)
            if match and duties.fullmatch(match["deed"]) and not _says_who(sentence, match.end()):
                yield on(entry, match[0], f"{entry.called} says “{match[0]}”: by whom, and when?")
                break


def _says_who(sentence: str, end: int) -> bool:
    """Whether a passive duty has an actor after it (what is before it suffers), or a trigger."""
    return bool(words("actors").search(sentence, end) or pattern("trigger").search(sentence))
