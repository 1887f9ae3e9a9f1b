"""What belongs to the package: its version, and where the spec and the features lie.

These are beside the package in a checkout, inside it in a wheel.
"""

from __future__ import annotations

import importlib.metadata
from pathlib import Path

_PACKAGE = Path(__file__).parents[1]


def _resource_dir(name: str) -> Path:
    inside = _PACKAGE / name
    return inside if inside.is_dir() else _PACKAGE.parent / name


def spec_dir() -> Path:
    """Return the folder with `magic-link.md`, `openapi.yaml` and `ledger.md`."""
    return _resource_dir("spec")


def features_dir() -> Path:
    """Return the folder with the `.feature` files."""
    return _resource_dir("features")


def version() -> str:
    """Return the harness's version."""
    return importlib.metadata.version("magic-link-conformance")
