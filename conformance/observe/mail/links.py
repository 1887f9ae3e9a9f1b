"""Finds the URLs of a mail, and among them the magic links (FR-4, AC-1)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from urllib.parse import parse_qs, parse_qsl, urlsplit

from conformance.observe.mail.html import read_html
from conformance.requirements.magic_link import VERIFY

_TOKEN_COMES_FIRST = re.compile(re.escape(VERIFY) + r"\?token=[^&#]")
_TOKEN_COMES_LATER = re.compile(r"&token=[^&]")
_SCHEME = re.compile(r"https?://", re.IGNORECASE)
# What ends a URL in running text: white space, quotes, angle brackets and invisible characters.
_URL_RUN = re.compile(
    r"[^\s<>\"`{}|\\^\u00ab\u00bb\u2018-\u201f\u2039\u203a\u200b-\u200f\u2060\ufeff]+"
)
_TRAILING_PUNCTUATION = ".,;:!?'*…"
_CLOSING_BRACKETS = {")": "(", "]": "["}
_URL_ATTRIBUTES = frozenset({"href", "src", "action"})


def is_magic_link(link: str) -> bool:
    """Return whether `link` has the path of FR-4 and a token that is not empty."""
    if _TOKEN_COMES_FIRST.search(link):
        return True
    queries = (part.partition(f"{VERIFY}?")[2] for part in link.split("#"))
    return any(_TOKEN_COMES_LATER.search(query) for query in queries)


def query_of(link: str) -> str:
    """Return what comes after the link's first question mark, up to a fragment."""
    return link.partition("?")[2].partition("#")[0]


def token_of(link: str) -> str | None:
    """Return the link's `token` query parameter, URL-decoded, or None if it has none."""
    values = parse_qs(query_of(link)).get("token")
    return values[0] if values else None


def links_in_text(text: str) -> list[str]:
    """Return the URLs of running text in order, freed of the punctuation around them."""
    return [url for run in _URL_RUN.findall(text) for url in _urls_of_run(run)]


def links_in_html(html: str) -> list[str]:
    """Return the URLs of attributes and text nodes in document order, entities decoded."""
    links: list[str] = []
    text: list[str] = []
    for piece in read_html(html):
        if isinstance(piece, str):
            text.append(piece)
        elif piece.name != "wbr":  # a permitted line break inside a word, so inside a URL too
            links += links_in_text("".join(text))
            text.clear()
            for name, value in piece.attributes:
                links += _links_of_attribute(name, value)
    return links + links_in_text("".join(text))


def links_of(text: str, html: str) -> list[str]:
    """Return every URL of a mail once: those of the HTML part first, then those of the text."""
    return list(dict.fromkeys([*links_in_html(html), *links_in_text(text)]))


def magic_links_of(text: str, html: str) -> list[str]:
    """Return the magic links of a mail, each once, however often and in whichever part it appears.

    Two spellings of one URL count as one link, and so does a link next to a cut-off copy of it
    (a display text such as `https://…/verify?token=12ab…`).
    """
    links = [link for link in links_of(text, html) if is_magic_link(link)]
    # In this order, what a link is the beginning of comes right after it.
    cut_off = {link for link, other in pairwise(sorted({*links})) if other.startswith(link)}
    whole = [link for link in links if link not in cut_off]
    return list({_identity(link): link for link in reversed(whole)}.values())[::-1]


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
    surplus = {
        last: url.count(last) - url.count(first) for last, first in _CLOSING_BRACKETS.items()
    }
    end = len(url)
    while end:
        last = url[end - 1]
        if surplus.get(last, 0) > 0:
            surplus[last] -= 1
        elif last not in _TRAILING_PUNCTUATION:
            break
        end -= 1
    return url[:end]


def _links_of_attribute(name: str, value: str) -> list[str]:
    if name not in _URL_ATTRIBUTES:
        return links_in_text(value)
    url = re.sub(r"[\t\r\n]", "", value).strip()  # as browsers read it
    return [url] if _SCHEME.match(url) or VERIFY in url else []
