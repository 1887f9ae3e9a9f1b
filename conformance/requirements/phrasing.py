"""The words of a requirement: whether it can be tested, decided, seen."""

from __future__ import annotations

import re

_WEAK = (
    "acceptable", "adequate", "adequately", "appropriate", "appropriately", "as appropriate",
    "as far as possible", "as needed", "as soon as possible", "best effort",
    "convenient", "easily", "easy", "efficient", "efficiently", "elegant", "etc", "fast",
    "flexible", "friendly", "generally", "good", "graceful", "gracefully", "high-performance",
    "if necessary", "if possible", "intuitive", "mostly", "nice", "normally", "optimal",
    "performant", "properly", "proper", "promptly", "quick", "quickly", "reasonable",
    "reasonably", "reliable", "reliably", "responsive", "robust", "safe", "safely", "scalable",
    "seamless", "seamlessly", "secure", "securely", "simple", "smooth", "smoothly",
    "soon", "state of the art", "sufficient", "sufficiently", "suitable", "timely",
    "user-friendly", "usually",
)  # fmt: skip
# Terms that have a weak word in them and a meaning of their own.
_TERMS = re.compile(r"\bcryptographically secure\b|\bsecure cookie\b", re.IGNORECASE)
# Longest first, so that “user-friendly” is not taken for “friendly”.
_WEAK_WORD = re.compile(
    r"(?<![\w-])(" + "|".join(sorted(map(re.escape, _WEAK), key=len, reverse=True)) + r")(?![\w-])",
    re.IGNORECASE,
)
_CODE = re.compile(r"`[^`]*`")
_MUST = re.compile(r"\b(must|shall)\b", re.IGNORECASE)
_DUTY = re.compile(r"\b(must|shall|should|has to|have to|needs to|will)\b", re.IGNORECASE)
_WHEN_THEN = re.compile(r"\bwhen\b.*\bthen\b", re.IGNORECASE | re.DOTALL)
_THEN = re.compile(r"\bthen\b", re.IGNORECASE)
_OBSERVABLE = re.compile(
    r"`|\d|\b("
    r"accepts?|answers?|answered|bod(?:y|ies)|columns?|cookies?|database|deleted|delivered|"
    r"emails?|errors?|events?|files?|headers?|links?|log(?:s|ged)?|mails?|messages?|pages?|"
    r"payload|prints?|redirects?|refused|rejected|responses?|returns?|rows?|sent|sessions?|"
    r"shows?|status|stored|tables?|tokens?|urls?|writes?"
    r")\b",
    re.IGNORECASE,
)


def is_testable(sentence: str) -> bool:
    """Return whether a sentence has the form of a duty (must) or of a criterion (when … then)."""
    return bool(_MUST.search(sentence) or _WHEN_THEN.search(sentence))


def states_duty(text: str) -> bool:
    """Return whether a text says what the service has to do, in whatever form."""
    return bool(_DUTY.search(text) or _WHEN_THEN.search(text))


def weak_words(sentence: str) -> list[str]:
    """Return the words on which two readers would decide differently, each once, as written."""
    plain = _TERMS.sub(" ", _CODE.sub(" ", sentence))
    found = (match[1] for match in _WEAK_WORD.finditer(plain))
    return list({word.lower(): word for word in found}.values())


def has_observable(sentence: str) -> bool:
    """Return whether what a criterion expects (all after *then*) names something that is seen."""
    return bool(_OBSERVABLE.search(_THEN.split(sentence, maxsplit=1)[-1]))
