"""One id joins an answer and the log lines behind it."""

from __future__ import annotations

import re

import pytest

from reference_app.magic_link.service import MagicLinkService
from tests.reference.conftest import Database, Reference

ID = "X-Request-ID"


def ids_logged(reference: Reference) -> list[str]:
    return [line["request_id"] for line in reference.log_lines()]


def ask(reference: Reference, address: str, given: str | None = None) -> str:
    """Request a link and return the answer's id."""
    headers = {} if given is None else {ID: given}
    response = reference.client.post(
        "/auth/magic-link/request", json={"email": address}, headers=headers
    )
    assert response.status_code == 202
    [answered] = response.headers.get_list(ID)
    return answered


def test_an_id_that_comes_along_is_kept(reference: Reference) -> None:
    given = "0af7651916cd43dd8448eb211c80319c.1-a_B"
    assert ask(reference, "nobody@example.com", given) == given
    assert set(ids_logged(reference)) == {given}


@pytest.mark.parametrize("given", [None, "", "a b", '"', "x" * 64, "a;b=c"])
def test_without_a_sane_one_each_request_gets_its_own(
    reference: Reference, given: str | None
) -> None:
    answered = [ask(reference, "nobody@example.com", given) for _ in range(2)]
    assert all(re.fullmatch("[0-9a-f]{32}", each) for each in answered)
    assert answered[0] != answered[1]
    assert ids_logged(reference) == answered


def test_known_and_unknown_addresses_get_the_same_headers(
    reference: Reference, database: Database
) -> None:
    database.add_user("ada@example.com")
    answers = [reference.request_link(f"{name}@example.com") for name in ("ada", "nobody")]
    ids = [answer.headers.pop(ID) for answer in answers]
    assert len({len(each) for each in ids}) == 1
    for answer in answers:
        answer.headers.pop("date")
    assert answers[0].headers == answers[1].headers


def test_every_answer_has_one_also_when_something_went_wrong(
    reference: Reference, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = {ID: "the-one"}
    for path, status in (("/nowhere", 404), ("/auth/me", 401), ("/health/live", 200)):
        response = reference.client.get(path, headers=headers)
        assert (response.status_code, response.headers[ID]) == (status, "the-one")

    async def broken(self: MagicLinkService, raw_token: str) -> None:
        raise RuntimeError("unforeseen")

    monkeypatch.setattr(MagicLinkService, "verify", broken)
    response = reference.client.post(
        "/auth/magic-link/verify", json={"token": "x"}, headers=headers
    )
    assert (response.status_code, response.headers[ID]) == (500, "the-one")
    assert ("error", "unhandled_error", "the-one") in [
        (line["level"], line["event"], line["request_id"]) for line in reference.log_lines()
    ]
