"""The mail of `magic-link-conformance serve`, as a page on local http."""

from __future__ import annotations

import base64
import hashlib
from html import escape
from pathlib import Path

from conformance.observe.mail.http_server import HttpServer, Request, Response
from conformance.observe.mail.loop_thread import LoopThread
from conformance.observe.mail.mailbox import Mailbox
from conformance.observe.mail.message import Message
from conformance.outcomes import UsageError

_HOST = "127.0.0.1"
_MAX_BODY_BYTES = 1024
_STYLE = (Path(__file__).parent / "serve_inbox.css").read_text(encoding="utf-8")
# Looks for new mail every two seconds. A page that loads itself anew would take the focus along.
_SCRIPT = """
setInterval(async () => {
  const answer = await fetch("/mails").catch(() => null);
  if (answer === null) return;
  const shown = document.getElementById("mails");
  const fresh = shown.cloneNode(false);
  fresh.innerHTML = await answer.text();
  if (fresh.textContent.trim() !== shown.textContent.trim()) shown.innerHTML = fresh.innerHTML;
}, 2000);
"""


def _csp_hash(text: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    # The page's address is of no interest to whom its links lead to.
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src {_csp_hash(_STYLE)}; script-src {_csp_hash(_SCRIPT)}; "
        "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
}
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Inbox</title>
<link rel="icon" href="data:,">
<style>{style}</style>
</head>
<body>
<main>
<h1>Inbox</h1>
<p class="quiet">Every mail that the application sends ends here.</p>
<div id="mails" role="status">
{mails}
</div>
<noscript><p>Reload this page to see new mail.</p></noscript>
</main>
<script>{script}</script>
</body>
</html>
"""


class InboxPage:
    """Lists the mails of a mailbox, the newest first; the page looks for new ones by itself.

    Raises `UsageError` when the port is taken.
    """

    def __init__(self, mailbox: Mailbox, port: int) -> None:
        self._mailbox = mailbox
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
        mails = "\n".join(map(_mail, self._mailbox.messages()[::-1])) or "<p>No mail yet.</p>"
        if request.path == "/mails":
            return Response(200, mails.encode(), _HEADERS)
        if request.path == "/":
            page = _PAGE.format(style=_STYLE, script=_SCRIPT, mails=mails)
            return Response(200, page.encode(), _HEADERS)
        return Response(404)


def _mail(message: Message) -> str:
    links = "".join(
        f'<p><a href="{escape(link)}">{escape(link)}</a></p>'
        # Only what a browser opens as a page: never `javascript:`.
        for link in message.magic_links()
        if link.startswith(("http://", "https://"))
    )
    recipients = escape(", ".join(message.recipients))
    head = f'<h2>{escape(message.subject)}</h2><p class="quiet">To {recipients}</p>'
    return f"<article>{head}{links}</article>"
