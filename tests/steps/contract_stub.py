"""A target in memory whose every answer can be overridden, and a server for it."""

from __future__ import annotations

import json
import secrets
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from conformance.steps.openapi.model import ContractInputs, ContractResult
from conformance.steps.openapi.run import run_contract

REQUEST = "POST /auth/magic-link/request"
VERIFY = "POST /auth/magic-link/verify"
LOGIN = "POST /auth/login"
# Enough requests for the examples and the coverage phase; with the beginning of fuzzing.
COVERED = 82
ENOUGH = 120
# Only a number of requests ends these runs, so that a slow machine sees the same.
UNLIMITED = 600.0
SENT = "If that email is registered, a link has been sent."
COOKIE = "auth_token=eyJhbGciOiJIUzI1NiJ9.e30.c2ln; Max-Age=604800; Path=/; HttpOnly"
CREDENTIALS = ("stub@example.com", "the password of the stub")


class Stub:
    """Conforms. Variants override one method each."""

    def __init__(self) -> None:
        self.live: set[str] = set()
        self.used: set[str] = set()
        self.asked: Counter[str] = Counter()
        self.tokens: list[str] = []
        self.bodies: list[tuple[str, str, bytes]] = []
        self.headers: list[dict[str, str]] = []

    def request(self, email: str, body: dict[str, Any]) -> Response:
        self.asked[email] += 1
        return self.limited() if self.asked[email] > 5 else self.sent()

    def sent(self) -> Response:
        return JSONResponse({"message": SENT}, 202)

    def limited(self) -> Response:
        return JSONResponse({"error": "RATE_LIMIT_EXCEEDED"}, 429)

    def verify(self, token: str, body: dict[str, Any]) -> Response:
        if token in self.live:
            self.live.remove(token)
            self.used.add(token)
            return self.verified(token)
        return self.refused("TOKEN_USED" if token in self.used else "TOKEN_INVALID")

    def verified(self, token: str) -> Response:
        return JSONResponse({"userId": "u-1"}, headers={"set-cookie": COOKIE})

    def refused(self, code: str) -> Response:
        return JSONResponse({"error": code}, 400)

    def login(self, email: str, body: dict[str, Any]) -> Response:
        if (email, body.get("password")) == CREDENTIALS:
            return self.logged_in()
        return JSONResponse({"error": "INVALID_CREDENTIALS"}, 401)

    def logged_in(self) -> Response:
        return JSONResponse({"id": "u-1"}, headers={"set-cookie": COOKIE})

    def malformed(self, path: str) -> Response:
        return JSONResponse({"error": "BAD_REQUEST"}, 400)

    def broken_json(self, path: str) -> Response:
        return self.malformed(path)

    def other_content_type(self, path: str) -> Response | None:
        return None

    def wrong_method(self) -> Response:
        return Response(status_code=405, headers={"allow": "POST"})

    def app(self) -> Starlette:
        routes = {
            "/auth/magic-link/request": ("email", self.request),
            "/auth/magic-link/verify": ("token", self.verify),
            "/auth/login": ("email", self.login),
        }

        async def endpoint(request: Request) -> Response:
            path = request.url.path
            raw = await request.body()
            self.bodies.append((request.method, path, raw))
            self.headers.append(dict(request.headers))
            if request.method != "POST":
                return self.wrong_method()
            if raw and request.headers.get("content-type") != "application/json":
                refused = self.other_content_type(path)
                if refused is not None:
                    return refused
            try:
                body = json.loads(raw)
            except ValueError:
                return self.broken_json(path)
            member, answer = routes[path]
            if not isinstance(body, dict) or not isinstance(body.get(member), str):
                return self.malformed(path)
            if member == "token":
                self.tokens.append(body["token"])
            return answer(body[member], body)

        methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY"]
        return Starlette(routes=[Route(path, endpoint, methods=methods) for path in routes])

    def mint(self) -> str:
        token = secrets.token_hex(32)
        self.live.add(token)
        return token

    def inputs(self, base_url: str) -> ContractInputs:
        return ContractInputs(
            base_url=base_url,
            headers={"x-run": "1"},
            next_token=self.mint,
            next_email=lambda: f"r{secrets.token_hex(8)}@example.com",
            credentials=CREDENTIALS,
        )


@contextmanager
def served(app: Any) -> Iterator[str]:
    """Serve `app` on a free port of 127.0.0.1 and yield its base URL."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        # The socket listens already, so a request that comes before the server is up just waits.
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def contract_run(stub: Stub, max_requests: int = ENOUGH, seed: int = 7) -> ContractResult:
    """Run the contract against `stub`."""
    with served(stub.app()) as base_url:
        return run_contract(
            stub.inputs(base_url), time_limit=UNLIMITED, seed=seed, max_requests=max_requests
        )
