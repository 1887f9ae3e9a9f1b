"""The limit per address (FR-7), for known and unknown ones alike: so it reveals nothing."""

from __future__ import annotations

import hashlib
from datetime import timedelta

MAX_REQUESTS = 5
WINDOW = timedelta(minutes=60)


def address_key(address: str) -> str:
    """Return the SHA-256 of a folded address: attempts need no readable addresses."""
    return hashlib.sha256(address.encode()).hexdigest()
