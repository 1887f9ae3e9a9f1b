"""The pages in headless Chromium, on a phone and on a desk, in light and in dark."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, expect

from tests.components import chromium
from tests.place import Place
from tests.reference.browser import WINDOWS, Watched, Window, watched
from tests.reference.conftest import Database, Start
from tests.reference.servers import SmtpSink

ADA = "ada@example.com"
LINK_PATH = "/auth/magic-link/verify"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(params=WINDOWS, ids=str)
def window(request: pytest.FixtureRequest) -> Window:
    assert isinstance(request.param, Window)
    return request.param


@dataclass(frozen=True)
class Served:
    """What `magic-link-conformance serve` tells at its start."""

    url: str
    inbox: str
    password: str


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with Place() as place:
        command = place.start("serve", "--port", "0", "--mail-port", "0")
        lines = [command.read_until(word) for word in ("Log in at", "Mail arrives", "The password")]
        url, inbox = (re.findall(r"http://[\d.:]+", line)[0] for line in lines[:2])
        yield Served(url, inbox, lines[2].rpartition(" ")[2])


def test_a_person_clicks_from_login_to_inbox_to_link_to_session(
    browser: Browser, served: Served, window: Window
) -> None:
    with watched(browser, window, served.url, served.inbox) as tab:
        page = tab.page
        page.goto(served.inbox)
        # Every window finds the mails of those before it.
        before = page.get_by_role("link").count()
        tab.check()

        page.goto(served.url)
        assert tab.heading() == "Log in"
        tab.check()
        page.get_by_label("Email").first.fill(ADA)
        tab.press("Email me a link")
        assert tab.heading() == "Look in your mail"
        tab.check()

        page.goto(served.inbox)
        expect(page.get_by_role("link")).to_have_count(before + 1)
        tab.check()
        with page.expect_navigation():
            page.get_by_role("link").first.click()
        assert tab.heading() == "Log in"
        link = page.url
        page.reload()
        for method in ("HEAD", "GET"):
            page.context.request.fetch(link, method=method, headers={"Sec-Purpose": "prefetch"})
        tab.check()

        tab.press("Log in")
        assert (tab.heading(), page.url) == ("You are logged in", f"{served.url}/")
        expect(page.get_by_text(f"as {ADA}")).to_be_visible()
        tab.check()
        # Going back shows the button again, and the link is used.
        page.go_back()
        tab.press("Log in")
        assert tab.heading() == "This link has been used"

        page.goto(served.url)
        tab.press("Log out")
        assert tab.heading() == "Log in"


def test_the_inbox_shows_a_new_mail_by_itself(browser: Browser, served: Served) -> None:
    window = WINDOWS[0]
    with watched(browser, window, served.url, served.inbox) as tab:
        tab.page.goto(served.inbox)
        before = tab.page.get_by_role("link").count()
        answer = tab.page.context.request.post(
            f"{served.url}/auth/magic-link/request", data={"email": ADA}
        )
        assert answer.status == 202
        expect(tab.page.get_by_role("link")).to_have_count(before + 1)


@pytest.mark.parametrize("window", [WINDOWS[0], WINDOWS[-1]], ids=str)
def test_a_person_logs_in_with_a_password_and_the_keyboard(
    browser: Browser, served: Served, window: Window
) -> None:
    with watched(browser, window, served.url) as tab:
        page = tab.page
        page.goto(served.url)
        page.get_by_label("Email").last.fill(ADA)
        page.keyboard.press("Tab")
        page.keyboard.type("wrong")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert tab.heading() == "Not logged in"
        tab.check()
        page.get_by_label("Email").fill(ADA)
        page.get_by_label("Password").fill(served.password)
        tab.press("Log in")
        assert tab.heading() == "You are logged in"


_EXPIRE = """UPDATE magic_link_tokens SET "expiresAt" = now() - interval '1 second'"""
_USE = """UPDATE magic_link_tokens SET "usedAt" = now()"""
_FORGET = "DELETE FROM magic_link_tokens"


_REFUSALS = {
    "This link has been used": _USE,
    "This link has expired": _EXPIRE,
    "This link is not valid": _FORGET,
}


def test_a_link_that_does_not_work_leads_to_a_new_one(
    browser: Browser, start: Start, database: Database, sink: SmtpSink, window: Window
) -> None:
    # Other browsers than this one keep no `Secure` cookie from plain http.
    reference = start(cookie_secure=False)
    url = str(reference.client.base_url).rstrip("/")
    with watched(browser, window, url) as tab:
        for number, (heading, change) in enumerate(_REFUSALS.items()):
            email = f"ada{number}@example.com"
            database.add_user(email)
            reference.request_link(email)
            _open(tab, url, sink)
            database.rows(change)
            tab.press("Log in")
            assert tab.heading() == heading
            tab.check()
            tab.page.get_by_label("Email").fill(email)
            tab.press("Email me a link")
            _open(tab, url, sink)
            tab.press("Log in")
            assert tab.heading() == "You are logged in"
            expect(tab.page.get_by_text(f"as {email}")).to_be_visible()


def _open(tab: Watched, url: str, sink: SmtpSink) -> None:
    """Open the newest link."""
    tab.page.goto(f"{url}{LINK_PATH}?token={sink.tokens()[-1]}")
