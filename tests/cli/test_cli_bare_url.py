"""`--base-url` with nothing but one known account: what cannot be seen is never called passed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import pytest

from conformance.target.accounts.supply import Account
from conformance.target.launch.ports import free_port
from conformance.target.predefined import reference_launched
from conformance.target.testbed_setup import Permissions, TestbedOpening
from tests.place import STUB, Ended, Place, eventually_none

pytestmark = pytest.mark.run

# What each criterion needs beyond the wire and the one account.
MISSING = {
    "AC-1": "accounts",
    "AC-2": "mailbox",
    "AC-3": "mailbox",
    "AC-4": "mailbox",
    "AC-5": "mailbox",
    "AC-6": "accounts",
    "AC-7": "accounts",
    "AC-8": "mailbox",
    "AC-9": "accounts",
    "AC-10": "accounts",
}


@pytest.fixture(scope="module")
def ended() -> Iterator[Ended]:
    """A run against the reference, of which only the URL and one account are told."""
    opening = TestbedOpening(reference_launched(), Permissions())
    testbed = opening.open()
    try:
        [account] = testbed.accounts.take()
        with Place() as place:
            yield _run(place, testbed.wire.base_url, account)
            assert place.leftovers() == []
    finally:
        opening.close()


def _run(place: Place, url: str, account: Account, *further: str) -> Ended:
    given = ["--base-url", url, "--email", account.email, *further]
    return place.run(*given, MAGIC_LINK_PASSWORD=account.password or "")


def test_the_run_is_incomplete(ended: Ended) -> None:
    assert ended.code == 3, ended.err
    assert ended.report is not None
    assert ended.report["conclusion"] == "incomplete"


@pytest.mark.parametrize("id_", MISSING)
def test_each_criterion_says_what_is_missing(ended: Ended, id_: str) -> None:
    assert ended.report is not None
    requirement = ended.report["requirements"][id_]
    assert requirement["outcome"] == "untested"
    assert requirement["reason"].startswith(f"needs {MISSING[id_]}: ")


def test_what_passed_was_seen_on_the_wire_alone(ended: Ended) -> None:
    assert ended.report is not None
    passed = [s for s in ended.report["scenarios"] if s["outcome"] == "passed"]
    assert passed
    assert all(set(s["points"]) <= {"wire", "repetition", "statistic"} for s in passed)


def test_password_login_itself_was_seen(ended: Ended) -> None:
    assert ended.report is not None
    seen = {scenario["name"]: scenario for scenario in ended.report["scenarios"]}
    assert seen["a user logs in with a wrong password"]["outcome"] == "passed"
    right = seen["a user logs in with the right password"]
    # Whose session it is cannot be told without the user's id; all before that was as it should be.
    assert right["failing_step"] == "And the session belongs to the user"
    assert right["outcome"] == "untested"


def test_the_password_stands_in_no_report(ended: Ended) -> None:
    assert "Pw-" not in str(ended.report)
    assert "Pw-" not in ended.out


@contextmanager
def _stub(*known: str) -> Iterator[str]:
    """Run a target that answers 404 to whoever is not known; yield its URL."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, str(STUB), str(port), "honest"], env={"KNOWN": " ".join(known)}
    )
    url = f"http://127.0.0.1:{port}"
    try:
        assert eventually_none(lambda: _unreachable(url), 10.0) == []
        yield url
    finally:
        process.terminate()
        process.wait()


def _unreachable(url: str) -> list[str]:
    try:
        httpx2.get(url)
    except httpx2.TransportError as error:
        return [str(error)]
    return []


def test_what_the_wire_alone_shows_is_failed() -> None:
    account = Account("ada@example.com", None, "irrelevant")
    with Place() as place, _stub(account.email) as url:
        ended = _run(place, url, account, "--only", "AC-6,AC-9")
    assert ended.code == 1
    assert (ended.outcome("AC-6"), ended.outcome("AC-9")) == ("failed", "failed")
