"""Gherkin as HTML: keywords, tags, strings, codes, numbers and placeholders marked by class.

The classes are `k` keyword, `t` tag, `s` string, `c` code, `n` number, `p` placeholder, `m`
comment, `b` bar of a table; `page.css` colours them. All text is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from markupsafe import Markup, escape

# Says where an id or a tag leads to: an address, or None for no link.
Link = Callable[[str], str | None]

_STEP_TOKENS = re.compile(
    r"(?P<s>\"[^\"]*\"|“[^”]*”)"
    r"|(?P<id>\b(?:AC|FR|NFR|EC)-\d+\b)"
    r"|(?P<p><[^<>\s][^<>]*>)"
    r"|(?P<c>\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b|\b(?:GET|POST|PUT|DELETE|PATCH|INFO|WARN|ERROR)\b)"
    r"|(?P<n>(?<![\w.-])\d+(?:\.\d+)?(?![\w-]))"
)
_STEP = re.compile(r"(\s*)(Given|When|Then|And|But|\*)(\s+)(.*)")
_TITLE = re.compile(
    r"(\s*)(Feature|Rule|Background|Scenario Outline|Scenario Template|Scenarios?|Examples?)"
    r":(\s*)(.*)"
)
_TAG = re.compile(r"@\S+")
_REQUIREMENT_TAG = re.compile(r"@((?:AC|FR|NFR|EC)-\d+)")


def highlight(step_text: str, link: Link | None = None) -> Markup:
    """Return a step's text, without its keyword, as HTML; `link` gives ids their address."""
    parts: list[Markup] = []
    end = 0
    for match in _STEP_TOKENS.finditer(step_text):
        parts.append(escape(step_text[end : match.start()]))
        parts.append(_token(match.lastgroup or "", match[0], link))
        end = match.end()
    parts.append(escape(step_text[end:]))
    return Markup("").join(parts)


def highlight_feature(source: str, link: Link | None = None) -> Markup:
    """Return lines of a feature file as the content of a `pre` element.

    `link` is asked for the address of ids in the text (`AC-9`) and of whole tags (`@AC-9`,
    `@reading-14`); a tag that it knows only as an id is linked as that id.
    """
    return Markup("\n").join(_line(line, link) for line in source.splitlines())


def _line(line: str, link: Link | None) -> Markup:
    bare = line.strip()
    if bare.startswith("#"):
        return _span("m", line)
    if bare.startswith("@"):
        return _tags(line, link)
    if bare.startswith("|"):
        bars = (highlight(cell, link) for cell in line.split("|"))
        return Markup('<span class="b">|</span>').join(bars)
    if match := _TITLE.fullmatch(line):
        title = Markup("<strong>{}</strong>").format(match[4]) if match[4] else Markup("")
        return escape(match[1]) + _span("k", f"{match[2]}:") + escape(match[3]) + title
    if match := _STEP.fullmatch(line):
        return escape(match[1]) + _span("k", match[2]) + match[3] + highlight(match[4], link)
    return escape(line)


def _tags(line: str, link: Link | None) -> Markup:
    parts: list[Markup] = []
    end = 0
    for match in _TAG.finditer(line):
        parts.append(escape(line[end : match.start()]))
        parts.append(_linked(_span("t", match[0]), _tag_address(match[0], link)))
        end = match.end()
    parts.append(escape(line[end:]))
    return Markup("").join(parts)


def _tag_address(tag: str, link: Link | None) -> str | None:
    if link is None:
        return None
    id_ = _REQUIREMENT_TAG.fullmatch(tag)
    return link(tag) or (link(id_[1]) if id_ else None)


def _token(kind: str, found: str, link: Link | None) -> Markup:
    if kind == "id":
        return _linked(escape(found), link(found) if link else None)
    return _span(kind, found)


def _span(kind: str, content: str) -> Markup:
    return Markup('<span class="{}">{}</span>').format(kind, content)


def _linked(content: Markup, address: str | None) -> Markup:
    return Markup('<a href="{}">{}</a>').format(address, content) if address else content
