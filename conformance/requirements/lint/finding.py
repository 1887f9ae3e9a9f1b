"""A finding, and the place in the source that it is about."""

from __future__ import annotations

import re
from dataclasses import dataclass

from conformance.requirements.spec_forms.model import Entry, Spec


@dataclass(frozen=True)
class Spot:
    """What a rule found: a phrase between two lines of the source, and a sentence about it.

    The phrase may be written over several lines; when it is empty, the first line is meant.
    """

    line: int
    end: int
    phrase: str
    message: str


@dataclass(frozen=True)
class Finding:
    """One thing to mend: lines and columns count from 1, and `end_column` is exclusive."""

    code: str
    line: int
    column: int
    end_column: int
    message: str
    source: str

    @property
    def fingerprint(self) -> str:
        """What stays the same when lines above it are added: its code, line of text, message."""
        return f"{self.code}: {' '.join(self.source.split())}: {self.message}"


def on(entry: Entry, phrase: str, message: str) -> Spot:
    """Return a spot of an entry."""
    return Spot(entry.line, max(entry.end, entry.line), phrase, message)


def located(code: str, spot: Spot, spec: Spec) -> Finding:
    """Return a spot as a finding: where its phrase is in the source."""
    pattern = re.compile(_pattern(spot.phrase), re.IGNORECASE) if spot.phrase.strip() else None
    for number in range(spot.line, min(spot.end, len(spec.lines)) + 1):
        source = spec.lines[number - 1]
        # A phrase that goes on in the next line is found by how it begins.
        if pattern and (match := pattern.search(source)):
            return Finding(code, number, match.start() + 1, match.end() + 1, spot.message, source)
    if pattern and " " in spot.phrase.strip():
        first = spot.phrase.split()[0]
        return located(code, Spot(spot.line, spot.end, first, spot.message), spec)
    number = max(1, min(spot.line, len(spec.lines) or 1))
    source = spec.lines[number - 1] if spec.lines else ""
    start = len(source) - len(source.lstrip()) + 1
    return Finding(code, number, start, max(len(source), start) + 1, spot.message, source)


def _pattern(phrase: str) -> str:
    """Match a phrase as whole words, whatever emphasis and space lie between its words."""
    words = r"[\s*_`]+".join(re.escape(word) for word in phrase.split())
    before = r"(?<!\w)" if phrase.strip()[:1].isalnum() else ""
    after = r"(?!\w)" if phrase.strip()[-1:].isalnum() else ""
    return before + words + after
