"""Addresses that are not found, or are taken for one another (AC-1, AC-6, FR-3, FR-7)."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any

from fastapi import Request

from reference_app import addresses
from reference_app.magic_link import rate_limit, repository
from reference_app.magic_link.repository import MagicLinkRepository, Recipient
from reference_app.magic_link.schemas import LinkRequested
from reference_app.magic_link.service import MagicLinkService
from tests.mutants.change import Change
from tests.mutants.model import mutant
from tests.mutants.typed import remember_what_is_typed, typed

if TYPE_CHECKING:
    from collections.abc import Callable

_LOOKUP = "WHERE lower(email) = %(address)s AND status = 'active'"


def look_up(change: Change, condition: str) -> None:
    """Look users up by another condition; of several that fit, the oldest is taken."""
    one = f"WHERE ({condition}) AND status = 'active' ORDER BY \"createdAt\" LIMIT 1"
    change.rewrite(repository, "_STORE", _LOOKUP, one)


def _plain(address: str) -> str | None:
    return address if address.isascii() else None


def mail_what_is_typed(change: Change, mailed: Callable[[str], str | None] = _plain) -> None:
    """Send the mail to what `mailed` makes of the typed address, else to the stored one."""
    remember_what_is_typed(change)
    accept = MagicLinkRepository.accept_request

    async def accept_as_typed(
        self: MagicLinkRepository, address: str, token_hash: str, now: Any
    ) -> Recipient | None:
        found = await accept(self, address, token_hash, now)
        return found and Recipient(found.user_id, mailed(typed.get()) or found.email)

    change.replace(MagicLinkRepository, "accept_request", accept_as_typed)


def normalise_further(change: Change, further: Callable[[str], str]) -> None:
    """Do more to an address before it is looked up and counted."""
    normalise = addresses.normalise
    change.replace(addresses, "normalise", lambda address: further(normalise(address).lower()))


@mutant(
    fault="What is typed is put in lower case and compared with what is stored.",
    violates="AC-1 FR-3",
    falls_with="AC-2 FR-6",
    step="exactly one mail goes out, to the address as it is stored",
    incident="Addresses were imported from an older system, with their capitals.",
)
def stored_capitals_never_found(change: Change) -> None:
    look_up(change, "email = %(address)s")


@mutant(
    fault="An address is looked up as a pattern, and the mail goes to what was typed.",
    violates="AC-6 EC-1",
    falls_with="AC-2 FR-3 FR-6",
    step="nobody gets a mail at an address that is not registered",
    incident="ILIKE, to compare without regard to case.",
)
def looked_up_by_pattern(change: Change) -> None:
    look_up(change, "email ILIKE %(address)s")
    mail_what_is_typed(change)


@mutant(
    fault="An address is looked up as a pattern, and the oldest user whom it fits gets the mail.",
    violates="AC-2 AC-6 EC-1 FR-3 FR-6",
    step="each of them gets one mail with a link of their own",
    incident="ILIKE, to compare without regard to case.",
)
def pattern_finds_the_oldest(change: Change) -> None:
    look_up(change, "email ILIKE %(address)s")


@mutant(
    fault="Whatever the domain, the user with the same name before the at-sign is found.",
    violates="AC-6 EC-1",
    falls_with="AC-2 FR-3 FR-6",
    step="nobody gets a mail at an address that is not registered",
    incident="All users had one domain, once.",
)
def any_domain_will_do(change: Change) -> None:
    look_up(change, "split_part(lower(email), '@', 1) = split_part(%(address)s, '@', 1)")
    mail_what_is_typed(change)


@mutant(
    fault="Only users of one domain are found: the one that tests use.",
    violates="AC-1 AC-2 FR-3 FR-6",
    falls_with="NFR-3",
    step="each of them gets one mail with a link of their own",
    incident="A service that was made to pass its tests.",
)
def one_domain_only(change: Change) -> None:
    look_up(change, "lower(email) = %(address)s AND email LIKE '%%@example.com'")


@mutant(
    fault="A letter with a look-alike is folded, and the mail goes to what was typed.",
    violates="AC-6 EC-1",
    step="the answer is 202 or a refusal",
    incident="Lower-casing by Unicode turns a KELVIN SIGN into a k; the mailbox is another.",
)
def look_alikes_are_mailed(change: Change) -> None:
    normalise_further(change, lambda address: address)
    mail_what_is_typed(change, lambda address: address)


@mutant(
    fault="A tag after a plus is cut off before users are compared.",
    violates="AC-2 FR-3 FR-6 FR-7",
    step="each of them gets one mail with a link of their own",
    incident="Meant to keep one mailbox from having many accounts; there were some already.",
)
def tags_are_cut_off(change: Change) -> None:
    look_up(change, r"regexp_replace(lower(email), '\+[^@]*@', '@') = %(address)s")
    normalise_further(change, lambda address: re.sub(r"\+[^@]*@", "@", address))


@mutant(
    fault="Dots before the at-sign do not count when requests are counted.",
    violates="FR-7",
    step="the second of them can still request a link",
    incident="One provider ignores dots; the limiter thinks that all do.",
)
def dots_share_an_allowance(change: Change) -> None:
    address_key = rate_limit.address_key

    def without_dots(address: str) -> str:
        name, _, domain = address.rpartition("@")
        return address_key(f"{name.replace('.', '')}@{domain}")

    change.replace(rate_limit, "address_key", without_dots)


@mutant(
    fault="Requests are counted by the first 50 characters of the address.",
    violates="FR-7",
    step="the second of them can still request a link",
    incident="The key of the counter is a narrow column.",
)
def limit_key_is_cut(change: Change) -> None:
    address_key = rate_limit.address_key
    change.replace(rate_limit, "address_key", lambda address: address_key(address[:50]))


@mutant(
    fault="Special characters of an address are escaped before it is looked up.",
    violates="AC-1 FR-3",
    falls_with="AC-2 FR-6",
    step="exactly one mail goes out, to the address as it is stored",
    incident="A sanitiser for all input; O'Neill has not logged in since.",
)
def apostrophes_are_escaped(change: Change) -> None:
    normalise_further(change, lambda address: html.escape(address))


@mutant(
    fault="An address is cut to 50 characters before it is looked up.",
    violates="AC-1 FR-3",
    step="exactly one mail goes out, to the address as it is stored",
    incident="The width of a column in a table that is long gone.",
)
def long_addresses_are_cut(change: Change) -> None:
    normalise_further(change, lambda address: address[:50])


@mutant(
    fault="Of several addresses in one request the first is looked up, and all are mailed.",
    violates="AC-6 EC-1",
    falls_with="FR-1",
    step="nobody gets a mail at an address that is not registered",
    incident="The string went into the To header as it was; the mail library split it.",
)
def everybody_named_is_mailed(change: Change) -> None:
    send = MagicLinkService._send

    def named(text: str) -> list[str]:
        return [each.removeprefix("Bcc: ").strip() for each in re.split(r"[,\r\n]+", text)]

    async def request_link(request: Request) -> LinkRequested:
        email = (await request.json())["email"]
        asked = ",".join(email) if isinstance(email, list) else email
        typed.set(asked)
        await request.app.state.magic_link.request(asked)
        return LinkRequested()

    async def send_to_all(
        self: MagicLinkService, recipient: Recipient | None, raw_token: str
    ) -> None:
        await send(self, recipient, raw_token)
        for other in named(typed.get())[1:]:
            await self._mail.send(other, self._texts.subject, self._mail_body(raw_token))

    normalise_further(change, lambda address: named(address)[0])
    change.replace(MagicLinkService, "_send", send_to_all)
    change.endpoint("POST", "/auth/magic-link/request", request_link, status_code=202)
