"""The load generator counts what it sees, and the benchmarks fit the reference as it is."""

from __future__ import annotations

import re
from itertools import repeat
from pathlib import Path
from typing import Annotated

import psycopg
import pytest
from fastapi import Body, FastAPI, Response

from conformance.requirements.scenarios import read_scenarios
from conformance.target.database.postgres import EmbeddedPostgres, create_database
from conformance.target.description import load_description
from reference_app.magic_link import repository
from reference_app.migrations import migrate
from tests.benchmarks import boards, candidates, cost, floor, parsing, sampling, seed, stack
from tests.benchmarks.__main__ import main
from tests.benchmarks.client import load, post
from tests.benchmarks.page import write_measured
from tests.benchmarks.result import Result
from tests.benchmarks.servers import layer
from tests.benchmarks.verdict import harness, slow_description
from tests.benchmarks.verify import Verifying, add_tokens
from tests.mutants.harness_run import as_toml
from tests.reference.servers import running


@pytest.fixture
def app() -> FastAPI:
    """An application that accepts every third request only, and says how many there were."""
    app = FastAPI()
    app.state.asked = 0

    @app.post("/")
    async def answer(_: Annotated[str, Body()], response: Response) -> None:
        app.state.asked += 1
        response.status_code = 200 if app.state.asked % 3 == 0 else 400

    return app


def test_every_answer_is_counted_once(app: FastAPI) -> None:
    with running(app) as url:
        done = load(url, repeat(post(url, "/", b'"x"')), connections=4, seconds=0.3)
    assert len(done.latencies) == app.state.asked // 3
    assert len(done.latencies) + done.refused == app.state.asked
    assert done.latencies == sorted(done.latencies)


def test_a_rate_sends_what_is_due_and_no_more(app: FastAPI) -> None:
    with running(app) as url:
        load(url, repeat(post(url, "/", b'"x"')), connections=4, seconds=0.5, rate=60)
    assert app.state.asked == 30


def test_a_server_that_is_not_there_is_an_error() -> None:
    with pytest.raises(OSError, match=r"refused|Connect call failed"):
        load("http://127.0.0.1:9", repeat(b""), seconds=0.1)


def test_pgbench_runs_the_statement_of_a_verify() -> None:
    script = floor._script()
    assert "%(" not in script
    assert " ".join(repository._SPEND.split()).startswith("UPDATE magic_link_tokens")
    assert "UPDATE magic_link_tokens" in script


@pytest.mark.parametrize("name", stack.LAYERS)
def test_every_layer_answers_a_verify(
    postgres: EmbeddedPostgres, tmp_path: Path, name: str
) -> None:
    with layer(name, postgres, tmp_path) as server:
        add_tokens(server, 2000)
        verifying = Verifying(server)
        verifying.load(1, rate=100)
    assert verifying.answered == 100


def test_a_result_is_a_table_with_ratios_and_aims() -> None:
    result = Result("verify", missing=["pgbench is not here"])
    result.add("ours", "answers/s", 1234.5)
    result.add("ours", "P99 ms", 1.234)
    result.add("theirs", "answers/s", 99.999)
    result.ratios["ours : theirs"] = 12.3
    result.aims["fast enough"] = False
    assert result.markdown().splitlines() == [
        "| `verify` | answers/s | P99 ms |",
        "| --- | ---: | ---: |",
        "| ours | 1,234 | 1.23 |",
        "| theirs | 100.00 |  |",
        "",
        "- ours : theirs: **12.30**",
        "- fast enough: **missed**",
        "- Not measured: pgbench is not here.",
    ]


@pytest.mark.parametrize("further", ["", "## Further\n\ntext\n"])
def test_figures_replace_those_of_the_last_time(tmp_path: Path, further: str) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"# Speed\n\n## Measured\n\nold \\1\n\n### old\n\n{further}")
    for text in ("first", "| new | \\1 |\n"):
        write_measured(page, text)
    expected = f"# Speed\n\n## Measured\n\n| new | \\1 |\n\n{further}"
    assert page.read_text() == expected.rstrip() + "\n"


