"""Launching: what a target is given, when it counts as ready, how it and its children end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.outcomes import TargetLost, UsageError
from conformance.target.description import Launch
from conformance.target.launch import launched as launching
from conformance.target.launch import process
from conformance.target.launch.launched import LaunchedTarget, OutputFile, run_prepare
from conformance.target.launch.placeholders import environment, fill, placeholders
from conformance.target.launch.ports import free_port
from conformance.target.launch.process import CommandLost, run_to_end, stop_group, undisturbed
from tests.place import eventually_none

# A server that has a child of its own, which ignores polite requests.
FAMILY = """
import http.server, os, subprocess, sys
child = subprocess.Popen([sys.executable, "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(1000)"])
print("child", child.pid, flush=True)
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/ready" else 404)
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""


def values(directory: Path) -> dict[str, str]:
    return placeholders(
        port=free_port(),
        database_url="postgresql://ada:pw@127.0.0.1:5433/shop",
        app_base_url="login.example.com",
        jwt_secret="secret",
        scratch=directory,
        accounts_json="[]",
        mail={"smtp_host": "127.0.0.1", "smtp_port": "2525"},
    )


def target(directory: Path, *command: str, **launch: object) -> LaunchedTarget:
    known = values(directory)
    described = Launch.model_validate({"command": list(command), **launch})
    env = environment({"PORT": "{port}"}, [], known)
    return LaunchedTarget(described, directory, env, known, OutputFile(directory / "output.log"))


def test_placeholders(tmp_path: Path) -> None:
    known = values(tmp_path)
    text = (
        "{database_host}:{database_port}/{database_name} {database_user} {database_password} "
        "{app_base_url} {app_base_url_with_scheme} {smtp_port}"
    )
    assert fill(text, known, "x") == (
        "127.0.0.1:5433/shop ada pw login.example.com https://login.example.com 2525"
    )
    assert fill("{base_url}", known, "x") == f"http://127.0.0.1:{known['port']}"


def test_braces_that_are_no_placeholder_stay(tmp_path: Path) -> None:
    assert fill('{"a": "{port}"} {} ${HOME}', {"port": "1", "HOME": "x"}, "x") == (
        '{"a": "1"} {} $x'
    )


def test_an_unknown_placeholder_is_told_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"launch\.command: there is no .*\{prot\}.*port"):
        fill("--port={prot}", values(tmp_path), "launch.command")


def test_the_environment_is_what_was_given_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush")
    monkeypatch.setenv("NAMED", "yes")
    made = environment({"PORT": "{port}"}, ["NAMED"], {"port": "1"})
    assert made["PORT"] == "1"
    assert made["NAMED"] == "yes"
    assert made["PATH"] == os.environ["PATH"]
    assert "AWS_SECRET_ACCESS_KEY" not in made


def test_a_named_variable_that_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NAMED", raising=False)
    with pytest.raises(UsageError, match="NAMED is not set"):
        environment({}, ["NAMED"], {})


def test_it_ends_with_all_that_it_started(tmp_path: Path) -> None:
    launched = target(tmp_path, sys.executable, "-c", FAMILY, ready_path="/ready")
    launched.start()
    child = int(launched.output.tail().split()[1])
    assert launched.ended() == ""
    launched.stop()
    assert eventually_none(lambda: [str(child)] if _runs(child) else []) == []
    assert launched.ended() == "it is not running"
    launched.stop()


def _runs(pid: int) -> bool:
    try:
        # A process that ended and was not collected yet is a zombie.
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def test_without_a_path_any_answer_is_ready(tmp_path: Path) -> None:
    launched = target(tmp_path, sys.executable, "-c", FAMILY)
    launched.start()
    launched.stop()


def test_it_is_not_ready_before_the_path_says_so(tmp_path: Path) -> None:
    launched = target(
        tmp_path, sys.executable, "-c", FAMILY, ready_path="/nowhere", ready_seconds=0.6
    )
    with pytest.raises(TargetLost, match=r"within 0\.6 s: GET /nowhere answered 404"):
        launched.start()
    assert launched.ended() == "it is not running"


def test_time_in_which_it_was_not_let_run_is_not_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    launched = target(tmp_path, sys.executable, "-c", FAMILY, ready_seconds=0.01)
    with pytest.raises(TargetLost, match=r"within 0\.01 s"):
        launched.start()
    monkeypatch.setattr("conformance.target.launch.launched.longest_wait", lambda pid: 60.0)
    launched.start()
    launched.stop()


def test_the_last_lines_are_shown(tmp_path: Path) -> None:
    script = "for i in range(100): print('line', i)\nraise SystemExit(9)"
    with pytest.raises(TargetLost) as raised:
        target(tmp_path, sys.executable, "-c", script).start()
    message = str(raised.value).splitlines()
    assert "status 9" in message[0]
    assert message[-1] == "line 99"
    assert 10 <= len(message) <= 20


def test_a_target_that_says_nothing(tmp_path: Path) -> None:
    with pytest.raises(TargetLost, match="status 1; it printed nothing"):
        target(tmp_path, "false").start()


