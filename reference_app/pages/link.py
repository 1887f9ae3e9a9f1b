"""GET /auth/magic-link/verify: the page behind the link.

It never spends the token: mail scanners open links too. One button POSTs the token.
"""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from reference_app.pages.page import scripted_page

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

_BODY = '<p><button type="button">Log in</button></p>'


@router.api_route("/auth/magic-link/verify", methods=["GET", "HEAD"])
async def link_page() -> HTMLResponse:
    """Show the button; the token stays in the browser's address line until it is pressed."""
    return scripted_page("Log in", _BODY, _SCRIPT)
