"""Other ways to count, to mail and to time."""

from __future__ import annotations

from datetime import datetime
from email.message import EmailMessage
from typing import Any

from reference_app import addresses, clock
from reference_app.errors import EmailSendFailed, RateLimitExceeded
from reference_app.magic_link import rate_limit, repository
from reference_app.magic_link.repository import MagicLinkRepository, Recipient
from reference_app.magic_link.service import MagicLinkService
from reference_app.magic_link.tokens import hash_token
from reference_app.mail import smtp
from reference_app.mail.message import compose
from reference_app.mail.sender import EmailSendError
from reference_app.mail.smtp import SmtpSender
from tests.mutants.change import Change
from tests.mutants.harness_run import served_environment
from tests.variants.model import variant


@variant("A new link revokes the older ones (reading 5).")
def older_links_revoked(change: Change) -> None:
    accept_request = MagicLinkRepository.accept_request

    async def accept_and_revoke(
        self: MagicLinkRepository, address: str, token_hash: str, now: datetime
    ) -> Any:
        recipient = await accept_request(self, address, token_hash, now)
        async with self._pool.connection() as connection:
            await connection.execute(
                'DELETE FROM magic_link_tokens WHERE "userId" = %s AND "tokenHash" <> %s '
                'AND "usedAt" IS NULL',
                (recipient.user_id if recipient else None, token_hash),
            )
        return recipient

    change.replace(MagicLinkRepository, "accept_request", accept_and_revoke)


@variant("Refused requests count towards the limit (reading 2).")
def refused_requests_counted(change: Change) -> None:
    accept_request = MagicLinkRepository.accept_request

    async def count_refused_too(
        self: MagicLinkRepository, address: str, token_hash: str, now: datetime
    ) -> Any:
        try:
            return await accept_request(self, address, token_hash, now)
        except RateLimitExceeded:
            async with self._pool.connection() as connection:
                await connection.execute(
                    'INSERT INTO magic_link_attempts ("addressKey", "attemptedAt") VALUES (%s, %s)',
                    (rate_limit.address_key(address.lower()), now),
                )
            raise

    change.replace(MagicLinkRepository, "accept_request", count_refused_too)


@variant("A request whose mail failed does not count (reading 3).")
def failed_sends_not_counted(change: Change) -> None:
    request = MagicLinkService.request

    async def forget_failed(self: MagicLinkService, email: str) -> None:
        try:
            await request(self, email)
        except EmailSendFailed:
            key = rate_limit.address_key(addresses.normalise(email).lower())
            async with self._repository._pool.connection() as connection:
                await connection.execute(
                    "DELETE FROM magic_link_attempts WHERE id = "
                    '(SELECT max(id) FROM magic_link_attempts WHERE "addressKey" = %s)',
                    (key,),
                )
            raise

    change.replace(MagicLinkService, "request", forget_failed)


@variant("In an outage unknown addresses get 202 all the same (reading 6).")
def strangers_get_202_in_an_outage(change: Change) -> None:
    rehearse = SmtpSender.rehearse

    async def rehearse_or_not(self: SmtpSender, subject: str, html: str) -> None:
        try:
            await rehearse(self, subject, html)
        except EmailSendError:
            return

    change.replace(SmtpSender, "rehearse", rehearse_or_not)


@variant("The row is stored once the mail has been accepted (reading 35).")
def row_after_the_mail(change: Change) -> None:
    send = MagicLinkService._send

    async def store_afterwards(
        self: MagicLinkService, recipient: Recipient | None, raw_token: str
    ) -> None:
        token_hash = hash_token(raw_token)
        await self._repository.delete_token(token_hash)
        await send(self, recipient, raw_token)
        if recipient is not None:
            address = addresses.normalise(recipient.email).lower()
            async with self._repository._pool.connection() as connection:
                await self._repository._store_token(connection, address, token_hash, clock.now())

    change.replace(MagicLinkService, "_send", store_afterwards)


@variant("A send that fails is tried once more (reading 17).")
def failed_sends_tried_again(change: Change) -> None:
    send = SmtpSender.send

    async def send_twice_if_need_be(self: SmtpSender, *given: str) -> None:
        try:
            await send(self, *given)
        except EmailSendError:
            await send(self, *given)

    change.replace(SmtpSender, "send", send_twice_if_need_be)


def _compose_only(subtype: str) -> Any:
    def compose_only(sender: str, to: str, subject: str, html: str) -> EmailMessage:
        message = compose(sender, to, subject, html)
        body = message.get_body((subtype,))
        assert isinstance(body, EmailMessage)
        text = body.get_content()
        message.clear_content()
        message.set_content(text, subtype=subtype)
        return message

    return compose_only


@variant("The mail is plain text.")
def mail_in_plain_text(change: Change) -> None:
    change.replace(smtp, "compose", _compose_only("plain"))


@variant("The mail is HTML only.")
def mail_in_html_only(change: Change) -> None:
    change.replace(smtp, "compose", _compose_only("html"))


@variant("The same address in another case is another address (reading 11).")
def addresses_by_case(change: Change) -> None:
    change.replace(repository, "_FOLD", "SELECT %s::text")
    change.rewrite(repository, "_STORE", "lower(email) = ", "email = ")


def _by_sendgrid(description: dict[str, Any], _: Any) -> None:
    environment = description["in_process"]["environment"]
    description["in_process"]["environment"] = {
        **{key: value for key, value in environment.items() if not key.startswith("SMTP_")},
        **served_environment("sendgrid"),
    }
    description["mail"] = {"kind": "sendgrid"}


@variant("Mail goes out through SendGrid's API.", _by_sendgrid)
def mail_by_sendgrid(change: Change) -> None:
    """Only the description differs."""


def _with_a_path(description: dict[str, Any], _: Any) -> None:
    description["app_base_url"] = "login.example.com:8443/app"


@variant("APP_BASE_URL has a port and a path (reading 31).", _with_a_path)
def base_url_with_a_path(change: Change) -> None:
    """Only the description differs."""


def _aged(description: dict[str, Any], _: Any) -> None:
    description["clock"] = {"kind": "age"}


@variant("Every stored and compared time is the database's (reading 21).", _aged)
def database_clock(change: Change) -> None:
    _by_the_database(change, "accept_request")
    _by_the_database(change, "spend")


def _by_the_database(change: Change, name: str) -> None:
    method = getattr(MagicLinkRepository, name)

    async def with_its_time(self: MagicLinkRepository, *given: Any) -> Any:
        async with self._pool.connection() as connection:
            cursor = await connection.execute("SELECT now()")
            row = await cursor.fetchone()
        assert row is not None
        return await method(self, *given[:-1], row[0])

    change.replace(MagicLinkRepository, name, with_its_time)


def _in_two_processes(description: dict[str, Any], _: Any) -> None:
    served = description.pop("in_process")["environment"]
    description["launch"] = {
        "command": ["{python}", "-m", "reference_app", "serve"],
        "environment": {**served, "WORKERS": "2"},
        "ready_path": "/health/ready",
    }
    description["clock"] = {"kind": "age"}


@variant("Two processes serve, which share nothing but the database.", _in_two_processes)
def two_processes(change: Change) -> None:
    """Only the description differs."""
