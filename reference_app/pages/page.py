"""A page with one inline script: plain HTML that a strict content security policy covers."""

from __future__ import annotations

import base64
import hashlib

from fastapi.responses import HTMLResponse

_TEMPLATE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<main>
<h1>{title}</h1>
{body}
<p><output aria-live="polite"></output></p>
<noscript><p>This page needs JavaScript to log you in.</p></noscript>
</main>
<script>{script}</script>
</html>
"""


def scripted_page(title: str, body: str, script: str) -> HTMLResponse:
    """Return a page that allows its own script and nothing else; the parts are trusted HTML.

    The script may call this server and finds an `output` to tell what came of it.
    """
    script_hash = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    headers = {
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": (
            f"default-src 'none'; script-src 'sha256-{script_hash}'; connect-src 'self'; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        ),
    }
    content = _TEMPLATE.format(title=title, body=body, script=script)
    return HTMLResponse(content, headers=headers)
