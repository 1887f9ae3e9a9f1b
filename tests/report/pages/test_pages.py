"""The shell that all pages share: Gherkin as HTML, small turns of text, strictness."""

from __future__ import annotations

import pytest
from jinja2 import UndefinedError

from conformance.report.pages.shell import render
from conformance.report.pages.text import duration, highlight, outcome_word, slug, with_code


@pytest.mark.parametrize(
    ("step", "html"),
    [
        ("a registered user", "a registered user"),
        ('the error "TOKEN_USED"', 'the error <span class="s">&#34;TOKEN_USED&#34;</span>'),
        ("the answer is 400", 'the answer is <span class="n">400</span>'),
        ("it is TOKEN_USED", 'it is <span class="c">TOKEN_USED</span>'),
        ("logged as WARN", 'logged as <span class="c">WARN</span>'),
        ("the body <body>", 'the body <span class="p">&lt;body&gt;</span>'),
        ("AC-9 and <b>&", 'AC-9 and <span class="p">&lt;b&gt;</span>&amp;'),
        ("HTTP-2 in 0.5 seconds", 'HTTP-2 in <span class="n">0.5</span> seconds'),
    ],
)
def test_a_step_is_highlighted_and_escaped(step: str, html: str) -> None:
    assert highlight(step) == html


def test_ids_are_linked_where_an_address_is_known() -> None:
    def link(id_: str) -> str | None:
        return f"#{id_}" if id_ == "AC-9" else None

    assert highlight("AC-9, AC-99", link) == '<a href="#AC-9">AC-9</a>, AC-99'


def test_code_in_prose_is_escaped_code() -> None:
    assert with_code("`<a>` & b") == "<code>&lt;a&gt;</code> &amp; b"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 ms"), (0.0421, "42 ms"), (3.44, "3.4 s"), (59.94, "59.9 s"), (59.96, "1 min 0 s"),
     (125, "2 min 5 s"), (0.9996, "1.0 s")],
)  # fmt: skip
def test_durations_read_well(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_words_and_anchors() -> None:
    assert outcome_word("cant_tell") == "cannot tell"
    assert outcome_word("passed") == "passed"
    assert slug("A token, once used!") == "a-token-once-used"


def test_a_template_says_what_it_misses() -> None:
    with pytest.raises(UndefinedError, match="report"):
        render("report/report.html", title="no report")
