"""What a heading says: the role of its section, or the requirement or scenario that it opens."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from conformance.requirements.spec_forms.ids import leading_id
from conformance.requirements.spec_forms.model import Role

# “3.”, “2.1 ”, “Section 4:”, “IV.”, “Step 2:”, emoji and other signs before the words.
_NUMBERING = re.compile(
    r"^(?:(?:section|part|step|chapter)\s+)?(?:\d+(?:\.\d+)*[.):]?|[ivx]+[.)]|[a-h][.)])\s*[-\u2013—:]?\s+",
    re.IGNORECASE,
)
_SIGNS = re.compile(r"^[^\w`“\"(\[]+|[^\w`”\")\]?]+$")
_LEADING = re.compile(r"^[^\w\[]+")
_REMARK = re.compile(r"\s*[*_(\[]+\s*(?:mandatory|required|optional|include|if ).*$", re.IGNORECASE)
# `### Requirement 3: Title`, `### Requirement: Title`, `#### Scenario: Title`.
_NUMBERED = re.compile(
    r"(?:requirement|req\.?)\s+#?(\d+(?:\.\d+)*[a-z]?)\b[\s:.·|—\u2013-]*(.*)$", re.IGNORECASE
)
_NAMED = re.compile(r"(requirement|scenario)\s*:\s*(.+)$", re.IGNORECASE)
_TAIL = r"(?:s|es|ies|ity|ities)?(?: (?:requirements?|cases?|criteria|handling|scenarios?|tests?))?"


def cleaned(heading: str) -> str:
    """Return a heading without numbering, signs and remarks such as *(mandatory)*."""
    text = _REMARK.sub("", heading)
    previous = ""
    while previous != text:
        previous = text
        text = _NUMBERING.sub("", _SIGNS.sub("", text))
    return text.strip()


def role_of(heading: str, *, nested: bool) -> Role | None:
    """Return the role that a heading gives its section, None when it gives none.

    A nested heading is often a topic (“Notes of a customer”), so it has to be the very name.
    """
    text = cleaned(heading).lower()
    found = [
        (len(term), role)
        for role, terms in _vocabulary().items()
        for term in terms
        if (re.fullmatch(re.escape(term) + _TAIL, text) if nested else text.startswith(term))
    ]
    return max(found)[1] if found else None


def opened_by(heading: str) -> tuple[str, str, bool] | None:
    """Return (id, title, whether it is a scenario) of a heading that opens an entry, else None."""
    text = cleaned(heading)
    if match := _NUMBERED.match(text):
        return match[1], match[2].strip(), False
    if match := _NAMED.match(text):
        return "", match[2].strip(), match[1].lower() == "scenario"
    if found := leading_id(_LEADING.sub("", heading)):
        id_, inside, rest = found
        return id_, rest or inside, False
    return None


@lru_cache(maxsize=1)
def _vocabulary() -> Mapping[Role, tuple[str, ...]]:
    text = (Path(__file__).parent / "sections.toml").read_text(encoding="utf-8")
    return {Role(name): tuple(terms) for name, terms in tomllib.loads(text).items()}
