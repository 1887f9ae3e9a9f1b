"""Addresses as real tables hold them, and neighbours that a lookup may take for one another.

Every address is drawn anew, so that no two scenarios and no two runs share one.
"""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Mapping

Draw = Callable[[], str]
Differ = Callable[[str], str]

_DOMAIN = "example.com"
# Mail to it goes nowhere but into the harness's own mailbox: see `needs_own_mailbox`.
_PROVIDER = "gmail.com"
_LONGEST_LOCAL = 64  # octets, RFC 5321, 4.5.3.1.1


def _letters(count: int = 10) -> str:
    return "".join(random.choices(string.ascii_lowercase, k=count))


def _local(*parts: str) -> str:
    return "".join(parts) + "@" + _DOMAIN


# What a stored address can have; all are legal by RFC 5321 without quoting.
FEATURES: Mapping[str, Draw] = {
    "capitals": lambda: _local(_letters().title(), _letters(3).upper()),
    "a tag after a plus": lambda: _local(_letters(), "+", _letters(4)),
    "dots": lambda: _local(_letters(4), ".", _letters(4), ".", _letters(3)),
    "an underscore": lambda: _local(_letters(6), "_", _letters(6)),
    "a percent sign": lambda: _local(_letters(6), "%", _letters(6)),
    "an apostrophe": lambda: _local("o'", _letters(9)),
    "unusual legal signs": lambda: _local(_letters(6), "&=~#!$*/?^`{|}-", _letters(3)),
    "64 characters before @": lambda: _local(_letters(_LONGEST_LOCAL)),
    "a long domain": lambda: f"{_letters()}@{_letters(60)}.{_letters(60)}.{_letters(50)}.{_DOMAIN}",
    # Where mailboxes have several spellings, libraries take them for one; a users table does not.
    "dots and a tag, at a provider that ignores both": lambda: (
        f"{_letters(4)}.{_letters(6)}+{_letters(3)}@{_PROVIDER}"
    ),
    "digits only": lambda: _local("".join(random.choices(string.digits, k=12))),
}


def needs_own_mailbox(address: str) -> bool:
    """Return whether a mail to an address that was made up might reach somebody."""
    return address.endswith(_PROVIDER)


def plain() -> str:
    """Return an address that contains k, i and s, the letters that have look-alikes."""
    return _local(_letters(5), "kis", _letters(5))


def long() -> str:
    """Return an address of nearly 200 characters; a key that is cut short holds its beginning."""
    return f"{_letters(_LONGEST_LOCAL)}@{_letters(60)}.{_letters(60)}.{_DOMAIN}"


def _replaced(letter: str, by: str) -> Differ:
    return lambda address: address.replace(letter, by, 1)


def _before_at(added: str) -> Differ:
    return lambda address: address.replace("@", f"{added}@", 1)


def _after(added: str) -> Differ:
    return lambda address: address + added


# How an address can resemble another one; `{stranger}` is replaced by an address of nobody's.
DIFFERENCES: Mapping[str, Differ] = {
    "an underscore is in a letter's place": lambda address: address[:3] + "_" + address[4:],
    "a percent sign is in some letters' place": lambda address: address[:3] + "%" + address[6:],
    "an asterisk is in some letters' place": lambda address: address[:3] + "*" + address[6:],
    "a letter is added in front": lambda address: "x" + address,
    "a letter is added before the at-sign": _before_at("x"),
    "the last letter is missing": lambda address: address[:-1],
    "the domain is another": _replaced(f"@{_DOMAIN}", "@example.org"),
    "the domain goes on": _after(".example.org"),
    "only the end of a long address is another": lambda address: address[:-3] + "org",
    "a tag is added": _before_at("+tag"),
    "a dot is added": lambda address: address[:4] + "." + address[4:],
    "a full-width k is in a k's place": _replaced("k", "\uff4b"),
    "a Kelvin sign is in a k's place": _replaced("k", "\u212a"),
    "a dotless i is in an i's place": _replaced("i", "\u0131"),
    "a long s is in an s's place": _replaced("s", "\u017f"),
    "a full-width at-sign comes before another": _before_at("\uff20example.org"),
    "it is quoted and another domain follows": lambda address: f'"{address}"@example.org',
    "a comma and another address follow": _after(",{stranger}"),
    "a line break and another address follow": _after("\r\n{stranger}"),
    "a line break and a blind copy follow": _after("\r\nBcc: {stranger}"),
    "a NUL and another domain follow": _after("\x00.example.org"),
}
