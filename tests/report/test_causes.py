"""Failures are put together by their cause and put in order by what they mean."""

from __future__ import annotations

from typing import Any

from conformance.observe.evidence import Evidence
from conformance.outcomes import Failed, Outcome
from conformance.report.causes import NOT_SET_UP, Cause, causes
from conformance.report.model import report_of
from conformance.run.result import ScenarioResult
from conformance.run.scenario import Recording
from tests.report.test_report_examples import failed, in_letters, run, scenario

RULE = "A token that was used is refused the second time"
NO_MAIL = "the mail to a registered user: expected one, found none"


def found(*scenarios: ScenarioResult) -> list[Cause]:
    return causes(report_of(run(*scenarios)))


def broke(message: str, *ids: str, **changes: Any) -> ScenarioResult:
    return failed(*ids, message=message, expected=None, found=None, **changes)


def not_set_up(*ids: str) -> ScenarioResult:
    return scenario(Outcome.CANT_TELL, *ids, message=f"{NOT_SET_UP}{NO_MAIL}")


def test_a_run_without_failures_has_no_causes() -> None:
    assert found(failed("AC-4", expected_failure="known"), failed("EC-2", advisory=True)) == []


def test_the_same_message_about_the_same_requirement_is_one_finding() -> None:
    (finding,) = found(
        broke("found a@example.com at 127.0.0.1:4711", "AC-4", "EC-5"),
        broke("found b@example.com at 127.0.0.1:4712", "EC-5", name="another"),
    )

    assert finding.ids == ("AC-4", "EC-5")
    assert len(finding.scenarios) == 2


def test_another_message_is_another_finding() -> None:
    assert len(found(broke("one", "AC-4"), broke("two", "AC-4"))) == 2


def test_the_same_is_found_at_another_endpoint_for_another_requirement() -> None:
    elsewhere = {
        "exchanges": [{"request": {"method": "GET", "url": "http://a/auth/me"}, "curl": "curl"}]
    }

    assert len(found(broke("one", "AC-4"), broke("one", "AC-8"))) == 1
    assert len(found(broke("one", "AC-4"), broke("one", "AC-8", evidence=elsewhere))) == 2
    assert len(found(broke("one", "AC-4"), broke("one", "AC-4", evidence=elsewhere))) == 1


def test_the_gravest_is_broken_and_the_others_fall_along() -> None:
    (finding,) = found(
        broke("reusable", "FR-6", name="usual"),
        broke("reusable", "AC-4", "EC-5", path="error_states.feature", rule=RULE, name="telling"),
    )

    assert finding.ids == ("AC-4",)
    assert finding.consequences == ("FR-6", "EC-5")
    assert finding.shown_by.name == "telling"
    assert [each.name for each in finding.fallen] == ["usual"]


def test_an_exception_does_not_lead() -> None:
    (finding,) = found(broke("it breaks", "AC-4"), *(broke("it breaks", "FR-1") for _ in range(5)))

    assert finding.ids == ("FR-1",)
    assert finding.consequences == ("AC-4",)


def test_a_missing_log_line_falls_along_with_what_it_is_about() -> None:
    logged = {"path": "logs.feature", "rule": "Each event is logged at its level"}
    (finding,) = found(broke("reusable", "EC-5"), broke("no line", "NFR-4", "EC-5", **logged))
    assert (finding.ids, finding.consequences) == (("EC-5",), ("NFR-4",))

    (finding,) = found(broke("no line", "NFR-4", "EC-5", **logged))
    assert (finding.ids, finding.consequences) == (("NFR-4",), ("EC-5",))


def test_what_another_cause_breaks_is_no_consequence() -> None:
    first, second = found(
        broke("reusable", "AC-4", "EC-5", path="error_states.feature", rule=RULE),
        broke("no line in the log", "EC-5"),
    )

    assert (first.ids, first.consequences) == (("AC-4",), ())
    assert second.ids == ("EC-5",)


def test_how_often_something_is_found_does_not_matter_at_one_step() -> None:
    race = [
        failed("EC-8", expected="1", found=answers)
        for answers in ("16 times 200", "2 times 200, 14 times 400")
    ]

    assert len(found(*race)) == 1
    assert len(found(race[0], failed("EC-8", expected="1", found="16 times 500"))) == 2


def test_a_status_is_no_detail() -> None:
    assert len(found(broke("found 200", "AC-4"), broke("found 500", "AC-4"))) == 2


def test_the_scenario_with_the_fewest_requests_is_told() -> None:
    def requests(number: int) -> dict[str, Any]:
        return {"exchanges": [{"curl": "curl x"}], "exchanges_in_all": number}

    (finding,) = found(
        broke("one", "AC-7", evidence=requests(9), name="long"),
        broke("one", "AC-7", evidence={}, name="without requests"),
        broke("one", "AC-7", evidence=requests(2), name="short"),
    )

    assert finding.shown_by.name == "short"


def test_security_comes_before_behaviour_and_that_before_form() -> None:
    given = [
        broke(in_letters(number), id_)
        for number, id_ in enumerate(("NFR-2", "AC-10", "AC-9", "AC-8", "FR-3", "AC-4"))
    ]

    assert [each.ids[0] for each in found(*given)] == [
        "AC-4",
        "AC-8",
        "AC-9",
        "AC-10",
        "FR-3",
        "NFR-2",
    ]


def test_a_link_that_is_never_mailed_comes_before_everything() -> None:
    first, second = found(
        broke("no limit", "AC-7"),
        broke("no mail", "AC-1"),
        broke(NO_MAIL, "AC-6"),
        broke(NO_MAIL, "NFR-3"),
        not_set_up("AC-4"),
    )

    assert first.ids == ("AC-1",)
    assert first.root
    assert second.ids == ("AC-7",)
    assert first.consequences == ("AC-6", "NFR-3")


def test_where_everything_could_be_set_up_nothing_is_a_root() -> None:
    first, second = found(broke("two mails", "AC-1"), broke("reusable", "AC-4"))

    assert (first.ids, second.ids) == (("AC-4",), ("AC-1",))
    assert not second.root


def test_what_keeps_others_from_being_set_up_is_the_root_itself() -> None:
    (finding,) = found(broke(NO_MAIL, "AC-1", "AC-6"), not_set_up("AC-4"))

    assert finding.root
    assert finding.ids[0] == "AC-1"


def test_the_recorder_says_so_when_a_scenario_could_not_be_set_up() -> None:
    class Thing:
        name = rule = filename = "x"
        type = "given"
        keyword = "Given"
        line_number = 1
        feature: Any
        steps: tuple[()] = ()

    Thing.feature = Thing
    recording = Recording(scenario=Thing, evidence=Evidence())
    recording.step_begins(Thing)
    Thing.rule = None  # type: ignore[assignment]
    result = recording.result(Failed("the mail"))

    assert isinstance(result, ScenarioResult)
    assert result.message == f"{NOT_SET_UP}the mail"
