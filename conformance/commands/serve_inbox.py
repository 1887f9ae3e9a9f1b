"""The mail of `magic-link-conformance serve`, as a page on local http."""

from __future__ import annotations

from html import escape

from conformance.observation.mail import Mailbox, Message
from conformance.observation.mail.http_server import HttpServer, Request, Response
from conformance.observation.mail.loop_thread import LoopThread
from conformance.target import DescriptionError

_HOST = "127.0.0.1"
_MAX_BODY_BYTES = 1024
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    # The page's address is of no interest to whom its links lead to.
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
}
_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="3">
<title>Mail ({count})</title>
<main>
<h1>Mail</h1>
{mails}
</main>
</html>
"""


class InboxPage:
    """Lists the mails of a mailbox, the newest first; the page fetches itself every 3 seconds.

    Raises `DescriptionError` when the port is taken.
    """

    def __init__(self, mailbox: Mailbox, port: int) -> None:
        self._mailbox = mailbox
        self._server = HttpServer(self._answer, _MAX_BODY_BYTES)
        self._thread = LoopThread("inbox page")
        try:
            self.url = f"http://{_HOST}:{self._thread.run(self._server.listen(_HOST, port))}"
        except OSError as error:
            self._thread.close()
            raise DescriptionError(f"`--mail-port`: {port}: {error.strerror}") from error

    def close(self) -> None:
        """Stop serving."""
        self._thread.close(self._server.shut_down())

    async def _answer(self, request: Request) -> Response:
        if request.path != "/":
            return Response(404)
        messages = self._mailbox.messages()[::-1]
        mails = "\n".join(map(_mail, messages)) or "<p>None yet.</p>"
        page = _PAGE.format(count=len(messages), mails=mails)
        return Response(200, page.encode(), _HEADERS)


def _mail(message: Message) -> str:
    links = "".join(
        f'<p><a href="{escape(link)}">{escape(link)}</a></p>'
        # Only what a browser opens as a page: never `javascript:`.
        for link in message.magic_links()
        if link.startswith(("http://", "https://"))
    )
    head = f"<h2>{escape(message.subject)}</h2><p>To: {escape(', '.join(message.recipients))}</p>"
    return f"<article>{head}{links}</article>"
