"""Tags and text of HTML in order, read in one pass however broken it is.

`html.parser` raises on some marked sections and takes quadratic time on tags and comments that are
never closed. Here, as in browsers, a tag or comment that is never closed ends the document.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_TAG_NAME = re.compile(r"[^\s/>]+")
_ATTRIBUTE = re.compile(
    r"[\s/]*(?P<name>[^\s/>][^\s/>=]*)"
    r"(?:\s*=\s*(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<bare>[^\s>\"'][^\s>]*)|(?=>)))?"
)
_EQUALS = re.compile(r"\s*=")
_BEFORE_TAG_END = re.compile(r"[\s/]*")
_COMMENT_END = re.compile(r"--!?>")
# Their content is text, whatever looks like a tag in it.
_RAW_END = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in ("script", "style")}
# No character has a number of so many digits, and Python reads only so many.
_OUT_OF_RANGE = re.compile(r"&#(?:[0-9]{9,}|[xX][0-9a-fA-F]{9,});?")


@dataclass(frozen=True)
class Tag:
    """A start or end tag, its name and its attributes' names in lower case."""

    name: str
    attributes: list[tuple[str, str]] = field(default_factory=list)
    closes: bool = False


def read_html(source: str) -> Iterator[Tag | str]:
    """Yield tags and the text between them; scripts and styles are left out."""
    at = 0
    piece: Tag | str | None
    while (begin := source.find("<", at)) >= 0:
        if begin > at:
            yield unescaped(source[at:begin])
        follows = source[begin + 1 : begin + 2]
        if follows.isascii() and follows.isalpha():
            piece, at = _start_tag(source, begin + 1)
        elif follows in {"!", "?", "/"}:
            piece, at = _end_tag_or_comment(source, begin)
        else:
            piece, at = "<", begin + 1
        if piece is not None:
            yield piece
    if at < len(source):
        yield unescaped(source[at:])


def unescaped(text: str) -> str:
    """Return text with its character references resolved."""
    return html.unescape(_OUT_OF_RANGE.sub("\ufffd", text))


def _end_tag_or_comment(source: str, begin: int) -> tuple[Tag | None, int]:
    if source.startswith("<!--", begin):
        end = _COMMENT_END.search(source, begin + 2)
        return None, end.end() if end else len(source)
    end_at = source.find(">", begin)
    if end_at < 0:
        return None, len(source)
    name = _TAG_NAME.match(source, begin + 2) if source[begin + 1] == "/" else None
    return Tag(name[0].lower(), closes=True) if name else None, end_at + 1


def _start_tag(source: str, at: int) -> tuple[Tag | None, int]:
    """Read a start tag from its name on; None where it is never closed."""
    name = _TAG_NAME.match(source, at)
    assert name is not None
    at = name.end()
    attributes = []
    while found := _ATTRIBUTE.match(source, at):
        at = found.end()
        value = found["double"] or found["single"] or found["bare"]
        if value is None and _EQUALS.match(source, at):  # a quote that is never closed
            return None, len(source)
        attributes.append((found["name"].lower(), unescaped(value or "")))
    blank = _BEFORE_TAG_END.match(source, at)
    at = blank.end() if blank else at
    if not source.startswith(">", at):
        return None, len(source)
    tag = Tag(name[0].lower(), attributes)
    return tag, _after_raw_text(source, tag.name, at + 1)


def _after_raw_text(source: str, name: str, at: int) -> int:
    if name not in _RAW_END:
        return at
    end = _RAW_END[name].search(source, at)
    return end.start() if end else len(source)