def test_a_page_without_the_heading_is_refused_before_anything_is_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.md"
    for text in (None, "# Speed\n"):
        if text:
            page.write_text(text)
        with pytest.raises(SystemExit) as ended:
            main(["verify", "--markdown", str(page)])
        assert ended.value.code == 2
        assert "page.md is no page with the heading `## Measured`" in capsys.readouterr().err


def test_an_unknown_name_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["nothing"])
    assert ended.value.code == 2
    assert "there is no benchmark nothing: known are verify" in capsys.readouterr().err


def test_the_target_with_slow_answers_can_be_described(tmp_path: Path) -> None:
    file = tmp_path / "slow.toml"
    file.write_text(as_toml(slow_description()), encoding="utf-8")
    described = load_description(file)
    assert described.launch is not None
    assert "tests.benchmarks.slow:create_app" in described.launch.command


def test_the_expected_number_of_pairs_is_told_beside_the_best_possible(tmp_path: Path) -> None:
    shown = sampling.run(None, tmp_path, trials=20).markdown()
    assert "leak of 150 ms" in shown
    assert "best possible" in shown


def test_every_text_that_is_slow_to_read_is_read_at_two_lengths(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parsing, "_LENGTH", 100)
    shown = parsing.run(None, tmp_path).markdown()
    assert "| masking: begun JWTs |" in shown
    assert "4 times the length takes at most 10 times as long" in shown


def test_a_run_that_ends_otherwise_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="nothing"):
        harness("--only=nothing")(tmp_path)


def test_a_part_of_the_scenarios_is_counted_and_timed(tmp_path: Path) -> None:
    result = cost.scenarios(None, tmp_path, {"less": ("AC-1",), "more": ("AC-1", "AC-3")}, 1)
    less, more = result.figures
    deciding = [each for each in read_scenarios() if "AC-1" in each.ids and not each.by_choice]
    assert less == f"less ({sum(len(each.rows) for each in deciding)} scenarios)"
    number = re.fullmatch(r"more \((\d+) scenarios\)", more)
    assert number
    figures = result.figures[more]
    assert figures["seconds"] > 0
    each = figures["processor seconds"] / int(number[1])
    assert figures["processor seconds per scenario"] == pytest.approx(each)
    assert list(result.ratios) == [
        f"{less} : {more}, seconds",
        f"{less} : {more}, processor seconds",
    ]


def test_tables_are_filled_with_users_and_past_requests(postgres: EmbeddedPostgres) -> None:
    url = create_database(postgres.url, "filled")
    migrate(url)
    assert seed.fill(url, users=20, requests=10) >= 0
    with psycopg.connect(url) as connection:
        counts = connection.execute("""
            SELECT (SELECT count(*) FROM users), count(*),
                count(*) FILTER (WHERE "usedAt" IS NULL), max("expiresAt") < now(),
                (SELECT count(*) FROM magic_link_attempts)
            FROM magic_link_tokens
        """).fetchone()
    assert counts == (20, 10, 5, True, 10)


def test_a_run_on_filled_tables_is_timed_without_the_filling(tmp_path: Path) -> None:
    result = cost.accounts(None, tmp_path, sizes=(3,), ids=("AC-3",), turns=1)
    assert list(result.figures) == ["3 users", "3 users, a past request of each"]
    for figures in result.figures.values():
        assert figures["seconds"] > 0
        assert figures["processor seconds"] > 0
        assert figures["seconds to fill the tables"] > 0
    assert len(result.aims) == 2


def test_a_sweep_is_measured_for_each_candidate(tmp_path: Path) -> None:
    result = candidates.run(None, tmp_path, counts=(1,))
    [figures] = result.figures.values()
    assert figures["processor seconds per candidate"] > 0
    assert figures["MB, the sweep's own process at most"] > 10
    assert set(result.aims.values()) == {True}, "one is as dear as itself"


def test_a_leaderboard_is_measured_for_each_candidate(tmp_path: Path) -> None:
    result = boards.run(None, tmp_path, counts=(2, 40))
    few, many = result.figures.values()
    assert 0 < few["KB of leaderboard.json"] < many["KB of leaderboard.json"]
    assert len(result.ratios) == len(result.aims) == 3
    page = (tmp_path / "40" / "leaderboard.html").read_text()
    assert "1 conformant, 39 nonconformant" in page
