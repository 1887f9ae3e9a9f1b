"""What a sweep takes for a candidate, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.outcomes import UsageError
from conformance.sweep.candidates import Candidate, find_candidates, refusal


def _files(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("")


def _names(*given: Path, out: Path | None = None) -> list[str]:
    return [each.name for each in find_candidates(given, out or Path("elsewhere"))]


def test_every_target_toml_below_a_directory(tmp_path: Path) -> None:
    _files(tmp_path, "b/target.toml", "a/deep/target.toml", "b/pyproject.toml", "odd.toml")
    assert _names(tmp_path) == ["a/deep", "b"]


def test_a_candidate_brings_no_others(tmp_path: Path) -> None:
    _files(tmp_path, "a/target.toml", "a/inner/target.toml")
    assert _names(tmp_path) == ["a"]


def test_what_is_not_searched(tmp_path: Path) -> None:
    hidden = (".git/target.toml", "node_modules/x/target.toml", "out/candidates/a/target.toml")
    _files(tmp_path, "a/target.toml", *hidden)
    assert _names(tmp_path, out=tmp_path / "out") == ["a"]


def test_else_the_toml_files_in_it(tmp_path: Path) -> None:
    _files(tmp_path, "one.toml", "two.toml", "further/three.toml")
    one, two = find_candidates([tmp_path], Path("elsewhere"))
    assert (one.name, two.name) == ("one", "two")
    assert one.others == {"two.toml"}


def test_the_reports_are_no_part_of_a_candidate(tmp_path: Path) -> None:
    _files(tmp_path, "target.toml")
    [only] = find_candidates([tmp_path], tmp_path / "build" / "sweep")
    assert only.others == {"build/sweep"}
    with pytest.raises(UsageError, match="is a candidate's own folder"):
        find_candidates([tmp_path], tmp_path)


def test_files_and_directories_together_each_once(tmp_path: Path) -> None:
    _files(tmp_path, "x/conf/target.toml", "y/conf/target.toml", "y/other.toml")
    given = (tmp_path / "x/conf/target.toml", tmp_path / "y", tmp_path / "y/conf/target.toml")
    assert _names(*given) == ["x/conf", "y/conf"]


def test_a_folder_alone_has_its_own_name(tmp_path: Path) -> None:
    _files(tmp_path, "mine/target.toml")
    assert _names(tmp_path / "mine") == ["mine"]


def test_a_file_and_a_folder_of_one_name(tmp_path: Path) -> None:
    _files(tmp_path, "a.toml", "a/target.toml")
    assert _names(tmp_path / "a.toml", tmp_path) == ["a.toml", "a/target.toml"]


def test_slugs_are_plain_and_different() -> None:
    slugs = {Candidate(name, Path("x")).slug for name in ("a/b", "a-b", "a b", "ä", "..")}
    assert len(slugs) == 5
    assert all(slug and "/" not in slug and not slug.startswith(".") for slug in slugs)


def test_nothing_found(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"there is no target\.toml below it"):
        find_candidates([tmp_path], Path("elsewhere"))
    with pytest.raises(UsageError, match="there is no such file or directory"):
        find_candidates([tmp_path / "nowhere"], Path("elsewhere"))


LAUNCH = '[launch]\ncommand = ["x"]\n'


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('base_url = "http://127.0.0.1:8000"', "`base_url` names what runs already"),
        ('[in_process]\napp = "a:b"', r"\[in_process\] shares the harness's process"),
        (f'{LAUNCH}[database]\nurl = "postgresql://h/d"', r"leave out \[database\] `url`"),
        (f'{LAUNCH}[database]\nserver = "postgresql://h/d"', r"leave out \[database\] `url`"),
        (f"{LAUNCH}[mail]\nport = 2525", r"leave out \[mail\] `port`"),
        (f'{LAUNCH}directory = ".."', r"`directory` \.\. leads out of"),
        ("[launch", "is not TOML"),
    ],
)
def test_what_cannot_be_isolated_is_refused(tmp_path: Path, text: str, why: str) -> None:
    description = tmp_path / "target.toml"
    description.write_text(text)
    with pytest.raises(AssertionError, match=why):
        raise AssertionError(refusal(Candidate("a", description)))


def test_a_launched_one_is_not_refused(tmp_path: Path) -> None:
    description = tmp_path / "target.toml"
    description.write_text(f'{LAUNCH}directory = "inner"\n[database]\n[mail]\n')
    assert refusal(Candidate("a", description)) == ""


@pytest.mark.parametrize("leads_to", ["/etc/hostname", "../shared.toml", "target.toml", "/nowhere"])
def test_a_linked_description_is_refused_alone(tmp_path: Path, leads_to: str) -> None:
    _files(tmp_path, "shared.toml", "b/target.toml")
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "target.toml").symlink_to(leads_to)
    linked, plain = find_candidates([tmp_path], Path("elsewhere"))
    assert (linked.name, plain.name) == ("a", "b")
    assert refusal(linked).endswith("is a symbolic link: put the file itself there")
    assert "symbolic" not in refusal(plain)
