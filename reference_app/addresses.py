"""Mail addresses as people type them."""

from __future__ import annotations

import re

_DOMAIN = re.compile(r"[a-z0-9.-]{1,253}")


def normalise(address: str) -> str:
    """Return the one spelling under which an address is looked up and counted."""
    # PostgreSQL's text cannot hold NUL; no address has one, so this stays unknown.
    return address.strip().lower().replace("\x00", "\ufffd")


def domain(address: str) -> str:
    """Return what follows the last @, or `invalid` when it is not a host name: fit for a log."""
    candidate = address.rpartition("@")[2] if "@" in address else ""
    return candidate if _DOMAIN.fullmatch(candidate) else "invalid"
