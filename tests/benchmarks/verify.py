"""Verify: throughput and latency of one process, beside Express and beside PostgreSQL alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from statistics import median

from conformance.target.database.postgres import EmbeddedPostgres
from tests.benchmarks import floor
from tests.benchmarks.client import Load, load, post
from tests.benchmarks.result import Result
from tests.benchmarks.servers import Rows, Server, express, raw_token, reference

ANSWERS = "answers/s, one process"
PROCESSOR = "processor µs per answer"
_P50, _P99 = "P50 ms at half of that", "P99 ms at half of that"
_STATEMENTS = "statements per verify"
_GENERATOR = "load generator, % of a processor"

_ROUNDS = 5
_SECONDS = 3
_TOKENS = 30_000 * (_ROUNDS + 3)
_CLIENTS = 8
_TOKENS_PER_CLIENT = 30_000
_P99_AIM_MILLISECONDS = 20.0
_TRANSACTIONS = b"""
    SELECT sum(xact_commit + xact_rollback) FROM pg_stat_database
    WHERE datname = current_database()
"""


class Verifying:
    """One server to which tokens are presented, each once, and what came of it."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._numbers = count(1)
        self.rates: list[float] = []
        self.cpu_microseconds: list[float] = []
        self.client_share = 0.0
        self.answered = 0

    def load(self, seconds: float, rate: float | None = None) -> Load:
        """Present tokens for some seconds; raise RuntimeError when a live one is refused."""
        done = load(self._server.url, self._requests(), seconds=seconds, rate=rate)
        if done.refused:
            raise RuntimeError(f"{self._server.name} refused {done.refused} live tokens")
        self.answered += len(done.latencies)
        self.client_share = max(self.client_share, done.client_share)
        return done

    def round(self, seconds: float) -> None:
        """Ask for as much as one process does."""
        used = self._server.cpu_seconds()
        done = self.load(seconds)
        used = self._server.cpu_seconds() - used
        self.rates.append(done.rate)
        self.cpu_microseconds.append(used / len(done.latencies) * 1e6)

    def report(self, result: Result) -> None:
        """Note the medians of the rounds."""
        result.add(self._server.name, ANSWERS, median(self.rates))
        result.add(self._server.name, PROCESSOR, median(self.cpu_microseconds))

    def _requests(self) -> Iterator[bytes]:
        for number in self._numbers:
            body = json.dumps({"token": raw_token(number)}).encode()
            yield post(self._server.url, "/auth/magic-link/verify", body)


def in_turns(all_of_them: list[Verifying], *, rounds: int, seconds: float) -> None:
    """Load each in turn, so that what else the machine does hits all alike."""
    for each in all_of_them:
        each.load(seconds)  # warms caches and Node's compiler
    for _ in range(rounds):
        for each in all_of_them:
            each.round(seconds)


def add_tokens(server: Server, tokens: int) -> None:
    """Add a thousand users and as many tokens."""
    with closing(Rows(server.database_url)) as rows:
        rows.add_users(1000)
        rows.add_tokens(1, tokens)


def run(postgres: EmbeddedPostgres, scratch: Path) -> Result:
    """Measure the reference beside Express and pgbench."""
    result = Result("verify")
    with reference(postgres, scratch) as ours, express(postgres, scratch) as theirs:
        measured = {server.name: Verifying(server) for server in (ours, theirs)}
        for server in (ours, theirs):
            add_tokens(server, _TOKENS)
        with closing(Rows(ours.database_url)) as rows:
            before = rows.count(_TRANSACTIONS)
        in_turns(list(measured.values()), rounds=_ROUNDS, seconds=_SECONDS)
        for name, each in measured.items():
            each.report(result)
            half = each.load(_SECONDS * 2, rate=median(each.rates) / 2)
            result.add(name, _P50, half.percentile(50))
            result.add(name, _P99, half.percentile(99))
            result.add(name, _GENERATOR, each.client_share * 100)
    # PostgreSQL's processes hand in what they counted when they end, with the server's connections.
    with closing(Rows(ours.database_url)) as rows:
        # Outside a transaction block each statement is a transaction, and a round trip.
        statements = (rows.count(_TRANSACTIONS) - before) / measured[ours.name].answered
        result.add(ours.name, _STATEMENTS, statements)
    _report_floor(result, ours, scratch)
    _judge(result)
    return result


def _report_floor(result: Result, ours: Server, scratch: Path) -> None:
    program = floor.pgbench()
    if program is None:
        result.missing.append(floor.MISSING)
        return
    with closing(Rows(ours.database_url)) as rows:
        for first, many in floor.first_tokens(_CLIENTS, _TOKENS_PER_CLIENT):
            rows.add_tokens(first, many, as_hash=True, settle=False)
        rows.settle()
    tps = floor.spends_per_second(program, ours.database_url, scratch, _CLIENTS, _SECONDS)
    result.add("pgbench, the same statement", ANSWERS, tps)
    result.ratios["reference : pgbench"] = result.figures[ours.name][ANSWERS] / tps


def _judge(result: Result) -> None:
    ours, theirs = (result.figures[name] for name in ("reference", "express"))
    result.ratios["reference : express, answers/s"] = ours[ANSWERS] / theirs[ANSWERS]
    result.aims["At least Express's throughput per process"] = ours[ANSWERS] >= theirs[ANSWERS]
    result.aims["One statement per verify"] = round(ours[_STATEMENTS], 1) == 1
    result.aims[f"P99 under {_P99_AIM_MILLISECONDS:g} ms at half of the maximum"] = (
        ours[_P99] < _P99_AIM_MILLISECONDS
    )
