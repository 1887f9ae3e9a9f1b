"""The command: what it prints, what it leaves out, how it ends."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner, Result

from conformance.cli.main import cli
from conformance.outcomes import UsageError
from conformance.report.lint_findings import checked
from conformance.requirements.lint.check import lint
from conformance.requirements.lint.pages import pages
from conformance.requirements.resources import spec_dir
from conformance.requirements.spec_forms.forms import read_spec

WEAK = Path(__file__).parent / "data" / "weak-spec.md"
VAGUE = "## Functional requirements\n\n- FR-1: The map must load quickly.\n"
SCHEMA = Path(checked.__file__).parent / "lint.schema.json"


# Only the finding that most tests are about.
ONLY_VAGUE = [
    part
    for code in ("missing-section", "not-covered", "unspecified-performance")
    for part in ("--off", code)
]


def run(*arguments: object, given: str = "") -> Result:
    return CliRunner().invoke(cli, ["lint", *map(str, arguments)], input=given)


def found(text: str, *off: str) -> list[tuple[int, str]]:
    skipped = {"missing-section", "not-covered", *off}
    return [(each.line, each.code) for each in lint(read_spec(text), skipped)]


def test_ours_has_no_findings() -> None:
    done = run(spec_dir() / "magic-link.md")
    assert (done.exit_code, done.stdout) == (0, "")
    assert "0 findings; 13 requirements, 8 edge cases, 10 criteria (form: markdown)" in done.stderr


def test_the_weak_one() -> None:
    done = run(WEAK)
    assert done.exit_code == 1
    places = [line for line in done.stdout.splitlines() if line.startswith(str(WEAK))]
    assert [line.removeprefix(f"{WEAK}:").partition("] ")[0] for line in places] == [
        "1:1: [missing-section",
        "1:1: [missing-section",
        "11:1: [no-id",
        "11:13: [no-duty",
        "11:23: [vague-word",
        "12:1: [no-id",
        "12:1: [not-covered",
        "14:1: [unspecified-performance",
        "16:63: [vague-word",
        "20:5: [unspecified-crypto",
        "20:56: [not-testable",
        "20:72: [vague-word",
        "22:5: [repeated-id",
        "26:1: [no-duty",
        "26:1: [not-covered",
        "32:1: [no-id",
        "32:21: [vague-word",
        "36:1: [not-covered",
        "36:1: [unspecified-performance",
        "38:21: [vague-word",
        "39:5: [not-testable",
        "39:21: [vague-word",
        "45:70: [no-observable",
        "45:88: [vague-word",
        "47:1: [covers-nothing",
    ]


def test_the_excerpt_marks_the_phrase() -> None:
    done = run("-", *ONLY_VAGUE, given=VAGUE)
    assert done.stdout.splitlines() == [
        "-:3:27: [vague-word] FR-1 says “quickly”: who decides whether it is?",
        "  - FR-1: The map must load quickly.",
        "                            ^^^^^^^",
    ]


def test_an_excerpt_of_a_long_line_has_the_phrase() -> None:
    long = VAGUE.replace("The map", "The map of " + "all the places that somebody named " * 9)
    place, excerpt, marks = run("-", *ONLY_VAGUE, given=long).stdout.splitlines()
    assert "vague-word" in place
    start = marks.index("^")
    assert excerpt[start : start + len(marks.strip())] == "quickly"
    assert len(excerpt) <= 103


def test_a_phrase_over_two_lines_is_found_where_it_begins() -> None:
    text = "## Functional requirements\n\n- FR-1: The map must load as soon\n  as possible.\n"
    [finding] = [each for each in lint(read_spec(text)) if each.code == "escape-clause"]
    assert (finding.line, finding.column) == (3, 27)


def test_json_is_as_its_schema_says() -> None:
    done = run("-", *ONLY_VAGUE, "--format", "json", given=VAGUE)
    data = json.loads(done.stdout)
    jsonschema.validate(data, json.loads(SCHEMA.read_text(encoding="utf-8")))
    [spec] = data["specs"]
    assert (spec["path"], spec["requirements"]) == ("-", 1)
    [finding] = spec["findings"]
    assert finding == {
        "code": "vague-word",
        "line": 3,
        "column": 27,
        "end_column": 34,
        "message": "FR-1 says “quickly”: who decides whether it is?",
        "source": "- FR-1: The map must load quickly.",
    }


def test_sarif_has_what_code_scanning_needs(tmp_path: Path) -> None:
    """What SARIF 2.1.0 requires of the members that are used (sections 3.13 to 3.30)."""
    spec = tmp_path / "spec.md"
    spec.write_text(VAGUE, encoding="utf-8")
    data = json.loads(run(spec, "--format", "sarif", "--warn").stdout)
    assert (data["version"], len(data["runs"])) == ("2.1.0", 1)
    [log] = data["runs"]
    driver = log["tool"]["driver"]
    assert isinstance(driver["name"], str)
    assert [rule["id"] for rule in driver["rules"]] == list(pages())
    assert all(
        rule["help"]["text"] and rule["shortDescription"]["text"] for rule in driver["rules"]
    )
    assert log["results"]
    for result in log["results"]:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] == "warning"
        assert result["message"]["text"]
        assert len(result["partialFingerprints"]["finding/v1"]) == 64
        [place] = result["locations"]
        assert place["physicalLocation"]["artifactLocation"] == {"uri": str(spec)}
        region = place["physicalLocation"]["region"]
        assert 1 <= region["startColumn"] < region["endColumn"]
        assert region["startLine"] >= 1


def test_annotations_of_github() -> None:
    shown = run("-", *ONLY_VAGUE, "--format", "github", given=VAGUE).stdout
    assert shown == (
        "::error file=-,line=3,col=27,endColumn=34,title=vague-word::"
        "FR-1 says “quickly”: who decides whether it is?\n"
    )
    warned = run("-", "--format", "github", "--warn", given=VAGUE)
    assert warned.stdout.startswith("::warning ")


def test_warnings_do_not_fail() -> None:
    assert run("-", given=VAGUE).exit_code == 1
    done = run("-", "--warn", given=VAGUE)
    assert (done.exit_code, "vague-word" in done.stdout) == (0, True)


def test_a_rule_can_be_left_out() -> None:
    done = run("-", "--off", "vague-word", given=VAGUE)
    assert "missing-section" in done.stdout
    assert "vague-word" not in done.stdout


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("- FR-1: It must be fast. <!-- lint-off: vague-word (a quotation) -->", []),
        ("<!-- lint-off: vague-word, no-id -->\n- FR-1: It must be fast.", []),
        ("- FR-0: It must be `a`.\n<!-- lint-off: vague-word -->\n- FR-1: It must be fast.", []),
        ("- FR-1: It must be fast.\n<!-- lint-off: vague-word -->\n", []),
        ("<!-- lint-off: no-id -->\n- FR-1: It must be fast.", [4]),
        ("<!-- lint-off: vague-word -->\n- FR-1: It must be fast.\n- FR-2: It must be nice.", [5]),
        ("- FR-1: It must be fast.\n- FR-2: It must be nice.\n<!-- lint-off: vague-word -->", [3]),
        ("- FR-1: It must be fast.\n\n<!-- lint-off-file: vague-word -->\n", []),
    ],
)
def test_a_rule_can_be_switched_off_in_the_spec(text: str, lines: list[int]) -> None:
    spec = f"## Functional requirements\n\n{text}\n"
    assert [line for line, code in found(spec) if code == "vague-word"] == lines


def test_a_baseline_leaves_new_findings(tmp_path: Path) -> None:
    spec, known = tmp_path / "spec.md", tmp_path / "known.json"
    spec.write_text(VAGUE, encoding="utf-8")
    assert run(spec, *ONLY_VAGUE, "--write-baseline", known).exit_code == 0
    assert run(spec, *ONLY_VAGUE, "--baseline", known).exit_code == 0
    # Lines above it, and the same finding once more.
    spec.write_text(f"Hello.\n\n{VAGUE}- FR-2: The list must load quickly.\n", encoding="utf-8")
    done = run(spec, *ONLY_VAGUE, "--baseline", known)
    assert done.exit_code == 1
    assert done.stdout.splitlines()[0] == (
        f"{spec}:6:28: [vague-word] FR-2 says “quickly”: who decides whether it is?"
    )
    assert done.stdout.count("vague-word") == 1


@pytest.mark.parametrize("content", ["{", "[]", '{"version": 2, "known": {}}', '{"version": 1}'])
def test_what_is_no_baseline(tmp_path: Path, content: str) -> None:
    file = tmp_path / "known.json"
    file.write_text(content, encoding="utf-8")
    done = run("-", "--baseline", file, given=VAGUE)
    assert isinstance(done.exception, UsageError)
    assert "baseline" in str(done.exception)


@pytest.mark.parametrize("code", pages())
def test_each_rule_is_explained(code: str) -> None:
    done = run("--explain", code)
    assert done.exit_code == 0
    assert done.stdout.startswith(f"# {code}\n")
    assert pages()[code].bad.strip().splitlines()[0] in done.stdout


@pytest.mark.parametrize("arguments", [["--explain", "none"], ["-", "--off", "none"], []])
def test_wrong_calls(arguments: list[str]) -> None:
    done = run(*arguments, given=VAGUE)
    assert isinstance(done.exception, UsageError)


def test_a_form_can_be_named() -> None:
    done = run("-", "--form", "openspec", given=VAGUE)
    assert "(form: openspec)" in done.stderr
    assert "missing-section" not in done.stdout


def test_several_specs(tmp_path: Path) -> None:
    for name in ("a.md", "b.md"):
        (tmp_path / name).write_text(VAGUE, encoding="utf-8")
    done = run(tmp_path / "a.md", tmp_path / "b.md")
    assert {line.partition(":")[0] for line in done.stderr.splitlines()} == {
        str(tmp_path / "a.md"),
        str(tmp_path / "b.md"),
    }


def test_a_scenario_covers(tmp_path: Path) -> None:
    spec, features = tmp_path / "spec" / "own.md", tmp_path / "features"
    spec.parent.mkdir()
    features.mkdir()
    spec.write_text(pages()["not-covered"].bad, encoding="utf-8")
    assert "not-covered" in run(spec).stdout
    feature = "Feature: A\n  @FR-2\n  Scenario: it pays\n    Then it pays\n"
    (features / "a.feature").write_text(feature, encoding="utf-8")
    assert "not-covered" not in run(spec).stdout
    (features / "a.feature").write_text(f"@advisory\n{feature}", encoding="utf-8")
    assert "not-covered" in run(spec).stdout
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(features, elsewhere)
    (elsewhere / "a.feature").write_text(feature, encoding="utf-8")
    assert "not-covered" not in run(spec, "--features", elsewhere).stdout
