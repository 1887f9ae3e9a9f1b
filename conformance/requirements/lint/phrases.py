"""Phrases of a spec's language: sentences, words, numbers with units, statuses, names."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

CODE_SPAN = re.compile(r"`[^`]*`")
QUOTED = re.compile(r"[\"“«][^\"”»]{1,200}[\"”»]")
MUST = re.compile(
    r"\b(must|shall|has to|have to|needs? to|is required to|are required to|cannot|will)\b",
    re.IGNORECASE,
)
MODAL = re.compile(r"\b(must|shall|should|will|has to|have to|needs? to)\b", re.IGNORECASE)
METHOD_PATH = re.compile(r"\b(GET|POST|PUT|PATCH|DELETE|HEAD)\s+`?(/[\w{}/.:~*?=&%-]*)")
PATH = re.compile(r"(?<![\w/.:}])/[a-z][\w{}.:~-]*(?:/[\w{}.:~-]+)*")
ERROR_CODE = re.compile(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b")
SNAKE = re.compile(r"\b[a-z][a-z0-9]*(?:_[a-z0-9]+)+\b")
_INSERT = re.compile(r"<<(\w+)>>")
_WORD = re.compile(r"[A-Za-z][A-Za-z'-]*")
_ENDINGS = tuple(
    (ending, instead)
    for endings, instead in (
        ("ations ation ments ment ings ing", ""),
        ("ies", "y"),
        ("tions tion", "t"),
        ("sses", "ss"),
        ("als al ed es s", ""),
    )
    for ending in endings.split()
)
_SENTENCE = re.compile(r"(?<=[.;!?])\s+(?=[A-Z`\"“(])|\n")


@lru_cache(maxsize=1)
def word_lists() -> dict[str, list[str]]:
    """Return the lists of `words.toml` and of `patterns.toml` by name."""
    folder = Path(__file__).parent
    files = ("words.toml", "patterns.toml")
    return {
        name: items
        for file in files
        for name, items in tomllib.loads((folder / file).read_text(encoding="utf-8")).items()
    }


@lru_cache
def words(name: str) -> re.Pattern[str]:
    """Return a pattern that matches any phrase of a list as whole words, the longest first."""
    phrases = sorted(word_lists()[name], key=len, reverse=True)
    parts = (re.escape(each).replace(r"\ ", r"\s+") for each in phrases)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(parts)})(?![\w-])", re.IGNORECASE)


@lru_cache
def pattern(name: str) -> re.Pattern[str]:
    """Return a pattern of which any expression of a list is an alternative."""
    return re.compile(_alternatives(name), re.IGNORECASE)


def _alternatives(name: str) -> str:
    """Return a list as one expression, with the lists that it names in `<<>>` filled in."""
    parts = [_INSERT.sub(lambda m: _alternatives(m[1]), each) for each in word_lists()[name]]
    return f"(?:{'|'.join(parts)})"


def sentences(text: str) -> list[str]:
    """Return the sentences of a text, none of them empty."""
    return [part.strip() for part in _SENTENCE.split(text) if part and part.strip()]


def unquoted(text: str) -> str:
    """Return a text without code and quotations: only what its author says."""
    return QUOTED.sub(" ", CODE_SPAN.sub(" ", text))


def stems(text: str) -> frozenset[str]:
    """Return the stems of the words that carry meaning."""
    words = (match[0].lower() for match in _WORD.finditer(text.replace("_", " ").replace("`", " ")))
    return frozenset(
        stem(word) for word in words if word not in word_lists()["stop"] and len(word) > 2
    )


@lru_cache(maxsize=10_000)
def stem(word: str) -> str:
    """Return a word without the endings of English inflection, roughly."""
    word = word.removesuffix("'s").strip("'-")
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            word = word[: len(word) - len(ending)] + instead
            break
    word = word.rstrip("ey") if len(word) > 3 else word
    return word[:-1] if len(word) > 4 and word[-1] == word[-2] else word


# What is said of every answer says nothing of the case.
ANSWERING = stems("answer return respond refuse status body page error request")


def statuses(text: str) -> list[str]:
    """Return the HTTP statuses that a text names, each once."""
    return list(dict.fromkeys(pattern("status").findall(text)))


def endpoints(text: str) -> frozenset[str]:
    """Return the paths that a text names."""
    found = {match[2].rstrip(".,;:") for match in METHOD_PATH.finditer(text)}
    return frozenset(found | {match[0].rstrip(".,;:") for match in PATH.finditer(text)})


def names(text: str) -> frozenset[str]:
    """Return the names of codes, tables, columns and fields that a text has."""
    spans = {span.strip("` ") for span in CODE_SPAN.findall(text)}
    plain = {span for span in spans if re.fullmatch(r"[\w.$-]{3,60}", span) and not span.isdigit()}
    camel = {match[0] for match in re.finditer(r"\b[a-z]+(?:[A-Z][a-z0-9]+)+\b", text)}
    return frozenset(plain | camel | set(ERROR_CODE.findall(text)) | set(SNAKE.findall(text)))


def unique(items: Iterable[str]) -> Iterator[str]:
    """Yield each text once, whatever its case."""
    yield from {item.lower(): item for item in reversed(list(items))}.values()
