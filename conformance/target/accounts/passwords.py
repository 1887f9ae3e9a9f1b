"""Password hashes in the forms that common frameworks understand."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable


def _argon2(password: str) -> str:
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1).hash(password)


def _bcrypt(password: str) -> str:
    import bcrypt

    # 2b is what the C and Python libraries write; every bcrypt of note reads it.
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(10)).decode("ascii")


def _pbkdf2_django(password: str) -> str:
    salt, rounds = secrets.token_hex(11), 600_000
    derived = hashlib.pbkdf2_hmac("sha256", password.encode(), salt.encode(), rounds)
    return f"pbkdf2_sha256${rounds}${salt}${base64.b64encode(derived).decode()}"


def _pbkdf2_werkzeug(password: str) -> str:
    salt, rounds = secrets.token_hex(8), 600_000
    derived = hashlib.pbkdf2_hmac("sha256", password.encode(), salt.encode(), rounds)
    return f"pbkdf2:sha256:{rounds}${salt}${derived.hex()}"


def _scrypt_werkzeug(password: str) -> str:
    salt = secrets.token_hex(8)
    derived = hashlib.scrypt(
        password.encode(), salt=salt.encode(), n=32768, r=8, p=1, maxmem=132 * 1024 * 1024
    )
    return f"scrypt:32768:8:1${salt}${derived.hex()}"


def _scrypt_node(password: str) -> str:
    salt = secrets.token_hex(16)
    derived = hashlib.scrypt(password.encode(), salt=salt.encode(), n=16384, r=8, p=1, dklen=64)
    return f"{salt}:{derived.hex()}"


SCHEMES: dict[str, Callable[[str], str]] = {
    "argon2": _argon2,
    "bcrypt": _bcrypt,
    "pbkdf2": _pbkdf2_django,
    "pbkdf2-django": _pbkdf2_django,
    "pbkdf2-werkzeug": _pbkdf2_werkzeug,
    "scrypt": _scrypt_werkzeug,
    "scrypt-werkzeug": _scrypt_werkzeug,
    "scrypt-node": _scrypt_node,
}
