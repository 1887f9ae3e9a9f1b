"""The OpenAPI document of the spec, as data."""

from __future__ import annotations

from functools import lru_cache, reduce
from operator import getitem
from typing import Any

import yaml

from conformance.requirements.resources import spec_dir


@lru_cache(maxsize=1)
def openapi_document() -> dict[str, Any]:
    """Return the document that this package ships, every local `$ref` replaced by its target."""
    document = yaml.safe_load((spec_dir() / "openapi.yaml").read_text(encoding="utf-8"))
    resolved: dict[str, Any] = _resolved(document, document)
    return resolved


def _resolved(node: Any, document: dict[str, Any]) -> Any:
    if isinstance(node, list):
        return [_resolved(each, document) for each in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        steps = node["$ref"].removeprefix("#/").split("/")
        return _resolved(reduce(getitem, steps, document), document)
    return {name: _resolved(each, document) for name, each in node.items()}
