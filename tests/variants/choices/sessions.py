"""Other sessions: claims, algorithms, password hashes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import bcrypt
import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from fastapi import Request, Response

from reference_app import clock
from reference_app.auth import sessions
from reference_app.auth.passwords import Passwords
from reference_app.auth.sessions import Sessions
from tests.mutants.change import Change, Next
from tests.variants.model import variant


class _ClaimUserId(Sessions):
    def _encode(self, user_id: str) -> str:
        claims = jwt.decode(super()._encode(user_id), options={"verify_signature": False})
        claims = {"userId": claims["sub"], "iat": claims["iat"], "exp": claims["exp"]}
        return jwt.encode(claims, self._secret, algorithm=sessions.ALGORITHM)

    def user_id(self, token: str) -> str | None:
        try:
            claims = jwt.decode(token, self._secret, [sessions.ALGORITHM], options=_OWN_CLOCK)
            return str(claims["userId"]) if clock.now().timestamp() < claims["exp"] else None
        except (jwt.InvalidTokenError, ValueError, KeyError):
            return None


_OWN_CLOCK: Any = {"verify_exp": False, "verify_iat": False}


@variant("The JWT names the user in a claim userId (reading 10).")
def claim_user_id(change: Change) -> None:
    change.sessions(_ClaimUserId)


_KEY_FILE = "RS256_KEY_FILE"


def _with_keys(description: dict[str, Any], directory: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private, public = directory / "private.pem", directory / "public.pem"
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    public.write_bytes(
        key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )
    description["in_process"]["environment"][_KEY_FILE] = str(private)
    description["session"]["public_key_file"] = public.name


class _Rs256(Sessions):
    def __init__(self, secret: str, *, secure_cookie: bool) -> None:
        super().__init__(secret, secure_cookie=secure_cookie)
        pem = Path(os.environ[_KEY_FILE]).read_bytes()
        key = serialization.load_pem_private_key(pem, None)
        assert isinstance(key, rsa.RSAPrivateKey)
        self._key = key

    def _encode(self, user_id: str) -> str:
        claims = jwt.decode(super()._encode(user_id), options={"verify_signature": False})
        return jwt.encode(claims, self._key, algorithm="RS256", headers={"kid": "1"})

    def user_id(self, token: str) -> str | None:
        try:
            claims = jwt.decode(token, self._key.public_key(), ["RS256"], options=_OWN_CLOCK)
            return str(claims["sub"]) if clock.now().timestamp() < claims["exp"] else None
        except (jwt.InvalidTokenError, ValueError, KeyError):
            return None


@variant("Sessions are signed with RS256 (reading 10).", _with_keys)
def rs256(change: Change) -> None:
    change.sessions(_Rs256)


class _ClearsFirst(Sessions):
    def start(self, response: Response, user_id: str) -> None:
        response.delete_cookie(sessions.COOKIE_NAME, path="/", httponly=True)
        super().start(response, user_id)


@variant("A login deletes the cookie first and then sets it: the last one counts (reading 26).")
def clears_the_cookie_first(change: Change) -> None:
    change.sessions(_ClearsFirst)


@variant("A session that a request brings is renewed with the answer (reading 26).")
def sessions_are_renewed(change: Change) -> None:
    async def renew(request: Request, call_next: Next) -> Response:
        response = await call_next(request)
        app_sessions: Sessions = request.app.state.sessions
        user_id = app_sessions.user_id(request.cookies.get(sessions.COOKIE_NAME, ""))
        if user_id is not None and "set-cookie" not in response.headers:
            app_sessions.start(response, user_id)
        return response

    change.in_front(renew)


def _with_bcrypt(description: dict[str, Any], _: Path) -> None:
    description["accounts"]["password_hash"] = "bcrypt"


class _Bcrypt:
    def __init__(self, **of_argon2: int) -> None:
        pass

    def hash(self, password: str) -> str:
        return bcrypt.hashpw(password.encode(), bcrypt.gensalt(10)).decode()


@variant("Passwords are hashed with bcrypt.", _with_bcrypt)
def bcrypt_hashes(change: Change) -> None:
    def fits(self: Passwords, password_hash: str, password: str) -> bool:
        try:
            # bcrypt takes 72 bytes, and says so when there are more.
            return bcrypt.checkpw(password.encode()[:72], password_hash.encode())
        except ValueError:
            return False

    from reference_app.auth import passwords

    change.replace(passwords, "PasswordHasher", _Bcrypt)
    change.replace(passwords, "_ARGON2", "$2")
    change.replace(Passwords, "_fits", fits)
