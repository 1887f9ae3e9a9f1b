"""`docs SPEC`: the pages of another feature's spec, in any form, whole and linked."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from conformance.cli.main import cli
from conformance.outcomes import UsageError
from conformance.requirements.project_trace import numbered
from conformance.requirements.spec_forms.forms import read_spec
from tests.place import REPOSITORY
from tests.requirements.test_spec_forms import KIRO, OPENSPEC, SPEC_KIT, TUTORIAL

RESET = REPOSITORY / "docs" / "examples" / "password-reset" / "spec.md"


def docs(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, ["docs", *map(str, arguments)])


def pages(folder: Path) -> dict[str, str]:
    return {each.name: each.read_text(encoding="utf-8") for each in folder.iterdir()}


def dead_links(found: dict[str, str]) -> list[str]:
    ids = {name: {*re.findall(r' id="([^"]+)"', text)} for name, text in found.items()}
    dead = []
    for name, text in found.items():
        for href in re.findall(r' href="([^"]+)"', text):
            file, _, anchor = href.partition("#")
            if not href.startswith("data:") and anchor and anchor not in ids.get(file or name, ()):
                dead.append(f"{name}: {href}")
            if file and not href.startswith("data:") and file not in found:
                dead.append(f"{name}: {href}")
    return dead


def test_spec_and_features(tmp_path: Path) -> None:
    done = docs(RESET, "--out", tmp_path / "site")
    assert done.exit_code == 0, done.output
    found = pages(tmp_path / "site")
    assert {*found} == {"index.html", "requirements.html", "features.html"}
    assert dead_links(found) == []
    requirements = found["requirements.html"]
    for id_ in numbered(read_spec(RESET.read_text(encoding="utf-8"))):
        assert requirements.count(f'data-requirement="{id_}"') == 1
    assert "No scenario" not in requirements
    assert "Users who have forgotten their password" in found["index.html"]
    assert "Two at once" in found["features.html"]
    assert "HTTP interface" not in found["index.html"]
    assert "the ledger" not in "".join(found.values())


def test_features_of_one_name_in_two_folders(tmp_path: Path) -> None:
    (tmp_path / "spec.md").write_text("- FR-1: It must.\n", encoding="utf-8")
    for name in ("one", "two"):
        feature = f"Feature: {name}\n  @FR-1\n  Scenario: the same\n    Then {name} is done\n"
        (tmp_path / "features" / name).mkdir(parents=True)
        (tmp_path / "features" / name / "f.feature").write_text(feature, encoding="utf-8")
    assert docs(tmp_path / "spec.md", "--out", tmp_path / "site").exit_code == 0
    found = pages(tmp_path / "site")
    assert dead_links(found) == []
    anchors = re.findall(r' id="([^"]+)"', found["features.html"])
    assert len(anchors) == len({*anchors})
    assert all(f"{name} is done" in found["features.html"] for name in ("one", "two"))


@pytest.mark.parametrize("text", [TUTORIAL, SPEC_KIT, KIRO, OPENSPEC, "- FR-1: It must.\n"])
def test_a_spec_alone_in_any_form(text: str, tmp_path: Path) -> None:
    (tmp_path / "spec.md").write_text(text, encoding="utf-8")
    done = docs(tmp_path / "spec.md", "--out", tmp_path / "site")
    assert done.exit_code == 0, done.output
    found = pages(tmp_path / "site")
    assert {*found} == {"index.html", "requirements.html"}
    assert dead_links(found) == []
    for id_ in numbered(read_spec(text)):
        assert f'data-requirement="{id_}"' in found["requirements.html"]


def test_what_is_below_a_requirement_is_shown_as_it_is_written(tmp_path: Path) -> None:
    text = (
        "# T\n\n<!-- a question -->\n\nAbove.\n\n## Requirements\n\n"
        "### FR-1 · Sale\n\nIt must sell.\n\n"
        "| column | type |\n| --- | --- |\n| a | b |\n\nNo scenario: it is a test.\n"
    )
    (tmp_path / "spec.md").write_text(text, encoding="utf-8")
    assert docs(tmp_path / "spec.md", "--out", tmp_path / "site").exit_code == 0
    found = pages(tmp_path / "site")
    assert "<td>a</td>" in found["requirements.html"]
    assert found["requirements.html"].count("it is a test.") == 1
    assert "<p>Above.</p>" in found["index.html"]
    assert "a question" not in found["index.html"]


def test_what_is_below_a_bullet_is_shown(tmp_path: Path) -> None:
    text = "- **FR-1 (Sale):** It must sell.\n\n  Cards only.\n\n  No scenario: so.\n"
    (tmp_path / "spec.md").write_text(text, encoding="utf-8")
    assert docs(tmp_path / "spec.md", "--out", tmp_path / "site").exit_code == 0
    shown = pages(tmp_path / "site")["requirements.html"]
    assert '<div class="explanation"><p>Cards only.</p>\n</div>' in shown


def test_criteria_below_requirements_stay_in_their_section(tmp_path: Path) -> None:
    (tmp_path / "spec.md").write_text(KIRO, encoding="utf-8")
    assert docs(tmp_path / "spec.md", "--out", tmp_path / "site").exit_code == 0
    shown = pages(tmp_path / "site")["requirements.html"]
    assert re.findall(r'<h2 id="([^"]+)"', shown) == ["requirements"]
    assert re.findall(r'data-requirement="([^"]+)"', shown) == ["1", "1.1", "1.2", "2", "2.1"]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--features", "x"], "name the spec"),
        ([RESET, "--report", "x"], "--report has outcomes of magic-link login"),
        ([RESET, "--features", "nowhere"], "is not a folder"),
        (["nowhere.md"], "there is no such file"),
    ],
)
def test_a_wrong_call_is_one_sentence(
    arguments: list[str | Path], why: str, tmp_path: Path
) -> None:
    done = docs(*arguments, "--out", tmp_path / "site")
    assert isinstance(done.exception, UsageError)
    assert why in str(done.exception)
    assert not (tmp_path / "site").exists()
