from __future__ import annotations

import json
import re
from typing import Any

import pytest
import schemathesis
import yaml
from jsonschema import Draft202012Validator
from schemathesis.specs.openapi.definitions import OPENAPI_31

from conformance.requirements.resources import spec_dir
from conformance.requirements.specification import load_specification

TEXT = (spec_dir() / "openapi.yaml").read_text("utf-8")
DOCUMENT: dict[str, Any] = yaml.safe_load(TEXT)
REQUEST = "/auth/magic-link/request"
VERIFY = "/auth/magic-link/verify"
LOGIN = "/auth/login"
CODES = {"TOKEN_EXPIRED", "TOKEN_USED", "TOKEN_INVALID"}


def _responses(path: str) -> dict[str, Any]:
    responses: dict[str, Any] = DOCUMENT["paths"][path]["post"]["responses"]
    return responses


def _resolved(node: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in node:
        return node
    found: Any = DOCUMENT
    for key in node["$ref"].removeprefix("#/").split("/"):
        found = found[key]
    assert isinstance(found, dict)
    return found


def _contents() -> list[tuple[str, dict[str, Any], Any]]:
    """Every example with its schema."""
    found = []
    for path, item in DOCUMENT["paths"].items():
        operation = item["post"]
        for place in (operation["requestBody"], *map(_resolved, operation["responses"].values())):
            for content in place.get("content", {}).values():
                for name, example in content["examples"].items():
                    found.append((f"{path} {name}", content["schema"], example["value"]))
    return found


def _accepts(path: str, status: str, body: object) -> bool:
    schema = _responses(path)[status]["content"]["application/json"]["schema"]
    return bool(Draft202012Validator(_resolved(schema)).is_valid(body))


def test_conforms_to_the_meta_schema_of_openapi_3_1() -> None:
    assert DOCUMENT["openapi"].startswith("3.1.")
    Draft202012Validator(OPENAPI_31).validate(DOCUMENT)


def test_the_meta_schema_refuses_a_document_with_a_misspelt_key() -> None:
    broken = json.loads(json.dumps(DOCUMENT))
    broken["paths"][REQUEST]["post"]["respones"] = {}
    assert not Draft202012Validator(OPENAPI_31).is_valid(broken)


def test_schemathesis_loads_and_validates_it() -> None:
    schema = schemathesis.openapi.from_path(
        spec_dir() / "openapi.yaml", config=schemathesis.Config(seed=1)
    )
    schema.validate()
    operations: list[Any] = list(schema.get_all_operations())
    assert [operation.ok().label for operation in operations] == [
        f"POST {path}" for path in (REQUEST, VERIFY, LOGIN)
    ]


@pytest.mark.parametrize("name", sorted(DOCUMENT["components"]["schemas"]))
def test_schemas_are_json_schema_2020_12(name: str) -> None:
    Draft202012Validator.check_schema(DOCUMENT["components"]["schemas"][name])


@pytest.mark.parametrize(
    ("schema", "value"), [pytest.param(s, v, id=name) for name, s, v in _contents()]
)
def test_examples_match_their_schemas(schema: dict[str, Any], value: object) -> None:
    Draft202012Validator(_resolved(schema)).validate(value)


def test_states_exactly_the_statuses_of_the_spec() -> None:
    assert {path: set(map(str, _responses(path))) for path in DOCUMENT["paths"]} == {
        REQUEST: {"202", "429", "503", "4XX"},
        VERIFY: {"200", "400", "4XX"},
        LOGIN: {"200", "4XX"},
    }


@pytest.mark.parametrize("path", [VERIFY, LOGIN])
def test_a_session_comes_as_a_cookie(path: str) -> None:
    header = _resolved(_responses(path)["200"]["headers"]["Set-Cookie"])
    assert header["required"] is True
    assert header["example"].startswith("auth_token=")
    assert "HttpOnly" in header["example"]


def test_bodies_are_to_the_letter() -> None:
    message = "If that email is registered, a link has been sent."
    assert _accepts(REQUEST, "202", {"message": message})
    assert not _accepts(REQUEST, "202", {"message": message.upper()})
    assert _accepts(REQUEST, "429", {"error": "RATE_LIMIT_EXCEEDED"})
    assert not _accepts(REQUEST, "429", {"error": "TOO_MANY_REQUESTS"})
    assert _accepts(REQUEST, "503", {"error": "EMAIL_SEND_FAILED"})
    assert not _accepts(REQUEST, "503", {"message": "EMAIL_SEND_FAILED"})
    assert _accepts(VERIFY, "200", {"userId": "u"})
    assert not _accepts(VERIFY, "200", {"userId": 1})
    assert all(_accepts(VERIFY, "400", {"error": code}) for code in CODES)
    assert not _accepts(VERIFY, "400", {"error": "TOKEN_UNKNOWN"})


def test_names_only_requirements_that_the_spec_has() -> None:
    known = set(load_specification().requirements)
    named = set(re.findall(r"\b(?:AC|FR|NFR|EC)-\d+\b", TEXT))
    assert named <= known
    wire = {"FR-1", "FR-2", "FR-5", "FR-6", "AC-10", *(f"EC-{n}" for n in range(1, 9))}
    assert wire <= named
