"""OpenAPI documents of any project: what they say of operations, statuses and error codes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any

import yaml

from conformance.outcomes import UsageError
from conformance.requirements.interface import CODE_MEMBERS, METHODS, Operation, path_key
from conformance.requirements.user_files import read_text

_CODE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
_WHOLE_CODE = re.compile(r"[A-Z][A-Z0-9_]*")


@dataclass(frozen=True)
class Described:
    """An operation of a document; `statuses` are its keys (`202`, `4XX`, `default`)."""

    operation: Operation
    statuses: tuple[str, ...]
    codes: tuple[str, ...]

    def answers(self, status: int) -> bool:
        """Return whether a status is described, by itself or by a range."""
        ranges = {str(status), f"{status // 100}XX", f"{status // 100}xx", "default"}
        return bool(ranges & set(self.statuses))


def read_openapi(path: Path) -> Mapping[str, Described]:
    """Return the operations of a document (YAML or JSON) by their keys.

    Raises `UsageError` for a file that holds none.
    """
    text = read_text(path)
    try:
        document = json.loads(text) if text.lstrip().startswith("{") else yaml.safe_load(text)
    except (ValueError, yaml.YAMLError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise UsageError(f"{path}: is neither YAML nor JSON: {reason}") from error
    if not isinstance(document, dict) or not isinstance(document.get("paths"), dict):
        raise UsageError(f"{path}: is not an OpenAPI document: it has no paths")
    return {each.operation.key: each for each in _operations(document)}


def found_in(document: Mapping[str, Described], operation: Operation) -> Described | None:
    """Return the described operation, also when one of the two leaves out a prefix (`/api/v1`)."""
    if operation.key in document:
        return document[operation.key]
    ending = [each for each in document.values() if _same_but_prefix(each.operation, operation)]
    return ending[0] if len(ending) == 1 else None


def _same_but_prefix(one: Operation, other: Operation) -> bool:
    a, b = path_key(one.path), path_key(other.path)
    return one.method == other.method and "/" not in (a, b) and (a.endswith(b) or b.endswith(a))


def _operations(document: dict[str, Any]) -> Iterator[Described]:
    for path, item in document["paths"].items():
        resolved = _resolved(item, document)
        for method in METHODS:
            operation = resolved.get(method.lower()) if isinstance(resolved, dict) else None
            if isinstance(operation, dict):
                responses = _resolved(operation.get("responses"), document)
                answers = responses if isinstance(responses, dict) else {}
                codes = dict.fromkeys(_codes(answers, document, set()))
                yield Described(
                    Operation(method, str(path)), tuple(map(str, answers)), tuple(codes)
                )


def _codes(node: Any, document: dict[str, Any], seen: set[int], member: str = "") -> Iterator[str]:
    """Yield the error codes in a part of a document: constants, enumerations and examples."""
    if isinstance(node, str):
        if _CODE.fullmatch(node) or (member in CODE_MEMBERS and _WHOLE_CODE.fullmatch(node)):
            yield node
        return
    node = _resolved(node, document)
    if not isinstance(node, dict | list) or id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, list):
        for each in node:
            yield from _codes(each, document, seen, member)
        return
    for name, each in node.items():
        below = member if name in ("const", "enum", "example", "examples", "default") else name
        yield from _codes(each, document, seen, str(below))


def _resolved(node: Any, document: dict[str, Any]) -> Any:
    """Return a node, or what its local `$ref` leads to; a reference that leads nowhere stays."""
    for _ in range(9):
        if not isinstance(node, dict) or not isinstance(node.get("$ref"), str):
            break
        path = node["$ref"].removeprefix("#/").split("/")
        steps = (step.replace("~1", "/").replace("~0", "~") for step in path)
        try:
            node = reduce(getitem, steps, document)
        except (KeyError, TypeError, IndexError):
            break
    return node
