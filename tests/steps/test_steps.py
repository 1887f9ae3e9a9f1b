"""How steps are written: what comes before the event judges nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance import steps

MODULES = sorted(Path(steps.__path__[0]).glob("*.py"))


def judging_before_the_event(source: str) -> Iterator[str]:
    """Yield Given and When steps that raise Failed: it would read as a set-up that went wrong."""
    for function in ast.walk(ast.parse(source)):
        if not isinstance(function, ast.FunctionDef):
            continue
        kinds = {
            node.func.id
            for decorator in function.decorator_list
            for node in ast.walk(decorator)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        raised = {
            node.exc.func.id
            for node in ast.walk(function)
            if isinstance(node, ast.Raise)
            and isinstance(node.exc, ast.Call)
            and isinstance(node.exc.func, ast.Name)
        }
        if kinds & {"given", "when"} and "then" not in kinds and "Failed" in raised:
            yield function.name


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.stem)
def test_only_then_judges(module: Path) -> None:
    assert list(judging_before_the_event(module.read_text(encoding="utf-8"))) == []


def test_a_when_that_judges_is_found() -> None:
    source = "@when('x')\ndef act(scene):\n    raise Failed('the answer')\n"
    assert list(judging_before_the_event(source)) == ["act"]
