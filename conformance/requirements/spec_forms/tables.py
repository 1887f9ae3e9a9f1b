"""Rows of tables: those of requirements, and those that say what happens in an edge case."""

from __future__ import annotations

import re

from conformance.requirements.spec_forms.ids import leading_id

# The standard names of columns, by how headings of columns begin or what they contain.
_COLUMNS = (
    ("id", r"^(?:id|#|no\.?|nr\.?|ref(?:erence)?|key|number|code id|.* id)$"),
    ("status", r"status|http"),
    (
        "side_effect",
        r"^and$|also|besides|side.?effect|effect|consequence|logg?(?:ed|ing)?\b|audit|what else",
    ),
    ("message", r"user.?facing|shown|visible|user sees|user message|displayed"),
    ("scenario", r"scenario|case|condition|situation|when|trigger|failure|event|input|^errors?$"),
    ("body", r"body|response|payload|error code|answer|reply|code"),
    ("handling", r"handling|behaviou?r|expected|outcome|result|action|then|mitigation|resolution"),
)
_STATEMENT = re.compile(
    r"requirement|description|statement|criteri|must|shall|what|detail|goal|target|attribute|given|text|metric",
    re.IGNORECASE,
)
Cells = tuple[tuple[str, str], ...]


def standard_cells(cells: Cells) -> dict[str, str]:
    """Return a row's cells by the standard names of their columns, where these are recognised."""
    named: dict[str, str] = {}
    for heading, cell in cells:
        wanted = (name for name, pattern in _COLUMNS if re.search(pattern, heading.lower()))
        name = next((each for each in wanted if each not in named), heading.lower())
        named[name] = cell
    return named


def id_of_row(cells: Cells) -> str:
    """Return the id in a row's first two cells, "" when there is none."""
    for _, cell in cells[:2]:
        found = leading_id(cell.strip("`"))
        if found and not found[2]:
            return found[0]
    return ""


def statement_of_row(cells: Cells) -> str:
    """Return what a row says: its columns of statements, else all its cells but the id."""
    said = [cell for heading, cell in cells if _STATEMENT.search(heading) and cell]
    wanted = said if len(said) == 1 else [cell for _, cell in cells if cell]
    return "; ".join(cell for cell in wanted if cell != id_of_row(cells))


def states_requirements(cells: Cells) -> bool:
    """Return whether a table without ids has requirements in its rows, by its headings."""
    return any(_STATEMENT.search(heading) for heading, _ in cells)


def states_edge_cases(cells: Cells) -> bool:
    """Return whether a table says what happens in which case, by its headings."""
    named = set(standard_cells(cells))
    return "scenario" in named and bool(
        named & {"status", "body", "side_effect", "handling", "message"}
    )
