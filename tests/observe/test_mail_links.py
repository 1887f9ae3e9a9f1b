"""Links are found in whatever form a mail carries them."""

from __future__ import annotations

from email.message import EmailMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest

from conformance.observe.mail.links import is_magic_link, links_in_html, links_in_text, token_of
from conformance.observe.mail.message import Message, bare_address, message_from_source

TOKEN = "0123456789abcdef" * 4
LINK = f"https://app.example.com/auth/magic-link/verify?token={TOKEN}"


def message(text: str = "", html: str = "") -> Message:
    return Message(recipients=("a@example.com",), sender="", subject="", text=text, html=html)


@pytest.mark.parametrize(
    ("text", "links"),
    [
        (f"Log in: {LINK}", [LINK]),
        (f"Log in: {LINK}.", [LINK]),
        (f"Log in ({LINK}), please.", [LINK]),
        (f"Log in <{LINK}>.", [LINK]),
        (f"Log in <URL:{LINK}>", [LINK]),
        (f'Log in "{LINK}"!', [LINK]),
        (f"Log in “{LINK}”…", [LINK]),
        (f"[Log in]({LINK})", [LINK]),
        (f"**{LINK}**", [LINK]),
        (f"{LINK}\r\nhttp://b.example/x?y=1&z=2;", [LINK, "http://b.example/x?y=1&z=2"]),
        ("https://a.example/wiki/Link_(web)", ["https://a.example/wiki/Link_(web)"]),
        ("http://[::1]:8000/x", ["http://[::1]:8000/x"]),
        (f"{LINK}\u200b next", [LINK]),
        ("a https: // b http ://c ftp://d.example www.e.example", []),
        ("http://a.example/x_ and token=-_", ["http://a.example/x_"]),
        (
            "localhost:3000/auth/magic-link/verify?token=ab.",
            ["localhost:3000/auth/magic-link/verify?token=ab"],
        ),
    ],
)
def test_links_in_text(text: str, links: list[str]) -> None:
    assert links_in_text(text) == links


@pytest.mark.parametrize(
    ("html", "links"),
    [
        (f'<a href="{LINK}">Log in</a>', [LINK]),
        (f"<a href='{LINK}'>Log in</a>", [LINK]),
        (f"<A HREF={LINK}>Log in</A>", [LINK]),
        (f'<a href="\n  {LINK}\n">Log in</a>', [LINK]),
        ('<a href="https://a.example/?a=1&amp;b=2">x</a>', ["https://a.example/?a=1&b=2"]),
        ('<a href="https:&#x2F;&#47;a.example/?t=1&#61;">x</a>', ["https://a.example/?t=1="]),
        ("<p>https://a.example/?a=1&amp;b=2.</p>", ["https://a.example/?a=1&b=2"]),
        ("<p>https://a.example/x</p>y", ["https://a.example/x"]),
        ("<p>https://a.example/<wbr>x</p>", ["https://a.example/x"]),
        ("<td>https://a.example/x<br>y</td>", ["https://a.example/x"]),
        ('<img src="https://a.example/p.png"><form action="https://a.example/f">', None),
        ('<meta content="0; url=https://a.example/r">', ["https://a.example/r"]),
        ('<a href="mailto:x@example.com">x</a><a href="#top">y</a>', []),
        ('<style>a{background:url("https://a.example/s")}</style>', []),
        ("<script>'https://a.example/s'</script>", []),
        ('<a href="/auth/magic-link/verify?token=ab">x</a>', ["/auth/magic-link/verify?token=ab"]),
        ("<p>unclosed https://a.example/x", ["https://a.example/x"]),
    ],
)
def test_links_in_html(html: str, links: list[str] | None) -> None:
    expected = ["https://a.example/p.png", "https://a.example/f"] if links is None else links
    assert links_in_html(html) == expected


def test_links_of_a_message_come_once_and_html_first() -> None:
    mail = message(
        text=f"{LINK} https://a.example/text",
        html=f'<a href="https://a.example/html">x</a><a href="{LINK}">{LINK}</a>',
    )
    assert mail.links() == ["https://a.example/html", LINK, "https://a.example/text"]


@pytest.mark.parametrize(
    ("link", "token"),
    [
        (LINK, TOKEN),
        (f"http://127.0.0.1:3000/auth/magic-link/verify?token={TOKEN}", TOKEN),
        (f"https://x.example/base/auth/magic-link/verify?token={TOKEN}&next=%2Fhome#top", TOKEN),
        (f"https://x.example/auth/magic-link/verify?lang=en&token={TOKEN}", TOKEN),
        (f"https://x.example/#/auth/magic-link/verify?token={TOKEN}", TOKEN),
        ("https://x.example/auth/magic-link/verify?token=a%2Bb%2F%3D", "a+b/="),
    ],
)
def test_magic_link_and_its_token(link: str, token: str) -> None:
    assert is_magic_link(link)
    assert token_of(link) == token


