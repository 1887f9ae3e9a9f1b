"""What a target's log says of errors of its own: quoted beside a failure, never judged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conformance.observe.evidence import masked
from conformance.observe.logs import LogLine, Logs
from conformance.outcomes import CantTell, Untested

# Of each error its first line and its last ones: a trace names what was raised at its end.
_FIRST, _LAST, _ERRORS = 1, 5, 2
_LINE_LIMIT = 300


def errors_since(logs: Logs, mark: int, seconds: float) -> list[str]:
    """Return the lines of the last errors that were logged after `mark`, masked and shortened.

    Waits up to `seconds` for the first one: a server may log what was raised after its answer.
    """
    try:
        lines = logs.wait_for(mark, lambda line: line.level == "error", seconds)
    except (CantTell, Untested):
        return []
    return [line for error in [*_errors(lines)][-_ERRORS:] for line in _shortened(error)]


def _errors(lines: Sequence[LogLine]) -> Iterator[list[str]]:
    """Yield each error's lines: the one with the level, and those after it that show none."""
    error: list[str] = []
    for line in lines:
        begins = line.level == "error" and not line.text[0].isspace()
        if error and (begins or line.level not in ("error", None)):
            yield error
            error = []
        if begins or error:
            error.append(line.text)
    if error:
        yield error


def _shortened(error: list[str]) -> list[str]:
    if len(error) > _FIRST + _LAST + 1:
        left_out = len(error) - _FIRST - _LAST
        error = [*error[:_FIRST], f"… {left_out} lines …", *error[-_LAST:]]
    return [_both_ends(masked(line)) for line in error]


def _both_ends(line: str) -> str:
    """Return a line with its middle left out where it is long, as a trace in JSON is."""
    half = (_LINE_LIMIT - 3) // 2
    return line if len(line) <= _LINE_LIMIT else f"{line[:half]} … {line[-half:]}"
