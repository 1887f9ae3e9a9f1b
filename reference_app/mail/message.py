"""What a mail is made of."""

from __future__ import annotations

from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from html.parser import HTMLParser

from reference_app import clock


def compose(sender: str, to: str, subject: str, html: str) -> EmailMessage:
    """Return a message with a plain text part beside the HTML part."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = to
    message["Subject"] = subject
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2].rstrip(">"))
    message.set_content(plain_text(html))
    message.add_alternative(html, subtype="html")
    return message


def plain_text(html: str) -> str:
    """Return the text of simple HTML, a paragraph a line."""
    parser = _TextOnly()
    parser.feed(html)
    parser.close()
    return "".join(parser.pieces).strip() + "\n"


class _TextOnly(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "p":
            self.pieces.append("\n\n")
