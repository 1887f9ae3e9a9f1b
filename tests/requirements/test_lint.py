"""The linter finds what cannot be tested in a spec, and nothing in ours."""

from __future__ import annotations

import shutil
import signal
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.cli.main import cli, main
from conformance.outcomes import ExitCode, UsageError
from conformance.requirements.lint import KINDS, lint
from conformance.requirements.phrasing import has_observable, weak_words
from conformance.requirements.resources import spec_dir
from conformance.requirements.scenarios import read_scenarios
from conformance.requirements.specification import SECTIONS

WEAK = Path(__file__).parent / "data" / "weak-spec.md"


def kinds(text: str) -> list[tuple[int, str]]:
    return [(finding.line, finding.kind) for finding in lint(text) if finding.kind in KINDS]


def whole(requirements: str, section: str = SECTIONS[2]) -> str:
    """A spec with every section, and these requirements in one of them; they begin on line 13."""
    others = [name for name in SECTIONS if name != section]
    return "".join(f"## {name}\n\n" for name in [*others, section]) + requirements


def test_ours_has_no_findings() -> None:
    text = (spec_dir() / "magic-link.md").read_text(encoding="utf-8")
    assert lint(text, read_scenarios()) == []
    done = CliRunner().invoke(cli, ["lint", str(spec_dir() / "magic-link.md")])
    assert (done.exit_code, done.output) == (0, "")


def test_the_weak_one_shows_every_kind() -> None:
    done = CliRunner().invoke(cli, ["lint", str(WEAK)])
    assert done.exit_code == 1
    found = [line.removeprefix(f"{WEAK}:").split("] ")[0] for line in done.stdout.splitlines()]
    assert found == [
        "11: [no-id",
        "12: [no-id",
        "16: [not-binary",
        "20: [not-binary",
        "22: [repeated-id",
        "26: [not-covered",
        "28: [not-testable",
        "30: [no-id",
        "36: [not-covered",
        "38: [not-binary",
        "39: [not-binary",
        "45: [not-binary",
        "45: [no-observable",
        "53: [missing-section",
        "53: [missing-section",
        "53: [not-testable",
    ]
    assert {line.partition("[")[2] for line in found} == set(KINDS)


def test_a_spec_without_anything_lacks_every_section() -> None:
    assert kinds("") == [(1, "missing-section")] * len(SECTIONS)


def test_background_needs_no_id() -> None:
    assert kinds(whole("It must be said why.\n", SECTIONS[0])) == []
    assert kinds(whole("It must be said why.\n", SECTIONS[3])) == [(13, "no-id")]


def test_prose_that_states_no_duty_needs_no_id() -> None:
    assert kinds(whole("What follows is about requests.\n")) == []


@pytest.mark.parametrize("sentence", ["It answers.", "Support for links.", ""])
def test_what_has_no_testable_form(sentence: str) -> None:
    text = whole(f"### AC-1 · First\n\n{sentence or ' '}\n", SECTIONS[5])
    assert (15 if sentence else 13, "not-testable") in kinds(text)


def test_the_second_of_a_repeated_id_is_read_as_well() -> None:
    text = whole("### AC-1 · a\nWhen a, then 200.\n### AC-1 · b\nIt is `fast`.\n", SECTIONS[5])
    assert kinds(text) == [(15, "repeated-id"), (16, "not-testable")]


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("The answer must be fast and fast.", ["fast"]),
        ("It must be Secure.", ["Secure"]),
        ("It must be user-friendly.", ["user-friendly"]),
        ("A cryptographically secure token must be made.", []),
        ("A cryptographically secure token must be stored securely.", ["securely"]),
        ("It must set `secure` and answer fasting people.", []),
        ("It must fail gracefully if possible.", ["gracefully", "if possible"]),
    ],
)
def test_weak_words(sentence: str, words: list[str]) -> None:
    assert weak_words(sentence) == words


@pytest.mark.parametrize(
    ("criterion", "seen"),
    [
        ("When asked, then the answer has status 200.", True),
        ("When asked, then no mail goes out.", True),
        ("When the status is 200, then everybody is happy.", False),
        ("When asked, then it works.", False),
    ],
)
def test_observables(criterion: str, seen: bool) -> None:
    assert has_observable(criterion) is seen


def test_a_criterion_or_a_scenario_covers(tmp_path: Path) -> None:
    requirement = "### FR-1 · a\nIt must answer.\n"
    criterion = "## Acceptance criteria\n### AC-1 · b\nWhen asked (FR-1), then it answers 200.\n"
    assert kinds(whole(requirement)) == [(13, "not-covered")]
    assert kinds(whole(requirement + criterion)) == []
    spec, features = tmp_path / "spec" / "own.md", tmp_path / "features"
    spec.parent.mkdir()
    features.mkdir()
    spec.write_text(whole(requirement), encoding="utf-8")
    assert CliRunner().invoke(cli, ["lint", str(spec)]).exit_code == 1
    feature = "Feature: A\n  @FR-1\n  Scenario: it answers\n    Then it answers\n"
    (features / "a.feature").write_text(feature, encoding="utf-8")
    assert CliRunner().invoke(cli, ["lint", str(spec)]).exit_code == 0
    (features / "a.feature").write_text(f"@advisory\n{feature}", encoding="utf-8")
    assert CliRunner().invoke(cli, ["lint", str(spec)]).exit_code == 1
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(features, elsewhere)
    (elsewhere / "a.feature").write_text(feature, encoding="utf-8")
    named = ["lint", str(spec), "--features", str(elsewhere)]
    assert CliRunner().invoke(cli, named).exit_code == 0


@pytest.mark.parametrize(
    ("content", "arguments", "why"),
    [
        (None, [], "there is no such file"),
        (b"\xff\xfe", [], "it is not UTF-8"),
        (b"", ["--features", "/nowhere"], "/nowhere is not a folder"),
    ],
)
def test_what_cannot_be_read(
    tmp_path: Path, content: bytes | None, arguments: list[str], why: str
) -> None:
    file = tmp_path / "spec.md"
    if content is not None:
        file.write_bytes(content)
    done = CliRunner().invoke(cli, ["lint", str(file), *arguments])
    assert isinstance(done.exception, UsageError)
    assert why in str(done.exception)


def test_what_cannot_be_read_ends_with_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr(sys, "argv", ["magic-link-conformance", "lint", str(tmp_path / "none.md")])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == ExitCode.USAGE
    assert "none.md: there is no such file" in capsys.readouterr().err


def test_features_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "a.feature").write_text("Nothing: of that kind\n", encoding="utf-8")
    done = CliRunner().invoke(cli, ["lint", str(WEAK), "--features", str(tmp_path)])
    assert isinstance(done.exception, UsageError)
    assert "a.feature" in str(done.exception)
