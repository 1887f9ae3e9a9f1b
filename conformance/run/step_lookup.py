"""Finds the functions of steps in one list instead of among all fixtures, step by step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pytest_bdd import scenario as pytest_bdd_scenario
from pytest_bdd.compat import get_fixture_names, getfixturedefs
from pytest_bdd.steps import step_function_context_registry


def list_steps_once() -> None:
    """Have pytest-bdd in this process list the step functions once.

    It asks pytest for every step which fixtures its scenario can see, a tenth of a run's processor
    time. Only for a session whose scenarios all stand in one module: they see the same.
    """
    listed: list[tuple[Any, Any]] = []

    def find(step: Any, fixturemanager: Any, node: Any) -> Iterator[Any]:
        if not listed:
            listed.extend(_step_functions(fixturemanager, node))
        for fixturedef, context in listed:
            if context.type in {None, step.type} and context.parser.is_matching(step.name):
                yield fixturedef

    vars(pytest_bdd_scenario)["find_fixturedefs_for_step"] = find


def _step_functions(fixturemanager: Any, node: Any) -> Iterator[tuple[Any, Any]]:
    for name in get_fixture_names(fixturemanager=fixturemanager):
        for fixturedef in getfixturedefs(fixturemanager, name, node) or []:
            context = step_function_context_registry.get(fixturedef.func)
            if context is not None:
                yield fixturedef, context
