"""A criterion's sentence as Given, When and Then."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from conformance.requirements.spec_forms.ids import ID

TO_FILL_IN = "TBD"
_GIVEN, _WHEN, _THEN = range(3)
_STAGES = {
    "given": _GIVEN, "while": _GIVEN, "where": _GIVEN, "when": _WHEN, "if": _WHEN, "then": _THEN,
}  # fmt: skip
_KEYWORD = re.compile(r"\b(given|while|where|when|if|then|and|but)\b", re.IGNORECASE)
# In EARS “the system shall” begins what is expected, as Then does.
_EARS = re.compile(r"(?:\bthen\s+)?(?=\bthe (?:system|service) (?:shall|must)\b)", re.IGNORECASE)
_RESULT = re.compile(
    r"\b(?:is|are|has|have|returns?|answers?|responds?|contains?|continues?|shows?|sees?|must|shall)\b"
)
# “A card sold twice returns 409”: what happens, and the status that is expected.
_ANSWERED = re.compile(
    r"(?P<event>.{5,}?) (?:returns?|gets?|receives?|yields?|answers?(?: with)?|responds? with"
    r"|(?:is|are) (?:answered|refused|rejected) with|results? in)(?: status)? (?=[`*]?[1-5]\d\d\b)"
)
_CITED = re.compile(rf"\s*\((?:{ID}(?:\s*(?:,|;|and|to|\u2013)\s*)?)+\)")
_ARTICLE = re.compile(r"(?:An?|The|It|Every|Each|No|One|Only|All|Any)\b")


@dataclass(frozen=True)
class Step:
    """A step: its keyword (Given, When, Then, And) and its text on one line."""

    keyword: str
    text: str


def steps_of(sentence: str) -> tuple[Step, ...]:
    """Return the steps of a criterion, the ids that it cites left out.

    One that only says what is expected gets a When to fill in; where there is one clause before
    what is expected, it is the When.
    """
    clauses = _clauses(_CITED.sub("", " ".join(sentence.split())))
    if clauses[0][0] == _THEN:
        clauses.insert(0, (_WHEN, TO_FILL_IN))
    if [stage for stage, _ in clauses] == [_GIVEN, _THEN]:
        clauses[0] = _WHEN, clauses[0][1]
    steps, last = [], -1
    for stage, text in clauses:
        keyword = "And" if stage == last else ("Given", "When", "Then")[stage]
        steps.append(Step(keyword, _tidy(text)))
        last = stage
    return tuple(steps)


def _clauses(text: str) -> list[tuple[int, str]]:
    """Return (stage, clause) in their order; the last is what is expected."""
    cuts = list(_cuts(text))
    if not cuts:
        answered = _ANSWERED.match(text)
        if answered is None:
            return [(_THEN, text)]
        return [(_WHEN, answered["event"]), (_THEN, f"the answer is {text[answered.end() :]}")]
    ends = [start for _, start, _ in cuts[1:]] + [len(text)]
    clauses = [(stage, text[start:end]) for (stage, _, start), end in zip(cuts, ends, strict=True)]
    before = text[: cuts[0][1]]
    if before.strip():
        clauses.insert(0, (_WHEN if cuts[0][0] == _THEN else _GIVEN, before))
    if clauses[-1][0] != _THEN:
        clauses += _expected(*clauses.pop())
    return clauses


def _cuts(text: str) -> Iterator[tuple[int, int, int]]:
    """Yield (stage, start of the keyword, start of the clause) for each clause with a keyword.

    Inside of a sentence a keyword in small letters counts when it leads on: when after given.
    """
    stage = -1
    ears = next((match.start() for match in _EARS.finditer(text)), len(text))
    for match in _KEYWORD.finditer(text):
        word, first = match[1].lower(), not text[: match.start()].strip()
        written_as_step = match[1][0].isupper() and (first or word not in ("while", "where", "if"))
        if match.start() >= ears and word != "and":
            break
        if word in ("and", "but"):
            if written_as_step and stage >= 0:
                yield stage, match.start(), match.end()
        elif first or written_as_step or (word in ("when", "then") and _STAGES[word] > stage >= 0):
            stage = _STAGES[word]
            yield stage, match.start(), match.end()
    if stage in (_GIVEN, _WHEN) and ears < len(text):
        start = _EARS.search(text)
        assert start is not None
        yield _THEN, start.start(), start.end()


def _expected(stage: int, clause: str) -> Iterator[tuple[int, str]]:
    """Divide “a user asks, the answer is 202” at the first comma before a result."""
    for match in re.finditer(r", ", clause):
        rest = clause[match.end() :]
        if _RESULT.search(rest.partition(", ")[0]):
            yield stage, clause[: match.start()]
            yield _THEN, rest
            return
    yield _THEN, clause


def _tidy(clause: str) -> str:
    text = clause.strip(" ,;:").removesuffix(".").strip()
    if _ARTICLE.match(text):
        text = text[0].lower() + text[1:]
    return text or TO_FILL_IN
