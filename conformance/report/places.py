"""Where in an implementation a requirement is met or missed, whatever the language."""

from __future__ import annotations

from types import MappingProxyType

PLACES = MappingProxyType(
    {
        "AC-1": "the handler of request: the lookup of the user, and the one mail with the link",
        "AC-2": "the handler of verify: the cookie and its JWT, and the update of `usedAt`",
        "AC-3": "the session that verify makes, and the guard of the protected endpoints",
        "AC-4": "the check of `usedAt` in verify",
        "AC-5": "the check of `expiresAt` in verify",
        "AC-6": "the branch of request for an address without a user",
        "AC-7": "the limiter of request: what it counts, and its answer",
        "AC-8": "the statement that stores a new token: it stores the hash, not the token",
        "AC-9": "what request does for a user and not for a stranger: sending, waiting, answering",
        "AC-10": "whatever verify changes on the user or shares with password login",
        "FR-1": "how request reads its body",
        "FR-2": "the answer of request: one place that makes it for every address",
        "FR-3": "the part of request that makes, stores and mails the token before it answers",
        "FR-4": "where the link is put together: from the setting APP_BASE_URL and nothing else",
        "FR-5": "how verify reads its body",
        "FR-6": "the session that verify makes: through the same code as password login's",
        "FR-7": "the limiter: a count in PostgreSQL per address, one request after the other",
        "FR-8": "where `expiresAt` is computed and where it is compared, both in UTC",
        "NFR-1": "the generator of the token, its hash, and every place that the raw token reaches",
        "NFR-2": "the migration that makes `magic_link_tokens`",
        "NFR-3": "the error path of the mail: delete the row, then answer 503",
        "NFR-4": "the log calls: event, level, and what of the address they hold",
        "NFR-5": "what request and verify wait for; the index on `tokenHash`",
        "EC-1": "the branch of request for an address without a user",
        "EC-2": "the branch of request for a suspended user",
        "EC-3": "the refusal of the limiter: status, body and log line",
        "EC-4": "the refusal of an expired token in verify: status, body and log line",
        "EC-5": "the refusal of a used token in verify: status, body and log line",
        "EC-6": "the refusal of an unknown or malformed token in verify, before anything is parsed",
        "EC-7": "the error path of the mail: status, body, deleted row and log line",
        "EC-8": "the statement that marks a token used: one conditional UPDATE whose count decides",
    }
)
