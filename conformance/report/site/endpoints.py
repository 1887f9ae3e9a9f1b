"""The OpenAPI document, summarised: endpoints, what they take, what they answer."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

import yaml

from conformance.requirements.resources import spec_dir

Node = Mapping[str, Any]


@dataclass(frozen=True)
class Member:
    """A member of a body; `kind` is its type."""

    name: str
    kind: str
    required: bool


@dataclass(frozen=True)
class Example:
    """A body, as JSON; `when` may be empty."""

    body: str
    when: str


@dataclass(frozen=True)
class Answer:
    """An answer; `headers` are those that it must have. Descriptions are Markdown."""

    status: str
    description: str
    examples: tuple[Example, ...]
    headers: tuple[str, ...]


@dataclass(frozen=True)
class Endpoint:
    """An operation. Descriptions are Markdown."""

    method: str
    path: str
    summary: str
    description: str
    takes: tuple[Member, ...]
    answers: tuple[Answer, ...]


def read_endpoints() -> tuple[Endpoint, ...]:
    """Return the endpoints of the OpenAPI document that this package ships, in its order."""
    document = yaml.safe_load((spec_dir() / "openapi.yaml").read_text(encoding="utf-8"))
    return tuple(
        _endpoint(document, method, path, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
    )


def _endpoint(document: Node, method: str, path: str, operation: Node) -> Endpoint:
    body = operation["requestBody"]["content"]["application/json"]
    return Endpoint(
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        description=operation.get("description", ""),
        takes=tuple(_members(_resolved(document, body["schema"]))),
        answers=tuple(
            _answer(document, str(status), _resolved(document, answer))
            for status, answer in operation["responses"].items()
        ),
    )


def _members(schema: Node) -> Iterator[Member]:
    for name, member in schema["properties"].items():
        yield Member(name, member["type"], name in schema.get("required", ()))


def _answer(document: Node, status: str, answer: Node) -> Answer:
    content = answer.get("content", {}).get("application/json", {})
    headers = answer.get("headers", {}).items()
    return Answer(
        status=status,
        description=answer["description"],
        examples=tuple(
            Example(json.dumps(each["value"], ensure_ascii=False), each.get("summary", ""))
            for each in content.get("examples", {}).values()
        ),
        headers=tuple(f"{name}: {_resolved(document, each)['example']}" for name, each in headers),
    )


def _resolved(document: Node, node: Node) -> Node:
    """Return what a local `$ref` leads to, or the node itself."""
    if "$ref" not in node:
        return node
    steps = str(node["$ref"]).removeprefix("#/").split("/")
    found: Node = reduce(lambda at, step: at[step], steps, document)
    return found
