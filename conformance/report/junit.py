"""`junit.xml`, as GitHub, GitLab and Jenkins read it.

A suite per feature, a case per scenario. Failures are failures; what was asked about and could not
be decided, and what went wrong with the run, are errors; untested and inapplicable scenarios are
skipped with the reason. Since readers take skipped for harmless, a run that is incomplete without
any error gets one for its conclusion: the file is red exactly when the exit code is not 0.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from xml.etree import ElementTree as ET

from conformance.outcomes import ExitCode, Outcome
from conformance.report.model import Report
from conformance.report.safe_text import one_line, xml
from conformance.report.wording import conclusion_in_words
from conformance.run.result import EXPECTED_FAILURE, ScenarioResult

_MESSAGE_LIMIT = 300
_DETAIL_LIMIT = 8_000


@dataclass(frozen=True)
class _Case:
    """One `testcase`; `verdict` is failure, error, skipped or None (passed).

    `properties` are pairs of a name and a value; a name may come several times.
    """

    suite: str
    name: str
    verdict: str | None = None
    type: str = ""
    message: str = ""
    seconds: float = 0.0
    detail: str = ""
    properties: tuple[tuple[str, str], ...] = ()


def junit(report: Report) -> str:
    """Return the text of `junit.xml`."""
    root = _document(report)
    ET.indent(root)
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return f"{text.decode()}\n"


def _document(report: Report) -> ET.Element:
    cases = _cases(report)
    root = ET.Element("testsuites", {"name": "magic-link-conformance", **_totals(cases)})
    root.set("time", _seconds(report.seconds))
    for name in dict.fromkeys(case.suite for case in cases):
        root.append(_suite(name, [case for case in cases if case.suite == name], report))
    if not cases:
        root.append(_suite("run", [], report))
    return root


def _suite(name: str, cases: Sequence[_Case], report: Report) -> ET.Element:
    seconds = sum(case.seconds for case in cases)
    suite = ET.Element("testsuite", {"name": xml(name), **_totals(cases)})
    suite.set("skipped", _count(cases, "skipped"))
    suite.set("time", _seconds(seconds))
    # The established form has no offset in the timestamp; it is UTC.
    suite.set("timestamp", report.started_at[:19])
    _add_properties(suite, _properties(report))
    suite.extend(_case(case) for case in cases)
    return suite


def _add_properties(element: ET.Element, properties: Iterable[tuple[str, str]]) -> None:
    parent = ET.SubElement(element, "properties")
    for key, value in properties:
        ET.SubElement(parent, "property", {"name": xml(key), "value": xml(value)})


def _properties(report: Report) -> Iterable[tuple[str, str]]:
    yield "conclusion", report.conclusion.value
    yield "asked", " ".join(report.asked)
    for key, value in report.target.items():
        yield f"target.{key}", one_line(value, _MESSAGE_LIMIT)


def _case(case: _Case) -> ET.Element:
    element = ET.Element("testcase", {"classname": xml(case.suite), "name": xml(case.name)})
    element.set("time", _seconds(case.seconds))
    if case.properties:
        _add_properties(element, case.properties)
    if case.verdict:
        message = xml(one_line(case.message, _MESSAGE_LIMIT))
        verdict = ET.SubElement(element, case.verdict, {"type": case.type, "message": message})
        detail = case.detail or case.message
        cut = "\n… (shortened)" if len(detail) > _DETAIL_LIMIT else ""
        verdict.text = xml(detail[:_DETAIL_LIMIT]) + cut
    return element


def _cases(report: Report) -> list[_Case]:
    scenarios = [*report.scenarios, *report.advisories]
    cases = [_scenario_case(scenario, frozenset(report.asked)) for scenario in scenarios]
    for id_, requirement in report.requirements.items():
        if requirement.asked and not requirement.scenarios:
            case = _Case("requirements", id_, "skipped", "untested", requirement.reason)
            cases.append(replace(case, properties=(("requirement", id_),)))
    cases += [
        _Case("harness", one_line(error.where, 200), "error", "harness", error.message)
        for error in report.errors
    ]
    cases += [
        _Case("expected failures", one_line(each, 200), "error", "stale_expected_failure", each)
        for each in report.stale_expected_failures
    ]
    cases += _conclusion(report, cases)
    return _numbered(cases)


def _conclusion(report: Report, cases: Sequence[_Case]) -> Iterable[_Case]:
    """Yield a case for a conclusion that no other case shows: something was skipped."""
    red = any(case.verdict in ("failure", "error") for case in cases)
    if not red and report.exit_code is not ExitCode.CONFORMANT:
        words = conclusion_in_words(report)
        yield _Case("conclusion", report.conclusion.value, "error", "conclusion", words)


def _numbered(cases: Sequence[_Case]) -> list[_Case]:
    """Return the cases with repeats of a name numbered, since readers take them for one case."""
    seen: Counter[tuple[str, str]] = Counter()
    different = []
    for case in cases:
        seen[case.suite, case.name] += 1
        count = seen[case.suite, case.name]
        different.append(case if count == 1 else replace(case, name=f"{case.name} ({count})"))
    return different


def _scenario_case(scenario: ScenarioResult, asked: Collection[str]) -> _Case:
    suite = "advisories" if scenario.advisory else scenario.feature or scenario.path
    name = f"{scenario.name} [{', '.join(scenario.ids)}]" if scenario.ids else scenario.name
    case = _Case(suite, name, seconds=scenario.seconds, properties=scenario.links)
    if scenario.outcome is Outcome.PASSED:
        return case
    verdict, type_, message = _verdict(scenario, asked)
    return replace(case, verdict=verdict, type=type_, message=message, detail=_detail(scenario))


def _verdict(scenario: ScenarioResult, asked: Collection[str]) -> tuple[str, str, str]:
    """Return verdict, type and message. An advisory decides nothing, and so never fails."""
    outcome = scenario.outcome
    message = scenario.message or outcome.value
    if scenario.advisory:
        return "skipped", "advisory", f"advisory, {outcome.value}: {scenario.message}"
    if scenario.kind == EXPECTED_FAILURE:
        return "skipped", "expected_failure", f"expected: {scenario.expected_failure} ({message})"
    if outcome is Outcome.FAILED:
        return "failure", outcome.value, message
    if outcome is Outcome.CANT_TELL:
        verdict = "error" if any(id_ in asked for id_ in scenario.ids) else "skipped"
        return verdict, outcome.value, f"cannot tell: {message}"
    return "skipped", outcome.value, f"{outcome.value}: {message}"


def _detail(scenario: ScenarioResult) -> str:
    lines = [scenario.message]
    lines += [
        f"{label}: {value}"
        for label, value in (
            ("expected", scenario.expected),
            ("found", scenario.found),
            ("needs", scenario.missing),
            ("failing step", scenario.failing_step),
            ("expected failure", scenario.expected_failure),
        )
        if value is not None
    ]
    lines.append(f"scenario: {scenario.path}:{scenario.line}")
    lines += [f"  {step.outcome:8}{step.keyword} {step.text}" for step in scenario.steps]
    if scenario.reproduce:
        lines += ["repeat with:", *(f"  {command}" for command in scenario.reproduce)]
    return "\n".join(line for line in lines if line)


def _totals(cases: Sequence[_Case]) -> dict[str, str]:
    return {
        "tests": str(len(cases)),
        "failures": _count(cases, "failure"),
        "errors": _count(cases, "error"),
    }


def _count(cases: Sequence[_Case], verdict: str) -> str:
    return str(sum(case.verdict == verdict for case in cases))


def _seconds(seconds: float) -> str:
    return f"{seconds:.3f}"
