"""Accounts that are registered over HTTP, as needed."""

from __future__ import annotations

import json
import secrets
from typing import Any

from conformance.observe.wire import Wire
from conformance.outcomes import Point, Untested
from conformance.target.accounts.supply import Account, Accounts, Kind, unknown_address
from conformance.target.description import Registration


class RegisteredAccounts(Accounts):
    """Accounts made through an HTTP endpoint of the target's; only active ones can be had."""

    def __init__(self, wire: Wire, registration: Registration) -> None:
        super().__init__()
        self._wire = wire
        self._registration = registration

    @property
    def plentiful(self) -> bool:
        """Always, one call each."""
        return True

    def take(self, kind: Kind = "active", count: int = 1) -> list[Account]:
        """Register `count` accounts and return them."""
        if kind != "active":
            raise Untested(Point.ACCOUNTS, f"{kind} accounts cannot be made by registration")
        return [self._register() for _ in range(count)]

    def _register(self) -> Account:
        email, password = unknown_address(), f"Pw-{secrets.token_hex(8)}"
        body = json.dumps(self._registration.body)
        body = body.replace("{email}", email).replace("{password}", password)
        method, path = self._registration.endpoint.split(" ", 1)
        answer = self._wire.attempt(
            method, path, body.encode(), {"content-type": "application/json"}, keep=False
        )
        if answer.error or answer.status >= 400:
            message = f"`accounts.registration`: {method} {path} answered {answer.summary()}"
            raise Untested(Point.ACCOUNTS, message)
        self.addresses.add(email.lower())
        return Account(email, self._id_in(answer.json()), password, "active")

    def _id_in(self, answer: Any) -> str | None:
        members = (self._registration.id_member or "id").split(".")
        names = [members] if self._registration.id_member else [["id"], ["userId"], ["user", "id"]]
        for path in names:
            value = answer
            for member in path:
                value = value.get(member) if isinstance(value, dict) else None
            if value is not None:
                return str(value)
        return None
