"""The login flow under load: request a link, read the mail, verify, open a protected page.

    locust -f locustfile.py --headless --host https://app.test --mailbox http://mail.test:8025 \
        --users 50 --run-time 60s

The exit code is 1 when a request failed, when the P99 of request or verify is over its limit
(NFR-5), or when a limit has too few samples to be judged. The mailbox is Mailpit's API. Each
address asks once, since FR-7 lets it ask five times an hour; register enough of them before.
"""

from __future__ import annotations

import re
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

import gevent  # type: ignore[import-untyped]
import httpx2
from locust import FastHttpUser, between, events, task
from locust.env import Environment
from locust.exception import StopUser
from locust.runners import WorkerRunner

_REQUEST = "/auth/magic-link/request"
_VERIFY = "/auth/magic-link/verify"
_TOKEN = re.compile(r"/auth/magic-link/verify\?token=([0-9a-f]{64})")
_MAIL_SECONDS = 5.0
_LOOK_SECONDS = 0.05


def _add_options(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("Magic link")
    group.add_argument("--mailbox", default="http://127.0.0.1:8025", help="base URL of a Mailpit")
    group.add_argument(
        "--addresses", default="load{n}@example.com", help="registered addresses, {n} from 1 on"
    )
    group.add_argument("--address-count", type=int, default=10_000, help="how many of them exist")
    group.add_argument(
        "--most-workers", type=int, default=64, help="into how many shares they are divided"
    )
    group.add_argument("--protected", default="/auth/me", help="a page that needs a session")
    group.add_argument("--request-p99-ms", type=float, default=2000.0, help="NFR-5 for request")
    # That many under a limit show its P99 to hold with a confidence of 95 %.
    group.add_argument("--fewest-answers", type=int, default=299, help="needed to judge a P99")
    group.add_argument("--verify-p99-ms", type=float, default=200.0, help="NFR-5 for verify")


class _Supply:
    """Hands out each address once, a share of its own to every worker."""

    numbers: Iterator[int] = iter(())


def _share_addresses(environment: Environment, **_: Any) -> None:
    """Of n workers at most each takes every n-th address; one that runs alone takes them all."""
    options = environment.parsed_options
    assert options
    first, step = 1, 1
    if isinstance(environment.runner, WorkerRunner):
        first, step = 1 + environment.runner.worker_index, options.most_workers
    _Supply.numbers = iter(range(first, options.address_count + 1, step))


class Person(FastHttpUser):
    """Somebody who logs in by mail, again and again under a new name."""

    wait_time = between(0.1, 0.5)

    def on_start(self) -> None:
        self.options: Any = self.environment.parsed_options
        self.mailbox = httpx2.Client(base_url=self.options.mailbox, timeout=_MAIL_SECONDS)

    def on_stop(self) -> None:
        self.mailbox.close()

    @task
    def log_in(self) -> None:
        number = next(_Supply.numbers, None)
        if number is None:
            self._fail("addresses", "every address was used: raise --address-count")
            raise StopUser
        address = self.options.addresses.format(n=number)
        if self.client.post(_REQUEST, json={"email": address}).status_code != 202:
            return
        token = self._token_for(address)
        if token is None:
            self._fail("mail", "a link was answered for, and no mail came")
            return
        verified = self.client.post(_VERIFY, json={"token": token})
        if verified.status_code != 200:
            return
        # As a header: a jar would withhold a `Secure` cookie on plain http.
        session = str(verified.headers["set-cookie"]).partition(";")[0] if verified.headers else ""
        self.client.get(self.options.protected, headers={"Cookie": session})

    def _token_for(self, address: str) -> str | None:
        """Return the token of the newest mail to an address, once it is there."""
        deadline = time.monotonic() + _MAIL_SECONDS
        while time.monotonic() < deadline:
            query = {"query": f'to:"{address}"', "limit": "1"}
            found = self.mailbox.get("/api/v1/search", params=query).json()["messages"]
            if found:
                mail = self.mailbox.get(f"/api/v1/message/{found[0]['ID']}").json()
                token = _TOKEN.search(mail["Text"])
                return token[1] if token else None
            gevent.sleep(_LOOK_SECONDS)
        return None

    def _fail(self, name: str, reason: str) -> None:
        self.environment.events.request.fire(
            request_type="FLOW",
            name=name,
            response_time=0,
            response_length=0,
            exception=RuntimeError(reason),
            context={},
        )


def _judge(environment: Environment, **_: Any) -> None:
    """Set the exit code, where the figures of all workers come together."""
    if isinstance(environment.runner, WorkerRunner):
        return
    faults = list(_faults(environment))
    for fault in faults:
        print(f"NFR-5 under load: {fault}", file=sys.stderr)  # noqa: T201
    environment.process_exit_code = 1 if faults else 0


def _faults(environment: Environment) -> Iterator[str]:
    options = environment.parsed_options
    assert options
    if environment.stats.total.num_failures:
        yield f"{environment.stats.total.num_failures} requests failed"
    for path, limit in ((_REQUEST, options.request_p99_ms), (_VERIFY, options.verify_p99_ms)):
        stats = environment.stats.get(path, "POST")
        p99 = stats.get_response_time_percentile(0.99)
        if stats.num_requests < options.fewest_answers:
            yield f"{path}: {stats.num_requests} answers; {options.fewest_answers} are needed"
        elif p99 > limit:
            yield f"{path}: P99 is {p99:g} ms, the limit {limit:g} ms"


events.init_command_line_parser.add_listener(_add_options)  # type: ignore[no-untyped-call]
events.test_start.add_listener(_share_addresses)  # type: ignore[no-untyped-call]
events.quitting.add_listener(_judge)  # type: ignore[no-untyped-call]
