"""Copies and fingerprints of a candidate's folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.sweep.workplace import copy_folder, fingerprint, pack, unpack

NONE: frozenset[str] = frozenset()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "made"
    (made / "src").mkdir(parents=True)
    (made / "target.toml").write_text("one")
    (made / "other.toml").write_text("two")
    (made / "src" / "run.sh").write_text("three")
    (made / "src" / "run.sh").chmod(0o755)
    (made / "src" / "link").symlink_to("run.sh")
    (made / "src" / "reports").mkdir()
    (made / "src" / "reports" / "report.json").write_text("five")
    (made / ".git").mkdir()
    (made / ".git" / "config").write_text("four")
    return made


def _seen(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize("way", ["copied", "packed"])
def test_a_copy_is_whole(folder: Path, tmp_path: Path, way: str) -> None:
    others = frozenset({"other.toml", "src/reports"})
    copy = tmp_path / "copy"
    if way == "copied":
        copy_folder(folder, others, copy)
    else:
        unpack(pack(folder, others), copy)
    assert _seen(copy) == {"src/link": "three", "src/run.sh": "three", "target.toml": "one"}
    assert (copy / "src" / "link").readlink() == Path("run.sh")
    assert (copy / "src" / "run.sh").stat().st_mode & 0o111


@pytest.mark.parametrize("altered", ["target.toml", "src/run.sh", "src/new"])
def test_a_change_changes_the_fingerprint(folder: Path, altered: str) -> None:
    before = fingerprint(folder, NONE, "0.1.0")
    assert fingerprint(folder, NONE, "0.1.0") == before
    (folder / altered).write_text("altered")
    assert fingerprint(folder, NONE, "0.1.0") != before


def test_options_and_links_count_and_other_candidates_do_not(folder: Path) -> None:
    others = frozenset({"other.toml"})
    before = fingerprint(folder, others, "0.1.0")
    (folder / "other.toml").write_text("altered")
    (folder / ".git" / "config").write_text("altered")
    assert fingerprint(folder, others, "0.1.0") == before
    assert fingerprint(folder, others, "0.2.0") != before
    (folder / "src" / "link").unlink()
    (folder / "src" / "link").symlink_to("elsewhere")
    assert fingerprint(folder, others, "0.1.0") != before
