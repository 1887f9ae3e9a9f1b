"""How the package is divided: small modules, and an engine that knows nothing of magic links.

The direction of imports between rooms is held by import-linter (`pyproject.toml`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "conformance"
MODULES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))
LONGEST = 300

PECULIAR = re.compile(
    r"/?auth/(?:magic-link|login)|magic_link_tokens|auth_token"
    r"|TOKEN_(?:USED|EXPIRED|INVALID)\b|RATE_LIMIT_EXCEEDED|EMAIL_SEND_FAILED"
)
# Where the spec's own names belong: the spec as data, and the steps that judge it.
SPEC_ROOMS = ("requirements/", "steps/")


def engine_lines(text: str) -> Iterator[str]:
    """Yield the lines that name something of magic links, docstrings and comments left out."""
    code = re.sub(r'""".*?"""', "", text, flags=re.DOTALL)
    for line in code.splitlines():
        if PECULIAR.search(line.partition("  # ")[0]) and not line.lstrip().startswith("#"):
            yield line.strip()


def source(module: str) -> str:
    return (PACKAGE / module).read_text(encoding="utf-8")


def test_no_module_is_too_long() -> None:
    assert [name for name in MODULES if len(source(name).splitlines()) > LONGEST] == []


def test_the_engine_names_nothing_of_magic_links() -> None:
    engine = [name for name in MODULES if not name.startswith(SPEC_ROOMS)]
    found = {module: lines for module in engine if (lines := list(engine_lines(source(module))))}
    assert found == {}


def test_what_is_peculiar_is_recognised() -> None:
    text = '"""About auth_token."""\n# TOKEN_USED\nx = 1  # /auth/login\npath = "/auth/login"\n'
    assert list(engine_lines(text)) == ['path = "/auth/login"']
    constants = source("requirements/magic_link.py")
    assert len(list(engine_lines(constants))) == 5


def test_routes_and_names_are_written_once() -> None:
    written = re.compile(r'"(?:/auth/(?:magic-link/\w+|login)|magic_link_tokens|auth_token)"')
    places = {module for module in MODULES if written.search(source(module))}
    # The schema's steps are sentences of the features, which name the table.
    assert places == {"requirements/magic_link.py", "steps/schema.py"}
