"""Says what is wrong with a description: one clause for each of pydantic's errors."""

from __future__ import annotations

import difflib
import re
from typing import Any

from pydantic import BaseModel

_MOST_SHOWN = 200
_CREDENTIALS = re.compile(r"//[^/\s]*@|(?<=password=)[^&'\s]+")


def problem_of(item: Any, model: type[BaseModel]) -> str:
    """Return one of pydantic's errors about `model` in words: key, what was found and expected."""
    name = ".".join(str(part) for part in item["loc"] if part != "[key]")
    key = _shown(name)[1:-1] or "the description"
    if item["type"] == "extra_forbidden":
        return f"unknown key `{key}`{_suggestion(item['loc'], model)}"
    if item["type"] == "missing":
        return f"`{key}` is missing"
    message = item["msg"].removeprefix("Value error, ")
    if item["type"] == "value_error" and not isinstance(item["input"], (str, int, float)):
        return f"{key}: {message}"
    found = _CREDENTIALS.sub(_hidden, _shown(item["input"]))
    return f"`{key}`: found {found}: {message[:1].lower()}{message[1:]}"


def _hidden(credentials: re.Match[str]) -> str:
    return "//…@" if credentials[0].startswith("//") else "…"


def _shown(value: object) -> str:
    try:
        text = repr(value)
    except ValueError:
        # Python does not write numbers of more than 4,300 digits.
        return "a number of thousands of digits"
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"


def _suggestion(location: tuple[str | int, ...], model: type[BaseModel]) -> str:
    for part in location[:-1]:
        field = model.model_fields.get(part) if isinstance(part, str) else None
        inner = _model_of(field.annotation) if field is not None else None
        if inner is None:
            return ""
        model = inner
    fields = model.model_fields.items()
    # What is excluded is not the description's to give.
    known = [field.alias or name for name, field in fields if not field.exclude]
    near = difflib.get_close_matches(str(location[-1]), known, n=1)
    return f": did you mean `{near[0]}`?" if near else f": known are {', '.join(sorted(known))}"


def _model_of(annotation: Any) -> type[BaseModel] | None:
    candidates = getattr(annotation, "__args__", ()) or (annotation,)
    for candidate in candidates:
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return candidate
    return None
