"""GET /: the page that asks for a link."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from reference_app.pages.page import scripted_page

router = APIRouter()

_BODY = """
<form>
<p><label>Email <input name="email" type="email" autocomplete="email" required></label></p>
<p><button>Send me a link</button></p>
</form>
"""

_SCRIPT = """
const form = document.querySelector("form");
const button = document.querySelector("button");
const outcome = document.querySelector("output");
const reasons = {
  RATE_LIMIT_EXCEEDED: "Too many links were asked for. Try again in an hour.",
  EMAIL_SEND_FAILED: "The mail could not be sent. Try again in a moment.",
};
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  button.disabled = true;
  try {
    const response = await fetch("/auth/magic-link/request", {
      method: "POST",
      headers: {"Content-Type": "application/json"},
      body: JSON.stringify({email: form.elements.email.value}),
    });
    const answer = await response.json();
    outcome.textContent =
      answer.message ?? reasons[answer.error] ?? "That did not work. Try again in a moment.";
  } catch {
    outcome.textContent = "The server could not be reached. Try again in a moment.";
  }
  button.disabled = false;
});
"""


@router.api_route("/", methods=["GET", "HEAD"])
async def login_page() -> HTMLResponse:
    """Show the form; the script POSTs the address."""
    return scripted_page("Log in", _BODY, _SCRIPT)
