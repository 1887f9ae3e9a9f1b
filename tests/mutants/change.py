"""The seams at which an altered reference differs from the reference.

Everything is changed before the application is put together, and only in this process. A seam that
is not there any more is an error, so that no alteration can quietly turn into none.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import psycopg
from fastapi import FastAPI, Request, Response
from fastapi.routing import APIRouter
from starlette.types import ASGIApp

from reference_app import main
from reference_app.auth.dependencies import session_starter
from reference_app.auth.sessions import Sessions
from reference_app.migrations import migrate
from reference_app.settings import load_settings

Endpoint = Callable[..., Awaitable[Any]]
Next = Callable[[Request], Awaitable[Response]]


class Change:
    """Collects alterations; `build` returns the altered application, as often as it is asked to."""

    def __init__(self) -> None:
        self._settings: dict[str, Any] = {}
        self._statements: list[str] = []
        self._sessions: list[tuple[type[Sessions], str | None]] = []
        self._afterwards: list[Callable[[FastAPI], None]] = []

    def replace(self, owner: Any, name: str, value: object) -> None:
        """Put another value, function or method in the place of an existing one."""
        if not hasattr(owner, name):
            raise AttributeError(f"{owner} has no {name} to replace")
        setattr(owner, name, value)

    def rewrite(self, owner: Any, name: str, old: str, new: str) -> None:
        """Change a part of a text, such as an SQL statement."""
        text = getattr(owner, name)
        if old not in text:
            raise ValueError(f"{name} does not hold {old!r}")
        self.replace(owner, name, text.replace(old, new))

    def settings(self, **values: Any) -> None:
        """Set settings whatever the environment says."""
        self._settings |= values

    def schema(self, *statements: str) -> None:
        """Run SQL once the reference's own migrations have run."""
        self._statements += statements

    def sessions(self, kind: type[Sessions], path: str | None = None) -> None:
        """Start sessions in another way: at one login (its path), or everywhere."""
        self._sessions.append((kind, path))

    def endpoint(self, method: str, path: str, function: Endpoint, **options: Any) -> None:
        """Serve an endpoint by another function."""

        def put_first(app: FastAPI) -> None:
            router = APIRouter()
            router.add_api_route(path, function, methods=[method], **options)
            app.router.routes[:0] = router.routes

        self._afterwards.append(put_first)

    def middleware(self, middleware: Callable[[ASGIApp], ASGIApp]) -> None:
        """Wrap the application."""
        self._afterwards.append(lambda app: app.add_middleware(middleware))

    def in_front(self, function: Callable[[Request, Next], Awaitable[Response]]) -> None:
        """Have a function see every request before the application does, and its answer after."""

        def put_in_front(app: FastAPI) -> None:
            app.middleware("http")(function)

        self._afterwards.append(put_in_front)

    def afterwards(self, alter: Callable[[FastAPI], None]) -> None:
        """Alter the application once it is put together."""
        self._afterwards.append(alter)

    def build(self) -> FastAPI:
        """Return the altered application."""
        if self._statements:
            self._extend_migrations()
        settings = load_settings(**self._settings)
        app = main.create_app(settings)
        if self._sessions:
            secret = settings.jwt_secret.get_secret_value()
            self._override_sessions(app, secret, secure=settings.cookie_secure)
        for alter in self._afterwards:
            alter(app)
        return app

    def _extend_migrations(self) -> None:
        def migrate_further(database_url: str) -> None:
            with psycopg.connect(database_url) as connection:
                found = connection.execute("SELECT to_regclass('magic_link_attempts')").fetchone()
                migrate(database_url)
                # A further instance finds the tables as the first one left them.
                if found == (None,):
                    for statement in self._statements:
                        connection.execute(statement.encode())

        self.replace(main, "migrate", migrate_further)

    def _override_sessions(self, app: FastAPI, secret: str, *, secure: bool) -> None:
        made = [(kind(secret, secure_cookie=secure), path) for kind, path in self._sessions]
        everywhere = [sessions for sessions, path in made if path is None]
        if everywhere:
            app.state.sessions = everywhere[-1]
            self.replace(app.state.auth, "_sessions", everywhere[-1])

        def chosen(request: Request) -> Sessions:
            for sessions, path in made:
                if path == request.url.path:
                    return sessions
            found: Sessions = request.app.state.sessions
            return found

        app.dependency_overrides[session_starter] = chosen
