"""Text that others wrote, made safe for where it is shown: one function for each medium.

Whatever a target, its mail, its log, its description or the name of its folder says is data. It
must not steer a terminal, give a CI system commands, turn a line around, hide in characters that
nobody sees, or end the Markdown, HTML or XML that it is put into.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable

from conformance.observe.evidence import masked

# Control characters (C0, DEL, C1), marks of direction, characters without a shape (zero width,
# tags, supplementary variation selectors), lone surrogates. Those that join letters of scripts and
# emoji (U+200C, U+200D) stay.
_HARMFUL = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    r"\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)
_NOT_XML = re.compile(r"[\ufdd0-\ufdef\ufffe\uffff]")
# CI systems obey `##[command]` (GitHub, Azure) and the like anywhere in a line, `::command::` at
# its beginning. A space in between breaks both.
_ANYWHERE = re.compile(r"##(?=\w*\[)")
_AT_THE_BEGINNING = re.compile(r"^(\s*):(?=:)", re.MULTILINE)
_DOUBLE_COLON = re.compile(r":(?=:)")
# Emphasis, links, HTML, tables, formulas; and what GitHub makes mentions and references of.
_MARKDOWN = re.compile(r"([\\`*_\[\]<|~&$@#])")
_TICKS = re.compile(r"`+")


def printable(text: object) -> str:
    """Return `text` with every character that steers or hides replaced; lines stay lines."""
    return _HARMFUL.sub("\ufffd", str(text).replace("\r\n", "\n").replace("\r", "\n"))


def one_line(text: object, limit: int = 1_000) -> str:
    """Return `text` on one line: masked, printable, at most `limit` characters, no command."""
    words = str(text).split()
    line = _without_commands(printable(masked(" ".join(words))))
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}…"


def terminal(text: object, limit: int = 1_000) -> str:
    """Return `text` on one line for a terminal; wrapped, it gives GitHub no command either."""
    return _for_job(one_line(text, limit))


def terminal_lines(text: object) -> str:
    """Return `text` for a terminal, its lines kept."""
    return _for_job(_without_commands(printable(masked(str(text)))))


def github_message(text: object, limit: int = 500) -> str:
    """Return `text` as a workflow command of GitHub has it after its second `::`."""
    return one_line(text, limit).replace("%", "%25")


def github_property(text: object, limit: int = 250) -> str:
    """Return `text` as a workflow command of GitHub has it before its second `::`."""
    return github_message(text, limit).replace(":", "%3A").replace(",", "%2C")


def markdown(text: object, limit: int = 1_000) -> str:
    """Return `text` on one line so that Markdown shows it as it is, also in a table."""
    return _MARKDOWN.sub(r"\\\1", one_line(text, limit))


def code(text: object, limit: int = 1_000) -> str:
    """Return `text` on one line as a code span of Markdown that it cannot end."""
    line = one_line(text, limit)
    if not line:
        return "(nothing)"
    ticks = "`" * (_longest_run(line) + 1)
    pad = " " if line[0] == "`" or line[-1] == "`" else ""
    return f"{ticks}{pad}{line}{pad}{ticks}"


def code_cell(text: object, limit: int = 1_000) -> str:
    """Return a code span for a cell of a table in Markdown."""
    return code(text, limit).replace("|", "\\|")


def fenced(lines: Iterable[str], language: str = "") -> list[str]:
    """Return lines as a code block of Markdown that none of them can end."""
    shown = [_without_commands(printable(line)) for line in lines]
    fence = "`" * max(3, 1 + max(map(_longest_run, shown), default=0))
    return [f"{fence}{language}", *shown, fence]


def html(text: str) -> str:
    """Return `text` for HTML, not yet escaped: templates do that (`pages.shell`)."""
    return printable(text)


def xml(text: object) -> str:
    """Return `text` as XML 1.0 can hold it, not yet escaped."""
    return _NOT_XML.sub("\ufffd", _without_commands(printable(text)))


def json_text(value: object) -> str:
    """Return `value` as JSON that a terminal or a CI job can show: what does harm is escaped."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2)
    escaped = _HARMFUL.sub(lambda match: json.dumps(match[0]).strip('"'), text)
    return escaped.replace("##", "#\\u0023")


def _without_commands(text: str) -> str:
    return _AT_THE_BEGINNING.sub(r"\1: ", _ANYWHERE.sub("# #", text))


def _for_job(text: str) -> str:
    in_job = os.environ.get("GITHUB_ACTIONS") == "true"
    return _DOUBLE_COLON.sub(": ", text) if in_job else text


def _longest_run(text: str) -> int:
    return max((len(run) for run in _TICKS.findall(text)), default=0)
