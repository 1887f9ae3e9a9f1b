"""What somebody, or an agent, needs before building magic-link login: one Markdown document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from conformance.cli.init import template
from conformance.outcomes import ExitCode, Outcome
from conformance.report.safe_text import fenced
from conformance.report.wording import EXIT_MEANING, ids_in_words
from conformance.requirements.points import Point
from conformance.requirements.resources import features_dir, spec_dir
from conformance.requirements.specification import load_specification

DEFAULT_KIND = "express"
_OUTCOMES: dict[str, str] = {
    Outcome.PASSED: "it was looked at, and it holds",
    Outcome.FAILED: "it was looked at, and it does not hold",
    Outcome.CANT_TELL: "it was looked at, and what was seen does not decide",
    Outcome.UNTESTED: "a point of observation or control that it needs is not there",
    Outcome.INAPPLICABLE: "it does not apply to this service",
}
_POINTS: dict[str, str] = {
    Point.WIRE: "HTTP requests and their answers",
    Point.MAILBOX: "the mail that goes out; the harness is its provider, and can be slow or fail",
    Point.DATABASE: "rows and the catalogue, by SQL",
    Point.LOGS: "what the service writes to standard output, or to a log file",
    Point.ACCOUNTS: "test accounts, made by the harness: active, suspended, without a password",
    Point.CLOCK: "time, moved instead of waited for",
}
_CLOCKS = {
    "frozen": "the clock of a Python service in the harness's own process is set",
    "aged": "every stored time is moved into the past: expiry and limits have to compare stored "
    "times with the present",
    "faked": "libfaketime moves the clock of the process",
    "hooked": "an endpoint of the service's own moves its clock",
    "waited": "the harness really waits",
}
_PROVIDE = (
    "**A port** to listen on, on 127.0.0.1, from an environment variable.",
    "**A database URL** (PostgreSQL) from an environment variable. The database is new and empty: "
    "a command of yours, or the start of the service, makes the tables.",
    "**A mail provider** from environment variables: SMTP host and port, or the base URL and the "
    "key of SendGrid's API. Nothing is mailed by any other way.",
    "**APP_BASE_URL** from an environment variable, such as `login.example.com`: the host of the "
    "link.",
    "**The secret of the JWT** from an environment variable, or its public key in a file, so that "
    "sessions can be checked.",
    "**A log** on standard output or in a file, with a level in every line, as JSON or as text.",
    "**Protected endpoints**, at least one that only a logged-in user may see, and password login.",
    "**More than one process**: the service may be started twice on one database, and restarted.",
    "**No switch for tests.** The service does in the harness what it does in production.",
)


def brief(kind: str = DEFAULT_KIND) -> str:
    """Return the document; `kind` says which target description it holds (see `init`)."""
    parts = (_TASK, _judgement(), _provided(), _description(kind), *_sources())
    return "\n\n".join(part.strip() for part in parts) + "\n"


_TASK = """\
# Build magic-link login

Implement the specification below in the service at hand, in whatever language it is in. What is
exact in it (paths, status codes, bodies, names, numbers) is exact. Where it is silent, the ledger
says what conforms. The features are the examples that you will be judged by; they are run against
the real service, over HTTP, with a real database.

This document has: how you are judged; what to provide; the target description to fill in; the
specification; the OpenAPI document; the ledger of readings; the features.
"""


def _judgement() -> str:
    return f"""
# How you are judged

```sh
magic-link-conformance check-target target.toml   # what can be seen and controlled
magic-link-conformance run --target target.toml   # the verdict
magic-link-conformance run --target target.toml --only AC-4   # a part, to try things
```

A run is asked about {ids_in_words(load_specification().gate)} unless `--require` says otherwise,
and runs everything. Every requirement gets the worst outcome of its scenarios:

{_listed({f"`{outcome}`": meaning for outcome, meaning in _OUTCOMES.items()})}

The exit code is the verdict. A failure counts whether it was asked about or not, and what was not
seen never counts as passed:

{_listed({str(code.value): EXIT_MEANING[code] for code in ExitCode})}

What failed, and where to look, stands in `conformance-report/feedback.md` after a run.

The points of observation and control:

{_listed(_POINTS)}

How time is moved (one of these; `aged` for a service that the harness starts):

{_listed(_CLOCKS)}

Every refusal has its control: where an old token must be refused, a new one must work. A service
that refuses everything, or accepts everything, passes nothing. Requests are sent at the same
moment, to one instance and to two; times are compared with a mail provider that takes a realistic
time; bodies of every shape are tried.
"""


def _provided() -> str:
    entries = "\n".join(f"- {each}" for each in _PROVIDE)
    return f"""
# What to provide

Nothing that only a test would need. These must come from the service's environment:

{entries}
"""


def _description(kind: str) -> str:
    block = "\n".join(fenced(template(kind).strip().splitlines(), "toml"))
    return f"""
# The target description

Write this into `target.toml` beside the code and fill in what is the service's own.

{block}
"""


def _sources() -> Iterator[str]:
    spec = spec_dir()
    yield f"# The specification\n\n{_text(spec / 'magic-link.md')}"
    yield f"# The OpenAPI document\n\n{_block(spec / 'openapi.yaml', 'yaml')}"
    yield f"# The ledger\n\n{_text(spec / 'ledger.md')}"
    yield "# The features"
    for path in sorted(features_dir().glob("*.feature")):
        yield f"`features/{path.name}`:\n\n{_block(path, 'gherkin')}"


def _listed(entries: Mapping[str, str]) -> str:
    return "\n".join(f"- {name}: {meaning}" for name, meaning in entries.items())


def _block(path: Path, language: str) -> str:
    return "\n".join(fenced(_text(path).splitlines(), language))


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8").strip()
