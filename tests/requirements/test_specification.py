"""The shipped spec is whole, and the parser keeps what a malformed one holds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from conformance.requirements.resources import spec_dir
from conformance.requirements.specification import (
    Specification,
    UnknownRequirement,
    load_specification,
    parse_specification,
    sort_key,
)

SAME_ANSWER = '{"message": "If that email is registered, a link has been sent."}'

# Every id of the spec, with what its own text has to say to the letter.
LITERALS: dict[str, tuple[str, ...]] = {
    "FR-1": ("POST /auth/magic-link/request", '{"email": string}'),
    "FR-2": ("202", SAME_ANSWER),
    "FR-3": ("active", "SHA-256", "magic_link_tokens", "within the same request"),
    "FR-4": ("https://{APP_BASE_URL}/auth/magic-link/verify?token={raw_token}",),
    "FR-5": ("POST /auth/magic-link/verify", '{"token": string}'),
    "FR-6": ("JWT", "auth_token", "httpOnly", "200", '{"userId": string}', "mark the token used"),
    "FR-7": ("at most 5", "rolling 60 minutes", "PostgreSQL"),
    "FR-8": ("15 minutes",),
    "NFR-1": ("32 bytes", "64 hex", "lower-case hex SHA-256", "64-character", "only in the mail"),
    "NFR-2": (
        "magic_link_tokens",
        "| `id` | UUID primary key |",
        "| `userId` | UUID foreign key to `users.id` |",
        "| `tokenHash` | VARCHAR(64) UNIQUE NOT NULL |",
        "| `expiresAt` | TIMESTAMPTZ NOT NULL |",
        "| `usedAt` | TIMESTAMPTZ NULL |",
        "| `createdAt` | TIMESTAMPTZ DEFAULT NOW() |",
        "an index on `tokenHash`",
        "(`userId`, `createdAt`)",
    ),
    "NFR-3": ("503", '{"error": "EMAIL_SEND_FAILED"}', "delete the token's row"),
    "NFR-4": ("INFO", "WARN", "ERROR", "domain only"),
    "NFR-5": ("P99", "under 2 s", "under 200 ms", "mail dispatch included"),
    "EC-1": ("Status: 202", f"Body: `{SAME_ANSWER}`", "Side effect: none"),
    "EC-2": ("Status: 202", f"Body: `{SAME_ANSWER}`", "Side effect: none, silent"),
    "EC-3": ("Status: 429", '{"error": "RATE_LIMIT_EXCEEDED"}', "Side effect: WARN"),
    "EC-4": ("Status: 400", '{"error": "TOKEN_EXPIRED"}', "Side effect: WARN"),
    "EC-5": ("Status: 400", '{"error": "TOKEN_USED"}', "Side effect: WARN"),
    "EC-6": ("Status: 400", '{"error": "TOKEN_INVALID"}', "Side effect: WARN"),
    "EC-7": ("Status: 503", '{"error": "EMAIL_SEND_FAILED"}', "row deleted, ERROR"),
    "EC-8": ("first 200, every other 400", '{"error": "TOKEN_USED"}', "unique constraint"),
    "AC-1": ("202", "exactly one mail", "*/auth/magic-link/verify?token=*"),
    "AC-2": ("within 15 minutes", "200", "Set-Cookie", "auth_token", "userId", "usedAt"),
    "AC-3": ("every existing authenticated endpoint",),
    "AC-4": ("second time", "400", "TOKEN_USED"),
    "AC-5": ("after 15 minutes", "400", "TOKEN_EXPIRED"),
    "AC-6": ("not in the database", "202", "no mail goes out"),
    "AC-7": ("sixth", "within 60 minutes", "429", "RATE_LIMIT_EXCEEDED"),
    "AC-8": ("magic_link_tokens", "SHA-256", "never the raw token"),
    "AC-9": ("identical", "status", "body", "time within 50 ms"),
    "AC-10": ("POST /auth/login", "valid credentials", "200", "auth_token", "unchanged"),
}
GROUPS = {
    "happy path": ["AC-1", "AC-2", "AC-3"],
    "error states": ["AC-4", "AC-5", "AC-6", "AC-7"],
    "security": ["AC-8", "AC-9"],
    "backwards compatibility": ["AC-10"],
}
SECTIONS = (  # what the spec has, in this order
    "Context",
    "Problem statement",
    "Functional requirements",
    "Non-functional requirements",
    "Edge cases and error handling",
    "Acceptance criteria",
)
SECTION_OF_KIND = {"FR": SECTIONS[2], "NFR": SECTIONS[3], "EC": SECTIONS[4], "AC": SECTIONS[5]}
LEDGER_PARTS = (
    "**Question:**",
    "**What conforms:**",
    "**What the reference does and why:**",
    "**Bears on:**",
)


@pytest.fixture(scope="module")
def spec() -> Specification:
    return load_specification()


def test_has_exactly_the_six_sections_in_order(spec: Specification) -> None:
    assert spec.sections == SECTIONS


def test_has_every_id_exactly_once_in_order(spec: Specification) -> None:
    assert list(spec.requirements) == list(LITERALS)
    assert spec.repeated == ()


@pytest.mark.parametrize("requirement_id", LITERALS)
def test_text_holds_its_literals(spec: Specification, requirement_id: str) -> None:
    text = " ".join(spec.get(requirement_id).text.split())
    assert [each for each in LITERALS[requirement_id] if each not in text] == []


@pytest.mark.parametrize("requirement_id", LITERALS)
def test_stands_in_the_section_of_its_kind(spec: Specification, requirement_id: str) -> None:
    requirement = spec.get(requirement_id)
    assert requirement.section == SECTION_OF_KIND[requirement_id.partition("-")[0]]
    assert requirement.title


@pytest.mark.parametrize("requirement_id", LITERALS)
def test_sentence_is_testable_in_form(spec: Specification, requirement_id: str) -> None:
    sentence = spec.get(requirement_id).sentence
    form = r"Given .+, when .+, then .+\." if requirement_id.startswith("AC-") else r".+ must .+\."
    assert re.fullmatch(form, sentence), sentence


def test_criteria_are_grouped(spec: Specification) -> None:
    groups: dict[str, list[str]] = {}
    for requirement in spec.requirements.values():
        if requirement.group is not None:
            groups.setdefault(requirement.group, []).append(requirement.id)
    assert groups == GROUPS


def test_nothing_stands_in_the_requirements_without_an_id(spec: Specification) -> None:
    assert {passage.section for passage in spec.unidentified} == set(SECTIONS[:2])
    assert all(passage.heading == "" for passage in spec.unidentified)


def test_text_names_only_ids_that_exist(spec: Specification) -> None:
    for name in ("magic-link.md", "ledger.md"):
        text = (spec_dir() / name).read_text(encoding="utf-8")
        named = set(re.findall(r"\b(?:AC|FR|NFR|EC)-\d+\b", text))
        assert named <= set(spec.requirements), name


def test_ledger_is_numbered_without_gaps(spec: Specification) -> None:
    assert list(spec.readings) == list(range(1, len(spec.readings) + 1))
    assert len(spec.readings) > 17


def test_each_reading_is_a_question_with_its_four_parts(spec: Specification) -> None:
    for reading in spec.readings.values():
        assert reading.title.endswith("?"), reading.title
        starts = [
            part
            for paragraph in reading.text.split("\n\n")
            for part in LEDGER_PARTS
            if paragraph.startswith(part)
        ]
        assert tuple(starts) == LEDGER_PARTS, reading.number
        assert reading.ids, reading.number


def test_readings_and_requirements_name_each_other(spec: Specification) -> None:
    from_ledger = {(reading.number, i) for reading in spec.readings.values() for i in reading.ids}
    from_spec = {(n, each.id) for each in spec.requirements.values() for n in each.readings}
    assert from_spec == from_ledger


def test_readings_name_only_readings_that_exist(spec: Specification) -> None:
    for reading in spec.readings.values():
        named = {int(number) for number in re.findall(r"\breading (\d+)", reading.text)}
        assert named <= set(spec.readings), reading.number


def test_links_lead_somewhere() -> None:
    for page in spec_dir().glob("*.md"):
        links = re.findall(r"\]\(([^)#]*)(?:#([^)]*))?\)", page.read_text(encoding="utf-8"))
        assert links, page.name
        for name, anchor in links:
            assert (spec_dir() / name).is_file(), name
            assert not anchor or anchor in anchors(spec_dir() / name), anchor


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, made the way code hosts make them."""
    titles = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_gate_is_the_ten_criteria(spec: Specification) -> None:
    assert spec.gate == tuple(f"AC-{number}" for number in range(1, 11))


