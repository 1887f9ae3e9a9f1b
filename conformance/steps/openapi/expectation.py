"""What conforms as the answer to a probe: by the spec, or by the ledger where it is silent."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from conformance.requirements.magic_link import LOGIN, REQUEST, VERIFY
from conformance.steps.openapi.feeding import Probe

_NEUTRAL_ADDRESS = re.compile(r"[a-z0-9]+@example\.com")
# NFR-1: longer than any live token, so a target may call it too large.
_TOKEN_LENGTH = 64


@dataclass(frozen=True)
class Expectation:
    """The answers that conform.

    `defined` maps each status whose content type and body the OpenAPI document fixes to the ids
    that a mismatch breaks. `open_4xx`: any 4xx with any body conforms. `open`: whatever is below
    500 conforms. `too_large`: 413 and a closed connection conform. `session`: the cookie must come
    (True), must not come (False), or is not looked at (None). `ids` are what other answers break.
    """

    ids: tuple[str, ...]
    defined: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    open_4xx: bool = False
    open: bool = False
    too_large: bool = False
    session: bool | None = None

    @property
    def statuses(self) -> str:
        """The statuses that conform, in words."""
        words = [str(status) for status in sorted(self.defined)]
        if self.too_large:
            words.append("413")
        if self.open_4xx:
            words.append("any 4xx")
        if self.open:
            words.append("a status below 500")
        return " or ".join(words)


def expected_of(probe: Probe) -> Expectation:
    """Return what conforms as the answer to `probe`, which is a POST."""
    body = _json_object(probe)
    if probe.path == LOGIN:
        return _login(probe)
    if body is None and not _is_json(probe):
        # A server may read the body all the same, or refuse it: the spec says nothing.
        outage = {503: ("FR-1",)} if probe.path == REQUEST else {}
        return Expectation(_operation_ids(probe), outage, open=True)
    return _request(probe, body) if probe.path == REQUEST else _verify(probe, body)


def _request(probe: Probe, body: Mapping[str, Any] | None) -> Expectation:
    ids = _operation_ids(probe)
    email = (body or {}).get("email")
    if not isinstance(email, str):
        return Expectation(ids, open_4xx=True)
    if not _NEUTRAL_ADDRESS.fullmatch(email):
        return Expectation(ids, {202: ("FR-2",)}, open_4xx=True)
    defined = {202: ("FR-2",), 429: ("EC-3",), 503: ("FR-1",)}
    return Expectation(ids, defined, open_4xx=_has_more(body, "email"))


def _verify(probe: Probe, body: Mapping[str, Any] | None) -> Expectation:
    token = (body or {}).get("token")
    if not isinstance(token, str):
        return Expectation(_operation_ids(probe), open_4xx=True)
    if probe.live:
        return Expectation(("FR-6",), {200: ("FR-6",)}, session=True)
    return Expectation(
        ("EC-6",),
        {400: ("EC-6",)},
        open_4xx=_has_more(body, "token") or not _encodable(token),
        too_large=len(token) > _TOKEN_LENGTH,
    )


def _login(probe: Probe) -> Expectation:
    ids = _operation_ids(probe)
    if probe.live:
        return Expectation(ids, {200: ids}, session=True)
    return Expectation(ids, open=True, session=False)


def _operation_ids(probe: Probe) -> tuple[str, ...]:
    return {REQUEST: ("FR-1", "FR-2"), VERIFY: ("FR-5",), LOGIN: ("AC-10",)}[probe.path]


def _is_json(probe: Probe) -> bool:
    # No body carries no content type; it is "no JSON" as the ledger has it, not another format.
    return not probe.body or probe.content_type.split(";")[0].strip() == "application/json"


def _json_object(probe: Probe) -> Mapping[str, Any] | None:
    if not _is_json(probe):
        return None
    try:
        value = json.loads(probe.body.decode())
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _has_more(body: Mapping[str, Any] | None, member: str) -> bool:
    return set(body or {}) != {member}


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
