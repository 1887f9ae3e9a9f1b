"""The badge is SVG, says the conclusion in words, and is green for exit code 0 alone."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from conformance.report.badge import badge
from conformance.report.model import report_of
from conformance.run.result import HarnessError, RunResult
from tests.report.test_report_examples import failed, run, untested

SVG = "{http://www.w3.org/2000/svg}"
GREEN, RED, AMBER = "#1b6e3c", "#b3261e", "#8a5300"


def drawn(result: RunResult) -> ET.Element:
    return ET.fromstring(badge(report_of(result)))


@pytest.mark.parametrize(
    ("result", "words", "colour"),
    [
        (run(), "conformant 10/10", GREEN),
        (run(failed("AC-4")), "nonconformant 9/10", RED),
        (run(untested("AC-5")), "incomplete 9/10", AMBER),
        (run(asked=("AC-1",), partial=True), "incomplete 1/1", AMBER),
        (
            run(asked=("AC-1",), partial=True, slice="request"),
            "incomplete (slice request) 1/1",
            AMBER,
        ),
        (run(errors=(HarnessError("a", "b"),)), "incomplete 10/10, broken off", AMBER),
        (run(stale_expected_failures=("one",)), "conformant 10/10, stale expected failure", AMBER),
    ],
)
def test_words_and_colour(result: RunResult, words: str, colour: str) -> None:
    root = drawn(result)
    texts = [each.text for each in root.iter(f"{SVG}text")]
    fills = [each.get("fill") for each in root.iter(f"{SVG}rect")]

    assert texts == ["magic link", words]
    assert colour in fills
    assert not ({GREEN, RED, AMBER} - {colour}) & set(fills)


def test_it_has_a_title_that_is_read_aloud() -> None:
    root = drawn(run())
    (title,) = root.iter(f"{SVG}title")

    assert root.get("role") == "img"
    assert title.text == "magic link: conformant 10/10: everything that was asked about holds"
    assert root.get("aria-label") == title.text


def test_the_words_fit_the_picture() -> None:
    root = drawn(run(stale_expected_failures=("one",)))
    label, value = root.iter(f"{SVG}text")
    width, left = float(root.attrib["width"]), float(value.attrib["x"])

    assert float(label.attrib["x"]) + float(label.attrib["textLength"]) < left
    assert left + float(value.attrib["textLength"]) < width


def luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colour", [GREEN, RED, AMBER])
def test_white_letters_stand_out(colour: str) -> None:
    assert 1.05 / (luminance(colour) + 0.05) >= 4.5
