"""Which scenarios a run has, and in which order they run."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_bdd.scenario import scenario_wrapper_template_registry
from pytest_bdd.utils import registry_get_safe

from conformance.requirements.scenarios import selector_of
from conformance.requirements.specification import sort_key
from conformance.requirements.tags import (
    ADVISORY,
    EXPLORATION,
    REALISTIC_MAIL,
    SLOW,
    WHOLE_RUN,
    requirement_ids,
    shared,
)
from conformance.run.options import RunOptions


def tags_of(item: pytest.Item) -> frozenset[str]:
    """Return the tags of an item's scenario, its rule's and its feature's."""
    return frozenset(mark.args[0] for mark in item.iter_markers("requirement"))


def judges_the_run(item: pytest.Item) -> bool:
    """Return whether a scenario looks at everything that was done before it."""
    return WHOLE_RUN in tags_of(item)


def is_wanted(item: pytest.Item, options: RunOptions) -> bool:
    """Return whether a scenario belongs to the run."""
    tags, selector = tags_of(item), _selector(item)
    if EXPLORATION in tags and options.explore is None:
        return False
    if ADVISORY in tags and not options.advisories:
        return selector in options.only
    if options.gate:
        return decides(item, options)
    return not options.only or bool({*options.only} & {*tags, selector})


def decides(item: pytest.Item, options: RunOptions) -> bool:
    """Return whether a scenario has a say in what the run is asked about."""
    return not {*options.asked}.isdisjoint(tags_of(item))


def in_order(items: list[pytest.Item], options: RunOptions) -> list[pytest.Item]:
    """Return scenarios as they run one after another, acceptance criteria first."""

    def key(item: pytest.Item) -> tuple[Any, ...]:
        tags = tags_of(item)
        ids = requirement_ids(tags)
        first = sort_key(ids[0]) if ids else (9, 0, "")
        return (
            judges_the_run(item),
            not _goes_first(item, options),
            ADVISORY in tags,
            # Together and first: a target that learns its provider's pace learns it once.
            REALISTIC_MAIL not in tags,
            first,
        )

    return sorted(items, key=key)


def in_groups(items: list[pytest.Item], options: RunOptions) -> list[list[int]]:
    """Return places in the order in which workers claim them; a group shares what is expensive."""
    groups: dict[str, list[int]] = {}
    for place, item in enumerate(items):
        if not judges_the_run(item):
            groups.setdefault(shared(tags_of(item)) or item.nodeid, []).append(place)

    def turn(places: list[int]) -> tuple[bool, int]:
        of_group = [items[place] for place in places]
        goes_first = any(_goes_first(item, options) for item in of_group)
        return not goes_first, _turn(tags_of(of_group[0]))

    return sorted(groups.values(), key=turn)


def _turn(tags: frozenset[str]) -> int:
    # The long ones first: what is left at the end should be short.
    return 0 if shared(tags) else 1 if SLOW in tags else 2


def _goes_first(item: pytest.Item, options: RunOptions) -> bool:
    return _selector(item) in options.first


def _selector(item: pytest.Item) -> str:
    """Return what names a scenario, "" for a test of the user's own."""
    scenario = registry_get_safe(scenario_wrapper_template_registry, getattr(item, "obj", None))
    return selector_of(scenario.feature.filename, scenario.line_number) if scenario else ""
