"""Rule about terms: a name that the spec uses and never introduces."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from conformance.requirements.lint.finding import Spot, on
from conformance.requirements.lint.phrases import unquoted, word_lists
from conformance.requirements.spec_forms.model import Role, Spec

_ACRONYM = re.compile(r"(?<![\w/`\"-])[A-Z]{2,6}s?(?![\w`\"-])")
_CAMEL = re.compile(r"(?<![\w`./])[A-Z][a-z0-9]+(?:[A-Z][a-z0-9]+)+(?![\w`(])")


def undefined_term(spec: Spec) -> Iterator[Spot]:
    """Find an acronym or a name that nothing in the spec introduces."""
    known = {word.upper() for word in word_lists()["known_acronyms"]}
    source = "\n".join(spec.lines)
    background = spec.prose(Role.CONTEXT, Role.PROBLEM, Role.OTHER)
    seen: set[str] = set()
    for entry in spec.requirements if spec.form != "kiro" else spec.criteria:
        text = unquoted(entry.text)
        if text.isupper():
            continue
        for match in [*_ACRONYM.finditer(text), *_CAMEL.finditer(text)]:
            term = match[0].removesuffix("s") if match[0][:-1].isupper() else match[0]
            if term in seen or term.upper() in known or term in word_lists()["known_names"]:
                continue
            seen.add(term)
            if not _is_introduced(term, source, background):
                message = f"{entry.called} speaks of “{term}”, which the spec does not introduce"
                yield on(entry, term, message)


def _is_introduced(term: str, source: str, background: str) -> bool:
    """Whether a term is in the background, is explained where it is used, or is used all over."""
    name = re.escape(term)
    if re.search(rf"\b{name}s?\b", background):
        return True
    follows = r"\(|:|=|is an?\b|are\b|means\b|stands for\b|, an?\b|, the\b"
    explained = rf"\({name}s?\)|\b{name}s?\*{{0,2}}\s*(?:{follows})|[`*\"“]{name}s?[`*\"”]"
    if re.search(explained, source):
        return True
    return Counter(re.findall(rf"\b{name}\b", source))[term] > 5
