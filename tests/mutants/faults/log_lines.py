"""What is logged, and how loudly (NFR-4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reference_app import main
from reference_app.logs import make_logger
from reference_app.magic_link.service import MagicLinkService
from tests.mutants.change import Change
from tests.mutants.model import mutant

# The level of an event with its usual level and its fields, or None for one that is not logged.
Level = Callable[[str, str, dict[str, Any]], str | None]


class Relevelled:
    """A log that writes some events at another level, or not at all."""

    def __init__(self, log: Any, level_of: Level) -> None:
        self._log = log
        self._level_of = level_of

    def __getattr__(self, level: str) -> Any:
        def write(event: str, **fields: Any) -> None:
            chosen = self._level_of(event, level, fields)
            if chosen is not None:
                getattr(self._log, chosen)(event, **fields)

        return write


def _level(change: Change, event: str, level: str | None) -> None:
    """Log one event at another level, or not at all."""

    def level_of(found: str, usual: str, _: dict[str, Any]) -> str | None:
        return level if found == event else usual

    change.replace(main, "make_logger", lambda *given: Relevelled(make_logger(*given), level_of))


@mutant(
    fault="The line about a request holds the whole address.",
    violates="NFR-4",
    step="the line about the request holds the domain of the address only",
    incident="The log line was written before the rule.",
)
def whole_address_logged(change: Change) -> None:
    request = MagicLinkService.request

    async def log_and_request(self: MagicLinkService, email: str) -> None:
        self._log.info("magic_link_requested", email=email)
        await request(self, email)

    change.replace(MagicLinkService, "request", log_and_request)


@mutant(
    fault="The line about a request shows the first letter of the address, and stars.",
    violates="NFR-4",
    step="the line about the request holds the domain of the address only",
    incident="Masked as on an invoice; with the domain it is enough to tell colleagues apart.",
)
def masked_address_logged(change: Change) -> None:
    request = MagicLinkService.request

    async def log_and_request(self: MagicLinkService, email: str) -> None:
        masked = f"{email[:1]}***@{email.rpartition('@')[2]}"
        self._log.info("magic_link_requested", email=masked)
        await request(self, email)

    change.replace(MagicLinkService, "request", log_and_request)


@mutant(
    fault="A request leaves no line.",
    violates="NFR-4",
    step='the log has "request_received" at level INFO',
    incident="Taken out when the log became too expensive.",
)
def request_not_logged(change: Change) -> None:
    _level(change, "magic_link_requested", None)


@mutant(
    fault="A verified token leaves no line.",
    violates="NFR-4",
    step='the log has "token_verified" at level INFO',
    incident="Only what goes wrong was thought to be of interest.",
)
def verified_token_not_logged(change: Change) -> None:
    _level(change, "magic_link_verified", None)


@mutant(
    fault="A refused request is logged at INFO.",
    violates="NFR-4 EC-3",
    step='the log has "rate_limit_hit" at level WARN',
    incident="Whoever watches for warnings does not see the flood.",
)
def refused_request_at_info(change: Change) -> None:
    _level(change, "magic_link_rate_limited", "info")


@mutant(
    fault="An expired token leaves no line.",
    violates="NFR-4 EC-4",
    step='the log has "expired_token" at level WARN',
    incident="Taken for the user's fault and no business of operations.",
)
def expired_token_not_logged(change: Change) -> None:
    _level(change, "magic_link_expired_token_presented", None)


@mutant(
    fault="A used token is logged at INFO.",
    violates="NFR-4 EC-5",
    step='the log has "used_token" at level WARN',
    incident="Replays look like logins.",
)
def used_token_at_info(change: Change) -> None:
    _level(change, "magic_link_used_token_presented", "info")


@mutant(
    fault="An unknown token is logged at INFO.",
    violates="EC-6",
    falls_with="NFR-4",
    step="the log has a line at level WARN",
    incident="Guessing goes unnoticed.",
)
def unknown_token_at_info(change: Change) -> None:
    _level(change, "magic_link_invalid_token_presented", "info")


@mutant(
    fault="A mail that could not be sent is logged at WARN.",
    violates="NFR-4 EC-7",
    step='the log has "email_failure" at level ERROR',
    incident="It will be tried again, it was thought.",
)
def failed_send_at_warn(change: Change) -> None:
    _level(change, "magic_link_email_failed", "warning")
