"""Runs the harness as a process of its own and reads what it found."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
_SECONDS = 300.0

_ENVIRONMENT = {
    "DATABASE_URL": "{database_url}",
    "APP_BASE_URL": "{app_base_url}",
    "JWT_SECRET": "{jwt_secret}",
    "MAIL_FROM": "login@example.com",
    "MIGRATE_ON_START": "true",
    "PORT": "{port}",
}
_MAIL = {
    "smtp": {
        "MAIL_PROVIDER": "smtp",
        "SMTP_HOST": "{smtp_host}",
        "SMTP_PORT": "{smtp_port}",
        "SMTP_TLS": "none",
    },
    "sendgrid": {
        "MAIL_PROVIDER": "sendgrid",
        "SENDGRID_BASE_URL": "{sendgrid_url}",
        "SENDGRID_API_KEY": "{sendgrid_key}",
    },
}

EVENTS = {
    "request_received": "magic_link_requested",
    "link_sent": "magic_link_sent",
    "token_verified": "magic_link_verified",
    "rate_limit_hit": "magic_link_rate_limited",
    "expired_token": "magic_link_expired_token_presented",
    "used_token": "magic_link_used_token_presented",
    "email_failure": "magic_link_email_failed",
}

Tables = Mapping[str, Any]


@dataclass(frozen=True)
class Scenario:
    """A scenario as the report tells it."""

    name: str
    ids: frozenset[str]
    outcome: str
    failing_step: str
    message: str
    found: str | None = None


@dataclass(frozen=True)
class HarnessRun:
    """A run's report. `judged` are the ids that have a scenario."""

    conclusion: str
    outcomes: dict[str, str]
    judged: frozenset[str]
    scenarios: tuple[Scenario, ...]
    errors: tuple[str, ...]
    seconds: float

    @property
    def failed(self) -> frozenset[str]:
        """The ids that failed."""
        return frozenset(id_ for id_, outcome in self.outcomes.items() if outcome == "failed")

    def failures(self) -> list[Scenario]:
        """Return the scenarios that failed."""
        return [scenario for scenario in self.scenarios if scenario.outcome == "failed"]


def reference_description(app: str, name: str, environment: Mapping[str, str]) -> dict[str, Any]:
    """Return the description of an altered reference, served in the harness's process."""
    return {
        "name": name,
        "protected": ["GET /auth/me", "GET /account"],
        "in_process": {
            "app": app,
            "environment": {**served_environment("smtp"), **environment},
        },
        "database": {},
        "mail": {"kind": "smtp"},
        "accounts": {"kind": "insert", "password_hash": "argon2"},
        "clock": {"kind": "auto"},
        "session": {},
        "log": {"file": "{scratch}/app.log", "format": "json", "events": EVENTS},
    }


def served_environment(mail: str) -> dict[str, str]:
    """Return the environment that the reference is served with."""
    return {**_ENVIRONMENT, **_MAIL[mail], "LOG_FILE": "{scratch}/app.log"}


def run_harness(
    description: Tables, directory: Path, *options: str, workers: int | None = 1
) -> HarnessRun:
    """Run the harness against a description; `directory` takes the description and the report.

    One worker costs the least processor time, None is what the command does by itself.
    """
    side_by_side = [] if workers is None else [f"--workers={workers}"]
    directory.mkdir(parents=True, exist_ok=True)
    target = directory / "target.toml"
    target.write_text(as_toml(description), encoding="utf-8")
    report = directory / "report.json"
    report.unlink(missing_ok=True)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "conformance", "run", "--quiet", *side_by_side),
            *("--target", str(target), "--report-dir", str(directory), *options),
        ],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    (directory / "output.txt").write_text(done.stdout + done.stderr, encoding="utf-8")
    if not report.exists():
        raise RuntimeError(
            f"the harness ended with {done.returncode} and no report:\n"
            f"{done.stdout[-2000:]}{done.stderr[-2000:]}"
        )
    return stored_run(directory)


def stored_run(directory: Path) -> HarnessRun:
    """Read the report that a run has left in a directory."""
    report = json.loads((directory / "report.json").read_text(encoding="utf-8"))
    requirements: dict[str, Any] = report["requirements"]
    return HarnessRun(
        conclusion=report["conclusion"],
        outcomes={id_: each["outcome"] for id_, each in requirements.items()},
        judged=frozenset(id_ for id_, each in requirements.items() if each["scenarios"]),
        scenarios=tuple(
            Scenario(
                each["name"],
                frozenset(each["ids"]),
                each["outcome"],
                each["failing_step"] or "",
                each["message"],
                each["found"],
            )
            for each in report["scenarios"]
        ),
        errors=tuple(f"{each['where']}: {each['message']}" for each in report["errors"]),
        seconds=report["seconds"],
    )


def as_toml(tables: Tables) -> str:
    """Write a description as TOML; strings, numbers, booleans and lists are spelt as in JSON."""
    plain = {key: value for key, value in tables.items() if not isinstance(value, Mapping)}
    lines = [f"{key} = {json.dumps(value)}" for key, value in plain.items()]
    for key, value in tables.items():
        if isinstance(value, Mapping):
            lines += ["", f"[{key}]", *(_entry(name, entry) for name, entry in value.items())]
    return "\n".join([*lines, ""])


def _entry(name: str, value: object) -> str:
    if not isinstance(value, Mapping):
        return f"{name} = {json.dumps(value)}"
    inner = ", ".join(f"{json.dumps(key)} = {json.dumps(each)}" for key, each in value.items())
    return f"{name} = {{{inner}}}"
