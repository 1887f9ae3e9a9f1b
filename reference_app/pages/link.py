"""GET /auth/magic-link/verify: the page behind the link.

It never spends the token: mail scanners open links too. One button POSTs the token.
"""

from __future__ import annotations

import base64
import hashlib

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

router = APIRouter()

_SCRIPT = """
const button = document.querySelector("button");
const outcome = document.querySelector("output");
const reasons = {
  TOKEN_USED: "This link has been used already. Ask for a new one.",
  TOKEN_EXPIRED: "This link has expired. Ask for a new one.",
  TOKEN_INVALID: "This link is not valid. Ask for a new one.",
};
button.addEventListener("click", async () => {
  button.disabled = true;
  try {
    const response = await fetch("/auth/magic-link/verify", {
      method: "POST",
      headers: {"Content-Type": "application/json"},
      body: JSON.stringify({token: new URLSearchParams(location.search).get("token") ?? ""}),
    });
    if (response.ok) {
      outcome.textContent = "You are logged in.";
      return;
    }
    const reason = reasons[(await response.json()).error];
    outcome.textContent = reason ?? "That did not work. Try again in a moment.";
    button.disabled = reason !== undefined;
  } catch {
    outcome.textContent = "The server could not be reached. Try again in a moment.";
    button.disabled = false;
  }
});
"""

_PAGE = f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Log in</title>
<main>
<h1>Log in</h1>
<p><button type="button">Log in</button></p>
<p><output aria-live="polite"></output></p>
<noscript><p>This page needs JavaScript to log you in.</p></noscript>
</main>
<script>{_SCRIPT}</script>
</html>
"""

_SCRIPT_HASH = base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode()

_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": (
        f"default-src 'none'; script-src 'sha256-{_SCRIPT_HASH}'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
}


@router.api_route("/auth/magic-link/verify", methods=["GET", "HEAD"])
async def link_page() -> HTMLResponse:
    """Show the button; the token stays in the browser's address line until it is pressed."""
    return HTMLResponse(_PAGE, headers=_HEADERS)
