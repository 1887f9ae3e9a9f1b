"""Rules about secrets: algorithm and length are decisions, not details."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.requirements.lint.finding import Spot, on
from conformance.requirements.lint.phrases import pattern
from conformance.requirements.spec_forms.model import Entry, Kind, Spec

_METHODS = {
    "encryption": "an algorithm and the length of its key",
    "hashing": "an algorithm",
    "signing": "an algorithm and the length of its key",
}


def unspecified_crypto(spec: Spec) -> Iterator[Spot]:
    """Find a secret, a hash or a cipher without algorithm or length."""
    for entry in spec.entries:
        if entry.is_story or not _decides(spec, entry):
            continue
        found = _secret(spec, entry) or _method(spec, entry)
        if found:
            phrase, missing = found
            yield on(entry, phrase, f"{entry.called} says “{phrase}” without {missing}")


def _decides(spec: Spec, entry: Entry) -> bool:
    return entry.kind in (Kind.FUNCTIONAL, Kind.NON_FUNCTIONAL) or (
        spec.form == "kiro" and entry.is_criterion
    )


def _secret(spec: Spec, entry: Entry) -> tuple[str, str] | None:
    names = ("secret", "secret_predicate")
    match = next((m for name in names if (m := pattern(name).search(entry.text))), None)
    if match is None:
        return None
    about = re.compile(rf"\b{re.escape(match['thing'])}s?\b", re.IGNORECASE)
    said = " ".join(other.body for other in (*spec.requirements, entry) if about.search(other.body))
    missing = [] if pattern("length").search(said) else ["its length"]
    missing += [] if pattern("algorithm").search(said) else ["the source of its randomness"]
    return (match[0], " and ".join(missing)) if missing else None


def _method(spec: Spec, entry: Entry) -> tuple[str, str] | None:
    for name, missing in _METHODS.items():
        method = pattern(name)
        if match := method.search(entry.text):
            # Another entry may say how the same is done.
            bodies = (other.body for other in (*spec.entries, entry))
            said = " ".join(body for body in bodies if method.search(body))
            if not pattern("algorithm").search(said):
                return match[0], missing
    match = pattern("securely").search(entry.text)
    known = pattern("algorithm").search(entry.body)
    return (match[0], "saying how") if match and not known else None
