"""What a text says of an HTTP interface is found, and quantities are no statuses."""

from __future__ import annotations

import pytest

from conformance.requirements.interface import (
    Operation,
    codes_in,
    codes_of,
    operations_in,
    operations_meant,
    shapes_in,
    statuses_in,
    statuses_of,
)

RESET, CONFIRM = Operation("POST", "/password/reset"), Operation("POST", "/password/confirm")


@pytest.mark.parametrize(
    ("text", "operations"),
    [
        ("`POST /password/reset` must take", ["POST /password/reset"]),
        ("A POST to /cards, and GET /cards/:id.", ["POST /cards", "GET /cards/:id"]),
        ("a `DELETE` request to `/cards/{id}`", ["DELETE /cards/{id}"]),
        ("GET /cards/{id} and GET /cards/<card_id>/", ["GET /cards/{id}"]),
        ("POST /cards?dry=1", ["POST /cards"]),
        ("The POST is made to the office / shop", []),
    ],
)  # fmt: skip
def test_operations(text: str, operations: list[str]) -> None:
    found = operations_in(text)
    assert len(found) == len(operations)
    assert {each.key for each in found} == {operations_in(each)[0].key for each in operations}


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("The response to /reset is", [RESET]),
        ("/password/confirm answers after POST /other", [CONFIRM, Operation("POST", "/other")]),
        ("/password is the prefix; text/confirm; https://a.example/confirm", []),
    ],
)
def test_operations_by_their_path_alone(text: str, meant: list[Operation]) -> None:
    assert list(operations_meant(text, [RESET, CONFIRM])) == meant


@pytest.mark.parametrize(
    ("text", "statuses"),
    [
        ("the response is 202 and one mail", [202]),
        ("answered with status 202", [202]),
        ("202 Accepted or 400", [202, 400]),
        ("First: 200, Second: 400", [200, 400]),
        ("first 201, every other 409", [201, 409]),
        ("the first 200 users", []),
        ("`429` `{}`", [429]),
        ("returns 404.", [404]),
        ("409 when it is taken", [409]),
        ("under 200 ms, 200ms, 200 items, 500 kB", []),
        ("at most 500, within 400, 10.200, 200 %, port 1200, $200, 299", []),
    ],
)
def test_statuses(text: str, statuses: list[int]) -> None:
    assert list(statuses_in(text)) == statuses


@pytest.mark.parametrize(
    ("text", "statuses"),
    [
        ("After POST /password/reset 202, /confirm answers 204 or 400",
         {RESET.key: (202,), CONFIRM.key: (204, 400)}),
        ("`POST /password/reset` or `POST /password/confirm` answers 400",
         {RESET.key: (400,), CONFIRM.key: (400,)}),
        ("204, 204 of POST /password/confirm", {CONFIRM.key: (204,)}),
        ("POST /password/reset", {RESET.key: ()}),
        ("202", {}),
    ],
)  # fmt: skip
def test_a_status_belongs_to_the_operation_before_it(
    text: str, statuses: dict[str, tuple[int, ...]]
) -> None:
    assert statuses_of(text, [RESET, CONFIRM]) == statuses


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ('answered with {"error": "GONE"}', ["GONE"]),
        ("409 `CARD_SPENT`", ["CARD_SPENT"]),
        ("200, then 400 with CARD_SPENT and {APP_URL}", ["CARD_SPENT"]),
        ("the link is https://{APP_BASE_URL}/x from MAX_AGE, 200", []),
    ],
)
def test_codes(text: str, codes: list[str]) -> None:
    assert list(codes_in(text)) == codes


def test_a_code_has_the_status_before_it() -> None:
    text = 'NO_KEY is a key. A 409 `GONE_A`, 422 with `BAD_B`; {"code": "C"} with 404, D_D.'
    text += '\n{"error": "E"}'
    assert codes_of(text) == {"GONE_A": 409, "BAD_B": 422, "C": 422, "D_D": 404, "E": None}


def test_shapes() -> None:
    text = 'takes `{"email": string, "n": 3}` and answers {"error": "GONE"} at {APP_URL}'
    assert [members for _, members in shapes_in(text)] == [
        {"email": "string", "n": "3"},
        {"error": '"GONE"'},
    ]
