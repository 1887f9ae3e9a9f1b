"""One kind of sign, or one likeness, that an address is not found by or taken for another by.

Each shows with one kind of address alone (AC-1, AC-6, FR-7).
"""

from __future__ import annotations

import unicodedata

from reference_app.magic_link import rate_limit, repository
from tests.mutants.change import Change
from tests.mutants.faults.addresses import look_up, mail_what_is_typed, normalise_further
from tests.mutants.model import mutant

_NOT_FOUND = "exactly one mail goes out, to the address as it is stored"
_STRANGER = "nobody gets a mail at an address that is not registered"
_ALLOWANCE = "the second of them can still request a link"


@mutant(
    fault="A plus sign is read as a blank.",
    violates="AC-1 FR-3",
    falls_with="AC-2 FR-6",
    step=_NOT_FOUND,
    incident="The address went through a form's decoding once more.",
)
def plus_becomes_a_blank(change: Change) -> None:
    normalise_further(change, lambda address: address.replace("+", " "))


@mutant(
    fault="Dots before the at-sign are dropped from what is typed, and not from what is stored.",
    violates="AC-1 FR-3",
    falls_with="AC-2 FR-6 FR-7",
    step=_NOT_FOUND,
    incident="A library that normalises addresses as one provider does, put in after the fact.",
)
def dots_are_dropped(change: Change) -> None:
    def without_dots(address: str) -> str:
        name, at, domain = address.rpartition("@")
        return name.replace(".", "") + at + domain

    normalise_further(change, without_dots)


@mutant(
    fault="At one large provider dots and tags are dropped from what is typed, and only there.",
    violates="AC-1 FR-3",
    step=_NOT_FOUND,
    incident="validator's normalizeEmail does so by default, and the users came from elsewhere.",
)
def provider_spellings_are_dropped(change: Change) -> None:
    def as_the_provider_does(address: str) -> str:
        name, at, domain = address.rpartition("@")
        if domain == "gmail.com":
            name = name.partition("+")[0].replace(".", "")
        return name + at + domain

    normalise_further(change, as_the_provider_does)


@mutant(
    fault="An underscore is escaped for a pattern, and the address compared as it is.",
    violates="AC-1 FR-3",
    falls_with="AC-2 FR-6",
    step=_NOT_FOUND,
    incident="ILIKE was replaced, its escaping stayed.",
)
def underscores_are_escaped(change: Change) -> None:
    normalise_further(change, lambda address: address.replace("_", r"\_"))


@mutant(
    fault="A percent sign is doubled before the address is looked up.",
    violates="AC-1 FR-3",
    falls_with="AC-2 FR-6",
    step=_NOT_FOUND,
    incident="The statement was formatted once; its parameters are still prepared for it.",
)
def percent_signs_are_doubled(change: Change) -> None:
    normalise_further(change, lambda address: address.replace("%", "%%"))


@mutant(
    fault="Digits before the at-sign are taken for a customer's number, and nobody has one.",
    violates="AC-1 FR-3",
    step=_NOT_FOUND,
    incident="The field took either, and a number was looked for first.",
)
def digits_are_a_number(change: Change) -> None:
    def number_first(address: str) -> str:
        name = address.partition("@")[0]
        return f"number {name}" if name.isdigit() else address

    normalise_further(change, number_first)


@mutant(
    fault="An asterisk stands for any signs, and the mail goes to what was typed.",
    violates="AC-6 EC-1",
    step=_STRANGER,
    incident="The search of the back office, with its wildcard, became the look-up.",
)
def asterisk_is_a_wildcard(change: Change) -> None:
    pattern = r"replace(replace(replace(%(address)s, '_', '\_'), '%%', '\%%'), '*', '%%')"
    look_up(change, f"lower(email) LIKE {pattern}")
    mail_what_is_typed(change)


@mutant(
    fault="A letter too many in front is forgiven, and the mail goes to what was typed.",
    violates="AC-6 EC-1",
    step=_STRANGER,
    incident="The comparison lost its anchor at the beginning.",
)
def ends_are_compared(change: Change) -> None:
    look_up(change, "right(%(address)s, length(email)) = lower(email)")
    mail_what_is_typed(change)


@mutant(
    fault="A letter too many before the at-sign is forgiven; the oldest who fits is taken.",
    violates="AC-2 AC-6 EC-1 FR-3 FR-6",
    step="each link logs its own user in",
    incident="Typing errors were to be mended.",
)
def letter_too_many_is_forgiven(change: Change) -> None:
    mended = "regexp_replace(%(address)s, '.@', '@')"
    look_up(change, f"lower(email) IN (%(address)s, {mended})")
    mail_what_is_typed(change)


@mutant(
    fault="The last letter of the address may be missing, and the mail goes to what was typed.",
    violates="AC-6 EC-1",
    step=_STRANGER,
    incident="The suggestion that helps while somebody types was taken for the user.",
)
def last_letter_may_be_missing(change: Change) -> None:
    look_up(change, "%(address)s IN (lower(email), left(lower(email), -1))")
    mail_what_is_typed(change)


