"""The machine's own noise: how long an answer takes that costs nothing to make."""

from __future__ import annotations

import subprocess
import sys

from conformance.control.process import die_with_parent, stop_group
from conformance.observation.wire import Wire
from conformance.outcomes import HarnessFault

_SERVER = """
import http.server
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(204)
        self.end_headers()
    def log_message(self, *args):
        pass
server = http.server.HTTPServer(("127.0.0.1", 0), Answer)
print(server.server_port, flush=True)
server.serve_forever()
"""


class NoiseProbe:
    """A process that answers at once, until `close`. What that takes is the machine's doing."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-c", _SERVER],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=die_with_parent,
        )
        assert self._process.stdout is not None
        port = self._process.stdout.readline().strip().decode()
        if not port:
            self.close()
            raise HarnessFault("the process that measures the machine's noise did not start")
        self._wire = Wire(f"http://127.0.0.1:{port}", {}, str)

    def close(self) -> None:
        """End the process."""
        stop_group(self._process)
        if self._process.stdout is not None:
            self._process.stdout.close()

    def seconds(self) -> float:
        """Return what one answer takes."""
        return self._wire.attempt("GET", "/", keep=False).elapsed
