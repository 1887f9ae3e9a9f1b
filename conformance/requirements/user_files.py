"""Reads files that users write: whatever is wrong with one is a `UsageError` of one sentence."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from conformance.outcomes import UsageError


def read_text(path: Path) -> str:
    """Return the text of a UTF-8 file, without a byte order mark."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise UsageError(f"{path}: there is no such file") from None
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: cannot be read: it is not UTF-8") from error
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error


def read_toml(path: Path) -> dict[str, Any]:
    """Return what a TOML file holds."""
    try:
        return tomllib.loads(read_text(path))
    except RecursionError:
        raise UsageError(f"{path}: is nested too deeply") from None
    except ValueError as error:
        # Not only TOMLDecodeError: a number of thousands of digits is another ValueError.
        raise UsageError(f"{path}: is not TOML: {error}") from error
