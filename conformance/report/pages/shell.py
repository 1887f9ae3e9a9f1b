"""The shell of every page: one self-contained HTML file, rendered from Jinja templates.

`render` fills in a template that extends `base.html`. Styles and scripts are inlined, and the
page's own content security policy allows these, by their hashes, and nothing else: no network,
no script or style that slipped in with the content. Everything is escaped unless it is `Markup`.

Templates and assets are named relative to `templates/`; those below `docs/` are in
`docs/templates/`, as do any that a caller adds beside them.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
    select_autoescape,
)
from markupsafe import Markup

from conformance.report.pages import text
from conformance.report.safe_text import html

_HERE = Path(__file__).parent
_STYLE = "page.css"
_SCRIPT = "page.js"


def render(
    template: str,
    *,
    title: str,
    styles: Sequence[str] = (),
    scripts: Sequence[str] = (),
    **context: object,
) -> str:
    """Return a whole page as one HTML document.

    `title` is the text of the title element. `styles` and `scripts` name further assets, inlined
    after the shell's own. `context` is what the template itself needs; a name that it uses and
    that is missing raises `jinja2.UndefinedError`.
    """
    style = _joined((_STYLE, *styles))
    script = _joined((_SCRIPT, *scripts))
    policy = (
        f"default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; "
        f"style-src {hash_of(style)}; script-src {hash_of(script)}"
    )
    return (
        _environment()
        .get_template(template)
        .render(
            title=title,
            style=Markup(style),  # noqa: S704 - our own files
            script=Markup(script),  # noqa: S704
            policy=policy,
            **context,
        )
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=ChoiceLoader(
            [
                FileSystemLoader(_HERE / "templates"),
                PrefixLoader({"docs": FileSystemLoader(_HERE.parent / "site" / "templates")}),
            ]
        ),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "gherkin": text.highlight,
        "code": text.with_code,
        "duration": text.duration,
        "outcome_word": text.outcome_word,
        "slug": text.slug,
    }
    return environment


def _shown(value: object) -> object:
    """Return what a template prints: printable, and as safe against HTML as it was."""
    if isinstance(value, Markup):
        return Markup(html(value))  # noqa: S704
    return html(value) if isinstance(value, str) else value


def _joined(names: Sequence[str]) -> str:
    """Return assets as one text, with line feeds, as the browser hashes them."""
    loader = _environment().loader
    assert loader is not None
    sources = (loader.get_source(_environment(), name)[0] for name in names)
    return "\n".join(source.replace("\r\n", "\n").strip() for source in sources)


def hash_of(source: str) -> str:
    """Return the hash of a style or a script, as a content security policy has it."""
    digest = hashlib.sha256(source.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
