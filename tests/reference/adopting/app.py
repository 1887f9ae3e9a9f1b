"""The service: a password login with bcrypt, two protected endpoints, and now the magic link."""

from __future__ import annotations

import os
from typing import Annotated, Any

import bcrypt
import psycopg
from fastapi import Cookie, Depends, FastAPI, HTTPException, Response
from psycopg.rows import DictRow, dict_row
from pydantic import BaseModel

from reference_app.adoption import add_magic_link
from reference_app.settings import load_settings
from tests.reference.adopting.sessions import Sessions, user_of


class Credentials(BaseModel):
    email: str
    password: str


def _find(condition: str, value: str) -> DictRow | None:
    with psycopg.connect(os.environ["DATABASE_URL"], row_factory=dict_row) as connection:
        query = f"SELECT * FROM users WHERE status = 'active' AND {condition}"
        return connection.execute(query.encode(), (value,)).fetchone()


def _fits(password: str, user: DictRow | None) -> bool:
    stored = user["passwordHash"] if user else None
    return stored is not None and bcrypt.checkpw(password.encode()[:72], stored.encode())


def log_in(credentials: Credentials, response: Response) -> dict[str, str]:
    user = _find("lower(email) = lower(%s)", credentials.email)
    if user is None or not _fits(credentials.password, user):
        raise HTTPException(401)
    Sessions().start(response, str(user["id"]))
    return {"userId": str(user["id"])}


def current_user(auth_token: Annotated[str, Cookie()] = "") -> DictRow:
    user_id = user_of(auth_token)
    user = _find("id = %s", user_id) if user_id else None
    if user is None:
        raise HTTPException(401)
    return user


CurrentUser = Annotated[dict[str, Any], Depends(current_user)]


def me(user: CurrentUser) -> dict[str, str]:
    return {"userId": str(user["id"]), "email": user["email"]}


def profile(user: CurrentUser) -> dict[str, str]:
    return {"name": user["name"]}


def home() -> dict[str, str]:
    return {"shop": "open"}


def create_app() -> FastAPI:
    app = FastAPI(telemetry={"tracing": False, "metrics": False, "logs": False})
    app.add_api_route("/", home)
    app.add_api_route("/auth/login", log_in, methods=["POST"])
    app.add_api_route("/auth/me", me)
    app.add_api_route("/profile", profile)
    add_magic_link(app, load_settings(), Sessions())
    return app
