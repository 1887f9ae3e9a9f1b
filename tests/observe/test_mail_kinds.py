"""Each kind of mailbox says all about itself, and everything else asks it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from conformance.observe.mail.kinds import KINDS
from conformance.observe.mail.mailbox import Mailbox, Sink
from conformance.observe.settings import MailPart
from conformance.target.description import parse_description
from conformance.target.mailbox import open_mailbox

SINKS = [name for name, kind in KINDS.items() if issubclass(kind, Sink)]
REFERENCE = Path(__file__).parents[2] / "docs" / "describe-my-target.md"


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def opened(stack: ExitStack, **data: object) -> Mailbox | None:
    described = {"launch": {"command": ["x"]}, **data}
    mailbox = open_mailbox(parse_description(described, "test", Path()))
    return stack.enter_context(mailbox) if mailbox is not None else None


@pytest.mark.parametrize("name", SINKS)
def test_a_sink_is_opened_by_its_kind_or_by_its_placeholders(stack: ExitStack, name: str) -> None:
    placeholder = next(iter(KINDS[name].placeholders))
    launch = {"command": ["x", f"{{{placeholder}}}"]}
    for data in ({"mail": {"kind": name}}, {"launch": launch}):
        mailbox = opened(stack, **data)
        assert type(mailbox) is KINDS[name]
        values = mailbox.placeholder_values()
        assert values.keys() == KINDS[name].placeholders.keys()
        assert all(values.values())


def test_without_a_kind_or_a_placeholder_there_is_no_mailbox(stack: ExitStack) -> None:
    assert opened(stack) is None


@pytest.mark.parametrize("name", SINKS)
def test_variables_hold_the_placeholders_of_their_kind(name: str) -> None:
    text = " ".join(KINDS[name].variables.values())
    assert set(re.findall(r"\{(\w+)\}", text)) == KINDS[name].placeholders.keys()
    # By this beginning the kind is recognised in a description.
    assert all(placeholder.startswith(f"{name}_") for placeholder in KINDS[name].placeholders)


@pytest.mark.parametrize("name", SINKS)
def test_each_worker_has_a_sink_of_its_own_unless_its_port_is_fixed(name: str) -> None:
    assert KINDS[name].is_own(MailPart(kind=name))
    assert not KINDS[name].is_own(MailPart(kind=name, port=2525))


def test_a_mailbox_that_is_there_already_is_shared() -> None:
    part = MailPart(kind="mailpit", url="http://127.0.0.1:8025")
    assert not KINDS["mailpit"].is_own(part)


@pytest.mark.parametrize("name", KINDS)
def test_the_reference_of_descriptions_has_each_kind(name: str) -> None:
    text = REFERENCE.read_text(encoding="utf-8")
    assert f'`"{name}"`' in text
    assert all(f"`{{{placeholder}}}`" in text for placeholder in KINDS[name].placeholders)
