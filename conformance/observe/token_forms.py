"""The ways in which a token may be written down (NFR-1, reading 32)."""

from __future__ import annotations

import base64

# Base64 writes three bytes as four characters.
_BYTES, _CHARACTERS = 3, 4
# Shorter ones could be met by chance.
_SHORTEST_QUARTER = 12


def plain_forms(token: str) -> list[str]:
    """Return the token as text, bytes or Base64 would show it, as part of a longer text too.

    `bytea` shows as hexadecimal.
    """
    text = token.encode()
    forms = [token, text.hex(), *_within_base64(text), *_within_wrapped_base64(text)]
    try:
        raw = bytes.fromhex(token)
    except ValueError:
        return forms
    encoded = base64.b64encode(raw).decode().rstrip("=")
    return [*forms, encoded, encoded.translate(str.maketrans("+/", "-_"))]


def halves(token: str) -> list[str]:
    """Return its two halves: where a mail is kept in its own encoding, a line may end in one."""
    middle = len(token) // 2
    return [token[:middle], token[middle:]]


def _within_wrapped_base64(text: bytes) -> list[str]:
    """Return what Base64 in lines of 76 characters must contain: some quarter is within a line."""
    quarter = len(text) // 4
    if quarter < _SHORTEST_QUARTER:
        return []
    quarters = (text[at : at + quarter] for at in range(0, quarter * 4, quarter))
    return [form for each in quarters for form in _within_base64(each)]


def _within_base64(text: bytes) -> list[str]:
    """Return what the Base64 of every text that contains `text` must contain."""
    found = []
    # How many bytes of a group come before it decides how it is written. Groups that it
    # shares with the text around it are left out.
    for before in range(_BYTES):
        encoded = base64.b64encode(b"\0" * before + text).decode()
        first = _CHARACTERS if before else 0
        end = (before + len(text)) // _BYTES * _CHARACTERS
        found.append(encoded[first:end])
    return found
