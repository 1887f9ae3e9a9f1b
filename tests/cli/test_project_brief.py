"""`brief SPEC`: what an agent needs before it builds another feature, and what is undecided."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from conformance.cli.main import cli
from conformance.outcomes import UsageError
from tests.place import REPOSITORY

RESET = REPOSITORY / "docs" / "examples" / "password-reset"
SPEC = """\
## Requirements

- FR-1: `POST /cards` must take the JSON body `{"to": string}` and answer 201 within TBD ms.
"""
FEATURE = "Feature: F\n  @FR-2\n  Scenario: S\n    Then 201\n"


def brief(*arguments: str | Path, text: str | None = None) -> Result:
    return CliRunner().invoke(cli, ["brief", *map(str, arguments)], input=text)


def test_it_holds_spec_features_and_openapi_document() -> None:
    done = brief(RESET / "spec.md", "--openapi", RESET / "openapi.yaml")
    assert done.exit_code == 0, done.output
    assert done.output.startswith("# Build: Password reset\n")
    for path in [RESET / "spec.md", RESET / "openapi.yaml", *(RESET / "features").iterdir()]:
        assert path.read_text(encoding="utf-8").strip() in done.output
    parts = "what is undecided; the specification; the OpenAPI document; the features."
    assert f"This document has: {parts}" in done.output
    assert "Nothing that a program can see." in done.output
    assert "magic-link" not in done.output.replace("magic-link-conformance", "")


def test_what_is_undecided(tmp_path: Path) -> None:
    (tmp_path / "features").mkdir()
    (tmp_path / "features" / "f.feature").write_text(FEATURE, encoding="utf-8")
    (tmp_path / "spec.md").write_text(SPEC, encoding="utf-8")
    undecided = brief(tmp_path / "spec.md").output.partition("# What is undecided")[2]
    assert "- line 3: “TBD” is not decided: " in undecided
    assert (
        "- How large may a body be, and what is the answer to a larger one? (because" in undecided
    )
    assert "- FR-1 has no scenario\n" in undecided
    assert "- “S” names FR-2, which the spec does not have\n" in undecided


def test_from_standard_input_into_a_file(tmp_path: Path) -> None:
    done = brief("-", "--out", tmp_path / "brief.md", text=SPEC)
    assert "brief.md is written" in done.output
    text = (tmp_path / "brief.md").read_text(encoding="utf-8")
    assert SPEC.strip() in text
    assert "has no scenario" not in text
    assert "Feature:" not in text


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--features", "x"], "name the spec"),
        ([RESET / "spec.md", "--go"], "--go belongs to magic-link login"),
        ([RESET / "spec.md", "--slice", "request"], "--slice belongs to magic-link login"),
        ([RESET / "spec.md", "--features", "nowhere"], "is not a folder"),
    ],
)
def test_a_wrong_call_is_one_sentence(arguments: list[str | Path], why: str) -> None:
    done = brief(*arguments)
    assert isinstance(done.exception, UsageError)
    assert why in str(done.exception)
