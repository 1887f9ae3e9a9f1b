"""What all pages share: plain HTML with one style, and no script.

The forms work in any browser, and the content security policy can forbid every script, image and
connection. A form is taken from this site's own pages only: else another site could log its
visitor in to an account of its choice.
"""

from __future__ import annotations

import base64
import hashlib
from html import escape
from pathlib import Path
from typing import Annotated
from urllib.parse import parse_qs

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse

from reference_app.errors import ApiError

_STYLE = (Path(__file__).parent / "style.css").read_text(encoding="utf-8")
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS = {
    "Cache-Control": "no-store",
    # The address of the page behind a link holds the token.
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; img-src data:; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
}
# The empty icon keeps browsers from asking for one.
_TEMPLATE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="data:,">
<style>{style}</style>
</head>
<body>
<main>
<h1>{title}</h1>
{body}
</main>
</body>
</html>
"""


def page(title: str, body: str, status: int = 200) -> HTMLResponse:
    """Return a page; the title is text, the body trusted HTML."""
    content = _TEMPLATE.format(title=escape(title), style=_STYLE, body=body)
    return HTMLResponse(content, status, _HEADERS)


class ForeignForm(ApiError):
    """A form that was not sent by a page of this site."""

    status = 403
    code = "FOREIGN_FORM"


async def read_form(request: Request) -> dict[str, str]:
    """Return the fields of a form, the first of each name; raise ForeignForm.

    Browsers say where a form comes from in Sec-Fetch-Site (since 2023 all of them; on https and on
    this machine). Origin would not do: under `no-referrer` it is `null` for our own pages too.
    """
    if request.headers.get("sec-fetch-site") != "same-origin":
        raise ForeignForm
    body = (await request.body()).decode("utf-8", "replace")
    fields = parse_qs(body, keep_blank_values=True)
    return {name: values[0] for name, values in fields.items()}


Form = Annotated[dict[str, str], Depends(read_form)]
