"""Verify: throughput and latency of one process, beside Express and beside PostgreSQL alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from statistics import median

from conformance.control.postgres import EmbeddedPostgres
from tests.benchmarks import floor
from tests.benchmarks.client import Load, load, post
from tests.benchmarks.result import Result
from tests.benchmarks.servers import Rows, Server, express, raw_token, reference

_ROUNDS = 3
_SECONDS = 3
_TOKENS = 30_000 * (_ROUNDS + 3)
_CLIENTS = 8
_TOKENS_PER_CLIENT = 30_000
_P99_AIM_MILLISECONDS = 20.0
_TRANSACTIONS = b"""
    SELECT sum(xact_commit + xact_rollback) FROM pg_stat_database
    WHERE datname = current_database()
"""


class _Measured:
    """One server and what came of its loads."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._numbers = count(1)
        self.rates: list[float] = []
        self.cpu_microseconds: list[float] = []
        self.client_share = 0.0
        self.answered = 0

    def load(self, seconds: float, rate: float | None = None) -> Load:
        done = load(self._server.url, self._requests(), seconds=seconds, rate=rate)
        if done.refused:
            raise RuntimeError(f"{self._server.name} refused {done.refused} live tokens")
        self.answered += len(done.latencies)
        self.client_share = max(self.client_share, done.client_share)
        return done

    def round(self) -> None:
        """Ask for as much as one process does."""
        used = self._server.cpu_seconds()
        done = self.load(_SECONDS)
        used = self._server.cpu_seconds() - used
        self.rates.append(done.rate)
        self.cpu_microseconds.append(used / len(done.latencies) * 1e6)

    def _requests(self) -> Iterator[bytes]:
        for number in self._numbers:
            body = json.dumps({"token": raw_token(number)}).encode()
            yield post(self._server.url, "/auth/magic-link/verify", body)


def run(postgres: EmbeddedPostgres, scratch: Path) -> Result:
    """Measure in turns, so that what else the machine does hits both alike."""
    result = Result("verify")
    with reference(postgres, scratch) as ours, express(postgres, scratch) as theirs:
        measured = {server.name: _Measured(server) for server in (ours, theirs)}
        for server in (ours, theirs):
            with closing(Rows(server.database_url)) as rows:
                rows.add_users(1000)
                rows.add_tokens(1, _TOKENS)
        with closing(Rows(ours.database_url)) as rows:
            before = rows.count(_TRANSACTIONS)
        for each in measured.values():
            each.load(_SECONDS)  # warms caches and Node's compiler
        for _ in range(_ROUNDS):
            for each in measured.values():
                each.round()
        for name, each in measured.items():
            _report_throughput(result, name, each)
            _report_half_load(result, name, each)
    # PostgreSQL's processes hand in what they counted when they end, with the server's connections.
    with closing(Rows(ours.database_url)) as rows:
        # Outside a transaction block each statement is a transaction, and a round trip.
        statements = (rows.count(_TRANSACTIONS) - before) / measured[ours.name].answered
        result.figures["reference: statements per verify"] = statements
    _report_floor(result, ours, scratch)
    _judge(result)
    return result


def _report_throughput(result: Result, name: str, each: _Measured) -> None:
    result.figures[f"{name}: verifies/s, one process"] = median(each.rates)
    result.figures[f"{name}: processor µs per verify"] = median(each.cpu_microseconds)


def _report_half_load(result: Result, name: str, each: _Measured) -> None:
    half = each.load(_SECONDS * 2, rate=median(each.rates) / 2)
    result.figures[f"{name}: P50 ms at half of that"] = half.percentile(50)
    result.figures[f"{name}: P99 ms at half of that"] = half.percentile(99)
    result.figures[f"{name}: load generator, % of a processor"] = each.client_share * 100


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
    result.figures["pgbench: the same statement/s"] = tps


def _judge(result: Result) -> None:
    figures = result.figures
    ours, theirs = (
        figures[f"{name}: verifies/s, one process"] for name in ("reference", "express")
    )
    figures["reference : express, verifies/s"] = ours / theirs
    if tps := figures.get("pgbench: the same statement/s"):
        figures["reference : pgbench"] = ours / tps
    result.aims["at least Express's throughput"] = ours >= theirs
    result.aims["one statement per verify"] = (
        round(figures["reference: statements per verify"], 1) == 1
    )
    result.aims[f"P99 under {_P99_AIM_MILLISECONDS:g} ms at half of the maximum"] = (
        figures["reference: P99 ms at half of that"] < _P99_AIM_MILLISECONDS
    )