def test_is_loaded_once() -> None:
    assert load_specification() is load_specification()


@pytest.mark.parametrize(("wrong", "near"), [("AC-11", "AC-1"), ("nfr3", "NFR-3"), ("", "FR-1")])
def test_unknown_id_is_told_in_a_sentence_with_near_ids(
    spec: Specification, wrong: str, near: str
) -> None:
    with pytest.raises(UnknownRequirement) as caught:
        spec.get(wrong)
    assert str(caught.value).startswith(f'The spec has no requirement "{wrong}"; nearest are ')
    assert wrong == "" or near in re.findall(r"[A-Z]+-\d+", str(caught.value).partition(";")[2])


def test_unknown_id_in_an_empty_spec() -> None:
    with pytest.raises(UnknownRequirement, match=r'^The spec has no requirement "AC-1", nor any'):
        parse_specification("").get("AC-1")


def test_ids_sort_by_kind_and_number() -> None:
    ids = ["X-1", "EC-1", "NFR-2", "FR-8", "AC-10", "AC-2", "NFR-1", "nonsense"]
    assert sorted(ids, key=sort_key) == [
        "AC-2", "AC-10", "FR-8", "NFR-1", "NFR-2", "EC-1", "nonsense", "X-1",
    ]  # fmt: skip


MALFORMED = """\
stray words
### FR-9 before any section
Must stand somewhere.

## Functional requirements
A rule that must have an id.
### FR-1: first
Group: none
The service
must answer ([reading 2](ledger.md#2), [Reading 1](x), [reading 2](y)).

More about it.
```
### FR-2 · in a fence
## Not a section
```
#### A heading inside
### FR-1 · again
### No id here
must still be seen
### EC-3
"""
MALFORMED_LEDGER = """\
## About
## 2 · Which?
**Bears on:** FR-1, NFR-2,
SHA-256, FR-1
## 2: Again?
no ids, though FR-1 is named
"""


