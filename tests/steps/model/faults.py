"""Faulty services, one for each rule of the model, by what the rule expects."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from typing import Any

from conformance.steps.model.rules import MESSAGE
from conformance.steps.model.service import Answer, Asked, Opened
from tests.steps.model.fake import LIFETIME, FakeService, Row, User, with_answer


class ExpiredLinksCount(FakeService):
    def after_refusing_a_token(self, row: Row | None) -> None:
        if row is not None and self.is_expired(row):
            row.user.counted.append(self.now)


class StrangersGet404(FakeService):
    def asked(self, asked: Asked, user: User) -> Asked:
        known = user.gets_mail or not user.active or asked.answer.status != 202
        return asked if known else with_answer(asked, status=404)


class SuspendedUsersGet404(FakeService):
    def asked(self, asked: Asked, user: User) -> Asked:
        known = user.active or asked.answer.status != 202
        return asked if known else with_answer(asked, status=404)


class LoginsEmptyTheCount(FakeService):
    def after_opening(self, row: Row) -> None:
        row.user.counted.clear()


class RefusalsHaveAnotherCode(FakeService):
    def asked(self, asked: Asked, user: User) -> Asked:
        refused = asked.answer.status == 429
        return with_answer(asked, error="TOO_MANY_REQUESTS") if refused else asked


class RefusalsAreMailed(FakeService):
    def asked(self, asked: Asked, user: User) -> Asked:
        return replace(asked, mails=1) if asked.answer.status == 429 else asked


class TheMessageDiffers(FakeService):
    def asked(self, asked: Asked, user: User) -> Asked:
        accepted = asked.answer.status == 202
        return with_answer(asked, message=MESSAGE.upper()) if accepted else asked


class StrangersAreMailed(FakeService):
    def asked(self, asked: Asked, user: User) -> Asked:
        return asked if user.gets_mail or not user.active else replace(asked, strangers=1)


class SuspendedUsersAreMailed(FakeService):
    def asked(self, asked: Asked, user: User) -> Asked:
        accepted = asked.answer.status == 202
        return asked if user.active or not accepted else replace(asked, mails=1)


class SuspendedUsersGetARow(FakeService):
    def asked(self, asked: Asked, user: User) -> Asked:
        return asked if user.active else replace(asked, rows_added=1)


class FailedMailsAreHushedUp(FakeService):
    def asked(self, asked: Asked, user: User) -> Asked:
        failed = asked.answer.status == 503
        return with_answer(asked, status=202, message=MESSAGE) if failed else asked


class FailedMailsLeaveARow(FakeService):
    def asked(self, asked: Asked, user: User) -> Asked:
        return replace(asked, rows_added=1) if asked.answer.status == 503 else asked


class LinksAreMailedTwice(FakeService):
    def asked(self, asked: Asked, user: User) -> Asked:
        return replace(asked, mails=2) if asked.mails else asked


class TheThirdLinkIsNotStored(FakeService):
    def asked(self, asked: Asked, user: User) -> Asked:
        return replace(asked, rows_added=0) if len(self.rows_of(user)) == 3 else asked


class UsedLinksAreForgotten(FakeService):
    def after_sending(self, row: Row) -> None:
        self.rows = [r for r in self.rows if r.user is not row.user or not r.used]


class LinksOfFailedMailsWork(FakeService):
    def after_failing(self, user: User, row: Row) -> None:
        """Leave the row."""

    def asked(self, asked: Asked, user: User) -> Asked:
        return replace(asked, rows_added=0) if asked.lost_token else asked


class LinksLiveAMinuteLonger(FakeService):
    def is_expired(self, row: Row) -> bool:
        return self.now - row.made > LIFETIME + 60


class ExpiredLinksAreInvalid(FakeService):
    def refusal(self, row: Row) -> str:
        return super().refusal(row).replace("TOKEN_EXPIRED", "TOKEN_INVALID")


class LinksLiveFiveMinutes(FakeService):
    def is_expired(self, row: Row) -> bool:
        return self.now - row.made > LIFETIME / 3


class PasswordsRevokeLinks(FakeService):
    def after_a_password(self, user: User) -> None:
        self.rows = [row for row in self.rows if row.user is not user or not self.is_live(row)]


class OlderLinksAreRevokedAtFirst(FakeService):
    sent = 0

    def after_sending(self, row: Row) -> None:
        self.sent += 1
        old = [r for r in self.rows_of(row.user) if r is not row and not r.used]
        if self.sent < 40:
            self.rows = [r for r in self.rows if r not in old]


class SuspendedUsersGet403(FakeService):
    def opened(self, opened: Opened, row: Row | None) -> Opened:
        if row is None or row.user.active or row.used or self.is_expired(row):
            return opened
        return replace(opened, answer=replace(opened.answer, status=403, error="SUSPENDED"))


class LinksLogSomebodyElseIn(FakeService):
    def opened(self, opened: Opened, row: Row | None) -> Opened:
        return replace(opened, answer=replace(opened.answer, right_user=False))


class UseIsNotMarked(FakeService):
    def opened(self, opened: Opened, row: Row | None) -> Opened:
        return replace(opened, marked=False)


class StrangeTokensGet404(FakeService):
    def open(self, token: str, owner: Hashable | None, session: Any, *, elsewhere: bool) -> Opened:
        opened = super().open(token, owner, session, elsewhere=elsewhere)
        strange = owner is None
        return replace(opened, answer=replace(opened.answer, status=404)) if strange else opened


class PasswordsAreRefusedWhileALinkIsOpen(FakeService):
    def log_in(self, who: Hashable) -> Answer:
        is_open = any(self.is_live(row) for row in self.rows if row.user is who)
        return self.answer(401) if is_open else super().log_in(who)


class SessionsAreRefused(FakeService):
    def visit(self, session: Any) -> Answer:
        return self.answer(401)


FAULTS: dict[str, type[FakeService]] = {
    "the request accepted: fewer than 5 were counted for the address within the hour": (
        ExpiredLinksCount
    ),
    "the answer that everybody gets, for a suspended user, too": SuspendedUsersGet404,
    "202, or 429, or 503 while the mail provider is in trouble": StrangersGet404,
    "the request refused: 5 were counted for the address within the hour": LoginsEmptyTheCount,
    '429 {"error": "RATE_LIMIT_EXCEEDED"}': RefusalsHaveAnotherCode,
    "no mail with a refusal": RefusalsAreMailed,
    f'202 {{"message": "{MESSAGE}"}}': TheMessageDiffers,
    "no mail to an address nobody registered": StrangersAreMailed,
    "no mail for a suspended user": SuspendedUsersAreMailed,
    "no token row for a suspended user": SuspendedUsersGetARow,
    '503 {"error": "EMAIL_SEND_FAILED"} when the mail cannot be sent': FailedMailsAreHushedUp,
    "no token row left by a mail that could not be sent": FailedMailsLeaveARow,
    "exactly one mail, with a link": LinksAreMailedTwice,
    "a token row for the link that was mailed": TheThirdLinkIsNotStored,
    '400 {"error": "TOKEN_USED"} for a link that was used': UsedLinksAreForgotten,
    "a refusal: the mail with this link could not be sent": LinksOfFailedMailsWork,
    "a refusal: the link is older than 15 minutes": LinksLiveAMinuteLonger,
    '400 {"error": "TOKEN_EXPIRED"} for a link that is older than 15 minutes': (
        ExpiredLinksAreInvalid
    ),
    "no TOKEN_EXPIRED: the link is younger than 15 minutes": LinksLiveFiveMinutes,
    "200: the link is valid, unexpired and unused": PasswordsRevokeLinks,
    "a refusal: such a link was invalid before (reading 5)": OlderLinksAreRevokedAtFirst,
    "200, or 400 TOKEN_INVALID unless the link is called used or expired": SuspendedUsersGet403,
    "a session, and the id of the user whose link it is": LinksLogSomebodyElseIn,
    "usedAt set by the login": UseIsNotMarked,
    '400 {"error": "TOKEN_INVALID"}': StrangeTokensGet404,
    "200 and a session for the right password": PasswordsAreRefusedWhileALinkIsOpen,
    "2xx from every protected endpoint": SessionsAreRefused,
}
