"""Secrets never reach a report, not even the half of one."""

from __future__ import annotations

from conformance.observe.evidence import Exchange, masked

TOKEN = "0123456789abcdef" * 4


def test_a_token_is_masked_before_a_body_is_cut() -> None:
    body = f'{{"padding": "{"x" * 110}", "link": "{TOKEN}"}}'.encode()
    summary = masked(Exchange("GET", "http://127.0.0.1/", (), b"", 200, (), body).summary())
    assert TOKEN[:8] not in summary
    assert "in all)" in summary


def test_a_token_is_masked_before_a_command_is_cut() -> None:
    sent = f"{'x' * 1930}{' '}{TOKEN}".encode()
    exchange = Exchange("POST", "http://127.0.0.1/", (), sent)
    assert TOKEN[:8] in exchange.curl()[:2000]
    assert TOKEN[:8] not in masked(exchange.as_dict()["curl"])


def test_members_that_hold_passwords_are_masked_by_their_name() -> None:
    rows = [{"email": "a@example.com", "passwordHash": "$argon2id$v=19$secret"}]
    assert masked(rows) == [{"email": "a@example.com", "passwordHash": "<masked>"}]


def test_a_password_that_is_not_there_stays_visible_as_such() -> None:
    assert masked({"passwordHash": None}) == {"passwordHash": None}
