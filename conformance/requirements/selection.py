"""Which requirements a run is asked about."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.outcomes import UsageError
from conformance.requirements.specification import UnknownRequirement, load_specification, sort_key


def known_ids(given: Sequence[str]) -> tuple[str, ...]:
    """Return ids as the spec spells them; each value may hold several, separated by commas."""
    specification = load_specification()
    names = [name.strip().upper() for value in given for name in value.split(",") if name.strip()]
    if given and not names:
        raise UsageError("an empty list of requirements was given: name at least one id")
    try:
        return tuple(sorted({specification.get(name).id for name in names}, key=sort_key))
    except UnknownRequirement as error:
        raise UsageError(str(error)) from error


def asked_ids(given: Sequence[str]) -> tuple[str, ...]:
    """Return the ids that must be decided: AC-1 to AC-10 by default, every id for `all`."""
    specification = load_specification()
    if any(value.strip().lower() == "all" for value in given):
        return tuple(sorted(specification.requirements, key=sort_key))
    return known_ids(given) or specification.gate
