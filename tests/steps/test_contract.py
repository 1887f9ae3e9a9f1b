"""The contract run itself: what it sends, when it ends, what it leaves behind."""

from __future__ import annotations

import json
import re
import secrets
import socket
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest

from conformance.observe.evidence import Exchange
from conformance.observe.wire import Wire
from conformance.steps.openapi.expectation import expected_of
from conformance.steps.openapi.feeding import Probe
from conformance.steps.openapi.judgement import Judge
from conformance.steps.openapi.model import ContractInputs
from conformance.steps.openapi.run import run_contract
from tests.steps.contract_stub import (
    CREDENTIALS,
    ENOUGH,
    LOGIN,
    REQUEST,
    UNLIMITED,
    VERIFY,
    Stub,
    contract_run,
    served,
)

pytestmark = pytest.mark.run


def test_probes_are_neutral_and_live_values_reach_the_target() -> None:
    stub = Stub()
    result = contract_run(stub, max_requests=200)
    seen = {json.loads(raw)["email"] for raw in _posted(stub, "/auth/magic-link/request")}
    addresses = {email for email in seen if "@" in email}
    assert all(re.fullmatch(r"[a-z0-9]+@example\.com", address) for address in addresses)
    assert any(address.startswith("r") for address in addresses)
    assert max(stub.asked[address] for address in addresses) == 7
    assert sum(count > 2 for count in stub.asked.values()) == 1
    assert set(result.statuses[VERIFY]) == {200, 400}
    assert set(result.statuses[LOGIN]) >= {200, 401}
    assert all(len(raw) <= 64 * 1024 for _, _, raw in stub.bodies)
    assert all(headers["x-run"] == "1" for headers in stub.headers)


def _posted(stub: Stub, path: str) -> list[bytes]:
    """The bodies with a string email that were posted to `path`."""
    found = []
    for method, posted, raw in stub.bodies:
        if method == "POST" and posted == path and _has_email(raw):
            found.append(raw)
    return found


def _has_email(raw: bytes) -> bool:
    try:
        body = json.loads(raw)
    except ValueError:
        return False
    return isinstance(body, dict) and isinstance(body.get("email"), str)


def test_all_phases_run_and_every_request_is_counted() -> None:
    stub = Stub()
    result = contract_run(stub)
    assert set(result.phases) == {"examples", "coverage", "fuzzing"}
    assert sum(result.phases.values()) == result.requests == len(stub.bodies) == ENOUGH
    assert sum(sum(counts.values()) for counts in result.statuses.values()) == ENOUGH
    assert result.seed == 7


def test_the_same_seed_makes_the_same_requests() -> None:
    runs = [_sequence(seed) for seed in (3, 3, 4)]
    assert runs[0] == runs[1]
    assert runs[0] != runs[2]


def _sequence(seed: int) -> list[tuple[str, str, bytes]]:
    stub = Stub()
    contract_run(stub, seed=seed)
    fresh = re.compile(rb"[cr][0-9a-f]{16}@example")
    known = {token.encode() for token in stub.used}
    masked = []
    for method, path, raw in stub.bodies:
        for token in known:
            raw = raw.replace(token, b"<live>")
        masked.append((method, path, fresh.sub(b"<fresh>@example", raw)))
    # Some are under way at the same time and may overtake one another.
    return sorted(masked)


def test_leaves_no_files_and_prints_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    contract_run(Stub())
    assert list(tmp_path.iterdir()) == []
    assert capfd.readouterr() == ("", "")


def test_without_live_tokens_the_run_has_not_reached_everything() -> None:
    stub = Stub()
    with served(stub.app()) as base_url:
        inputs = ContractInputs(base_url, {}, lambda: None, lambda: None, None)
        result = run_contract(inputs, time_limit=UNLIMITED, seed=1, max_requests=40)
    assert result.failures == ()
    assert not result.reached
    assert CREDENTIALS[1].encode() not in b"".join(raw for _, _, raw in stub.bodies)


def test_no_request_starts_after_the_time_limit() -> None:
    stub = Stub()
    with served(stub.app()) as base_url:
        result = run_contract(stub.inputs(base_url), time_limit=0.0, seed=1)
    assert (result.requests, stub.bodies) == (0, [])


