"""Each rule finds its bad example and says nothing of its good one."""

from __future__ import annotations

import pytest

from conformance.requirements.lint.check import lint
from conformance.requirements.lint.pages import pages
from conformance.requirements.lint.rules import RULES
from conformance.requirements.spec_forms.forms import read_spec

# An example is a part of a spec.
OF_WHOLE_SPECS = {"missing-section", "not-covered"}


def codes(text: str) -> set[str]:
    return {finding.code for finding in lint(read_spec(text))}


def test_each_rule_has_a_page() -> None:
    assert set(pages()) == set(RULES)


@pytest.mark.parametrize("code", RULES)
def test_the_bad_example_is_found(code: str) -> None:
    assert code in codes(pages()[code].bad)


@pytest.mark.parametrize("code", RULES)
def test_the_good_example_is_not(code: str) -> None:
    assert codes(pages()[code].good) - OF_WHOLE_SPECS == set()
    assert code not in codes(pages()[code].good)
