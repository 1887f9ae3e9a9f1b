"""The documentation: complete where it claims to be, and every example in it is valid."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from pydantic import BaseModel

from conformance.observe.settings import LogPart
from conformance.outcomes import ExitCode, Outcome, Point
from conformance.report.files import REPORT_FILES
from conformance.report.json_report import report_schema
from conformance.report.wording import ids_in_words
from conformance.requirements.facts import many_accounts, undecided_without, untested_without
from conformance.run.expected_failures import load_expected_failures
from conformance.target.accounts.passwords import SCHEMES
from conformance.target.description import TargetDescription, parse_description
from conformance.target.launch.placeholders import placeholders
from tests.place import REPOSITORY

DOCS = REPOSITORY / "docs"
PAGES = sorted(DOCS.glob("*.md"))
_BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)]+)\)")


@dataclass(frozen=True)
class Block:
    page: str
    language: str
    info: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}: {self.text.splitlines()[0]}"


def _blocks(*languages: str) -> list[Block]:
    found = [
        Block(page.name, *match.groups())
        for page in PAGES
        for match in _BLOCK.finditer(page.read_text())
    ]
    return [block for block in found if block.language in languages]


def _text(name: str) -> str:
    return (DOCS / name).read_text()


@pytest.mark.parametrize("block", _blocks("toml"), ids=str)
def test_every_toml_example_is_valid(block: Block, tmp_path: Path) -> None:
    data = tomllib.loads(block.text)
    if block.info.strip() == "expected-failures":
        path = tmp_path / "expected-failures.toml"
        path.write_text(block.text)
        assert load_expected_failures(path)
        return
    if block.info.strip() == "fragment":
        data = {"base_url": "http://127.0.0.1:8000"} | data
    parse_description(data, block.page, tmp_path)


@pytest.mark.parametrize("block", _blocks("yaml"), ids=str)
def test_every_workflow_is_yaml_and_runs_the_gate(block: Block) -> None:
    steps = yaml.safe_load(block.text)["jobs"]["conformance"]["steps"]
    assert any(
        "magic-link-conformance run --target" in step.get("run", "")
        or "/magic-link-conformance@" in step.get("uses", "")
        for step in steps
    )


def test_the_action_is_called_as_it_is_and_explained() -> None:
    action = yaml.safe_load((REPOSITORY / "action.yml").read_text(encoding="utf-8"))
    text = _text("gate-in-ci.md")
    used = [
        step
        for block in _blocks("yaml")
        for step in yaml.safe_load(block.text)["jobs"]["conformance"]["steps"]
        if "/magic-link-conformance@" in step.get("uses", "")
    ]
    assert used
    assert all(set(step["with"]) <= set(action["inputs"]) for step in used)
    assert [name for name in action["inputs"] if f"`{name}`" not in text] == []
    assert [name for name in action["outputs"] if f"| `{name}` |" not in text] == []


def test_every_file_of_a_report_is_explained() -> None:
    assert [name for name in REPORT_FILES if f"| `{name}` |" not in _text("read-a-report.md")] == []


def _models(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    yield model
    for field in model.model_fields.values():
        for inner in _inner(field.annotation):
            yield from _models(inner)


def _inner(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _inner(argument)


KEYS = sorted(
    {
        field.alias or name
        for model in _models(TargetDescription)
        for name, field in model.model_fields.items()
    }
    # Where relative paths start; [launch] has a key of that name.
    - {"launch", "in_process", "database", "mail", "accounts", "clock", "session", "log"}
)


@pytest.mark.parametrize("key", KEYS)
def test_every_key_has_a_row(key: str) -> None:
    assert re.search(rf"^\| `{key}` \|", _text("describe-my-target.md"), re.MULTILINE)


@pytest.mark.parametrize("model", list(_models(TargetDescription)), ids=lambda m: m.__name__)
def test_every_named_choice_is_explained(model: type[BaseModel]) -> None:
    text = _text("describe-my-target.md")
    kind = model.model_fields.get("kind")
    for choice in get_args(kind.annotation) if kind is not None else ():
        assert f'`"{choice}"`' in text
    for event in LogPart.model_fields["events"].annotation.__args__[0].__args__:  # type: ignore[union-attr]
        assert f"`{event}`" in text


def test_every_placeholder_and_hash_is_explained() -> None:
    text = _text("describe-my-target.md")
    values = placeholders(
        port=1,
        database_url="",
        app_base_url="",
        jwt_secret="",
        scratch=Path(),
        accounts_json="",
        mail={"smtp_host": "", "smtp_port": "", "sendgrid_url": "", "sendgrid_key": ""},
    )
    assert [name for name in values if f"`{{{name}}}`" not in text] == []
    assert [name for name in SCHEMES if f"`{name}`" not in text] == []


def needs_table() -> str:
    """Return the table that the page shows."""
    lines = [
        "| without | these stay `untested` | and these end `cant_tell` |",
        "| --- | --- | --- |",
    ]
    for point in Point:
        if point is Point.WIRE:
            continue
        untested = ids_in_words(untested_without(point)) or "none"
        undecided = ids_in_words(undecided_without(point))
        lines.append(f"| {point} | {untested} | {undecided} |".replace("|  |", "| |"))
    return "\n".join(lines)


def test_the_table_of_points_is_the_tested_one() -> None:
    assert needs_table() in _text("describe-my-target.md")


def test_the_numbers_of_accounts_are_the_ones_that_are_checked() -> None:
    text = _text("describe-my-target.md")
    assert f"{many_accounts(movable=True)} active" in text
    assert f"{many_accounts(movable=False)} active" in text


def test_outcomes_exit_codes_and_members_are_explained() -> None:
    report, gate = _text("read-a-report.md"), _text("gate-in-ci.md")
    assert [outcome for outcome in Outcome if f"`{outcome.value}`" not in report] == []
    assert [code for code in ExitCode if f"\n| {code.value} | " not in gate] == []
    members = report_schema()["properties"]
    assert [member for member in members if f"`{member}`" not in report] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in _LINK.findall(page.read_text()):
        file, _, anchor = target.partition("#")
        if "://" in target:
            continue
        linked = page if not file else (page.parent / file).resolve()
        assert linked.exists(), target
        if anchor:
            assert anchor in _anchors(linked), target


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in headings}