@mutant(
    fault="Of the domain only the beginning is compared, and the mail goes to what was typed.",
    violates="AC-6 EC-1",
    step=_STRANGER,
    incident="The rule for subdomains, the wrong way round.",
)
def domain_may_go_on(change: Change) -> None:
    look_up(change, "%(address)s = lower(email) OR starts_with(%(address)s, lower(email) || '.')")
    mail_what_is_typed(change)


@mutant(
    fault="A tag after a plus is cut off to find the user, and the mail goes to what was typed.",
    violates="AC-6 EC-1",
    falls_with="AC-2 FR-3 FR-6",
    step=_STRANGER,
    incident="At some providers the tag is part of the name, and somebody else's.",
)
def tagged_address_is_mailed(change: Change) -> None:
    look_up(change, r"lower(email) IN (%(address)s, regexp_replace(%(address)s, '\+.*@', '@'))")
    mail_what_is_typed(change)


@mutant(
    fault="Dots before the at-sign are ignored to find the user; the mail goes to what was typed.",
    violates="AC-6 EC-1",
    falls_with="AC-2 FR-3 FR-6",
    step=_STRANGER,
    incident="At most providers the dotted name is somebody else's.",
)
def dotted_address_is_mailed(change: Change) -> None:
    dotless = r"regexp_replace(%(address)s, '\.(?=.*@)', '', 'g')"
    look_up(change, f"lower(email) IN (%(address)s, {dotless})")
    mail_what_is_typed(change)


@mutant(
    fault="A dotless i is taken for an i, and the mail goes to what was typed.",
    violates="AC-6 EC-1",
    step="the answer is 202 or a refusal",
    incident="Accents are stripped to compare; a dotless i loses more than an accent.",
)
def dotless_i_is_an_i(change: Change) -> None:
    normalise_further(change, lambda address: address.replace("\u0131", "i"))
    mail_what_is_typed(change, lambda address: address if "\u0131" in address else None)


@mutant(
    fault="A long s is taken for an s, and the mail goes to what was typed.",
    violates="AC-6 EC-1",
    step="the answer is 202 or a refusal",
    incident="Folding case by Unicode, as other scripts need it.",
)
def long_s_is_an_s(change: Change) -> None:
    normalise_further(change, lambda address: address.replace("\u017f", "s"))
    mail_what_is_typed(change, lambda address: address if "\u017f" in address else None)


@mutant(
    fault="The name before the first at-sign and the domain after the last are looked up.",
    violates="AC-6 EC-1",
    step=_STRANGER,
    incident="Compatible signs are unified after the check: of one at-sign there are two.",
)
def full_width_at_sign_is_one(change: Change) -> None:
    def outer_parts(address: str) -> str:
        unified = unicodedata.normalize("NFKC", address)
        first, last = unified.partition("@")[0], unified.rpartition("@")[2]
        return f"{first}@{last}" if "@" in address else address

    def inner_parts(address: str) -> str | None:
        unified = unicodedata.normalize("NFKC", address)
        return unified.rpartition("@")[0] if unified.count("@") > 1 else None

    normalise_further(
        change, lambda address: outer_parts(address) if "\uff20" in address else address
    )
    mail_what_is_typed(change, inner_parts)


@mutant(
    fault="What stands in quotes is looked up, and the mail goes to the whole.",
    violates="AC-6 EC-1",
    step=_STRANGER,
    incident="Quotes were taken for those around a name, as in a From header.",
)
def quoted_part_is_looked_up(change: Change) -> None:
    def inner(address: str) -> str:
        return address[1:].partition('"')[0] if address.startswith('"') else address

    normalise_further(change, inner)
    mail_what_is_typed(change)


@mutant(
    fault="The address is looked up as far as a NUL, and mailed without it.",
    violates="AC-6 EC-1",
    step=_STRANGER,
    incident="A C library ends the string where the mail library goes on.",
)
def looked_up_as_far_as_a_nul(change: Change) -> None:
    # The reference has put another sign in the place of NUL by then.
    normalise_further(change, lambda address: address.partition("\ufffd")[0])
    mail_what_is_typed(change, lambda address: address.replace("\x00", ""))


@mutant(
    fault="Requests are counted by a pattern: an underscore counts those of others.",
    violates="FR-7",
    step=_ALLOWANCE,
    incident="The look-up was mended, the counter still compares with LIKE.",
)
def limit_counts_by_pattern(change: Change) -> None:
    change.replace(rate_limit, "address_key", lambda address: address)
    change.rewrite(
        repository, "_COUNT_IN", 'WHERE "addressKey" = %(key)s', 'WHERE "addressKey" LIKE %(key)s'
    )


@mutant(
    fault="Requests are counted by the name before the at-sign.",
    violates="FR-7",
    step=_ALLOWANCE,
    incident="All users had one domain, once.",
)
def limit_counts_names(change: Change) -> None:
    address_key = rate_limit.address_key
    change.replace(
        rate_limit, "address_key", lambda address: address_key(address.partition("@")[0])
    )


@mutant(
    fault="Requests are counted with compatible signs unified; users are not.",
    violates="FR-7",
    step=_ALLOWANCE,
    incident="The limiter came from a library that normalises what it is given.",
)
def limit_unifies_compatible_signs(change: Change) -> None:
    address_key = rate_limit.address_key
    change.replace(
        rate_limit,
        "address_key",
        lambda address: address_key(unicodedata.normalize("NFKC", address)),
    )
