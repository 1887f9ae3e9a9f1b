"""Live values for generated cases: addresses and tokens that reach more than the error paths."""

from __future__ import annotations

import json
import secrets
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING, Any

from conformance.requirements.magic_link import LOGIN, REQUEST, VERIFY
from conformance.steps.openapi.model import ContractInputs

if TYPE_CHECKING:
    from schemathesis import Case

# Strings that are not live tokens, each with a reason to go wrong somewhere else than random text.
_ODD_TOKENS = (
    "\x00",
    "\u202e\U0001f511\u00e9",
    "0" * 65,
    "0" * 63,
    "A" * 64,
    "' OR ''='",
    " \t\n",
    "null",
    "a" * 1_000,
    "../" * 20,
    "a" * 20_000,
)
# FR-7 lets five requests pass; two more show that the refusal lasts.
_WORN_OUT = 7


@dataclass(frozen=True)
class Probe:
    """A request as it goes over the wire.

    `live` says that the body holds a live token or valid credentials; `deliberate`, that the same
    request may have been sent before, and on purpose. `earlier` counts this run's requests for the
    same address.
    """

    method: str
    path: str
    content_type: str
    body: bytes
    live: bool = False
    deliberate: bool = False
    earlier: int = 0

    @property
    def operation(self) -> str:
        """Method and path."""
        return f"{self.method} {self.path}"


@dataclass(frozen=True)
class _Fed:
    """A body, and what the probe says about it."""

    body: dict[str, Any]
    live: bool = False
    deliberate: bool = False


class Feeder:
    """Turns cases into probes.

    What looks like an address is replaced by a plain one of `example.com`, since validators differ
    on anything fancier; every few well-formed bodies get something live.
    """

    def __init__(self, inputs: ContractInputs) -> None:
        self._inputs = inputs
        self._worn = _fresh_email()
        self._asked: Counter[str] = Counter()
        self._spent: deque[str] = deque()
        self._odd = deque(_ODD_TOKENS)
        self._turns = {path: count() for path in (REQUEST, VERIFY, LOGIN)}

    def probe(self, case: Case[Any]) -> Probe:
        """Return the probe for `case`, whose body is changed in place."""
        fed = _Fed({})
        earlier = 0
        if isinstance(case.body, dict):
            well_formed = str(case.method) == "POST" and "Content-Type" not in case.headers
            fed = self._fed(case.path, case.body, well_formed)
            case.body = fed.body
            address = str(fed.body.get("email"))
            if case.path == REQUEST:
                earlier = self._asked[address]
                self._asked[address] += 1
        content_type, body = _on_the_wire(case)
        return Probe(
            str(case.method), case.path, content_type, body, fed.live, fed.deliberate, earlier
        )

    def accepted(self, probe: Probe) -> None:
        """Learn that the live token in `probe` was accepted: it is used up now."""
        if probe.path == VERIFY:
            self._spent.append(json.loads(probe.body)["token"])

    def again(self, probe: Probe) -> Probe | None:
        """Return a probe for a second attempt after `probe` got no answer; None when there is none.

        A live token may have been used up by the first attempt, so another one takes its place.
        """
        if not (probe.live and probe.path == VERIFY):
            return probe
        token = self._inputs.next_token()
        if token is None:
            return None
        body = json.dumps({"token": token}).encode()
        return replace(probe, body=body)

    def _fed(self, path: str, body: dict[str, Any], well_formed: bool) -> _Fed:
        if well_formed and path == VERIFY and isinstance(body.get("token"), str):
            return self._verification(body)
        if well_formed and path == LOGIN and _all_text(body, "email", "password"):
            return self._login(body)
        if _looks_like_address(body.get("email")):
            email = _fresh_email()
            if well_formed and path == REQUEST:
                return self._request(body, email)
            return _Fed({**body, "email": email})
        return _Fed(body)

    def _request(self, body: dict[str, Any], fresh: str) -> _Fed:
        turn = next(self._turns[REQUEST])
        if turn > 0 and self._asked[self._worn] < _WORN_OUT:
            return _Fed({"email": self._worn}, deliberate=True)
        if turn % 4 == 0:
            return _Fed({"email": self._inputs.next_email() or fresh})
        return _Fed({**body, "email": fresh})

    def _verification(self, body: dict[str, Any]) -> _Fed:
        turn = next(self._turns[VERIFY]) % 6
        if turn == 0:
            token = self._inputs.next_token()
            if token is not None:
                return _Fed({"token": token}, live=True)
        if turn == 2 and self._spent:
            return _Fed({"token": self._spent.popleft()}, deliberate=True)
        if turn in (2, 3, 5) and self._odd:
            return _Fed({"token": self._odd.popleft()})
        return _Fed(body)

    def _login(self, body: dict[str, Any]) -> _Fed:
        turn = next(self._turns[LOGIN])
        if turn % 8 == 0 and self._inputs.credentials is not None:
            email, password = self._inputs.credentials
            return _Fed({"email": email, "password": password}, live=True, deliberate=True)
        return _Fed({**body, "email": _fresh_email()} if "@" in body["email"] else body)


def _fresh_email() -> str:
    return f"c{secrets.token_hex(8)}@example.com"


def _looks_like_address(value: object) -> bool:
    return isinstance(value, str) and "@" in value


def _all_text(body: Mapping[str, Any], *members: str) -> bool:
    return all(isinstance(body.get(member), str) for member in members)


def _on_the_wire(case: Case[Any]) -> tuple[str, bytes]:
    import requests

    arguments = case.as_transport_kwargs(base_url="http://localhost")
    known = ("method", "url", "headers", "files", "data", "json", "params", "cookies")
    prepared = requests.Request(
        **{name: value for name, value in arguments.items() if name in known}
    ).prepare()
    body: Any = prepared.body or b""
    content_type = str(prepared.headers.get("Content-Type") or "")
    return content_type, body.encode() if isinstance(body, str) else bytes(body)