def test_a_target_that_never_answers_fails_after_a_second_attempt() -> None:
    accepted = 0
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def hang_up() -> None:
            nonlocal accepted
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                accepted += 1
                connection.close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        inputs = Stub().inputs(f"http://127.0.0.1:{listening.getsockname()[1]}")
        result = run_contract(inputs, time_limit=UNLIMITED, seed=1, max_requests=6)
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()
    # Five, twice each: those under way when the number is reached get their second attempt.
    assert accepted == result.requests == 10
    assert {failure.operation for failure in result.failures} == {REQUEST, VERIFY, LOGIN}
    assert all(failure.expected == "an answer" for failure in result.failures)
    assert all(failure.found.startswith("no answer: ") for failure in result.failures)


def test_one_login_gets_more_time_when_it_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    allowed: dict[str, list[float]] = {}

    def never(_: Wire, __: str, path: str, *___: object, timeout: float, keep: bool) -> Exchange:
        allowed.setdefault(path, []).append(timeout)
        return Exchange("POST", path, (), b"", error="no answer")

    monkeypatch.setattr(Wire, "attempt", never)
    run_contract(Stub().inputs("http://nowhere"), time_limit=UNLIMITED, seed=1, max_requests=40)
    assert sorted(allowed.pop("/auth/login"))[-2:] == [10, 30]
    assert {seconds for given in allowed.values() for seconds in given} == {10}


def test_a_closed_connection_conforms_for_large_tokens_only() -> None:
    case: Any = None  # not looked at where there is no answer
    for length, failures in ((64, 1), (65, 0)):
        judge = Judge()
        probe = _verification("a" * length)
        judge.judge(case, probe, Exchange("POST", "http://x", (), probe.body, error="reset"))
        assert len(judge.failures) == failures


def _verification(token: str) -> Probe:
    body = json.dumps({"token": token}).encode()
    return Probe("POST", "/auth/magic-link/verify", "application/json", body)


@pytest.mark.parametrize(
    ("body", "statuses"),
    [
        (b'{"token": "x"}', "400"),
        (b'{"token": "x", "more": 1}', "400 or any 4xx"),
        (b'{"token": "\\ud800"}', "400 or any 4xx"),
        (b'{"token": 1}', "any 4xx"),
        (b"{}", "any 4xx"),
        (b"[]", "any 4xx"),
        (b"", "any 4xx"),
        (b"\xff{", "any 4xx"),
        (b"[" * 50_000, "any 4xx"),
    ],
)
def test_what_conforms_depends_on_the_body(body: bytes, statuses: str) -> None:
    probe = Probe("POST", "/auth/magic-link/verify", "application/json", body)
    assert expected_of(probe).statuses == statuses


@pytest.mark.parametrize(
    "body",
    [b'{"token": "it\'s"}', b'{"a":"\xc3\xa9$HOME`id`%s"}', b"\x00%\n\\'\xff\x07", b"a\nb", b"@f"],
)
def test_the_curl_command_is_one_line_and_true_to_the_byte(body: bytes) -> None:
    sent = (("content-type", "application/json"), ("accept", "*/*"))
    command = Exchange("POST", "http://127.0.0.1:1/x?a=b&c", sent, body).curl()
    assert "\n" not in command
    assert "accept" not in command
    # A curl that prints the body that it was told to send.
    spy = (
        'curl() { while [ $# -gt 0 ]; do case "$1" in'
        ' --data-raw) printf %s "$2";; --data-binary) cat;; esac; shift; done; }; '
    )
    shown = subprocess.run(["bash", "-c", spy + command], capture_output=True, check=True)
    assert shown.stdout == body


def test_live_tokens_are_sent_once_as_live() -> None:
    stub = Stub()
    handed: list[str] = []

    def next_token() -> str:
        handed.append(secrets.token_hex(32))
        stub.live.add(handed[-1])
        return handed[-1]

    with served(stub.app()) as base_url:
        given = stub.inputs(base_url)
        inputs = ContractInputs(base_url, {}, next_token, given.next_email, CREDENTIALS)
        run_contract(inputs, time_limit=UNLIMITED, seed=1, max_requests=ENOUGH)
    assert len(handed) >= 3
    # Once as live; a token that was accepted may come a second time, as a used one.
    times = {stub.tokens.count(token) for token in handed}
    assert 2 in times <= {1, 2}


def test_only_what_is_repeated_on_purpose_is_sent_twice() -> None:
    stub = Stub()
    contract_run(stub, max_requests=200)
    worn = max(stub.asked, key=lambda address: stub.asked[address]).encode()
    meant = {worn, CREDENTIALS[0].encode(), *(token.encode() for token in stub.used)}
    content_types = [headers.get("content-type") for headers in stub.headers]
    others = [
        sent
        for sent in zip(stub.bodies, content_types, strict=True)
        if not any(text in sent[0][2] for text in meant)
    ]
    assert len(others) == len(set(others))
