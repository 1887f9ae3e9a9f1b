"""What request bodies have in common."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator


def _replace_lone_surrogates(value: object) -> object:
    # JSON can spell half a surrogate pair; no encoder downstream can, and it is still a string.
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


AnyString = Annotated[str, BeforeValidator(_replace_lone_surrogates)]
