"""Any project's OpenAPI document is read: operations, statuses, error codes."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.outcomes import UsageError
from conformance.requirements.interface import Operation
from conformance.requirements.openapi_files import Described, found_in, read_openapi
from conformance.requirements.resources import spec_dir

DOCUMENT = """\
openapi: 3.1.0
paths:
  /v1/cards/{id}:
    get:
      responses:
        200: {description: It is there.}
        "404": {$ref: "#/components/responses/NoCard"}
        default: {$ref: "#/components/responses/Lost"}
  /health: {get: {responses: {4xx: {description: no}}}}
components:
  responses:
    NoCard:
      content: {application/json: {schema: {$ref: "#/components/schemas/Error"}}}
  schemas:
    Error:
      properties: {error: {enum: [NO_CARD, GONE]}, inner: {$ref: "#/components/schemas/Error"}}
      example: {error: LOST, hint: USD}
"""


def described(tmp_path: Path, text: str) -> dict[str, Described]:
    path = tmp_path / "api.yaml"
    path.write_text(text, encoding="utf-8")
    return dict(read_openapi(path))


def test_operations_statuses_and_codes(tmp_path: Path) -> None:
    found = described(tmp_path, DOCUMENT)
    assert list(found) == ["GET /v1/cards/{}", "GET /health"]
    card, health = found.values()
    assert card.statuses == ("200", "404", "default")
    assert card.codes == ("NO_CARD", "GONE", "LOST")
    assert card.answers(500)
    assert health.answers(404)
    assert not health.answers(200)


def test_a_prefix_may_be_left_out(tmp_path: Path) -> None:
    found = described(tmp_path, DOCUMENT)
    assert found_in(found, Operation("GET", "/cards/:card")) is found["GET /v1/cards/{}"]
    assert found_in(found, Operation("GET", "/api/health")) is found["GET /health"]
    assert found_in(found, Operation("POST", "/cards/:card")) is None
    assert found_in(found, Operation("GET", "/")) is None


def test_our_own() -> None:
    found = read_openapi(spec_dir() / "openapi.yaml")
    assert found["POST /auth/magic-link/verify"].codes == (
        "TOKEN_EXPIRED", "TOKEN_USED", "TOKEN_INVALID",
    )  # fmt: skip
    assert found["POST /auth/login"].codes == ()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a: [", "is neither YAML nor JSON"),
        ("{", "is neither YAML nor JSON"),
        ("- a", "it has no paths"),
        ("paths: 3", "it has no paths"),
    ],
)
def test_what_is_no_document_is_one_sentence(text: str, why: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=why) as refused:
        described(tmp_path, text)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        'paths: {/a: {$ref: "#/paths/~1a"}}',
        'paths: {/a: 3, /b: {get: 4}, /c: {get: {}}, /d: {get: {responses: {200: {$ref: "x"}}}}}',
        "paths: {/a: {get: {responses: &r {200: {a: *r}}}}}",
    ],
)
def test_an_odd_document_is_read_to_its_end(text: str, tmp_path: Path) -> None:
    assert all(each.codes == () for each in described(tmp_path, text).values())
