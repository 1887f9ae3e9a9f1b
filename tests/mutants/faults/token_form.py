"""How the token is made and what is stored of it (NFR-1)."""

from __future__ import annotations

import base64
import hashlib
import itertools
import secrets
import time
import uuid

from reference_app.magic_link import service, tokens
from tests.mutants.change import Change
from tests.mutants.model import mutant

_OTHER_HASH = "AC-2 FR-3 FR-5 FR-6 FR-8"
_STORED = "the stored token is the SHA-256 hash of the one in the mail"


@mutant(
    fault="The token is hashed with MD5.",
    violates="AC-8 NFR-1",
    falls_with=_OTHER_HASH,
    step=_STORED,
    incident="Copied from an older password-reset table.",
)
def hashed_with_md5(change: Change) -> None:
    change.replace(service, "hash_token", lambda raw: hashlib.md5(raw.encode()).hexdigest())


@mutant(
    fault="The hash is stored in Base64 instead of hex.",
    violates="AC-8 NFR-1",
    falls_with=_OTHER_HASH,
    step=_STORED,
    incident="digest('base64') is as short to write as digest('hex').",
)
def hash_in_base64(change: Change) -> None:
    def in_base64(raw: str) -> str:
        return base64.b64encode(hashlib.sha256(raw.encode()).digest()).decode()

    change.replace(service, "hash_token", in_base64)


@mutant(
    fault="The hash is stored in upper-case hex.",
    violates="NFR-1",
    falls_with="AC-8 " + _OTHER_HASH,
    step="the database holds the token's SHA-256 hash in lower-case hex",
    incident="encode(sha256(...), 'hex') is lower-case in one language and upper-case in another.",
)
def hash_in_capitals(change: Change) -> None:
    hash_token = tokens.hash_token
    change.replace(service, "hash_token", lambda raw: hash_token(raw).upper())


@mutant(
    fault="The 32 bytes are hashed instead of the 64 characters that spell them.",
    violates="AC-8 NFR-1",
    falls_with=_OTHER_HASH,
    step=_STORED,
    incident="The hex is decoded first, by somebody who took it for mere packaging.",
)
def hash_of_the_bytes(change: Change) -> None:
    def of_the_bytes(raw: str) -> str:
        try:
            return hashlib.sha256(bytes.fromhex(raw)).hexdigest()
        except ValueError:
            return tokens.hash_token(raw)

    change.replace(service, "hash_token", of_the_bytes)


@mutant(
    fault="The token has 16 random bytes.",
    violates="NFR-1",
    step="the token is 64 hexadecimal characters",
    incident="randomBytes(16) is in most tutorials.",
)
def token_of_16_bytes(change: Change) -> None:
    change.replace(tokens, "TOKEN_BYTES", 16)


@mutant(
    fault="The token is URL-safe Base64.",
    violates="NFR-1",
    step="the token is 64 hexadecimal characters",
    incident="The library's nearest function: token_urlsafe(32).",
)
def token_in_base64(change: Change) -> None:
    change.replace(service, "generate_token", lambda: secrets.token_urlsafe(32))


@mutant(
    fault="The token is the time in hex, padded to 64 characters.",
    violates="NFR-1",
    step="their tokens show no repeats, no shared parts and no bias",
    incident="Ids made from time and a counter look random to whoever sees one of them.",
)
def token_from_the_time(change: Change) -> None:
    change.replace(service, "generate_token", lambda: f"{time.time_ns():064x}")


@mutant(
    fault="The token is one UUID, written twice.",
    violates="NFR-1",
    step="their tokens show no repeats, no shared parts and no bias",
    incident="The column asks for 64 characters, and a UUID has 32.",
)
def token_repeats_its_half(change: Change) -> None:
    change.replace(service, "generate_token", lambda: uuid.uuid4().hex * 2)


@mutant(
    fault="The first half of every token is the same for a whole process.",
    violates="NFR-1",
    step="their tokens show no repeats, no shared parts and no bias",
    incident="A per-process prefix, meant to help support find the server that sent the mail.",
)
def token_with_a_fixed_prefix(change: Change) -> None:
    prefix, numbers = secrets.token_hex(16), itertools.count()
    change.replace(
        service, "generate_token", lambda: prefix + f"{next(numbers):08x}" + secrets.token_hex(12)
    )
