"""What is shown of a failure is what the expectation is about."""

from __future__ import annotations

from typing import Any

from conformance.observe.evidence import Exchange
from conformance.report.reproduction import last_requests, seen
from conformance.run.result import ScenarioResult, StepResult
from tests.report.test_report_examples import failed

MAIL = {"to": ["ada@example.com"], "subject": "Log in", "text": "https://x/verify", "html": ""}


def answered(*headers: tuple[str, str]) -> ScenarioResult:
    exchange = Exchange("POST", "http://127.0.0.1:1/x", (), b"", 200, headers, b"{}")
    evidence = {"exchanges": [exchange.as_dict()], "exchanges_in_all": 5}
    return failed("AC-2", evidence=evidence)


def with_evidence(step: str, **evidence: Any) -> ScenarioResult:
    return failed("AC-1", steps=(StepResult("Then", step, "failed"),), evidence=evidence)


def test_headers_that_a_sentence_may_be_about_are_shown() -> None:
    cookie = ("Set-Cookie", "auth_token=secret; Path=/")
    headers = [cookie, ("content-type", "text/html"), ("server", "x"), ("location", "/login")]
    earlier, [request] = last_requests(answered(*headers))
    assert earlier == 4
    assert request.headers == (
        "Set-Cookie: auth_token=<cookie>; Path=/",
        "content-type: text/html",
        "location: /login",
    )


def test_what_every_answer_has_is_not_shown() -> None:
    json = ("content-type", "application/json; charset=utf-8")
    _, [request] = last_requests(answered(json, ("date", "today")))
    assert request.headers == ()


def test_mail_is_shown_where_the_step_is_about_it() -> None:
    about = with_evidence("exactly one mail goes out to the user", mails=[MAIL])
    assert seen(about)["mails"] == ["to ada@example.com: Log in: https://x/verify"]
    assert "mails" not in seen(with_evidence("the answer is 200", mails=[MAIL]))


def test_the_service_s_own_errors_come_first_and_whole() -> None:
    errors = [f"line {n}" for n in range(7)]
    shown = seen(with_evidence("the answer is 200", log_lines=["a"], log_errors=errors))
    assert [*shown] == ["log_errors", "log_lines"]
    assert shown["log_errors"] == errors
