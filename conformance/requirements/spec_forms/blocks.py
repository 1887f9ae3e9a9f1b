"""Markdown as a flat list of blocks, each with its line: what the readers of forms walk over."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

_EMPHASIS = re.compile(r"(?<![\w`*])(\*{1,3}|_{1,3})(?=\S)(.+?)(?<=\S)\1(?![\w`*])", re.DOTALL)
_CODE = re.compile(r"(`+.+?`+)", re.DOTALL)
_LINK = re.compile(r"\[([^\]]+)\]\([^)\s]*\)")
_CHECKBOX = re.compile(r"^\[[ xX]\]\s+")
_HTML_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


class Shape(Enum):
    """What a block is."""

    HEADING = auto()
    PARAGRAPH = auto()
    ITEM = auto()
    ROW = auto()
    CODE = auto()
    HTML = auto()


@dataclass(frozen=True)
class Block:
    """A block. `depth` is the level of a heading, or how many lists it is in (0: none).

    `label` is the emphasised text that it begins with, if any: `**FR-1:** …`. An item has its
    number in an ordered list. A row has its cells by their headings, and code its language.
    """

    shape: Shape
    text: str
    line: int
    end: int
    depth: int = 0
    label: str = ""
    number: int | None = None
    cells: tuple[tuple[str, str], ...] = ()
    language: str = ""


def blocks(text: str) -> Iterator[Block]:
    """Yield the blocks of a Markdown text in their order; front matter is left out."""
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(_no_front_matter(text))
    yield from _walk(tokens)


def plain(text: str) -> str:
    """Return inline Markdown on one line, without emphasis, links and comments; code stays."""
    parts = _CODE.split(_HTML_COMMENT.sub(" ", text))
    parts[::2] = [_without_marks(part) for part in parts[::2]]
    return _CHECKBOX.sub("", " ".join("".join(parts).split()))


def _without_marks(text: str) -> str:
    previous = ""
    while previous != text:
        previous, text = text, _EMPHASIS.sub(r"\2", text)
    return _LINK.sub(r"\1", text.replace("**", ""))


def _no_front_matter(text: str) -> str:
    """Blank out YAML between `---` lines at the top; the lines keep their numbers."""
    lines = text.split("\n")
    if lines[0].strip() != "---":
        return text
    ends = [number for number, line in enumerate(lines[1:80], 1) if line.strip() == "---"]
    return "\n".join([""] * (ends[0] + 1) + lines[ends[0] + 1 :]) if ends else text


def _walk(tokens: Sequence[Token]) -> Iterator[Block]:
    lists: list[tuple[bool, int]] = []  # (ordered, number of the item that is open)
    begins_item = False
    in_table: list[Token] = []
    for before, token in pairwise([Token("", "", 0), *tokens]):
        if token.type == "table_open" or in_table:
            in_table.append(token)
            if token.type == "table_close":
                yield from _rows(in_table)
                in_table = []
        elif token.type.endswith("_list_open"):
            lists.append((token.type.startswith("ordered"), 0))
        elif token.type.endswith("_list_close"):
            lists.pop()
        elif token.type == "list_item_close":
            begins_item = False
        elif token.type == "list_item_open":
            lists[-1] = lists[-1][0], int(token.info or 0)
            begins_item = True
        elif token.type == "inline" and before.type == "heading_open":
            yield _block(Shape.HEADING, token, int(before.tag[1]))
        elif token.type == "inline":
            number = lists[-1][1] if begins_item and lists[-1][0] else None
            yield _block(Shape.ITEM if begins_item else Shape.PARAGRAPH, token, len(lists), number)
            begins_item = False
        else:
            yield from _raw(token, len(lists))


def _raw(token: Token, depth: int) -> Iterator[Block]:
    """Yield what is not text of its own: code and HTML."""
    line, end = _lines(token)
    if token.type in ("fence", "code_block"):
        language = token.info.strip().lower()
        yield Block(Shape.CODE, token.content, line, end, depth, language=language)
    elif token.type == "html_block":
        yield Block(Shape.HTML, token.content.strip(), line, end, depth)


def _lines(token: Token) -> tuple[int, int]:
    """Return the first and the last line of a token."""
    return (token.map[0] + 1, token.map[1]) if token.map else (0, 0)


def _block(shape: Shape, token: Token, depth: int, number: int | None = None) -> Block:
    line, end = _lines(token)
    return Block(shape, plain(token.content), line, end, depth, _label(token), number)


def _rows(table: Sequence[Token]) -> Iterator[Block]:
    """Yield the rows of a table below its heading."""
    header: list[str] | None = None
    cells: list[str] = []
    place = 0, 0
    for token in table:
        if token.type == "tr_open":
            cells, place = [], _lines(token)
        elif token.type == "inline":
            cells.append(plain(token.content))
        elif token.type == "tr_close" and header is None:
            header = cells
        elif token.type == "tr_close" and header is not None:
            named = tuple(zip(header, cells, strict=False))
            text = " | ".join(cell for cell in cells if cell)
            yield Block(Shape.ROW, text, *place, cells=named)


def _label(token: Token) -> str:
    """Return the strong text that an inline token begins with."""
    children = token.children or []
    begins = next((n for n, child in enumerate(children) if child.content or child.nesting), None)
    if begins is None or children[begins].type != "strong_open":
        return ""
    inside: list[str] = []
    for child in children[begins + 1 :]:
        if child.type == "strong_close":
            break
        inside.append(child.content)
    return "".join(inside).strip()
