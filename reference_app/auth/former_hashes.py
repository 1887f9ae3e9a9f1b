"""Password hashes that other frameworks wrote: bcrypt, and Django's and Werkzeug's formats.

They are verified as long as they are there; after a good login argon2id takes their place.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

import bcrypt

# All that bcrypt ever reads of a password; the library refuses a longer one.
_BCRYPT_BYTES = 72
_SCRYPT_MEMORY_BYTES = 132 * 1024 * 1024


def fits(password_hash: str, password: str) -> bool:
    """Return whether the password fits; raise ValueError when the hash is none of these."""
    secret = password.encode()
    if password_hash.startswith("$2"):
        return bcrypt.checkpw(secret[:_BCRYPT_BYTES], password_hash.encode())
    method, salt, derived = password_hash.rsplit("$", 2)
    match method.replace("$", ":").split(":"):
        case ["pbkdf2_sha256", rounds]:
            expected = base64.b64decode(derived, validate=True)
            found = hashlib.pbkdf2_hmac("sha256", secret, salt.encode(), int(rounds))
        case ["pbkdf2", digest, rounds]:
            expected = bytes.fromhex(derived)
            found = hashlib.pbkdf2_hmac(digest, secret, salt.encode(), int(rounds))
        case ["scrypt", n, r, p]:
            expected = bytes.fromhex(derived)
            found = hashlib.scrypt(
                secret,
                salt=salt.encode(),
                n=int(n),
                r=int(r),
                p=int(p),
                maxmem=_SCRYPT_MEMORY_BYTES,
            )
        case _:
            raise ValueError("a hash of another scheme")
    return hmac.compare_digest(found, expected)
