"""`badge.svg`: the conclusion and the score, to show beside a project's name."""

from __future__ import annotations

from html import escape

from conformance.outcomes import ExitCode
from conformance.report.model import Report
from conformance.report.wording import EXIT_MEANING

_LABEL = "magic link"
# Dark enough for white letters; the words say the same.
_GREEN, _RED, _AMBER = "#1b6e3c", "#b3261e", "#8a5300"
_LETTER, _PADDING, _HEIGHT = 6.3, 7, 20
# Without ids, so that one page can have several.
_TEMPLATE = """\
<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" role="img" \
aria-label="{title}">
  <title>{title}</title>
  <rect width="{width}" height="{height}" rx="3" fill="{colour}"/>
  <path d="M3 0h{side}v{height}H3a3 3 0 0 1-3-3V3a3 3 0 0 1 3-3z" fill="#444"/>
  <g fill="#fff" font-family="Verdana, DejaVu Sans, sans-serif" font-size="11" aria-hidden="true">
    <text x="{padding}" y="14" textLength="{label_length}">{label}</text>
    <text x="{value_at}" y="14" textLength="{value_length}">{value}</text>
  </g>
</svg>
"""


def badge(report: Report) -> str:
    """Return the badge of a report as SVG; green only where the exit code is 0."""
    value = _value(report)
    label_length, value_length = _length(_LABEL), _length(value)
    left, right = label_length + 2 * _PADDING, value_length + 2 * _PADDING
    return _TEMPLATE.format(
        width=left + right,
        height=_HEIGHT,
        side=left - 3,
        padding=_PADDING,
        value_at=left + _PADDING,
        label_length=label_length,
        value_length=value_length,
        label=_LABEL,
        value=escape(value),
        title=escape(f"{_LABEL}: {value}: {EXIT_MEANING[report.exit_code]}"),
        colour=_colour(report),
    )


def _value(report: Report) -> str:
    score = report.score
    part = f" (slice {report.slice})" if report.slice is not None else ""
    words = f"{report.conclusion}{part} {score.passed}/{score.asked}"
    remarks = {
        ExitCode.HARNESS: ", broken off",
        ExitCode.STALE_EXPECTED_FAILURE: ", stale expected failure",
    }
    return words + remarks.get(report.exit_code, "")


def _colour(report: Report) -> str:
    return {ExitCode.CONFORMANT: _GREEN, ExitCode.NONCONFORMANT: _RED}.get(report.exit_code, _AMBER)


def _length(text: str) -> int:
    return round(len(text) * _LETTER)
