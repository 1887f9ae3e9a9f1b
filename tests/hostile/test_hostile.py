"""Hostile targets: whatever one does, the run ends, with the right code, and nothing is left."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import psutil
import pytest

from tests.hostile.kinds import KINDS
from tests.place import Ended, Place

pytestmark = pytest.mark.run

_SIDE_BY_SIDE = 6
_SECRETS = {"DEPLOY_KEY": "hunter2", "HANDED_ON": "for the target"}
_NAMES = list(KINDS)


@dataclass(frozen=True)
class Run:
    """How a run ended, the files that it left in its directory, and what it should not have."""

    ended: Ended
    files: dict[str, str]
    leftovers: list[str]


def _run(name: str) -> Run:
    kind = KINDS[name]
    with Place() as place:
        target = place.describe(kind.description)
        command = place.start("run", "--target", target, *kind.options, **_SECRETS)
        ended = command.end()
        paths = [path for path in place.directory.rglob("*") if path.is_file()]
        files = {path.name: path.read_text(errors="replace") for path in paths}
        return Run(ended, files, place.leftovers())


@pytest.fixture(scope="module")
def runs(request: pytest.FixtureRequest) -> Iterator[dict[str, Future[Run]]]:
    """All that are wanted, some side by side: they mostly wait."""
    wanted = {
        item.callspec.params.get("name")
        for item in request.session.items
        if isinstance(item, pytest.Function) and hasattr(item, "callspec")
    }
    with ThreadPoolExecutor(_SIDE_BY_SIDE) as workers:
        yield {name: workers.submit(_run, name) for name in KINDS if name in wanted}


@pytest.mark.parametrize("name", _NAMES)
def test_a_hostile_target(name: str, runs: dict[str, Future[Run]]) -> None:
    run, kind = runs[name].result(), KINDS[name]
    ended = run.ended
    assert ended.code == kind.code, f"{ended.out}\n{ended.err}"
    assert kind.says in ended.err
    assert run.leftovers == []
    shown = ended.out + ended.err
    assert "Traceback" not in shown
    assert "INTERNALERROR" not in shown
    assert "\x1b]" not in shown
    assert not any(line.lstrip().startswith(("::error", "##[")) for line in shown.splitlines())
    if not kind.outcome:
        assert ended.report is None
        return
    assert ended.outcome("AC-1") == kind.outcome
    assert ended.report is not None
    assert ended.report["conclusion"] != "conformant"


def test_there_are_many() -> None:
    assert len(KINDS) >= 30
    assert len({kind.description for kind in KINDS.values()}) == len(KINDS)


@pytest.mark.parametrize("name", ["leaves daemons"])
def test_daemons_end_with_the_run(name: str, runs: dict[str, Future[Run]]) -> None:
    pids = [int(pid) for pid in runs[name].result().files["daemons"].split()]
    assert len(pids) == 2
    assert not any(psutil.pid_exists(pid) for pid in pids)


@pytest.mark.parametrize("name", ["writes reports"])
def test_a_report_that_the_target_writes_is_not_the_run_s(
    name: str, runs: dict[str, Future[Run]]
) -> None:
    files = runs[name].result().files
    assert "report.json" in files
    assert "forged" not in files["report.json"] + files["report.html"]


@pytest.mark.parametrize("name", ["tells"])
def test_the_secrets_of_the_job_are_nowhere_in_the_run_s_environment(
    name: str, runs: dict[str, Future[Run]]
) -> None:
    told = runs[name].result().files["environments"]
    assert _SECRETS["HANDED_ON"] in told
    assert _SECRETS["DEPLOY_KEY"] not in told
