"""The forms, as HTML."""

from __future__ import annotations

from html import escape

_EMAIL = '<label>Email <input name="email" type="email" autocomplete="username" required></label>'

LINK_FORM = f"""<form method="post" action="/login/link">
{_EMAIL}
<button>Email me a link</button>
</form>"""

PASSWORD_FORM = f"""<form method="post" action="/login/password">
{_EMAIL}
<label>Password
<input name="password" type="password" autocomplete="current-password" required></label>
<button>Log in</button>
</form>"""

LOGOUT_FORM = """<form method="post" action="/logout">
<button class="second">Log out</button>
</form>"""

BACK = '<p><a href="/">Back to login</a></p>'


def token_form(raw_token: str) -> str:
    """Return the one button that presents a token."""
    return f"""<form method="post" action="/login/token">
<input type="hidden" name="token" value="{escape(raw_token)}">
<button>Log in</button>
</form>"""
