"""A server of raw bytes: each connection is handed to a function, with what came in by then."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress

Serve = Callable[[socket.socket], None]


class RawServer:
    """Keeps the peers' addresses; `url` is where it listens."""

    def __init__(self, listener: socket.socket, serve: Serve) -> None:
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self.peers: list[str] = []
        self._listener = listener
        self._serve = serve

    def run(self) -> None:
        while True:
            try:
                connection, (peer, _) = self._listener.accept()
            except OSError:
                return
            self.peers.append(peer)
            with closing(connection), suppress(OSError):
                connection.settimeout(5)
                self._serve(connection)


@contextmanager
def raw_server(serve: Serve) -> Iterator[RawServer]:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        server = RawServer(listener, serve)
        thread = threading.Thread(target=server.run)
        thread.start()
        try:
            yield server
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def answering(answer: bytes) -> Serve:
    """Read a request's head and as much of its body as came along, and answer these bytes."""

    def serve(connection: socket.socket) -> None:
        connection.recv(65_536)
        connection.sendall(answer)

    return serve


def until_closed(connection: socket.socket) -> None:
    """Never answer; return when the client has gone."""
    while connection.recv(65_536):
        pass


def dripping(begin: bytes, drop: bytes) -> Serve:
    """Answer `begin`, and then `drop` again and again, with a pause each time."""

    def serve(connection: socket.socket) -> None:
        answering(begin)(connection)
        connection.settimeout(0.01)
        while True:
            connection.sendall(drop)
            with suppress(TimeoutError):
                if not connection.recv(65_536):
                    return

    return serve


def flooding(begin: bytes, flood: bytes) -> Serve:
    """Answer `begin`, and then `flood` again and again, as fast as it is taken."""

    def serve(connection: socket.socket) -> None:
        answering(begin)(connection)
        while True:
            connection.sendall(flood)

    return serve
