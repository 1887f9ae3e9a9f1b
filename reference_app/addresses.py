"""Mail addresses as people type them.

Two are equal when PostgreSQL's `lower()` makes the same of them: that is what the unique index on
`lower(email)` goes by, and only the database knows which letters its locale has. So queries compare
`lower(email)` with `lower()` of what was typed, and Python does not put it in lower case.
"""

from __future__ import annotations

import re

_DOMAIN = re.compile(r"[a-z0-9.-]{1,253}")


def normalise(address: str) -> str:
    """Return an address without what is not part of it; the database does the rest."""
    # PostgreSQL's text cannot hold NUL; no address has one, so this stays unknown.
    return address.strip().replace("\x00", "\ufffd")


def domain(address: str) -> str:
    """Return what follows the last @, or `invalid` when it is not a host name: fit for a log."""
    candidate = address.rpartition("@")[2].lower() if "@" in address else ""
    return candidate if _DOMAIN.fullmatch(candidate) else "invalid"
