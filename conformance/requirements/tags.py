"""The tags of scenarios: requirement ids, entries of the ledger, and what a run does for each."""

from __future__ import annotations

import re

from conformance.requirements.specification import sort_key

ADVISORY = "advisory"
# Scenarios that need a mail provider as slow as a real one.
REALISTIC_MAIL = "realistic-mail"
# Scenarios that start the service once more, or repeat much.
SLOW = "slow"
# Scenarios that judge everything that was done before: each worker of a run ends with them.
WHOLE_RUN = "whole-run"
# Scenarios of sequences that are drawn: they run, and count, only where somebody asks for steps.
EXPLORATION = "exploration"
# Scenarios with the same tag of this kind run on the same target: they share something expensive,
# as schemathesis's requests, the answers to two kinds of addresses, hundreds of links.
SHARES = "shares-"
_ID = re.compile(r"(AC|FR|NFR|EC)-\d+")
_READING = re.compile(r"reading-(\d+)")


def requirement_ids(tags: frozenset[str]) -> tuple[str, ...]:
    """Return the requirement ids among a scenario's tags, in the order of reports."""
    return tuple(sorted((tag for tag in tags if _ID.fullmatch(tag)), key=sort_key))


def shared(tags: frozenset[str]) -> str | None:
    """Return what a scenario shares with others that run on the same target; None for nothing."""
    return next((tag for tag in sorted(tags) if tag.startswith(SHARES)), None)


def readings(tags: frozenset[str]) -> tuple[int, ...]:
    """Return the numbers of the ledger entries that a scenario depends on."""
    return tuple(sorted(int(m.group(1)) for tag in tags if (m := _READING.fullmatch(tag))))
