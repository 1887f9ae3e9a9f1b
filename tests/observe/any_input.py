"""What a target might send: bytes, text, JSON and things that are almost what they should be."""

from __future__ import annotations

import json
from typing import Any

import jwt
from hypothesis import settings
from hypothesis import strategies as st

# The same examples each time, and no measuring: a busy machine changes nothing.
bounded = settings(derandomize=True, max_examples=100, deadline=None, database=None)

SCALARS: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([10**400, -(10**400), 0, -1, 2**63]),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(["\ud800", "\0", "²", "10", "info", "ERROR", "a@example.com", "infinity"]),
)
NAMES = st.one_of(
    st.text(max_size=10),
    st.sampled_from(["error", "message", "userId", "level", "exp", "iat", "sub", "alg", "email"]),
)
JSON: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)
OBJECTS = st.dictionaries(NAMES, JSON, max_size=6)
JSON_TEXTS = JSON.map(json.dumps)


def built_of(*pieces: str) -> st.SearchStrategy[str]:
    """Return texts that are made of these pieces, with anything between them."""
    between = st.one_of(st.sampled_from(["", " ", "\r\n", "\0", "=", ";"]), st.text(max_size=5))
    piece = st.one_of(st.sampled_from(pieces), between)
    return st.lists(piece, max_size=25).map("".join)


COOKIES = built_of(
    "auth_token=",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.AAAA",
    "; Max-Age=",
    "; Expires=",
    "; Path=/",
    "; HttpOnly",
    "604800",
    "-1",
    "²",
    "9" * 5_000,
    "Wed, 08 Jan 2031 00:00:00 GMT",
    "Wed, 08 Jan 2031 00:00:00 +99999999999999",
    "Wed, 08 Jan 99999 00:00:00 GMT",
    '"',
)
DATES = built_of(
    "Wed, ", "08 ", "Jan ", "2031 ", "00:00:00 ", "GMT", "+9999999999", "-2359", "0", "9" * 20, "("
)
HTML = built_of(
    "<a ", "href=", '"', "'", ">", "</a>", "<!--", "-->", "<![foo[x]]>", "<!DOCTYPE", "<?", "</",
    "<script>", "</script", "&#", "9" * 5_000, "&amp;", "https://a.example", "<wbr>", "<",
    "/auth/magic-link/verify?token=", "#", "&token=", ")", "[", "://",
)  # fmt: skip
MAILS = built_of(
    "Subject: ", "=?utf-8?q?=C3=BC?=", "=?utf-8?b?//?=", "=?x?q?a?=", "To: ", "From: ",
    "U <u@a.example>",
    "\r\n\r\n", "\r\n", "\r\n ", "Content-Type: ", "multipart/mixed; boundary=B", "text/html",
    "; charset=", "\0", "punycode", "utf-7", "utf-16", "\r\n--B\r\n", "\r\n--B--\r\n", "(", '"',
    "Content-Transfer-Encoding: base64\r\n", "x-uuencode", "quoted-printable", "=3D", ":",
    "message/rfc822", "charset*0*=utf-8'en'%00", "Content-Disposition: attachment",
)  # fmt: skip
LOG_LINES = st.one_of(
    JSON_TEXTS,
    OBJECTS.map(json.dumps),
    built_of(
        '{"level":', "true", "30", "{", "[", "}", "\x1b[31m", "ERROR", "fail:", "\u2028", "\x85"
    ),
)
ANSWERS = built_of(
    "HTTP/1.1 ", "200 OK", "103 Early Hints", "100 Continue", "999999", "\r\n", "\r\n\r\n", "\n",
    "Content-Length: ", "2", "-1", "9" * 5_000, "Transfer-Encoding: chunked\r\n", "5\r\n", "-5\r\n",
    "0x5\r\n", "0\r\n", "Set-Cookie: auth_token=", "\xff", ":", "{}",
)  # fmt: skip


def jwt_of(header: Any, claims: Any) -> str:
    """Return what a JWT looks like, with any JSON values as its parts."""
    parts = (json.dumps(part).encode() for part in (header, claims))
    return ".".join([*(jwt.utils.base64url_encode(part).decode() for part in parts), "AAAA"])


_HEADERS = st.one_of(OBJECTS, OBJECTS.map(lambda header: {**header, "alg": "HS256"}), JSON)
TOKENS = st.one_of(
    st.builds(jwt_of, _HEADERS, st.one_of(OBJECTS, JSON)),
    st.text(max_size=30),
    st.text("aeyJ._-=", max_size=60),
)
