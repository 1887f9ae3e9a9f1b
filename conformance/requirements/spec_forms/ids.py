"""Ids of requirements, as they are spelled: FR-1, FR-001, FR-3a, NFR-SEC-2, REQ-12, AC1."""

from __future__ import annotations

import re
from collections.abc import Iterable

from conformance.requirements.spec_forms.model import Kind

# With these, an id may lack its hyphen (AC1, FR 3).
_USUAL = "FR|NFR|AC|EC|SC|REQ|UC|BR|SR|NF"
_NUMBER = r"\d+(?:\.\d+)*[a-z]?"
ID = rf"(?:(?:{_USUAL})[- ]?{_NUMBER}|[A-Z][A-Z0-9]{{0,9}}(?:-[A-Z]{{1,12}}){{0,2}}-{_NUMBER})"
_AT_THE_START = re.compile(
    rf"\[?({ID})\]?(?![\w.])\s*(?:\((?P<inside>[^)]*)\)|\[(?P<priority>[^\]]*)\])?"
    r"[\s:.·|—\u2013)-]*(?P<rest>.*)$",
    re.DOTALL,
)
_KINDS = {
    "FR": Kind.FUNCTIONAL,
    "NFR": Kind.NON_FUNCTIONAL,
    "NF": Kind.NON_FUNCTIONAL,
    "AC": Kind.CRITERION,
    "SC": Kind.CRITERION,
    "EC": Kind.EDGE_CASE,
}
_RANGE = re.compile(rf"({ID})\s*(?:to|through|\u2013|—|\.\.\.?)\s*({ID})(?![\w])")
_SPLIT = re.compile(r"(.*?)[- ]?0*(\d+)$")
# They look like ids and are names of standards, or of stories.
_OTHER = re.compile(
    r"(?:US|STORY|EPIC|SHA|AES|UTF|ISO|RFC|HS|RS|ES|TLS|BCP|CVE|CWE|HTTP|MD|GPT|PCI|ASVS|X)-\d"
)


def leading_id(text: str) -> tuple[str, str, str] | None:
    """Return (id, title in parentheses, rest) of a text that begins with an id, else None."""
    match = _AT_THE_START.match(text.strip())
    if match is None or _OTHER.match(match[1]):
        return None
    return match[1], (match["inside"] or "").strip(), match["rest"].strip()


def kind_of(id_: str) -> Kind | None:
    """Return the kind that an id's prefix says, if it says one."""
    prefix = re.match(r"[A-Z]+", id_)
    return _KINDS.get(prefix[0]) if prefix else None


def prefix_of(id_: str) -> str:
    """Return what comes before an id's number: `FR` of `FR-3a`; "" of `1.2`."""
    return re.sub(r"[- ]?\d.*$", "", id_)


def mentioned(text: str, prefixes: Iterable[str]) -> tuple[str, ...]:
    """Return the ids with one of these prefixes that a text names, ranges filled in, each once."""
    known = set(prefixes)
    found: list[str] = []
    for match in _RANGE.finditer(text):
        found += _between(match[1], match[2])
    found += [match[0] for match in re.finditer(rf"(?<![\w-]){ID}(?![\w-])", text)]
    return tuple(dict.fromkeys(each for each in found if prefix_of(each) in known))


def _between(first: str, last: str) -> list[str]:
    start, end = _SPLIT.match(first), _SPLIT.match(last)
    if start is None or end is None or start[1] != end[1] or prefix_of(first) != prefix_of(last):
        return []
    width = len(first) - len(first.rstrip("0123456789"))
    stem = first[: len(first) - width]
    padded = width if first[len(stem) :].startswith("0") else 0
    low, high = int(start[2]), int(end[2])
    return [f"{stem}{number:0{padded}d}" for number in range(low, min(high, low + 99) + 1)]
