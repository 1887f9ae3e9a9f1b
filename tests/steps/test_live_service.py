"""What the exploration sees of a target: mails, answers, and whose they are."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any, cast

import jwt
import pytest

from conformance.observe.evidence import Evidence, Exchange
from conformance.observe.mail.mailbox import Sink
from conformance.observe.mail.message import Message
from conformance.outcomes import NoAnswer
from conformance.steps.live_service import LiveService
from conformance.steps.model.service import Asked
from conformance.steps.model.world import Kind
from conformance.steps.scene import Scene
from conformance.target.accounts.supply import Account
from conformance.target.testbed import Testbed

ADA = Account("ada@example.com", "7a1f", "secret")
LINK = f"https://login.example.com/auth/magic-link/verify?token={'a' * 64}"
HOST = "http://127.0.0.1:1"


def mail(to: str, text: str = LINK, sender: str = "login@example.com") -> Message:
    return Message(subject="", text=text, html="", recipients=(to,), sender=sender)


class Mailbox(Sink):
    """A provider that has accepted what it is given, and waits for nothing."""

    name = "mailbox"

    def __init__(self) -> None:
        self.accepted: list[Message] = []
        self._aside = {}

    def messages(self) -> list[Message]:
        return list(self.accepted)

    def wait_for(self, address: str, count: int = 1, timeout: float = 5.0) -> list[Message]:
        del count, timeout
        return self.messages_to(address)

    async def _shut_down(self) -> None:
        """Nothing was opened."""

    @classmethod
    def opened(cls, part: Any, directory: Any) -> Mailbox:
        raise NotImplementedError


class Target:
    """A target that answers as it is told and mails what it is told."""

    def __init__(self, status: int, body: dict[str, Any], *mails: Message) -> None:
        self.mailbox = Mailbox()
        self.evidence, self.history = Evidence(), list[Exchange]()
        self._status, self._body, self._mails = status, body, mails
        self.cookie = ""
        self.sent: list[Any] = []

    def post(self, path: str, payload: Any, headers: Any = None) -> Exchange:
        if self._status == 0:
            raise NoAnswer("the answer", expected="one", found="closed")
        self.mailbox.accepted += self._mails
        self.sent.append(headers)
        cookie = (("set-cookie", f"auth_token={self.cookie}; HttpOnly"),) if self.cookie else ()
        body = json.dumps(self._body).encode()
        return Exchange("POST", HOST + path, (), b"", self._status, cookie, body)

    def service(self) -> LiveService:
        testbed = SimpleNamespace(
            mailbox=self.mailbox,
            need_mailbox=lambda: self.mailbox,
            database=None,
            accounts=SimpleNamespace(addresses={ADA.email, "grace@example.com"}),
            wire=self,
            requested=set(),
            history=self.history,
            shared={},
        )
        return LiveService(Scene(cast("Testbed", testbed), Evidence()), None)


def asked(who: Account, *mails: Message, status: int = 202) -> Asked:
    service = Target(status, {"message": "sent"}, *mails).service()
    return service.ask(who, "", elsewhere=False, due=True)


def test_the_mail_for_a_request_has_a_link() -> None:
    found = asked(ADA, mail(ADA.email, "you have logged in"), mail(ADA.email))
    assert (found.mails, found.strangers, found.token) == (1, 0, "a" * 64)
    assert found.answer.message == "sent"


def test_a_mail_of_an_earlier_request_is_not_counted_again() -> None:
    target = Target(202, {}, mail(ADA.email))
    service = target.service()
    counts = [service.ask(ADA, "", elsewhere=False, due=True).mails for _ in range(2)]
    assert counts == [1, 1]


def test_any_mail_to_a_stranger_counts() -> None:
    stranger = Target(202, {}).service().join(Kind.STRANGER)
    assert isinstance(stranger, Account)
    assert asked(stranger, mail(stranger.email, "sign up")).mails == 1


@pytest.mark.parametrize(
    ("message", "strangers"),
    [
        (mail("bob@example.com"), 1),
        (mail("bob@example.com", "you have logged in"), 0),
        (mail("login@example.com"), 0),
        (mail("grace@example.com"), 0),
    ],
)
def test_a_link_that_is_mailed_to_another_stranger_counts(message: Message, strangers: int) -> None:
    assert asked(ADA, mail(ADA.email), message).strangers == strangers


def test_no_answer_is_an_answer_of_its_own() -> None:
    found = asked(ADA, status=0)
    assert (found.answer.status, found.answer.short) == (0, "no answer")


@pytest.mark.parametrize(
    ("claim", "member", "right"),
    [
        ("7a1f", "7a1f", True),
        ("7A1F", "7A1F", True),
        ("7a1f", "b0b", False),
        ("b0b", "7a1f", False),
    ],
)
def test_a_login_names_its_user_twice(claim: str, member: str, right: bool) -> None:
    target = Target(200, {"userId": member})
    target.cookie = jwt.encode({"sub": claim}, "0" * 32)
    answer = target.service().open("a" * 64, ADA, None, elsewhere=False).answer
    assert (answer.session is not None, answer.right_user) == (True, right)


def test_a_browser_that_is_logged_in_sends_its_session() -> None:
    target = Target(400, {"error": "TOKEN_USED"})
    session = SimpleNamespace(header_line={"cookie": "auth_token=x"})
    service = target.service()
    assert service.open("a" * 64, ADA, session, elsewhere=False).answer.short == "400 TOKEN_USED"
    assert target.sent == [{"cookie": "auth_token=x"}]


def test_what_was_seen_is_kept_for_the_whole_run() -> None:
    target = Target(202, {})
    service = target.service()
    exchange = Exchange("POST", HOST, (), b"", status=202)
    service._evidence.exchanges.append(exchange)
    assert service.evidence() == [exchange]
    service.end()
    assert (target.history, service.evidence()) == ([exchange], [])
