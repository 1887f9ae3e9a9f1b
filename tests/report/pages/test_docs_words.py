"""The words of the pages say what the spec, the code and the documentation say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from conformance.outcomes import Conclusion, ExitCode, Method, Outcome, Point
from conformance.report.json_report import report_from
from conformance.report.site import glossary
from conformance.report.site.writing import render_docs
from conformance.requirements.scenarios import read_scenarios
from conformance.requirements.specification import load_specification
from conformance.requirements.tags import SHARES
from conformance.target.clock.kinds import Clock
from tests.place import REPOSITORY
from tests.report.pages import reports_made

SPEC = load_specification()
READ_A_REPORT = (REPOSITORY / "docs" / "read-a-report.md").read_text(encoding="utf-8")


def test_the_glossary_leaves_out_no_word() -> None:
    terms = set(re.findall(r'data-term="([^"]*)"', render_docs()["glossary.html"]))
    tags = {
        f"@{SHARES}…" if tag.startswith(SHARES) else f"@{tag}"
        for scenario in read_scenarios()
        for tag in scenario.tags
        if tag not in SPEC.requirements and not tag.startswith("reading-")
    }
    assert terms == (
        {outcome.value for outcome in Outcome}
        | {conclusion.value for conclusion in Conclusion}
        | {f"exit {code.value}" for code in ExitCode}
        | {f"point {point.value}" for point in Point}
        | {f"seen {point}" for point in _recorded_points()}
        | tags
    )


def _recorded_points() -> set[str]:
    """Return the points that the harness's own source records in evidence."""
    sources = [path.read_text() for path in (REPOSITORY / "conformance").rglob("*.py")]
    recorded = re.findall(r"evidence\.points\.(?:add|update)\(+([^)f][^)]*)\)", "\n".join(sources))
    clocks = {f"clock: {how}" for kind in _kinds_of(Clock) if (how := vars(kind).get("how"))}
    names = re.findall(r"\b(?:Point|Method)\.(\w+)", " ".join(recorded))
    return {(Point.__members__ | Method.__members__)[name] for name in names} | clocks


def _kinds_of(kind: type) -> set[type]:
    found: set[type] = {kind}
    subclasses: list[type] = type.__subclasses__(kind)
    for subclass in subclasses:
        found |= _kinds_of(subclass)
    return found


@pytest.mark.parametrize(
    ("term", "meaning"),
    [
        *((word.value, meaning) for word, meaning in glossary.OUTCOMES.items()),
        *((word.value, meaning) for word, meaning in glossary.CONCLUSIONS.items()),
        *((w, meaning) for w, meaning in glossary.SEEN_BY.items() if not w.startswith("clock")),
    ],
)
def test_the_glossary_says_what_the_documentation_says(term: str, meaning: str) -> None:
    assert f"| `{term}` | {meaning} |" in READ_A_REPORT


def test_what_a_report_says_is_text_and_never_markup() -> None:
    for page in render_docs(report_from(reports_made.hostile())).values():
        assert 'onerror="' not in page
        assert "<script>document" not in page


def test_pages_name_no_file_of_the_checkout(tmp_path: Path) -> None:
    for page in render_docs().values():
        assert str(REPOSITORY) not in page
        assert ".md" not in page
