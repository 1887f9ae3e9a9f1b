"""Applies the rules to a spec, without what was switched off."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from conformance.requirements.lint.finding import Finding, located
from conformance.requirements.lint.rules import RULES
from conformance.requirements.spec_forms.model import Spec

_OFF = re.compile(
    r"<!--\s*lint-off(?P<all>-file)?:\s*(?P<codes>[\w\s,-]*?)\s*(?:\(.*?\)\s*)?-->", re.DOTALL
)


def lint(spec: Spec, off: Collection[str] = ()) -> list[Finding]:
    """Return the findings in a spec by line, without those of rules that are switched off."""
    silent = _switched_off(spec)
    found = {
        finding
        for code, rule in RULES.items()
        if code not in off
        for finding in (located(code, spot, spec) for spot in rule(spec))
        if code not in silent.get(0, ()) and code not in silent.get(finding.line, ())
    }
    return sorted(found, key=lambda each: (each.line, each.column, each.code))


def _switched_off(spec: Spec) -> dict[int, set[str]]:
    """Return the codes that are off by line; those of line 0 are off in the whole file.

    A comment at the end of a line is about that line. One on a line of its own is about the entry
    that begins on the next line, else about the one that it ends or is in, else about the next.
    """
    source = "\n".join(spec.lines)
    silent: dict[int, set[str]] = {}
    for match in _OFF.finditer(source):
        codes = {code.strip() for code in match["codes"].split(",") if code.strip()}
        for line in [0] if match["all"] else _lines_meant(spec, source, match):
            silent.setdefault(line, set()).update(codes)
    return silent


def _lines_meant(spec: Spec, source: str, match: re.Match[str]) -> Iterator[int]:
    first = source.count("\n", 0, match.start()) + 1
    before = source[source.rfind("\n", 0, match.start()) + 1 : match.start()]
    if before.strip():
        yield first
        return
    last = source.count("\n", 0, match.end()) + 1
    entries = sorted(spec.entries, key=lambda each: each.line)
    follows = next((each for each in entries if each.line > last), None)
    belongs = next((each for each in entries if each.line < first <= each.end + 1), None)
    next_line = follows is not None and follows.line == last + 1
    meant = follows if next_line or belongs is None else belongs
    if meant is not None:
        yield from range(meant.line, meant.end + 1)
