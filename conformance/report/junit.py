"""`junit.xml`, as GitHub, GitLab and Jenkins read it.

A suite per feature, a case per scenario. Failures are failures; what was asked about and could not
be told, and what went wrong with the run, are errors; untested and inapplicable scenarios are
skipped with the reason. Since readers take skipped for harmless, a run that is incomplete without
any error gets one for its conclusion: the file is red exactly when the exit code is not 0.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from xml.etree import ElementTree as ET

from conformance.observe.evidence import masked
from conformance.outcomes import ExitCode, Outcome
from conformance.report.safe_text import one_line, xml
from conformance.report.wording import (
    conclusion_in_words,
    curl_lines,
    fails_as_expected,
    run_exit_code,
)
from conformance.run.result import RunResult, ScenarioResult

_MESSAGE_LIMIT = 300
_DETAIL_LIMIT = 8_000


@dataclass(frozen=True)
class _Case:
    """One `testcase`; `verdict` is failure, error, skipped or None (passed)."""

    suite: str
    name: str
    seconds: float = 0.0
    verdict: str | None = None
    type: str = ""
    message: str = ""
    detail: str = ""


def write_junit(result: RunResult, path: Path) -> None:
    """Write `junit.xml` to `path`; the file is either whole or not there."""
    root = _document(result)
    ET.indent(root)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.part")
    ET.ElementTree(root).write(unfinished, encoding="utf-8", xml_declaration=True)
    unfinished.replace(path)


def _document(result: RunResult) -> ET.Element:
    cases = _cases(result)
    root = ET.Element("testsuites", {"name": "magic-link-conformance", **_totals(cases)})
    root.set("time", _seconds(result.seconds))
    for name in dict.fromkeys(case.suite for case in cases):
        root.append(_suite(name, [case for case in cases if case.suite == name], result))
    if not cases:
        root.append(_suite("run", [], result))
    return root


def _suite(name: str, cases: Sequence[_Case], result: RunResult) -> ET.Element:
    # The established form has no offset in the timestamp; it is UTC.
    started = result.started_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    seconds = sum(case.seconds for case in cases)
    suite = ET.Element("testsuite", {"name": xml(name), **_totals(cases)})
    suite.set("skipped", _count(cases, "skipped"))
    suite.set("time", _seconds(seconds))
    suite.set("timestamp", started)
    properties = ET.SubElement(suite, "properties")
    for key, value in _properties(result):
        ET.SubElement(properties, "property", {"name": xml(key), "value": xml(value)})
    suite.extend(_case(case) for case in cases)
    return suite


def _properties(result: RunResult) -> Iterable[tuple[str, str]]:
    yield "conclusion", result.conclusion.value
    yield "asked", " ".join(result.asked)
    for key, value in result.target.items():
        yield f"target.{key}", one_line(value, _MESSAGE_LIMIT)


def _case(case: _Case) -> ET.Element:
    element = ET.Element("testcase", {"classname": xml(case.suite), "name": xml(case.name)})
    element.set("time", _seconds(case.seconds))
    if case.verdict:
        message = xml(one_line(case.message, _MESSAGE_LIMIT))
        verdict = ET.SubElement(element, case.verdict, {"type": case.type, "message": message})
        verdict.text = xml(_cut(case.detail or case.message))
    return element


def _cases(result: RunResult) -> list[_Case]:
    asked = frozenset(result.asked)
    cases = [_scenario_case(scenario, scenario.feature, asked) for scenario in result.scenarios]
    cases += [_advisory_case(scenario) for scenario in result.advisories]
    cases += list(_unseen(result))
    cases += [
        _Case("harness", one_line(each.where, 200), 0.0, "error", "harness", each.message)
        for each in result.errors
    ]
    cases += [
        _Case(
            "expected failures", one_line(each, 200), 0.0, "error", "stale_expected_failure", each
        )
        for each in result.stale_expected_failures
    ]
    cases += list(_conclusion(result, cases))
    return _told_apart(cases)


def _conclusion(result: RunResult, cases: Sequence[_Case]) -> Iterable[_Case]:
    """Yield a case for a conclusion that no other case shows: something was skipped."""
    red = any(case.verdict in ("failure", "error") for case in cases)
    if not red and run_exit_code(result) is not ExitCode.CONFORMANT:
        words = conclusion_in_words(result)
        yield _Case("conclusion", result.conclusion.value, 0.0, "error", "conclusion", words)


def _told_apart(cases: Sequence[_Case]) -> list[_Case]:
    """Return the cases with repeats of a name numbered, since readers take them for one case."""
    seen: Counter[tuple[str, str]] = Counter()
    different = []
    for case in cases:
        seen[case.suite, case.name] += 1
        count = seen[case.suite, case.name]
        name = case.name if count == 1 else f"{case.name} ({count})"
        different.append(_Case(**{**vars(case), "name": name}))
    return different


def _scenario_case(
    scenario: ScenarioResult, suite: str, asked: Collection[str] = frozenset()
) -> _Case:
    verdict, type_, message = _verdict(scenario, asked)
    return _Case(
        suite=suite or scenario.path,
        name=_case_name(scenario),
        seconds=scenario.seconds,
        verdict=verdict,
        type=type_,
        message=message,
        detail=_detail(scenario),
    )


def _case_name(scenario: ScenarioResult) -> str:
    return f"{scenario.name} [{', '.join(scenario.ids)}]" if scenario.ids else scenario.name


def _advisory_case(scenario: ScenarioResult) -> _Case:
    """Return the case of an advisory scenario, which decides nothing and so never fails."""
    case = _scenario_case(scenario, "advisories")
    if case.verdict is None:
        return case
    message = f"advisory, {scenario.outcome.value}: {scenario.message}"
    return _Case(**{**vars(case), "verdict": "skipped", "type": "advisory", "message": message})


def _unseen(result: RunResult) -> Iterable[_Case]:
    """Yield a skipped case for each asked requirement that no scenario showed."""
    shown = {each.id: each for each in result.requirements}
    for id_ in result.asked:
        requirement = shown.get(id_)
        if requirement is None or not requirement.scenarios:
            reason = requirement.reason if requirement else "no scenario of it ran"
            yield _Case("requirements", id_, 0.0, "skipped", Outcome.UNTESTED.value, reason)


def _verdict(scenario: ScenarioResult, asked: Collection[str]) -> tuple[str | None, str, str]:
    outcome = scenario.outcome
    message = scenario.message or outcome.value
    if fails_as_expected(scenario):
        return "skipped", "expected_failure", f"expected: {scenario.expected_failure} ({message})"
    if outcome is Outcome.PASSED:
        return None, "", ""
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
    if commands := curl_lines(scenario):
        lines += ["repeat with:", *(f"  {command}" for command in commands)]
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


def _cut(text: str) -> str:
    shown = str(masked(text))
    return shown if len(shown) <= _DETAIL_LIMIT else f"{shown[:_DETAIL_LIMIT]}\n… (shortened)"
