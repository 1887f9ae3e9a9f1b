"""ASGI applications that attack the process that serves them, each in its own way."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable
from typing import Any

Application = Callable[[dict[str, Any], Any, Any], Awaitable[None]]


def _application(act: Callable[[], object], start: Callable[[], object] = int) -> Application:
    async def serve(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await receive()
            start()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        if scope["method"] == "POST":
            act()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"here"})

    return serve


def exits_when_asked() -> Application:
    return _application(lambda: os._exit(0))


def exits_at_start() -> Application:
    os._exit(0)


def leaves_when_asked() -> Application:
    return _application(lambda: sys.exit(0))


def leaves_at_start() -> Application:
    sys.exit(0)


def kills_its_process() -> Application:
    return _application(lambda: os.kill(os.getpid(), signal.SIGKILL))


def kills_the_command() -> Application:
    return _application(lambda: os.kill(os.getppid(), signal.SIGKILL))


def hangs_when_built() -> Application:
    threading.Event().wait()
    raise AssertionError


def fails_when_built() -> Application:
    raise RuntimeError("the setting FLAVOUR is missing")


def never_starts() -> Application:
    return _application(int, start=threading.Event().wait)


def leaves_a_thread() -> Application:
    threading.Thread(target=threading.Event().wait).start()
    return _application(int)


def closes_every_descriptor() -> Application:
    return _application(lambda: os.closerange(3, 4_096))


def blocks_every_request() -> Application:
    return _application(threading.Event().wait)
