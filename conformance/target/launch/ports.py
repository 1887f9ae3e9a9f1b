"""TCP ports of the harness's own choice."""

from __future__ import annotations

import socket
from dataclasses import dataclass


@dataclass
class _Share:
    number: int = 0
    of: int = 1


_share = _Share()


def keep_to(number: int, of: int) -> None:
    """Let this process choose from its share of the ports, the `number`-th `of` so many.

    A port is free when it is chosen and taken a moment later; processes that choose at the same
    time must not choose the same one.
    """
    _share.number, _share.of = number, of


def free_port() -> int:
    """Return a TCP port on 127.0.0.1 that was free a moment ago."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        # By pairs: Linux hands out ports of one parity as long as there are any.
        if port // 2 % _share.of == _share.number:
            return port