@pytest.mark.parametrize(
    "link",
    [
        "https://x.example/auth/magic-link/verify",
        "https://x.example/auth/magic-link/verify?token=",
        "https://x.example/auth/magic-link/verify?other=1",
        "https://x.example/auth/magic-link/verify?xtoken=1",
        "https://x.example/auth/magic-link/verify#token=1",
        "https://x.example/auth/magic-link/request?token=1",
        "https://x.example/auth/magic-link/verify/?token=1",
        "https://click.example/?u=https%3A%2F%2Fx%2Fauth%2Fmagic-link%2Fverify%3Ftoken%3D1",
    ],
)
def test_other_links_are_no_magic_links(link: str) -> None:
    assert not is_magic_link(link)
    assert message(text=f"{link} https://x.example/unsubscribe").magic_links() == []


def test_a_link_without_token_has_none() -> None:
    assert token_of("https://x.example/?a=1") is None
    assert token_of("https://x.example/") is None


@pytest.mark.parametrize(
    ("text", "html"),
    [
        (f"Log in: {LINK}.", f'<a href="{LINK}">Log in</a>'),
        (f"Log in: {LINK}&amp", f'<a href="{LINK}&amp;amp">Log in</a>'),
        (LINK.replace("https://app", "HTTPS://APP"), f'<a href="{LINK}">Log in</a>'),
        ("", f'<a href="{LINK}">{LINK[:-20]}…</a> or <a href="{LINK}">here</a>'),
    ],
)
def test_the_same_magic_link_counts_once(text: str, html: str) -> None:
    assert len(message(text, html).magic_links()) == 1


def test_a_cut_off_display_text_does_not_win() -> None:
    mail = message(html=f'{LINK[:-20]}…<a href="{LINK}">Log in</a>')
    assert mail.magic_links() == [LINK]


def test_different_magic_links_count_each() -> None:
    other = LINK.replace("0123", "3210")
    assert message(text=f"{LINK} {other}").magic_links() == [LINK, other]


def alternative(cte: str) -> bytes:
    mail = EmailMessage()
    mail["To"] = "A <a@example.com>"
    mail.set_content(f"Grüße\n\n{'x' * 60} {LINK}&x=1.\n", cte=cte)
    mail.add_alternative(
        f'<p>Grüße</p><p><a href="{LINK}&amp;x=1">Log in</a></p><img src="https://a.example/p">',
        subtype="html",
        cte=cte,
    )
    return mail.as_bytes()


@pytest.mark.parametrize("cte", ["quoted-printable", "base64", "8bit"])
def test_transfer_encodings(cte: str) -> None:
    source = alternative(cte)
    assert (LINK.encode() in source) is (cte == "8bit")
    mail = message_from_source(source)
    assert mail.magic_links() == [f"{LINK}&x=1"]
    assert mail.recipients == ("a@example.com",)
    assert "Grüße" in mail.text
    assert "Grüße" in mail.html


def test_quoted_printable_breaks_the_link_over_lines() -> None:
    source = (
        "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n"
        f'\r\n<a href=3D"https://app.example.com/auth/magic-link/verify?token=3D{TOKEN[:20]}=\r\n'
        f'{TOKEN[20:]}&amp;a=3Db">x</a>\r\n'
    )
    assert message_from_source(source.encode()).magic_links() == [f"{LINK}&a=b"]


def test_nested_parts_are_read_and_attachments_are_not() -> None:
    inner = MIMEMultipart("alternative")
    inner.attach(MIMEText(f"see {LINK}", "plain", "iso-8859-1"))
    related = MIMEMultipart("related")
    related.attach(inner)
    attachment = MIMEText("https://a.example/terms", "html")
    attachment.add_header("Content-Disposition", "attachment", filename="terms.html")
    outer = MIMEMultipart("mixed")
    outer.attach(related)
    outer.attach(attachment)
    assert message_from_source(outer.as_bytes()).links() == [LINK]


@pytest.mark.parametrize(
    "source",
    [
        b"",
        b"no header at all",
        b"Subject: =?nonsense?q?=ff?=\r\nContent-Type: text/plain; charset=nobody-knows\r\n\r\nhi",
        b"Content-Type: multipart/mixed\r\n\r\nno boundary",
        b"To: <<<>,;:@\r\nFrom: @@\r\n\r\n\xff\xfe",
    ],
)
def test_a_broken_mail_does_not_raise(source: bytes) -> None:
    assert message_from_source(source).magic_links() == []


def test_encoded_headers_are_decoded() -> None:
    mail = message_from_source(
        b"From: =?utf-8?q?J=C3=BCrgen?= <J@Example.com>\r\nTo: a@example.com\r\n"
        b"Cc: B <b@example.com>\r\nSubject: =?utf-8?b?R3LDvMOfZQ==?=\r\n\r\nhi"
    )
    assert (mail.subject, mail.sender) == ("Grüße", "j@example.com")
    assert mail.recipients == ("a@example.com", "b@example.com")


@pytest.mark.parametrize(
    "address", ["a@example.com", "A@Example.COM", "<a@example.com>", '"A, B" <a@example.com>']
)
def test_bare_address(address: str) -> None:
    assert bare_address(address) == "a@example.com"
