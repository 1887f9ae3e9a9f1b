"""The token: made here, mailed once, stored only as a hash (NFR-1, FR-8)."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

TOKEN_BYTES = 32
LIFETIME = timedelta(minutes=15)


def generate_token() -> str:
    """Return 32 random bytes as 64 hex characters."""
    return secrets.token_hex(TOKEN_BYTES)


def hash_token(raw_token: str) -> str:
    """Return the SHA-256 of the token's characters, in lower-case hex."""
    return hashlib.sha256(raw_token.encode()).hexdigest()
