"""Services that conform in other ways, one reading of the ledger each."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

from conformance.steps.model.service import Asked, Opened
from tests.steps.model.fake import HOUR, FakeService, Row, User, with_answer


class RefusedRequestsCount(FakeService):
    def after_refusing(self, user: User) -> None:
        user.counted.append(self.now)


class FailedMailsDoNotCount(FakeService):
    def after_failing(self, user: User, row: Row) -> None:
        super().after_failing(user, row)
        user.counted.pop()


class OlderLinksAreRevoked(FakeService):
    def after_sending(self, row: Row) -> None:
        old = [r for r in self.rows_of(row.user) if r is not row and not r.used]
        self.rows = [r for r in self.rows if r not in old]


class OlderLinksAreRevokedByAnyRequest(OlderLinksAreRevoked):
    def after_failing(self, user: User, row: Row) -> None:
        super().after_sending(row)
        super().after_failing(user, row)

    def after_refusing(self, user: User) -> None:
        self.rows = [r for r in self.rows if r.user is not user or r.used]


class OlderLinksAreCalledUsed(FakeService):
    def after_sending(self, row: Row) -> None:
        for other in self.rows_of(row.user):
            other.used = other is not row


class LoginsRevokeTheOtherLinks(FakeService):
    def after_opening(self, row: Row) -> None:
        self.rows = [r for r in self.rows if r.user is not row.user or r.used]


class ExpiredComesBeforeUsed(FakeService):
    def refusal(self, row: Row) -> str:
        return "TOKEN_EXPIRED" if self.is_expired(row) else super().refusal(row)


class OldRowsAreDeleted(FakeService):
    def refusal(self, row: Row) -> str:
        return "TOKEN_INVALID" if self.now - row.made > HOUR else super().refusal(row)


class LinksOutliveASuspension(FakeService):
    def is_live(self, row: Row) -> bool:
        return not row.used and not self.is_expired(row)


class StrangersGet503InAnOutage(FakeService):
    def ask(self, who: Hashable, trouble: str, *, elsewhere: bool, due: bool) -> Asked:
        asked = super().ask(who, trouble, elsewhere=elsewhere, due=due)
        if trouble and asked.answer.status == 202:
            return with_answer(asked, status=503, error="EMAIL_SEND_FAILED")
        return asked


class TheProviderIsGotRound(FakeService):
    def ask(self, who: Hashable, trouble: str, *, elsewhere: bool, due: bool) -> Asked:
        return super().ask(who, "", elsewhere=elsewhere, due=due)


class NobodyCanLookIntoTheDatabase(FakeService):
    def asked(self, asked: Asked, user: User) -> Asked:
        return replace(asked, rows_added=None)

    def opened(self, opened: Opened, row: Row | None) -> Opened:
        return replace(opened, marked=None)


READINGS = [
    FakeService,
    RefusedRequestsCount,
    FailedMailsDoNotCount,
    OlderLinksAreRevoked,
    OlderLinksAreRevokedByAnyRequest,
    OlderLinksAreCalledUsed,
    LoginsRevokeTheOtherLinks,
    ExpiredComesBeforeUsed,
    OldRowsAreDeleted,
    LinksOutliveASuspension,
    StrangersGet503InAnOutage,
    TheProviderIsGotRound,
    NobodyCanLookIntoTheDatabase,
]
