"""Finds the URLs of a mail, and among them the magic links (FR-4, AC-1)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from urllib.parse import parse_qs, parse_qsl, urlsplit

from conformance.requirements.magic_link import VERIFY

_MAGIC_LINK = re.compile(re.escape(VERIFY) + r"\?(?:[^#]*&)?token=[^&#]")
_SCHEME = re.compile(r"https?://", re.IGNORECASE)
# What ends a URL in running text: white space, quotes, angle brackets and invisible characters.
_URL_RUN = re.compile(
    r"[^\s<>\"`{}|\\^\u00ab\u00bb\u2018-\u201f\u2039\u203a\u200b-\u200f\u2060\ufeff]+"
)
_TRAILING_PUNCTUATION = ".,;:!?'*…"
_CLOSING_BRACKETS = {")": "(", "]": "["}
_URL_ATTRIBUTES = frozenset({"href", "src", "action"})


def is_magic_link(link: str) -> bool:
    """Tell whether `link` has the path of FR-4 and a token that is not empty."""
    return _MAGIC_LINK.search(link) is not None


def token_of(link: str) -> str | None:
    """Return the link's `token` query parameter, URL-decoded, or None if it has none."""
    query = link.partition("?")[2].partition("#")[0]
    values = parse_qs(query).get("token")
    return values[0] if values else None


def links_in_text(text: str) -> list[str]:
    """Return the URLs of running text in order, freed of the punctuation around them."""
    return [url for run in _URL_RUN.findall(text) for url in _urls_of_run(run)]


def links_in_html(html: str) -> list[str]:
    """Return the URLs of attributes and text nodes in document order, entities decoded."""
    collector = _LinkCollector()
    collector.feed(html)
    collector.close()
    return collector.finish()


def links_of(text: str, html: str) -> list[str]:
    """Return every URL of a mail once: those of the HTML part first, then those of the text."""
    return list(dict.fromkeys([*links_in_html(html), *links_in_text(text)]))


def magic_links_of(text: str, html: str) -> list[str]:
    """Return the magic links of a mail, each once however often and in whichever part it stands.

    Two spellings of one URL count as one link, and so does a link next to a cut-off copy of it
    (a display text such as `https://…/verify?token=12ab…`).
    """
    links = [link for link in links_of(text, html) if is_magic_link(link)]
    whole = [link for link in links if not _is_cut_off(link, links)]
    return list({_identity(link): link for link in reversed(whole)}.values())[::-1]


def _is_cut_off(link: str, links: Iterable[str]) -> bool:
    return any(other != link and other.startswith(link) for other in links)


def _identity(link: str) -> tuple[str, str, str, tuple[tuple[str, str], ...]]:
    """Return what stays the same between two spellings of one URL."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return ("", "", link, ())
    query = tuple(parse_qsl(parts.query, keep_blank_values=True))
    return (parts.scheme.lower(), parts.netloc.lower(), parts.path + parts.fragment, query)


def _urls_of_run(run: str) -> Iterator[str]:
    scheme = _SCHEME.search(run)
    if scheme:
        yield _without_trailing_punctuation(run[scheme.start() :])
    elif VERIFY in run:
        # A base URL configured without its scheme: AC-1's pattern matches it all the same.
        yield _without_trailing_punctuation(run.lstrip("(['"))


def _without_trailing_punctuation(url: str) -> str:
    while url:
        last = url[-1]
        opening = _CLOSING_BRACKETS.get(last)
        unbalanced = opening is not None and url.count(last) > url.count(opening)
        if last not in _TRAILING_PUNCTUATION and not unbalanced:
            break
        url = url[:-1]
    return url


class _LinkCollector(HTMLParser):
    """Collects URLs while it reads; text is gathered up to the next tag that separates words."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._links: list[str] = []
        self._text: list[str] = []
        self._silent_tag: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "wbr":  # a permitted line break inside a word, so inside a URL too
            return
        self._flush_text()
        if tag in {"script", "style"}:
            self._silent_tag = tag
        for name, value in attrs:
            self._links.extend(_links_of_attribute(name, value or ""))

    def handle_endtag(self, tag: str) -> None:
        self._flush_text()
        if tag == self._silent_tag:
            self._silent_tag = None

    def handle_data(self, data: str) -> None:
        if self._silent_tag is None:
            self._text.append(data)

    def finish(self) -> list[str]:
        self._flush_text()
        return self._links

    def _flush_text(self) -> None:
        self._links.extend(links_in_text("".join(self._text)))
        self._text.clear()


def _links_of_attribute(name: str, value: str) -> list[str]:
    if name not in _URL_ATTRIBUTES:
        return links_in_text(value)
    url = re.sub(r"[\t\r\n]", "", value).strip()  # as browsers read it
    return [url] if _SCHEME.match(url) or VERIFY in url else []
