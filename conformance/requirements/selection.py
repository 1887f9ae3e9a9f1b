"""Which requirements a run is asked about, and which part of the scenarios it runs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import PurePath

from conformance.outcomes import UsageError
from conformance.requirements.scenarios import WrittenScenario, read_scenarios
from conformance.requirements.specification import UnknownRequirement, load_specification, sort_key


def known_ids(given: Sequence[str]) -> tuple[str, ...]:
    """Return ids as the spec spells them; each value may hold several, separated by commas."""
    specification = load_specification()
    names = [name.upper() for name in _listed(given, "requirements: name at least one id")]
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


def known_part(given: Sequence[str]) -> tuple[str, ...]:
    """Return what `--only` names: ids as the spec spells them, then scenarios by their selector.

    A selector is `verifying_a_token:31`, the feature file and the line; the file may be a path.
    Each value may hold several, separated by commas. Raises `UsageError` for what is not there.
    """
    names = _listed(given, "requirements and scenarios: name at least one")
    selectors = [_known_selector(name) for name in names if ":" in name]
    return *known_ids([name for name in names if ":" not in name]), *dict.fromkeys(selectors)


def ids_of_part(part: Sequence[str]) -> tuple[str, ...]:
    """Return the ids that a part is about: those that it names, those that its scenarios show."""
    shown = {id_ for scenario in scenarios_of_part(part) for id_ in scenario.ids}
    return tuple(sorted({name for name in part if ":" not in name} | shown, key=sort_key))


def scenarios_of_part(part: Sequence[str]) -> list[WrittenScenario]:
    """Return the scenarios that a part names by their selector."""
    return [scenario for scenario in _written() if scenario.selector in part]


def _listed(given: Sequence[str], wanted: str) -> list[str]:
    names = [name.strip() for value in given for name in value.split(",") if name.strip()]
    if given and not names:
        raise UsageError(f"an empty list of {wanted}")
    return names


def _known_selector(name: str) -> str:
    file, _, line = name.rpartition(":")
    file = PurePath(file).name.removesuffix(".feature")
    selector = f"{file}:{line}"
    known = [scenario.selector for scenario in _written()]
    if selector in known:
        return selector
    beside = [each for each in known if each.startswith(f"{file}:")]
    files = dict.fromkeys(each.rpartition(":")[0] for each in known)
    there = f"there are {', '.join(beside)}" if beside else f"the features are {', '.join(files)}"
    raise UsageError(f'no scenario begins at "{name}"; {there}')


@lru_cache(maxsize=1)
def _written() -> tuple[WrittenScenario, ...]:
    return read_scenarios()
