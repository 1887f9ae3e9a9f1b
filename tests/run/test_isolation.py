"""Which targets run side by side, and how many."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.observe.settings import DatabasePart, LogPart, MailPart
from conformance.run.isolation import usual_workers, worker_count
from conformance.target.description import AccountsPart, TargetDescription
from conformance.target.predefined import bare_url, reference_in_process, reference_launched

REFERENCE = reference_in_process()
LAUNCHED = reference_launched()


def altered(description: TargetDescription, **parts: object) -> TargetDescription:
    return description.model_copy(update=parts)


@pytest.mark.parametrize("description", [REFERENCE, LAUNCHED])
def test_targets_of_the_harness_s_own_can_run_side_by_side(
    description: TargetDescription,
) -> None:
    assert worker_count(description, 121, 4) == 4


@pytest.mark.parametrize(
    ("why", "description"),
    [
        ("it runs already", bare_url("http://127.0.0.1:1", None, None, {})),
        ("one database", altered(LAUNCHED, database=DatabasePart(url="postgresql://h/d"))),
        ("one log", altered(LAUNCHED, log=LogPart(file=Path("app.log")))),
        ("one mail port", altered(LAUNCHED, mail=MailPart(port=2525))),
        ("one mailbox", altered(LAUNCHED, mail=MailPart(kind="mailpit", url="http://localhost:1"))),
        (
            "one list of accounts",
            altered(LAUNCHED, accounts=AccountsPart(kind="command", command=["x"])),
        ),
    ],
)
def test_what_targets_would_share_keeps_them_apart_in_time(
    why: str, description: TargetDescription
) -> None:
    assert worker_count(description, 121, 4) == 1, why


def test_a_server_of_the_user_s_own_serves_one_target_unless_more_are_asked_for() -> None:
    described = altered(LAUNCHED, database=DatabasePart(server="postgresql://127.0.0.1:1/d"))
    assert worker_count(described, 121, None) == 1
    assert worker_count(described, 121, 3) == 3


def test_workers_that_were_asked_for_do_not_wait_for_idle_processors() -> None:
    assert usual_workers(None) == 4
    assert usual_workers(8) is None


def test_a_few_scenarios_are_not_worth_a_second_target() -> None:
    assert worker_count(REFERENCE, 11, 4) == 1
