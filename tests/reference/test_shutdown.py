"""Told to stop, the reference finishes what is in flight; one worker and several alike."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest

from tests.reference.conftest import Database
from tests.reference.processes import await_that, launched, smtp_settings
from tests.reference.servers import SmtpSink


@pytest.mark.parametrize("workers", [1, 2])
def test_what_is_in_flight_is_finished(
    database: Database, sink: SmtpSink, tmp_path: Path, workers: int
) -> None:
    user_id = database.add_user("ada@example.com")
    mail = smtp_settings(sink.port)
    with (
        launched(database.url, tmp_path / "log", mail, workers=workers) as reference,
        ThreadPoolExecutor(1) as thread,
    ):
        sink.hangs = True
        url = f"{reference.url}/auth/magic-link/request"
        answer = thread.submit(httpx2.post, url, json={"email": "ada@example.com"}, timeout=60)
        try:
            await_that(lambda: sink.waiting == 1)
            reference.ask_to_stop()
            await_that(lambda: "Waiting for connections to close" in reference.output.read_text())
            assert not answer.done()
        finally:
            sink.hangs = False
        assert answer.result().status_code == 202
        # The shell's way to say that it ended on SIGTERM, or a plain 0.
        assert reference.process.wait(20) in {0, -15}
    assert len(sink.tokens()) == 1
    events = [line["event"] for line in reference.log_lines()]
    assert events.index("magic_link_sent") > events.index("magic_link_requested")
    assert "unhandled_error" not in events
    assert database.rows('SELECT "userId" FROM magic_link_tokens') == [(user_id,)]