@pytest.mark.parametrize("program", ["/no/such/program", "no-such-program", "/etc/hostname"])
def test_a_program_that_cannot_be_run(tmp_path: Path, program: str) -> None:
    with pytest.raises(UsageError, match=rf"launch\.command: {program}"):
        target(tmp_path, program).start()


def test_prepare_runs_in_order_with_placeholders(tmp_path: Path) -> None:
    write = "import sys; open('order', 'a').write(sys.argv[1])"
    commands = [["{python}", "-c", write, "a"], ["{python}", "-c", write, "{smtp_port}"]]
    run_prepare(commands, tmp_path, {}, values(tmp_path))
    assert (tmp_path / "order").read_text() == "a2525"


def test_a_prepare_that_fails_stops_there(tmp_path: Path) -> None:
    commands = [["sh", "-c", "echo no such table; exit 3"], ["touch", "reached"]]
    with pytest.raises(TargetLost, match=r"(?s)status 3.*no such table"):
        run_prepare(commands, tmp_path, {"PATH": os.environ["PATH"]}, {})
    assert not (tmp_path / "reached").exists()


def test_what_prepare_leaves_in_the_background_is_not_waited_for(tmp_path: Path) -> None:
    path = {"PATH": os.environ["PATH"]}
    run_prepare([["sh", "-c", "sleep 1000 & echo $! > pid"]], tmp_path, path, {})
    background = int((tmp_path / "pid").read_text())
    assert _runs(background)
    os.kill(background, signal.SIGKILL)


def test_a_command_that_takes_too_long_ends_with_all_that_it_started(tmp_path: Path) -> None:
    script = ["sh", "-c", "sleep 1000 & echo $! > pid; wait"]
    with pytest.raises(CommandLost, match=r"did not end within 0\.5 s"):
        run_to_end(script, tmp_path, {"PATH": os.environ["PATH"]}, b"", 0.5)
    child = int((tmp_path / "pid").read_text())
    assert eventually_none(lambda: [str(child)] if _runs(child) else []) == []


def test_a_command_that_floods_its_output_is_ended(tmp_path: Path) -> None:
    with pytest.raises(CommandLost, match=r"wrote more than 0\.1 MB"):
        run_to_end(["yes"], tmp_path, {"PATH": os.environ["PATH"]}, b"", 60, 100_000)


def test_only_the_last_of_much_output_is_read(tmp_path: Path) -> None:
    script = ["sh", "-c", "yes | head -c 1000000; echo end"]
    status, lines = run_to_end(script, tmp_path, {"PATH": os.environ["PATH"]}, b"", 60)
    assert (status, lines[-1]) == (0, "end")
    assert len(lines) < 40_000


DRIPPING = """
import os, socket, time
listener = socket.create_server(("127.0.0.1", int(os.environ["PORT"])))
while True:
    connection, _ = listener.accept()
    connection.sendall(b"HTTP/1.1 200 OK\\r\\n")
    try:
        while True:
            connection.sendall(b"x: y\\r\\n")
            time.sleep(0.05)
    except OSError:
        pass
"""


def test_readiness_that_drips_is_no_readiness(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launching, "_READY_ANSWER_SECONDS", 0.5)
    dripping = target(tmp_path, sys.executable, "-c", DRIPPING, ready_path="/", ready_seconds=2)
    with pytest.raises(TargetLost, match=r"within 2 s: GET /: the answer was not complete"):
        dripping.start()


def test_a_target_that_floods_its_output_is_stopped(tmp_path: Path) -> None:
    flooding = target(tmp_path, "yes")
    flooding.output.most_bytes = 100_000
    with pytest.raises(TargetLost, match=r"stopped, having written more than 0\.1 MB"):
        flooding.start()


DAEMON = """
import os, http.server
if os.fork() == 0:
    os.setsid()
    if os.fork():
        os._exit(0)
    open("daemon", "w").write(str(os.getpid()))
    os.execvp("sleep", ["sleep", "1000"])
while not (os.path.exists("daemon") and open("daemon").read()):
    pass
http.server.HTTPServer(
    ("127.0.0.1", int(os.environ["PORT"])), http.server.BaseHTTPRequestHandler
).serve_forever()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux hands orphans to a process")
def test_a_daemon_ends_with_the_target_that_started_it(tmp_path: Path) -> None:
    started = target(tmp_path, sys.executable, "-c", DAEMON)
    started.start()
    daemon = int((tmp_path / "daemon").read_text())
    assert _runs(daemon)
    started.stop()
    assert eventually_none(lambda: [str(daemon)] if _runs(daemon) else []) == []


def test_who_ignores_a_polite_request_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "_GRACE_SECONDS", 0.2)
    script = "trap '' TERM; echo ready; while :; do sleep 1; done"
    with subprocess.Popen(
        ["sh", "-c", script], stdout=subprocess.PIPE, start_new_session=True
    ) as stubborn:
        assert stubborn.stdout is not None
        assert stubborn.stdout.readline() == b"ready\n"
        assert stop_group(stubborn) == -signal.SIGKILL


def test_clearing_up_is_not_broken_off() -> None:
    before = signal.getsignal(signal.SIGINT)
    with undisturbed():
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGTERM)
    assert signal.getsignal(signal.SIGINT) is before
