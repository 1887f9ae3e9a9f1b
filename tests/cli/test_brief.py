"""`brief` prints what somebody needs before building, whole and in one document."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from markdown_it import MarkdownIt

from conformance.cli import main as cli
from conformance.cli.brief import brief
from conformance.cli.brief import command as brief_command
from conformance.cli.init import command as init_command
from conformance.cli.init import kinds, template
from conformance.outcomes import ExitCode, Outcome
from conformance.requirements.resources import features_dir, spec_dir
from conformance.target.description import parse_description


def code_blocks(text: str, language: str) -> list[str]:
    tokens = MarkdownIt("commonmark").parse(text)
    return [each.content for each in tokens if each.type == "fence" and each.info == language]


def test_it_holds_the_spec_the_ledger_and_every_feature() -> None:
    text = brief()

    for name in ("magic-link.md", "ledger.md"):
        assert (spec_dir() / name).read_text(encoding="utf-8").strip() in text
    features = code_blocks(text, "gherkin")
    for path in sorted(features_dir().glob("*.feature")):
        assert path.read_text(encoding="utf-8").strip() in [each.strip() for each in features]
        assert f"`features/{path.name}`" in text


def test_it_holds_the_openapi_document() -> None:
    (block,) = code_blocks(brief(), "yaml")

    assert yaml.safe_load(block)["openapi"].startswith("3.1")
    assert block.strip() == (spec_dir() / "openapi.yaml").read_text(encoding="utf-8").strip()


def test_it_says_how_it_is_judged_and_what_to_provide() -> None:
    text = brief()

    assert "AC-1 to AC-10" in text
    assert [outcome for outcome in Outcome if f"- `{outcome}`: " not in text] == []
    assert [code for code in ExitCode if f"\n- {code.value}: " not in text] == []
    assert [
        mode for mode in ("frozen", "aged", "faked", "waited") if f"- {mode}: " not in text
    ] == []
    for need in ("A port", "A database URL", "A mail provider", "APP_BASE_URL", "A log"):
        assert f"- **{need}**" in text


def test_the_first_endpoint_alone() -> None:
    text, whole = brief(slice_="request"), brief()

    assert "everything but `POST /auth/magic-link/verify`" in text
    assert "is asked about AC-1, AC-6 to AC-9 unless" in text
    assert "run --target target.toml --slice request " in text
    assert "--slice" not in whole.partition("# The specification")[0]
    assert "Build only a part" not in whole


@pytest.mark.parametrize("kind", kinds())
def test_it_holds_the_description_of_each_kind(kind: str, tmp_path: Path) -> None:
    (block,) = code_blocks(brief(kind), "toml")

    assert block.strip() == template(kind).strip()
    parse_description(tomllib.loads(block), kind, tmp_path)


def test_every_kind_of_init_is_an_option() -> None:
    for command in (brief_command, init_command):
        flags = {option for each in command.params for option in each.opts}
        assert {f"--{kind}" for kind in kinds()} < flags


def printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str
) -> tuple[int, str, str]:
    monkeypatch.setattr("signal.signal", lambda *_: None)
    monkeypatch.setattr(sys, "argv", ["magic-link-conformance", "brief", *arguments])
    code = 0
    try:
        cli.main()
    except SystemExit as end:
        code = int(end.code or 0)
    return code, *capsys.readouterr()


def test_it_goes_to_standard_output(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert printed(monkeypatch, capsys) == (0, brief("express"), "")
    assert printed(monkeypatch, capsys, "--go") == (0, brief("go"), "")


def test_it_goes_to_a_file_when_one_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "brief.md"
    code, out, _ = printed(monkeypatch, capsys, "--out", str(path))

    assert code == 0
    assert path.read_text(encoding="utf-8") == brief()
    assert re.fullmatch(r".*brief\.md is written: [\d,]+ characters\.\n", out)


@pytest.mark.parametrize("out", ["/proc/nowhere/brief.md", "/proc"])
def test_a_file_that_cannot_be_written_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], out: str
) -> None:
    code, printed_out, err = printed(monkeypatch, capsys, "--out", out)

    assert (code, printed_out) == (2, "")
    assert err.startswith("magic-link-conformance: ")
    assert "--out" in err
    assert err.count("\n") == 1
