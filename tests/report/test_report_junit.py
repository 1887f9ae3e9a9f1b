"""`junit.xml` has the established form, and nothing undecided reads as green."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from conformance.outcomes import ExitCode, Outcome
from conformance.report.junit import junit
from conformance.report.model import report_of
from conformance.run.result import HarnessError, RunResult
from tests.report.test_report_examples import (
    JWT,
    TOKEN,
    every_kind,
    failed,
    run,
    scenario,
    untested,
)

# The attributes and children that the JUnit schemas in use (Jenkins' among them) have in common.
ATTRIBUTES = {
    "testsuites": {"name", "tests", "failures", "errors", "time"},
    "testsuite": {"name", "tests", "failures", "errors", "skipped", "time", "timestamp"},
    "properties": set(),
    "property": {"name", "value"},
    "testcase": {"classname", "name", "time"},
    "failure": {"type", "message"},
    "error": {"type", "message"},
    "skipped": {"type", "message"},
}
CHILDREN = {
    "testsuites": {"testsuite"},
    "testsuite": {"properties", "testcase"},
    "properties": {"property"},
    "testcase": {"properties", "failure", "error", "skipped"},
}
FORMS = {
    "tests": r"\d+",
    "failures": r"\d+",
    "errors": r"\d+",
    "skipped": r"\d+",
    "time": r"\d+\.\d+",
    "timestamp": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d",
}


def written(result: RunResult) -> ET.Element:
    return ET.fromstring(junit(report_of(result)))


def structural_faults(root: ET.Element) -> list[str]:
    faults = [] if root.tag == "testsuites" else [f"the root is {root.tag}"]
    for element in root.iter():
        faults += faults_of_form(element)
    for element in [root, *root.iter("testsuite")]:
        faults += faults_of_counts(element)
    for suite in root.iter("testsuite"):
        names = [case.get("name") for case in suite.iter("testcase")]
        if len(set(names)) != len(names):
            faults.append(f"{suite.get('name')} has cases of one name")
        if suite[0].tag != "properties":
            faults.append(f"{suite.get('name')} does not begin with its properties")
    return faults


def faults_of_form(element: ET.Element) -> list[str]:
    faults = []
    if set(element.attrib) != ATTRIBUTES[element.tag]:
        faults.append(f"{element.tag} has {sorted(element.attrib)}")
    if wrong := {child.tag for child in element} - CHILDREN.get(element.tag, set()):
        faults.append(f"{element.tag} holds {sorted(wrong)}")
    if element.tag == "testcase" and len(verdicts(element)) > 1:
        faults.append(f"{element.get('name')} has more than one verdict")
    faults += [
        f"{element.tag} has {name}={value}"
        for name, value in element.attrib.items()
        if not re.fullmatch(FORMS.get(name, ".*"), value, re.DOTALL)
    ]
    return faults


def faults_of_counts(element: ET.Element) -> list[str]:
    counted = {"tests": "testcase", "failures": "failure", "errors": "error"}
    if element.tag == "testsuite":
        counted["skipped"] = "skipped"
    return [
        f"{element.get('name')} miscounts {attribute}"
        for attribute, tag in counted.items()
        if int(element.attrib[attribute]) != len(list(element.iter(tag)))
    ]


def case(root: ET.Element, part_of_name: str) -> ET.Element:
    (found,) = (each for each in root.iter("testcase") if part_of_name in each.attrib["name"])
    return found


def verdicts(case: ET.Element) -> list[ET.Element]:
    return [each for each in case if each.tag != "properties"]


def verdict(root: ET.Element, part_of_name: str) -> tuple[str, str, str]:
    (found,) = verdicts(case(root, part_of_name))
    return found.tag, found.attrib["type"], found.attrib["message"]


@pytest.mark.parametrize(
    "result",
    [every_kind(), run(), run(requirements=(), asked=())],
    ids=["every kind", "conformant", "nothing"],
)
def test_the_form_is_the_established_one(result: RunResult) -> None:
    assert structural_faults(written(result)) == []


def test_a_suite_per_feature_and_a_case_per_scenario() -> None:
    other = scenario(Outcome.PASSED, "AC-1", "FR-4", feature="Happy path", name="a link arrives")
    root = written(run(other))

    assert [suite.get("name") for suite in root] == ["Happy path", "Error states"]
    shown = case(root, "a link arrives")
    assert shown.get("name") == "a link arrives [AC-1, FR-4]"
    assert shown.get("classname") == "Happy path"
    assert shown.get("time") == "0.420"
    assert verdicts(shown) == []


def test_a_failure_tells_how_to_repeat_it() -> None:
    root = written(every_kind())
    (failure,) = verdicts(case(root, "[AC-4, EC-5]"))

    assert (failure.tag, failure.get("type")) == ("failure", "failed")
    assert failure.get("message") == "the status of the answer: expected 400, found 200"
    assert failure.text is not None
    for part in (
        "expected: 400",
        "found: 200",
        'failing step: Then the answer is 400 with the error "TOKEN_USED"',
        "passed  Given a registered user",
        "curl -i -X POST http://127.0.0.1:8000/auth/magic-link/verify",
        "features/error_states.feature:",
    ):
        assert part in failure.text


def test_a_case_links_to_its_requirements_and_its_place() -> None:
    shown = case(written(run(failed("AC-4", "EC-5", readings=(5, 23), line=7))), "[AC-4, EC-5]")
    found = [(each.get("name"), each.get("value")) for each in shown.iter("property")]
    assert found == [
        ("requirement", "AC-4"),
        ("requirement", "EC-5"),
        ("reading", "5"),
        ("reading", "23"),
        ("feature", "features/error_states.feature"),
        ("line", "7"),
    ]


def test_what_is_not_decided_is_not_green() -> None:
    root = written(every_kind())

    assert verdict(root, "[AC-5]")[:2] == ("skipped", "untested")
    assert "needs clock" in verdict(root, "[AC-5]")[2]
    assert verdict(root, "[AC-3]")[:2] == ("skipped", "inapplicable")
    assert verdict(root, "[AC-9]")[:2] == ("error", "cant_tell")
    assert verdict(root, "[AC-7]")[0] == "skipped"
    assert verdict(root, "[AC-7]")[2].startswith("expected: known, to be mended in spring")


def test_what_nobody_asked_about_and_cannot_be_told_is_skipped() -> None:
    root = written(run(scenario(Outcome.CANT_TELL, "NFR-5", message="too few")))

    assert verdict(root, "[NFR-5]") == ("skipped", "cant_tell", "cannot tell: too few")


@pytest.mark.parametrize(
    "result",
    [
        run(),
        run(failed("AC-4")),
        run(failed("EC-5")),
        run(failed("AC-4", expected_failure="known")),
        run(untested("AC-5")),
        run(untested("NFR-4")),
        run(scenario(Outcome.CANT_TELL, "AC-9")),
        run(scenario(Outcome.CANT_TELL, "NFR-5")),
        run(scenario(Outcome.INAPPLICABLE, "AC-3")),
        run(failed("EC-2", advisory=True)),
        run(asked=("AC-1",), partial=True),
        run(requirements=()),
        run(errors=(HarnessError("here", "broke"),)),
        run(stale_expected_failures=("one",)),
        every_kind(),
    ],
)
def test_the_file_is_red_exactly_when_the_exit_code_is_not_0(result: RunResult) -> None:
    root = written(result)
    red = int(root.attrib["failures"]) + int(root.attrib["errors"])

    assert bool(red) is (result.exit_code is not ExitCode.CONFORMANT)


def test_a_run_that_only_skipped_tells_its_conclusion() -> None:
    root = written(run(untested("AC-5")))

    assert verdict(root, "[AC-5]")[0] == "skipped"
    tag, kind, message = verdict(root, "incomplete")
    assert (tag, kind) == ("error", "conclusion")
    assert message.startswith("incomplete: AC-5 untested; 9 of 10 asked requirements passed")


def test_errors_and_stale_expected_failures_are_errors() -> None:
    root = written(every_kind())

    assert verdict(root, "closing") == ("error", "harness", "the database did not stop")
    assert verdict(root, "the expected failure of AC-1")[:2] == ("error", "stale_expected_failure")


def test_advisories_never_fail() -> None:
    root = written(every_kind())

    tag, _, message = verdict(root, "an advisory that found something")
    assert tag == "skipped"
    assert message.startswith("advisory, failed: ")
    assert verdicts(case(root, "an advisory that found nothing")) == []


def test_an_asked_requirement_without_a_scenario_is_skipped() -> None:
    whole = run()
    part = [each for each in whole.requirements if each.id not in ("AC-2", "AC-3")]
    root = written(run(requirements=tuple(part)))

    expected = ("skipped", "untested", "no scenario of it ran")
    assert [verdict(root, id_) for id_ in ("AC-2", "AC-3")] == [expected] * 2


def test_properties_tell_what_was_asked_of_what() -> None:
    root = written(run(untested("AC-5")))
    shown = {each.get("name"): each.get("value") for each in root[0].iter("property")}

    assert shown["conclusion"] == "incomplete"
    assert shown["asked"] == " ".join(f"AC-{number}" for number in range(1, 11))
    assert shown["target.base_url"] == "http://127.0.0.1:8000"


def test_examples_of_one_name_are_numbered() -> None:
    twins = [scenario(Outcome.PASSED, "AC-1", name="twin"), failed("AC-1", name="twin")]
    root = written(run(*twins))

    names = [str(each.get("name")) for each in root.iter("testcase")]
    assert [name for name in names if "twin" in name] == ["twin [AC-1]", "twin [AC-1] (2)"]
    assert verdict(root, "twin [AC-1] (2)")[0] == "failure"


def test_what_xml_forbids_is_replaced() -> None:
    nasty = "a\x00b\x1b[31mc\ud800d\uffffe <&> \"'"
    changes = {"name": nasty, "feature": nasty, "message": nasty, "found": nasty}
    result = run(
        failed("AC-4", **changes),
        errors=(HarnessError(nasty, nasty),),
        stale_expected_failures=(nasty,),
        target={nasty: nasty},
    )
    root = written(result)

    assert structural_faults(root) == []
    assert [suite.get("name") for suite in root][1] == "a\ufffdb\ufffd[31mc\ufffdd\ufffde <&> \"'"


def test_huge_messages_are_cut_and_secrets_masked() -> None:
    result = run(
        failed("AC-4", message=f"{TOKEN} {JWT} {'x' * 100_000}"),
        errors=(HarnessError("closing", TOKEN),),
    )
    root = written(result)
    text = ET.tostring(root, encoding="unicode")

    assert TOKEN not in text
    assert JWT not in text
    assert len(text) < 50_000
    assert len(verdict(root, "[AC-4]")[2]) <= 300
