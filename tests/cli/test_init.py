"""`init`: every description that it writes is valid, and nothing is overwritten unasked."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.cli.init import kinds, template
from conformance.cli.main import cli
from conformance.outcomes import UsageError
from conformance.target.description import load_description
from tests.place import Place

pytestmark = pytest.mark.run

KINDS = ("django", "express", "fastapi", "flask", "go", "url-only")


def write(kind: str, out: Path, *options: str) -> None:
    cli(["init", f"--{kind}", "--out", str(out), *options], standalone_mode=False)


def test_there_is_a_template_for_each_kind() -> None:
    assert kinds() == KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_written_is_a_valid_description(kind: str, tmp_path: Path) -> None:
    out = tmp_path / "target.toml"
    write(kind, out)
    description = load_description(out)
    assert (description.base_url is not None) == (kind == "url-only")
    assert description.accounts is not None
    assert description.mail is not None
    assert description.protected


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_legible(kind: str) -> None:
    lines = template(kind).splitlines()
    assert max(map(len, lines)) <= 100
    assert sum(line.startswith("#") for line in lines) > len(lines) / 3


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "url-only"])
def test_a_launched_service_is_given_everything(kind: str, tmp_path: Path) -> None:
    out = tmp_path / "target.toml"
    write(kind, out)
    launch = load_description(out).launch
    assert launch is not None
    given = " ".join([*launch.command, *launch.environment.values()])
    assert all(f"{{{name}}}" in given for name in ("port", "database_url", "app_base_url"))
    assert "{smtp_port}" in given or "{sendgrid_url}" in given


def test_an_existing_file_is_overwritten_only_by_force(tmp_path: Path) -> None:
    out = tmp_path / "target.toml"
    out.write_text("mine")
    with pytest.raises(UsageError, match="--force"):
        write("flask", out)
    assert out.read_text() == "mine"
    write("flask", out, "--force")
    assert out.read_text() == template("flask")


def test_a_place_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        write("flask", tmp_path / "nowhere" / "target.toml")


def test_the_command_asks_for_a_kind() -> None:
    with Place() as place:
        ended = place.start("init").end()
        assert ended.code == 2
        assert "--express" in ended.err
        assert place.start("init", "--go", "--out", "mine.toml").end().code == 0
        assert (place.directory / "mine.toml").read_text() == template("go")
