"""`docs/write-a-spec.md`: every command on the page does what the page says."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.cli.main import cli
from tests.place import REPOSITORY, Place

PAGE = (REPOSITORY / "docs" / "write-a-spec.md").read_text(encoding="utf-8")
PROGRAM = "magic-link-conformance"


def commands(page: str) -> Iterator[tuple[list[str], int]]:
    """Yield (arguments, exit code) of each command in a block of the page."""
    for block in re.findall(r"^```sh\n(.*?)^```$", page, re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            program, *arguments = shlex.split(line, comments=True)
            assert program == PROGRAM, line
            said = re.search(r"# exit code (\d)", line)
            yield arguments, int(said[1]) if said else 0


COMMANDS = list(commands(PAGE))


@pytest.fixture(scope="module", name="place")
def fixture_place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory in which a reader follows the page, from its top to its end."""
    place = tmp_path_factory.mktemp("checkout")
    for name in ("docs", "spec", "features"):
        (place / name).symlink_to(REPOSITORY / name)
    return place


@pytest.mark.parametrize(
    ("arguments", "code"),
    [each for each in COMMANDS if each[0][0] != "run"],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_command_of_the_page(
    arguments: list[str], code: int, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(place)
    done = CliRunner().invoke(cli, arguments)
    assert done.exit_code == code, done.output
    assert done.exception is None or isinstance(done.exception, SystemExit)
    if "--out" in arguments:
        assert (place / arguments[arguments.index("--out") + 1]).exists()


@pytest.mark.run
@pytest.mark.parametrize("arguments", [each for each, _ in COMMANDS if each[0] == "run"])
def test_a_run_of_the_page(arguments: list[str]) -> None:
    with Place() as place:
        ended = place.start(*arguments).end()
    assert ended.code == 0, ended.err
    assert "--min-score 0.8: exit code 0" in " ".join((ended.out + ended.err).split())


def test_the_page_shows_each_command_of_the_method_on_both_features() -> None:
    used = {arguments[0] for arguments, _ in COMMANDS}
    assert used >= {"new", "lint", "trace", "docs", "brief", "run"}
    steps = re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:10]
    assert [step[0] for step in steps] == list("123456789")
    assert all("**Magic link:**" in step and "**Password reset:**" in step for step in steps[:8])


def test_every_kind_of_gap_is_explained() -> None:
    source = (REPOSITORY / "conformance" / "requirements" / "project_trace.py").read_text()
    kinds = {*re.findall(r'Gap\(\s*"([\w-]+)"', source)}
    assert len(kinds) >= 10
    table = PAGE.partition("## What `trace` finds")[2].partition("\n## ")[0]
    assert {*re.findall(r"`([\w-]+-[\w-]+)`", table)} == kinds


def test_a_command_that_is_not_ours_is_noticed() -> None:
    with pytest.raises(AssertionError):
        list(commands("```sh\nmake all\n```\n"))
    assert list(commands("```sh\nmagic-link-conformance lint x  # exit code 1\n```\n")) == [
        (["lint", "x"], 1)
    ]
