"""The hunt asks what a spec leaves open, and nothing that it answers."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner

from conformance.cli.main import cli
from conformance.outcomes import UsageError
from conformance.report.lint_findings import checked
from conformance.requirements.lint.hunt import Question, modes, questions
from conformance.requirements.spec_forms.forms import read_spec

SCHEMA = Path(checked.__file__).parent / "edge-cases.schema.json"

# For each mode a requirement that gives reason to ask, and one that answers.
EXAMPLES = {
    "absent": ("The page must show the parcel.", "An unknown parcel must get 404."),
    "duplicate": (
        "The system must register a bicycle.",
        "A bicycle that is registered already must get 409.",
    ),
    "expired": (
        "The system must mail a voucher.",
        "A voucher must expire 30 days after it was mailed.",
    ),
    "used": ("The system must mail a coupon.", "A coupon must be accepted once."),
    "malformed": (
        "`POST /meters` must take a reading.",
        "A malformed reading must get 422.",
    ),
    "too large": (
        "The page must take a photo of the damage.",
        "A photo must have at most 5 MB.",
    ),
    "concurrent": (
        "The system must reduce the stock.",
        "The system must lock the row of an article.",
    ),
    "repeated": (
        "`POST /transfers` must book the sum.",
        "A repeated transfer must have no second effect.",
    ),
    "rate limited": (
        "`GET /prices` must list the prices.",
        "The system must answer at most 60 requests per address per minute.",
    ),
    "forbidden": (
        "A seller must see their sales.",
        "A suspended seller must get 403.",
    ),
    "enumeration": (
        "The page must take an email address.",
        "The answer must be identical for each address.",
    ),
    "dependency fails": (
        "The system must send an SMS.",
        "When the provider fails, the system must answer 503.",
    ),
    "dependency hangs": (
        "The system must send an SMS.",
        "The system must stop waiting for the provider after a timeout of 5 seconds.",
    ),
    "dependency late": (
        "The queue must be read.",
        "A late answer must change nothing.",
    ),
    "partial failure": (
        "The system must store the order, and mail a receipt.",
        "Both must be in one transaction.",
    ),
    "restart": (
        "A job must count the bees.",
        "After a restart the system must continue the job.",
    ),
    "clock and time zone": (
        "The sign must change at midnight.",
        "Times must be those of UTC.",
    ),
    "retention": (
        "The system must store each measurement.",
        "The system must delete measurements after 90 days.",
    ),
    "observability": (
        "The gate must open.",
        "The system must log at INFO each opening.",
    ),
}


def asked(*requirements: str, context: str = "") -> dict[str, Question]:
    lines = [f"- FR-{number}: {text}" for number, text in enumerate(requirements, 1)]
    text = "\n".join(["## Context", "", context, "", "## Functional requirements", "", *lines])
    return {each.mode: each for each in questions(read_spec(text))}


def test_each_mode_has_an_example() -> None:
    assert {mode.name for mode in modes()} == {*EXAMPLES, "backwards compatibility"}


@pytest.mark.parametrize("mode", EXAMPLES)
def test_what_is_open_is_asked_and_what_is_answered_is_not(mode: str) -> None:
    reason, answer = EXAMPLES[mode]
    assert mode in asked(reason)
    assert mode not in asked(reason, answer)


def test_what_exists_is_asked_about() -> None:
    today = "Meters are read by the existing `GET /meters`."
    assert "backwards compatibility" in asked("The page must show a sum.", context=today)
    kept = "`GET /meters` must answer as before."
    assert "backwards compatibility" not in asked(kept, context=today)
    assert "backwards compatibility" not in asked("The page must show a sum.")


def test_a_question_names_what_it_is_about() -> None:
    question = asked("The system must mail an invitation.")["expired"]
    assert question.question == (
        "How long is an invitation valid, and what is the answer afterwards?"
    )
    assert "An invitation must expire" in question.requirement
    assert "INVITATION_EXPIRED" in question.requirement
    assert (question.line, question.because_of) == (7, "FR-1")


def test_an_open_question_is_no_answer() -> None:
    assert "expired" in asked("The system must mail a voucher.", "When does a voucher expire?")


@pytest.mark.parametrize("mode", modes(), ids=[mode.name for mode in modes()])
def test_each_mode_has_sources(mode: object) -> None:
    sources = mode.sources  # type: ignore[attr-defined]
    assert sources
    assert all(source.split()[0].split("-")[0] in ("ASVS", "CWE", "WSTG") for source in sources)


def test_the_command(tmp_path: Path) -> None:
    spec = tmp_path / "spec.md"
    spec.write_text("## Functional requirements\n\n- FR-1: The system must mail a voucher.\n")
    done = CliRunner().invoke(cli, ["lint", str(spec), "--edge-cases"])
    assert done.exit_code == 0
    assert f"{spec}:3: [expired] How long is a voucher valid" in done.stdout
    assert "CWE-613" in done.stdout
    done = CliRunner().invoke(cli, ["lint", str(spec), "--edge-cases", "--format", "json"])
    jsonschema.validate(json.loads(done.stdout), json.loads(SCHEMA.read_text(encoding="utf-8")))
    assert json.loads(done.stdout)["specs"][0]["questions"]
    done = CliRunner().invoke(cli, ["lint", str(spec), "--edge-cases", "--format", "sarif"])
    assert isinstance(done.exception, UsageError)
