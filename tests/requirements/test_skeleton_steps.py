"""A criterion's sentence becomes Given, When and Then, however it is written."""

from __future__ import annotations

import pytest

from conformance.requirements.skeleton.steps import steps_of


@pytest.mark.parametrize(
    ("sentence", "steps"),
    [
        ("Given a card, when it is sold, then the answer is 201 (FR-1, FR-2).",
         ["Given a card", "When it is sold", "Then the answer is 201"]),
        ("Given a card when it is sold then 201.",
         ["Given a card", "When it is sold", "Then 201"]),
        ("Given a POST to /cards, the response is 202, and one mail is sent.",
         ["When a POST to /cards", "Then the response is 202, and one mail is sent"]),
        ("Given a card, sold before, the answer is 409.",
         ["When a card, sold before", "Then the answer is 409"]),
        ("A card sold twice returns 409 with `GONE`.",
         ["When a card sold twice", "Then the answer is 409 with `GONE`"]),
        ("A card holds a balance.", ["When TBD", "Then a card holds a balance"]),
        ("WHEN a reader borrows a book THE SYSTEM SHALL lend it and print a slip",
         ["When a reader borrows a book", "Then THE SYSTEM SHALL lend it and print a slip"]),
        ("IF the book is lent THEN the system SHALL answer 409",
         ["When the book is lent", "Then the system SHALL answer 409"]),
        ("WHILE it is closed WHEN a reader asks THE SYSTEM SHALL answer 503",
         ["Given it is closed", "When a reader asks", "Then THE SYSTEM SHALL answer 503"]),
        ("GIVEN an order WHEN it is packed THEN it has a number AND the number is mailed",
         ["Given an order", "When it is packed", "Then it has a number",
          "And the number is mailed"]),
        ("Given a card And a user When it is sold Then 201 When it is sold again Then 409",
         ["Given a card", "And a user", "When it is sold", "Then 201", "When it is sold again",
          "Then 409"]),
        ("The system shall keep what was there when it starts.",
         ["When TBD", "Then the system shall keep what was there when it starts"]),
        ("When a user asks, then the answer is 202, whether or not it is known, if ever.",
         ["When a user asks", "Then the answer is 202, whether or not it is known, if ever"]),
        ("A user asks. When it rains, then 503.",
         ["Given a user asks", "When it rains", "Then 503"]),
        ("When it rains", ["When TBD", "Then it rains"]),
        ("When , then .", ["When TBD", "Then TBD"]),
        ("TBD", ["When TBD", "Then TBD"]),
    ],
)  # fmt: skip
def test_steps(sentence: str, steps: list[str]) -> None:
    assert [f"{step.keyword} {step.text}" for step in steps_of(sentence)] == steps
