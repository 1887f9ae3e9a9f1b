"""The fixed names and numbers of the magic-link spec: everything else imports them from here."""

from __future__ import annotations

from datetime import timedelta

# Routes (FR-1, FR-5, AC-10).
REQUEST = "/auth/magic-link/request"
VERIFY = "/auth/magic-link/verify"
LOGIN = "/auth/login"

# Parts of a service that can be judged before the rest is built: the routes that each goes without.
SLICES = {"request": frozenset({VERIFY})}

# The session cookie (FR-6) and the tables (NFR-2).
COOKIE = "auth_token"
USERS_TABLE = "users"
TOKENS_TABLE = "magic_link_tokens"
USER_COLUMNS = ("id", "email", "passwordHash", "status")
TOKEN_COLUMNS = ("id", "userId", "tokenHash", "expiresAt", "usedAt", "createdAt")

# How long a token lives (FR-8); how many requests an address has in which time (FR-7).
TOKEN_LIFETIME = timedelta(minutes=15)
REQUEST_LIMIT = 5
REQUEST_WINDOW = timedelta(minutes=60)
