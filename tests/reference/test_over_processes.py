"""What PostgreSQL decides when several processes ask at once (EC-8, FR-7)."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from typing import TypeAlias

import httpx2
import pytest

from tests.reference.conftest import Database
from tests.reference.processes import Launched, launched, sendgrid_settings
from tests.reference.servers import sendgrid_sink

PROCESSES = 3
VERIFY = "/auth/magic-link/verify"
REQUEST = "/auth/magic-link/request"
Outcomes: TypeAlias = Counter[tuple[int, str | None]]


@pytest.fixture(scope="module")
def processes(
    database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Launched]]:
    directory = tmp_path_factory.mktemp("processes")
    with ExitStack() as stack:
        mail = sendgrid_settings(stack.enter_context(sendgrid_sink()).url)
        yield [
            stack.enter_context(launched(database_url, directory / f"{n}.log", mail))
            for n in range(PROCESSES)
        ]


def all_at_once(processes: list[Launched], path: str, body: dict[str, str], count: int) -> Outcomes:
    """Send the same request `count` times, to the processes in turn; count status and code."""

    async def ask() -> Outcomes:
        limits = httpx2.Limits(max_connections=count)
        async with httpx2.AsyncClient(limits=limits, timeout=30, trust_env=False) as client:
            # Connected beforehand, so that all of them arrive together.
            urls = [processes[number % PROCESSES].url for number in range(count)]
            await asyncio.gather(*(client.get(url + "/health/live") for url in urls))
            answers = await asyncio.gather(*(client.post(url + path, json=body) for url in urls))
        return Counter((answer.status_code, answer.json().get("error")) for answer in answers)

    return asyncio.run(ask())


def test_of_a_hundred_verifies_one_gets_the_session(
    processes: list[Launched], database: Database
) -> None:
    user_id = database.add_user("ada@example.com")
    for _ in range(3):
        token = secrets.token_hex(32)
        database.add_token(user_id, token)
        answers = all_at_once(processes, VERIFY, {"token": token}, 100)
        assert answers == {(200, None): 1, (400, "TOKEN_USED"): 99}


def test_of_fifty_requests_five_are_accepted(processes: list[Launched], database: Database) -> None:
    database.add_user("ada@example.com")
    for address in ("ada@example.com", "nobody@example.com"):
        answers = all_at_once(processes, REQUEST, {"email": address}, 50)
        assert answers == {(202, None): 5, (429, "RATE_LIMIT_EXCEEDED"): 45}
        key = hashlib.sha256(address.encode()).hexdigest()
        counted = 'SELECT count(*) FROM magic_link_attempts WHERE "addressKey" = %s'
        assert database.rows(counted, key) == [(5,)]
