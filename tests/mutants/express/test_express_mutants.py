"""The Express mutants: each edit finds its place, and the harness catches a sample of two."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.components import need_node
from tests.mutants.express.model import Edit, ExpressMutant
from tests.mutants.express.runner import all_express_mutants, faulty_copy, run_express_mutant
from tests.mutants.registry import all_mutants
from tests.mutants.verdict import Catch, Verdict
from tests.targets.installing import EXPRESS

MUTANTS = all_express_mutants()
SAMPLE = ("express-token-reusable", "express-failed-send-swallowed")


def test_there_are_at_least_ten_of_their_own_names() -> None:
    assert len(MUTANTS) >= 10
    assert not set(MUTANTS) & set(all_mutants())


@pytest.mark.parametrize("mutant", MUTANTS.values(), ids=MUTANTS)
def test_its_edits_find_their_places(mutant: ExpressMutant, tmp_path: Path) -> None:
    place = faulty_copy(mutant, EXPRESS, tmp_path / "copy")
    for edit in mutant.edits:
        text = (place / edit.file).read_text()
        assert text != (EXPRESS / edit.file).read_text()
        assert edit.new in text


@pytest.mark.parametrize(("old", "found"), [("missing", 0), ("twice", 2)])
def test_an_edit_without_one_place_is_refused(tmp_path: Path, old: str, found: int) -> None:
    (tmp_path / "app.js").write_text("twice twice")
    with pytest.raises(ValueError, match=f"holds '{old}' {found} times"):
        Edit("app.js", old, "new").apply(tmp_path)
    assert (tmp_path / "app.js").read_text() == "twice twice"


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Future[Verdict]]]:
    need_node()
    directory = tmp_path_factory.mktemp("express")
    with ThreadPoolExecutor(len(SAMPLE)) as pool:
        yield {
            name: pool.submit(run_express_mutant, MUTANTS[name], directory, focused=True)
            for name in SAMPLE
        }


@pytest.mark.run
@pytest.mark.parametrize("name", SAMPLE)
def test_the_harness_catches(name: str, verdicts: dict[str, Future[Verdict]]) -> None:
    verdict = verdicts[name].result()
    assert verdict.catch is Catch.KILLED, "\n".join(verdict.complaints)
