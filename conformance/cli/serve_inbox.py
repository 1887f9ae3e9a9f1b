"""The mail of `magic-link-conformance serve`, as a page on local http."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader

from conformance.observe.mail.http_server import HttpServer, Request, Response
from conformance.observe.mail.loop_thread import LoopThread
from conformance.observe.mail.mailbox import Mailbox
from conformance.outcomes import UsageError
from conformance.report.pages.shell import hash_of

_HOST = "127.0.0.1"
_MAX_BODY_BYTES = 1024
_HERE = Path(__file__).parent
_STYLE, _SCRIPT = (
    (_HERE / f"serve_inbox.{kind}").read_text(encoding="utf-8") for kind in ("css", "js")
)
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    # The page's address is of no interest to whom its links lead to.
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src {hash_of(_STYLE)}; script-src {hash_of(_SCRIPT)}; "
        "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
}


class InboxPage:
    """Lists the mails of a mailbox, the newest first; the page looks for new ones by itself.

    Raises `UsageError` when the port is taken.
    """

    def __init__(self, mailbox: Mailbox, port: int) -> None:
        self._mailbox = mailbox
        environment = Environment(loader=FileSystemLoader(_HERE), autoescape=True)
        self._page = environment.get_template("serve_inbox.html")
        self._server = HttpServer(self._answer, _MAX_BODY_BYTES)
        self._thread = LoopThread("inbox page")
        try:
            self.url = f"http://{_HOST}:{self._thread.run(self._server.listen(_HOST, port))}"
        except OSError as error:
            self._thread.close()
            raise UsageError(f"`--mail-port`: {port}: {error.strerror}") from error

    def close(self) -> None:
        """Stop serving."""
        self._thread.close(self._server.shut_down())

    async def _answer(self, request: Request) -> Response:
        if request.path != "/":
            return Response(404)
        mails = self._mailbox.messages()[::-1]
        page = self._page.render(style=_STYLE, script=_SCRIPT, mails=mails)
        return Response(200, page.encode(), _HEADERS)
