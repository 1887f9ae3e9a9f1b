"""The spec's Markdown as HTML: ids, readings and links between files lead to the pages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup, escape

REQUIREMENTS_PAGE = "requirements.html"
LEDGER_PAGE = "ledger.html"
_MENTION = re.compile(r"\b((?:AC|FR|NFR|EC)-\d+|[Rr]eading (\d+))\b")
_READING_TAG = re.compile(r"@reading-(\d+)")
_READING_LINK = re.compile(r"ledger\.md#(\d+)-")
_FILES = {
    "magic-link.md": "index.html",
    "ledger.md": LEDGER_PAGE,
    "openapi.yaml": "index.html#http-interface",
}


class Prose:
    """Renders the spec's Markdown; `ids` and `readings` are the ones that there are to link to."""

    def __init__(self, ids: Iterable[str], readings: Iterable[int]) -> None:
        self._ids = frozenset(ids)
        self._readings = frozenset(readings)
        self._renderer = RendererHTML()
        self._markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
        # Functions, since markdown-it-py binds what it is given to its own renderer.
        self._markdown.add_render_rule("text", lambda _, *given: self._text(*given))
        self._markdown.add_render_rule("link_open", lambda _, *given: self._link_open(*given))

    def blocks(self, markdown: str) -> Markup:
        """Return paragraphs, lists and tables."""
        return Markup(self._markdown.render(markdown))  # noqa: S704 - raw HTML is escaped

    def inline(self, markdown: str) -> Markup:
        """Return a sentence, without a paragraph around it."""
        return Markup(self._markdown.renderInline(markdown))  # noqa: S704

    def address(self, mention: str) -> str | None:
        """Return where an id (`AC-9`) or a tag of a reading (`@reading-14`) leads, if anywhere."""
        if mention in self._ids:
            return f"{REQUIREMENTS_PAGE}#{mention}"
        tag = _READING_TAG.fullmatch(mention)
        return self.reading_address(int(tag[1])) if tag else None

    def reading_address(self, number: int) -> str | None:
        """Return the address of an entry of the ledger, or None when there is none."""
        return f"{LEDGER_PAGE}#reading-{number}" if number in self._readings else None

    def _text(self, tokens: Sequence[Token], index: int, *_: object) -> str:
        content = tokens[index].content
        opened = sum(each.nesting for each in tokens[:index] if each.type.startswith("link_"))
        return str(escape(content)) if opened else str(self._with_links(content))

    def _link_open(
        self, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
    ) -> str:
        token = tokens[index]
        token.attrSet("href", self._on_pages(str(token.attrGet("href") or "")))
        return self._renderer.renderToken(tokens, index, options, env)

    def _on_pages(self, href: str) -> str:
        reading = _READING_LINK.match(href)
        if reading:
            return self.reading_address(int(reading[1])) or LEDGER_PAGE
        return _FILES.get(href, href)

    def _with_links(self, content: str) -> Markup:
        parts: list[Markup] = []
        end = 0
        for match in _MENTION.finditer(content):
            address = self.reading_address(int(match[2])) if match[2] else self.address(match[1])
            if address is None:
                continue
            parts.append(escape(content[end : match.start()]))
            parts.append(Markup('<a class="mention" href="{}">{}</a>').format(address, match[1]))
            end = match.end()
        return Markup("").join([*parts, escape(content[end:])])