def test_parser_keeps_what_a_malformed_text_holds() -> None:
    spec = parse_specification(MALFORMED, MALFORMED_LEDGER)

    assert spec.sections == ("Functional requirements",)
    assert list(spec.requirements) == ["FR-9", "FR-1", "EC-3"]
    assert spec.get("FR-9").section == ""
    first = spec.get("FR-1")
    assert (first.title, first.group, first.line) == ("first", "none", 7)
    assert first.sentence.startswith("The service must answer (")
    assert first.readings == (2, 1)
    assert "in a fence" in first.text
    assert "A heading inside" in first.text
    assert [each.line for each in spec.repeated] == [18, 5]
    assert [(p.heading, p.text, p.line) for p in spec.unidentified] == [
        ("", "A rule that must have an id.", 5),
        ("No id here", "must still be seen", 19),
    ]
    empty = spec.get("EC-3")
    assert (empty.title, empty.sentence, empty.text, empty.readings) == ("", "", "", ())


def test_parser_keeps_what_a_malformed_ledger_holds() -> None:
    spec = parse_specification(MALFORMED, MALFORMED_LEDGER)
    assert [(r.number, r.title, r.ids) for r in spec.readings.values()] == [
        (2, "Which?", ("FR-1", "NFR-2"))
    ]
    assert spec.gate == ()


@pytest.mark.parametrize("text", ["", "\n", "```", "#", "###", "## ", "### FR-", "\0", "## A\n```"])
def test_parser_never_raises(text: str) -> None:
    assert parse_specification(text, text).requirements == {}
