"""Password login: its cost is the password hash by design, so both are measured apart."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from itertools import cycle
from pathlib import Path
from statistics import median

import bcrypt
from argon2 import PasswordHasher

from conformance.target.accounts.passwords import SCHEMES
from conformance.target.database.postgres import EmbeddedPostgres
from tests.benchmarks.client import load, post
from tests.benchmarks.result import Result
from tests.benchmarks.servers import Rows, Server, express, reference

_PASSWORD = "correct horse battery staple"
_ROUNDS = 3
_SECONDS = 2
_USERS = 500
# More than a few would only wait for the processors.
_AT_ONCE = {"with the real hash": 4, "with the cheapest hash": 16}


def run(postgres: EmbeddedPostgres, scratch: Path) -> Result:
    """Log in with the hash that each stack really uses, then with the cheapest it can read."""
    result = Result("login")
    with reference(postgres, scratch) as ours, express(postgres, scratch) as theirs:
        for server in (ours, theirs):
            with closing(Rows(server.database_url)) as rows:
                rows.add_users(_USERS)
        for kind in _AT_ONCE:
            _measure(result, kind, ours, theirs)
    result.aims["At least Express's throughput, the hash left out"] = (
        result.ratios["reference : express, logins/s with the cheapest hash"] >= 1
    )
    return result


def _measure(result: Result, kind: str, ours: Server, theirs: Server) -> None:
    rates: dict[str, list[float]] = {ours.name: [], theirs.name: []}
    latencies: dict[str, list[float]] = {ours.name: [], theirs.name: []}
    for server in (ours, theirs):
        with closing(Rows(server.database_url)) as rows:
            rows.set_password_hash(_hash(server.name, cheap="cheapest" in kind))
        load(server.url, _requests(server), connections=_AT_ONCE[kind], seconds=1)
    for _ in range(_ROUNDS):
        for server in (ours, theirs):
            done = load(server.url, _requests(server), connections=_AT_ONCE[kind], seconds=_SECONDS)
            if done.refused:
                raise RuntimeError(f"{server.name} refused {done.refused} right passwords")
            rates[server.name].append(done.rate)
            latencies[server.name].append(done.percentile(99))
    for name in rates:
        result.add(name, f"logins/s {kind}", median(rates[name]))
        result.add(name, f"P99 ms at that, {_AT_ONCE[kind]} at once", median(latencies[name]))
    ratio = median(rates[ours.name]) / median(rates[theirs.name])
    result.ratios[f"reference : express, logins/s {kind}"] = ratio


def _hash(stack: str, *, cheap: bool) -> str:
    """Return a hash of the password: argon2id for the reference, bcrypt for Express."""
    if stack == "express":
        return bcrypt.hashpw(_PASSWORD.encode(), bcrypt.gensalt(4 if cheap else 10)).decode()
    if cheap:
        return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(_PASSWORD)
    return SCHEMES["argon2"](_PASSWORD)


def _requests(server: Server) -> Iterator[bytes]:
    for number in cycle(range(1, _USERS + 1)):
        credentials = {"email": f"user{number}@example.com", "password": _PASSWORD}
        yield post(server.url, "/auth/login", json.dumps(credentials).encode())
