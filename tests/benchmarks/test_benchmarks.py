"""The load generator counts what it sees, and the benchmarks fit the reference as it is."""

from __future__ import annotations

from itertools import repeat
from typing import Annotated

import pytest
from fastapi import Body, FastAPI, Response

from reference_app.magic_link import repository
from tests.benchmarks import floor
from tests.benchmarks.__main__ import main
from tests.benchmarks.client import load, post
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


def test_an_unknown_name_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["nothing"])
    assert ended.value.code == 2
    assert "there is no benchmark nothing: known are verify" in capsys.readouterr().err
